package import Platform

/// Reads a stream line by line; a line may have any bytes but LF.
package final class LineReader {
  private let input: StreamInput
  private let byteCountMax: Int
  private var block: [UInt8] = []
  private var position = 0
  private var isAtEnd = false

  /// The number of the line last given, from 1.
  package private(set) var number = 0

  /// Makes a reader that refuses lines over a limit.
  package init(_ input: StreamInput, byteCountMax: Int) {
    self.input = input
    self.byteCountMax = byteCountMax
  }

  /// The next line without its end; `nil` at the end of the stream.
  package func next() throws -> [UInt8]? {
    var line: [UInt8] = []
    while true {
      if position == block.count {
        if !isAtEnd { block = try input.read() }
        position = 0
        isAtEnd = block.isEmpty
        if isAtEnd {
          guard !line.isEmpty else { return nil }
          number += 1
          return LineReader.trimmed(line)
        }
      }
      let rest = block[position...]
      let end = rest.firstIndex(of: 0x0A)
      line += rest[..<(end ?? rest.endIndex)]
      position = end.map { $0 + 1 } ?? block.count
      guard line.count <= byteCountMax else {
        throw CommandFailure(.data, "line \(number + 1) is longer than \(byteCountMax) bytes")
      }
      guard end == nil else {
        number += 1
        return LineReader.trimmed(line)
      }
    }
  }

  private static func trimmed(_ line: [UInt8]) -> [UInt8] {
    line.last == 0x0D ? line.dropLast() : line
  }
}
