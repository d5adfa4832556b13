package import Bytes

/// The kinds of value that were seen, or are allowed, at one place of the data.
package struct FieldKinds: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let boolean = FieldKinds(rawValue: 1)
  package static let integer = FieldKinds(rawValue: 2)
  package static let double = FieldKinds(rawValue: 4)
  package static let string = FieldKinds(rawValue: 8)
  package static let array = FieldKinds(rawValue: 16)
  package static let object = FieldKinds(rawValue: 32)
}

/// What every text at a place was written as.
///
/// Merging two forms gives the weaker one: `none` is no text at all, then `date`, `instant`
/// (dates among them), `any`.
package enum TextForm: UInt8, Comparable, Hashable, Sendable {
  case none = 0
  case date = 1
  case instant = 2
  case any = 3

  package static func < (left: TextForm, right: TextForm) -> Bool { left.rawValue < right.rawValue }
}

/// One place in the tree of fields.
package struct SchemaNode: Hashable, Sendable {
  /// How many sample values a place keeps.
  package static let sampleCountMax = 3

  package var kinds: FieldKinds = []
  package var textForm: TextForm = .none
  /// Values seen here: the fill rate is this over the parent's count.
  package var count: UInt64 = 0
  /// Fields of an object by name; empty for a map.
  package var fields: [Text: SchemaNode] = [:]
  /// The element of an array, or the value of a map: no or one node.
  package var element: [SchemaNode] = []
  /// An object whose keys are data rather than field names.
  package var isMap = false
  /// The first few distinct values, as they are shown.
  package var samples: [Text] = []

  package init() {}

  /// Widens this node so that it also describes what `other` does; counts add.
  package mutating func merge(_ other: SchemaNode) {
    kinds.formUnion(other.kinds)
    textForm = max(textForm, other.textForm)
    let (sum, isOver) = count.addingReportingOverflow(other.count)
    count = isOver ? .max : sum
    for sample in other.samples
    where samples.count < SchemaNode.sampleCountMax && !samples.contains(sample) {
      samples.append(sample)
    }
    for (name, field) in other.fields { fields[name, default: SchemaNode()].merge(field) }
    for node in other.element { mergeElement(node) }
    isMap = isMap || other.isMap
    if isMap { foldFieldsIntoElement() }
  }

  /// Turns an object of too many names into a map of one value type.
  package mutating func foldFieldsIntoElement() {
    isMap = true
    let folded = fields.sorted { $0.key < $1.key }
    fields = [:]
    for (_, field) in folded { mergeElement(field) }
  }

  private mutating func mergeElement(_ node: SchemaNode) {
    if element.isEmpty { element = [node] } else { element[0].merge(node) }
  }

  /// Whether values of several kinds that the language tells apart were seen here.
  package var isVariant: Bool {
    var distinct = kinds
    if distinct.contains(.integer) && distinct.contains(.double) { distinct.remove(.integer) }
    return distinct.rawValue.nonzeroBitCount > 1
  }

  /// The type's name as it is shown and declared.
  package var typeName: String {
    if isVariant { return "variant" }
    if kinds.contains(.double) { return "double" }
    if kinds.contains(.integer) { return "integer" }
    if kinds.contains(.boolean) { return "boolean" }
    if kinds.contains(.array) { return "array" }
    if kinds.contains(.object) { return isMap ? "map" : "object" }
    guard kinds.contains(.string) else { return "unknown" }
    switch textForm {
    case .date: return "date"
    case .instant: return "instant"
    case .none, .any: return "string"
    }
  }
}

/// The fields of a profile set: those of its profiles and those of its events.
package struct Schema: Hashable, Sendable {
  package var profile = SchemaNode()
  package var event = SchemaNode()

  package init() {}

  package mutating func merge(_ other: Schema) {
    profile.merge(other.profile)
    event.merge(other.event)
  }
}
