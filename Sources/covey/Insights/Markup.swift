import Bytes
import Domain

/// Elements and escaped text of a page that is well-formed as XML and reads the same as HTML.
package struct Markup: Sendable {
  /// Texts are cut to it, in bytes; names of the data are shorter.
  private static let textByteCountMax = 4_000

  package private(set) var text = ""

  package init() {}

  /// An element with what the body puts into it.
  package mutating func element(
    _ name: StaticString,
    _ attributes: KeyValuePairs<StaticString, String> = [:],
    _ body: (inout Markup) -> Void
  ) {
    open(name, attributes)
    text += ">"
    body(&self)
    text += "</\(name)>"
  }

  /// An element with text.
  package mutating func element(
    _ name: StaticString,
    _ attributes: KeyValuePairs<StaticString, String>,
    _ words: String
  ) {
    element(name, attributes) { $0.say(words) }
  }

  package mutating func element(_ name: StaticString, _ words: String) {
    element(name, [:], words)
  }

  /// An element with nothing in it: of a drawing, or one that HTML knows to be empty.
  package mutating func leaf(
    _ name: StaticString,
    _ attributes: KeyValuePairs<StaticString, String> = [:]
  ) {
    open(name, attributes)
    text += "/>"
  }

  /// Text of any origin.
  package mutating func say(_ words: String) { text += Markup.escaped(words) }

  /// Text of ours that is in its final form, such as rules of style.
  package mutating func put(_ words: StaticString) { text += "\(words)" }

  /// A break between lines of the source.
  package mutating func breakLine() { text += "\n" }

  private mutating func open(
    _ name: StaticString,
    _ attributes: KeyValuePairs<StaticString, String>
  ) {
    text += "<\(name)"
    for (name, value) in attributes { text += " \(name)=\"\(Markup.escaped(value))\"" }
  }

  /// Text without what would be markup, and without characters that XML does not allow.
  private static func escaped(_ words: String) -> String {
    var escaped = ""
    for scalar in Printable.text(words.utf8, byteCountMax: textByteCountMax).string.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      case "\u{FFFE}", "\u{FFFF}": escaped += "\u{FFFD}"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }
}
