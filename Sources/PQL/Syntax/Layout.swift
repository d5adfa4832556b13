/// A text that has not yet chosen its line breaks.
///
/// A group stands on one line if it fits, else all the breaks directly in it become line breaks.
/// After the pretty printers of D. Oppen (1980) and P. Wadler (1998).
indirect enum Layout: Sendable {
  case text(String)
  /// A line break in a broken group, else the text.
  case lineBreak(flat: String)
  case sequence([Layout], width: Int)
  case group(Layout, width: Int)
  /// Deeper by one step.
  case indented(Layout)
  /// Short pieces, each followed by a blank or, where the line is full, by a line break.
  case filled([Layout], width: Int)

  static func sequence(_ parts: [Layout]) -> Layout {
    .sequence(parts, width: parts.reduce(0) { $0 + $1.width })
  }

  static func group(_ parts: [Layout]) -> Layout {
    let inner = sequence(parts)
    return .group(inner, width: inner.width)
  }

  static func indented(_ parts: [Layout]) -> Layout { .indented(sequence(parts)) }

  static func filled(_ parts: [Layout]) -> Layout {
    .filled(parts, width: parts.reduce(max(0, parts.count - 1)) { $0 + $1.width })
  }

  static let blank = Layout.lineBreak(flat: " ")
  static let nothing = Layout.lineBreak(flat: "")

  /// Scalars on one line.
  var width: Int {
    switch self {
    case .text(let text), .lineBreak(let text): text.unicodeScalars.count
    case .sequence(_, let width), .group(_, let width), .filled(_, let width): width
    case .indented(let inner): inner.width
    }
  }

  /// The text with lines of at most `width` scalars where that is possible.
  func rendered(width: Int) -> String {
    var page = Page(width: width)
    page.add(self, indent: 0, isBroken: false)
    return page.text
  }

  private struct Page {
    let width: Int
    var text = ""
    var column = 0

    mutating func add(_ layout: Layout, indent: Int, isBroken: Bool) {
      switch layout {
      case .text(let piece): write(piece)
      case .lineBreak(let flat): isBroken ? newLine(indent) : write(flat)
      case .sequence(let parts, width: _):
        for part in parts { add(part, indent: indent, isBroken: isBroken) }
      case .group(let inner, let groupWidth):
        add(inner, indent: indent, isBroken: column + groupWidth > width)
      case .indented(let inner): add(inner, indent: indent + 2, isBroken: isBroken)
      case .filled(let parts, width: _):
        for (index, part) in parts.enumerated() {
          if index > 0 { column + 1 + part.width > width ? newLine(indent) : write(" ") }
          add(part, indent: indent, isBroken: false)
        }
      }
    }

    private mutating func write(_ piece: String) {
      text += piece
      column += piece.unicodeScalars.count
    }

    private mutating func newLine(_ indent: Int) {
      text += "\n" + String(repeating: " ", count: indent)
      column = indent
    }
  }
}
