/// How many columns a text takes on a terminal.
package enum DisplayWidth {
  package static func columns(_ text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + columns($1) }
  }

  /// The text cut to a number of columns, with `…` in the last where something is missing.
  package static func cut(_ text: String, to width: Int) -> String {
    guard columns(text) > width else { return text }
    var shown = String.UnicodeScalarView()
    var used = 0
    for scalar in text.unicodeScalars {
      used += columns(scalar)
      if used > width - 1 { break }
      shown.append(scalar)
    }
    return width > 0 ? String(shown) + "…" : ""
  }

  /// Combining marks take none; East Asian wide characters and pictures take two.
  ///
  /// Source: the ranges of Unicode Standard Annex 11 that terminals agree on, without the rare ones.
  private static func columns(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.value {
    case 0..<0x300: 1
    case 0x200B...0x200D, 0xFE00...0xFE0F, 0x20D0...0x20F0: 0
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
      0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
      0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      2
    default:
      switch scalar.properties.generalCategory {
      case .nonspacingMark, .enclosingMark: 0
      default: 1
      }
    }
  }
}
