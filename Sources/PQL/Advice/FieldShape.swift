import Bytes
import Domain

/// What a schema tells of the values an expression may have.
struct FieldShape {
  /// What the value belongs to, for a remark about its fields.
  enum Place {
    case unknown
    case profile
    case event
    case field(String)
  }

  /// What a property of the value is.
  enum Property {
    case unknown
    case known(FieldShape)
    case missing(among: [Text])
    /// The value is neither an object nor an array.
    case impossible
  }

  var kinds: DataKinds
  /// Whether some text of the data here is no time; false also where there is no text.
  var hasPlainText = false
  var place: Place = .unknown
  /// The fields, or the value of a map; `nil` where nothing is known of them.
  private var node: SchemaNode?
  /// The elements where they do not come from `node`: no or one.
  private var elements: [FieldShape] = []

  static let unknown = FieldShape(kinds: [])

  init(kinds: DataKinds) { self.kinds = kinds }

  /// An array of some elements.
  init(arrayOf element: FieldShape?) {
    kinds = .array
    elements = element.map { [$0] } ?? []
  }

  init(_ node: SchemaNode, place: Place) {
    self.node = node
    self.place = place
    kinds = []
    if node.kinds.contains(.boolean) { kinds.insert(.boolean) }
    if !node.kinds.isDisjoint(with: [.integer, .double]) { kinds.insert(.number) }
    if node.kinds.contains(.string) { kinds.insert(.text) }
    if node.kinds.contains(.array) { kinds.insert(.array) }
    if node.kinds.contains(.object) { kinds.insert(.object) }
    hasPlainText = node.textForm == .any
  }

  /// An element of the array, or a value of the map.
  var element: FieldShape {
    if let known = elements.first { return known }
    guard let node, kinds == .array || node.isMap, let inner = node.element.first else {
      return .unknown
    }
    return FieldShape(inner, place: place)
  }

  func property(_ name: Text) -> Property {
    if !kinds.isKnown || kinds.isSuperset(of: [.array, .object]) { return .unknown }
    if kinds.contains(.object) { return field(name) }
    guard kinds.contains(.array) else { return .impossible }
    switch element.property(name) {
    case .known(let shape):
      // Arrays among the values are spliced in.
      if shape.kinds == .array { return .known(shape) }
      return .known(FieldShape(arrayOf: shape.kinds.contains(.array) ? .unknown : shape))
    case let other: return other
    }
  }

  private func field(_ name: Text) -> Property {
    guard let node else { return .unknown }
    if node.isMap { return .known(element) }
    if let field = node.fields[name] { return .known(FieldShape(field, place: inside(name))) }
    return node.fields.isEmpty ? .unknown : .missing(among: node.fields.keys.sorted())
  }

  private func inside(_ name: Text) -> Place {
    switch place {
    case .field(let path): .field("\(path).\(name)")
    case .unknown, .profile, .event: .field(name.string)
    }
  }
}

extension FieldShape.Place {
  /// What does not have a field, with its verb.
  var owner: String {
    switch self {
    case .unknown: "the value has"
    case .profile: "profiles have"
    case .event: "events have"
    case .field(let path): "'\(path)' has"
    }
  }
}
