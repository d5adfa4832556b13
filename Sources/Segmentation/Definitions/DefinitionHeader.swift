import Bytes
import Domain
import PQL

/// The lines before the PQL of a `.pql` file.
///
/// ```
/// id: big-spenders
/// name: Big spenders
/// description: Spent 500 dollars or more.
/// set: cdnow
/// timeZone: America/New_York
/// ---
/// (sum E.amount over E from xEvent) >= 500
/// ```
///
/// Blank lines may stand between; a key without a value says nothing. A file has a header when its
/// first line that is not blank is `---` or a word with a colon, which no PQL begins with.
struct DefinitionHeader {
  static let keys: [Text] = ["id", "name", "description", "set", "timeZone"]

  private(set) var fields: [Text: Text] = [:]
  /// Index of the line behind the header; the PQL begins there.
  private(set) var endIndex = 0

  init(_ lines: [Substring], file: Text) throws(DefinitionError) {
    guard let first = lines.first(where: { !$0.isBlank }), DefinitionHeader.begins(first) else {
      return
    }
    for (index, line) in lines.enumerated() {
      if line.trimmed == "---" {
        endIndex = index + 1
        return
      }
      if line.isBlank { continue }
      do throws(LineFault) {
        try read(line)
      } catch {
        throw DefinitionError(
          file: file,
          spot: .inFile(SourcePosition(line: index + 1, column: 1)),
          error.reason
        )
      }
    }
    throw DefinitionError(file: file, .headerNotClosed)
  }

  private static func begins(_ line: Substring) -> Bool {
    if line.trimmed == "---" { return true }
    guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
    let word = line[..<colon].trimmed.utf8
    return !word.isEmpty
      && word.allSatisfy { byte in
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
          || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
      }
  }

  private struct LineFault: Error { var reason: DefinitionError.Reason }

  private mutating func read(_ line: Substring) throws(LineFault) {
    guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")) else {
      throw LineFault(reason: .headerWithoutColon(Text(String(line.trimmed))))
    }
    let key = Text(String(line[..<colon].trimmed))
    guard DefinitionHeader.keys.contains(key) else {
      throw LineFault(
        reason: .unknownHeader(key, nearest: nearest(to: key, among: DefinitionHeader.keys))
      )
    }
    guard fields[key] == nil else { throw LineFault(reason: .headerTwice(key)) }
    let value = line[line.utf8.index(after: colon)...].trimmed
    if !value.isEmpty { fields[key] = Text(String(value)) }
  }
}

extension Substring {
  /// Without blanks at both ends.
  var trimmed: Substring {
    let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
    guard let start = utf8.firstIndex(where: { !isBlank($0) }),
      let last = utf8.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return self[start..<utf8.index(after: last)]
  }

  var isBlank: Bool { trimmed.isEmpty }
}
