package import Bytes
import Domain
package import PQL

/// A line of a text with a piece of it marked below.
package enum SourceExcerpt {
  private static let widthMax = 100

  /// The line in which a range begins, and a line of marks; nothing where the line is empty.
  package static func lines(_ range: SourceRange, in source: Text) -> [String] {
    let bytes = Array(source.utf8)
    let start = min(max(0, range.start), bytes.count)
    var first = start
    while first > 0, !isLineEnd(bytes[first - 1]) { first -= 1 }
    var end = start
    while end < bytes.count, !isLineEnd(bytes[end]) { end += 1 }
    let before = shown(bytes[first..<start])
    let marked = shown(bytes[start..<max(start, min(range.end, end))])
    let after = shown(bytes[max(start, min(range.end, end))..<end])
    guard !(before + marked + after).isEmpty else { return [] }
    let marks = max(1, DisplayWidth.columns(marked))
    let indent = DisplayWidth.columns(before)
    guard indent + marks <= widthMax else { return [] }
    return [
      "  " + DisplayWidth.cut(before + marked + after, to: widthMax),
      "  " + String(repeating: " ", count: indent) + "^"
        + String(repeating: "~", count: marks - 1),
    ]
  }

  private static func isLineEnd(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

  /// The bytes fit for a terminal; a tab becomes a blank.
  private static func shown(_ bytes: ArraySlice<UInt8>) -> String {
    let blank = bytes.map { $0 == 0x09 ? 0x20 : $0 }
    return Printable.text(blank, byteCountMax: 4 * widthMax).string
  }
}
