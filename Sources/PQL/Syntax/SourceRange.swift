package import Bytes

/// Where a piece of a definition stands: UTF-8 byte offsets into its text, end excluded.
package struct SourceRange: Hashable, Sendable {
  package var start: Int
  package var end: Int

  package init(start: Int, end: Int) {
    self.start = start
    self.end = end
  }

  /// The range of what was not written anywhere.
  package static let none = SourceRange(start: 0, end: 0)

  /// From the start of this range to the end of `other`.
  package func through(_ other: SourceRange) -> SourceRange {
    SourceRange(start: start, end: max(end, other.end))
  }

  /// The piece of `source` that stands in the range, cut to the text.
  package func slice(of source: Text) -> String {
    let utf8 = source.string.utf8
    let from = utf8.index(utf8.startIndex, offsetBy: start, limitedBy: utf8.endIndex)
    let to = utf8.index(utf8.startIndex, offsetBy: end, limitedBy: utf8.endIndex)
    guard let from, from <= (to ?? utf8.endIndex) else { return "" }
    return String(decoding: utf8[from..<(to ?? utf8.endIndex)], as: UTF8.self)
  }
}

/// A place in a text as an editor shows it: line and column count from 1, columns in Unicode
/// scalars.
package struct SourcePosition: Hashable, Sendable, CustomStringConvertible {
  package var line: Int
  package var column: Int

  package init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The place of a UTF-8 offset of `source`, where a line ends with LF, CR LF or CR.
  package init(offset: Int, in source: Text) {
    var line = 1
    var column = 1
    var previous: UInt8 = 0
    for byte in source.string.utf8.prefix(offset) {
      switch byte {
      case UInt8(ascii: "\n") where previous == UInt8(ascii: "\r"): break
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        line += 1
        column = 1
      case 0x80...0xBF: break
      default: column += 1
      }
      previous = byte
    }
    self.init(line: line, column: column)
  }

  package var description: String { "\(line):\(column)" }
}
