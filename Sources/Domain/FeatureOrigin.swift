package import Bytes

/// What is made of the values of a field; values of other kinds are missing.
package enum FieldReading: UInt8, CaseIterable, Sendable {
  /// Numbers as they are, booleans as 0 or 1.
  case number = 0
  case text = 1
  /// Days from the date or instant of a text to the cut-off.
  case age = 2
  /// How many elements an array has.
  case elementCount = 3

  /// Whether some values of these kinds may be read so.
  package func suits(_ kinds: FieldKinds) -> Bool {
    switch self {
    case .number: !kinds.isDisjoint(with: [.integer, .double, .boolean])
    case .text, .age: kinds.contains(.string)
    case .elementCount: kinds.contains(.array)
    }
  }

  /// Whether all values at a place may be read so.
  package func suitsAll(of node: SchemaNode) -> Bool {
    switch self {
    case .number: node.kinds.isSubset(of: [.integer, .double, .boolean])
    case .text: node.kinds == .string
    case .age: node.kinds == .string && node.textForm != .any
    case .elementCount: node.kinds == .array
    }
  }

  /// What is read, in a word.
  package var word: String {
    switch self {
    case .number: "numbers"
    case .text: "texts"
    case .age: "dates"
    case .elementCount: "arrays"
    }
  }

  /// The type that an import declares for such values; `nil` for arrays, which have none.
  package var declaredType: String? {
    switch self {
    case .number: "double"
    case .text: "string"
    case .age: "date"
    case .elementCount: nil
    }
  }
}

/// What of a profile a feature is made of.
package enum FeatureOrigin: Hashable, Sendable {
  case attribute(path: [Text], FieldReading)
  /// Which events there are, and when.
  case events
  /// A field of events.
  case eventField(path: [Text], FieldReading)
  /// Whether it is in an audience.
  case audience
}
