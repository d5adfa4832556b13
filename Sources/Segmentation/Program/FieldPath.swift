import Bytes

/// A way from a profile or an event down to one value: names of properties.
struct FieldPath: Hashable, Sendable {
  enum Root: Hashable, Sendable {
    case profile
    case event
  }

  var root: Root
  var names: [Text]

  init(_ root: Root, _ names: [Text]) {
    self.root = root
    self.names = names
  }
}

extension FieldPath: CustomStringConvertible {
  var description: String { names.map(\.string).joined(separator: ".") }
}

extension Text {
  static let timestamp: Text = "timestamp"
  static let eventType: Text = "eventType"
}
