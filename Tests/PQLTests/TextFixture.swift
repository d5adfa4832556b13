import Bytes
import Testing

/// A definition and the lines that something says about it.
///
/// A file of them reads like a page: lines after `> ` are the definition, the lines below, up to an empty
/// one, what is expected.
struct TextFixture: CustomTestStringConvertible, Sendable {
  var definition: Text
  var lines: [String]

  var testDescription: String { definition.string }

  static func all(_ name: String) -> [TextFixture] {
    let page = String(decoding: fixture(name), as: UTF8.self)
    return page.split(separator: "\n\n").compactMap { entry in
      let lines = entry.split(separator: "\n").map(String.init)
      let definition = lines.prefix { $0.hasPrefix("> ") }
      guard !definition.isEmpty else { return nil }
      return TextFixture(
        definition: Text(definition.map { String($0.dropFirst(2)) }.joined(separator: "\n")),
        lines: Array(lines.dropFirst(definition.count))
      )
    }
  }

  /// Expects that some lines are those of the page.
  func expect(_ actual: [String]) {
    #expect(actual == lines, "\(actual.joined(separator: "\n"))")
  }
}
