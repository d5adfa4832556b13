package import Bytes
package import Domain
import PQL

/// The way to a field of a profile: names with dots between them, taken as a path of the language.
///
/// From an array a name is taken of every element, and the results are joined. `xEvent` is the
/// profile's events. A name with a dot in it stands between backticks.
package struct FieldProjection: Hashable, Sendable, CustomStringConvertible {
  /// The most names of a path.
  package static let nameCountMax = 32

  /// As it was written, and as it stands in rows.
  package let text: Text
  package let names: [Text]

  /// Reads `a.b` or `` `a.b`.c ``.
  ///
  /// - Returns: `nil` when a name is empty, a backtick is not closed or there are too many names.
  package init?(_ text: Text) {
    var names: [Text] = []
    var rest = text.string.utf8[...]
    while true {
      let name: Substring.UTF8View
      if rest.first == UInt8(ascii: "`") {
        guard let end = rest.dropFirst().firstIndex(of: UInt8(ascii: "`")) else { return nil }
        name = rest.dropFirst()[..<end]
        rest = rest[end...].dropFirst()
      } else {
        name = rest.prefix { $0 != UInt8(ascii: ".") }
        rest = rest.dropFirst(name.count)
      }
      guard !name.isEmpty, names.count < FieldProjection.nameCountMax else { return nil }
      names.append(Text(String(Substring(name))))
      if rest.isEmpty { break }
      guard rest.popFirst() == UInt8(ascii: ".") else { return nil }
    }
    self.text = text
    self.names = names
  }

  package var description: String { text.string }

  /// Whether the field lies in the profile's events.
  var isOfEvents: Bool { names.first == .xEvent }

  /// The field of a profile; `nil` when it is missing.
  package func value(in profile: Value) -> Value? {
    var value: RuntimeValue? = .data(profile)
    for name in names { value = value?.property(name) }
    guard case .data(let data)? = value else { return nil }
    return data
  }
}
