package import Bytes

/// Makes text from outside fit for one line of a report.
package enum Printable {
  /// Valid UTF-8 as it is, the rest replaced; control characters escaped; cut with `…`.
  package static func text(_ bytes: some Collection<UInt8>, byteCountMax: Int) -> Text {
    // Four bytes a character at most: enough to fill the limit, however much follows.
    let taken = bytes.prefix(byteCountMax + 4)
    var shown = ""
    var byteCount = 0
    for scalar in String(decoding: taken, as: UTF8.self).unicodeScalars {
      let isControl = scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      // Marks that turn the direction of writing would disturb what stands around them.
      let isDirection =
        [0x200E, 0x200F, 0x2028, 0x2029].contains(scalar.value)
        || (0x202A...0x202E).contains(scalar.value) || (0x2066...0x2069).contains(scalar.value)
      let piece: String
      switch scalar {
      case "\n": piece = "\\n"
      case "\r": piece = "\\r"
      case "\t": piece = "\\t"
      default:
        piece =
          isControl || isDirection
          ? "\\u{" + String(scalar.value, radix: 16) + "}" : String(Character(scalar))
      }
      byteCount += piece.utf8.count
      if byteCount > byteCountMax { return Text(shown + "…") }
      shown += piece
    }
    return Text(taken.count < bytes.count ? shown + "…" : shown)
  }
}
