package import Bytes
import Domain

/// A type that a schema file or an option can declare.
package enum FieldType: String, CaseIterable, Hashable, Sendable {
  case boolean
  case integer
  case double
  case string
  /// Text that ISO 8601 reads as a time, or epoch milliseconds.
  case instant
  /// Text of the form YYYY-MM-DD.
  case date
  /// An object whose names are data.
  case map

  var isNumber: Bool { self == .integer || self == .double }

  static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// What a place of this type holds, as the schema says it.
  var kinds: FieldKinds {
    switch self {
    case .boolean: .boolean
    case .integer: .integer
    case .double: .double
    case .string, .instant, .date: .string
    case .map: .object
    }
  }

  var textForm: TextForm {
    switch self {
    case .date: .date
    case .instant: .instant
    case .string: .any
    case .boolean, .integer, .double, .map: .none
    }
  }
}

/// The types that were declared, as trees of the profile's and the event's fields.
package struct DeclaredTypes: Equatable, Sendable {
  /// One declared place: a type, or fields, or elements.
  struct Node: Equatable, Sendable {
    var type: FieldType?
    var fields: [Text: Node] = [:]
    /// No or one node.
    var element: [Node] = []

    var isEmpty: Bool { type == nil && fields.isEmpty && element.isEmpty }
  }

  private(set) var profile = Node()
  private(set) var event = Node()

  package init() {}

  package var isEmpty: Bool { profile.isEmpty && event.isEmpty }

  func root(_ kind: RowKind) -> Node { kind == .event ? event : profile }

  /// Reads a schema file: a JSON object of paths to type names.
  ///
  /// Fields of events stand under `xEvent.`, elements of arrays behind `[]`, as in `orders[].price`.
  package init(json: [UInt8], file: String) throws(IntakeError) {
    let value: Value?
    do throws(JSONError) {
      value = try Value.parse(json: json)
    } catch {
      let lines = json.prefix(error.offset).split(
        separator: UInt8(ascii: "\n"),
        omittingEmptySubsequences: false
      )
      throw .badSchemaFile(
        file: "\(file):\(lines.count):\((lines.last?.count ?? 0) + 1)",
        reason: error.description
      )
    }
    guard case .object(let object) = value else {
      throw .badSchemaFile(file: file, reason: "it is no JSON object of paths and types")
    }
    for field in object.fields {
      guard case .string(let name) = field.value else {
        throw .unknownType(
          path: field.name.string,
          name: String(decoding: field.value.json(), as: UTF8.self)
        )
      }
      try declare(field.name, name)
    }
  }

  /// Adds what an option says: `path=type,path=type`; a path declared before gets the new type.
  package mutating func add(list: Text) throws(IntakeError) {
    for part in list.utf8.split(separator: UInt8(ascii: ",")) {
      guard let equals = part.lastIndex(of: UInt8(ascii: "=")),
        let path = Text(utf8: part[..<equals]),
        let name = Text(utf8: part[part.index(after: equals)...])
      else { throw .badTypeList(text: list.string) }
      try declare(path, name)
    }
  }

  mutating func declare(_ path: Text, _ typeName: Text) throws(IntakeError) {
    guard let type = FieldType.allCases.first(where: { Text($0.rawValue) == typeName }) else {
      throw .unknownType(path: path.string, name: typeName.string)
    }
    var steps: [Step] = []
    guard let parsed = FieldPath(path) else { throw .badPath(text: path.string) }
    for name in parsed.names {
      var bytes = Array(name.utf8)[...]
      var depth = 0
      while bytes.count >= 2, bytes.suffix(2).elementsEqual("[]".utf8) {
        bytes = bytes.dropLast(2)
        depth += 1
      }
      guard let text = Text(utf8: bytes), text.byteCount > 0 else {
        throw .badPath(text: path.string)
      }
      steps.append(.field(text))
      for _ in 0..<depth { steps.append(.element) }
    }
    if steps.first == .field("xEvent") {
      steps.removeFirst(steps.count > 1 && steps[1] == .element ? 2 : 1)
      guard !steps.isEmpty else { throw .badPath(text: path.string) }
      try DeclaredTypes.insert(steps[...], type, into: &event, path: path)
    } else {
      try DeclaredTypes.insert(steps[...], type, into: &profile, path: path)
    }
  }

  private enum Step: Equatable {
    case field(Text)
    case element
  }

  private static func insert(
    _ steps: ArraySlice<Step>,
    _ type: FieldType,
    into node: inout Node,
    path: Text
  ) throws(IntakeError) {
    let conflict = IntakeError.conflictingTypes(path: path.string)
    switch steps.first {
    case .none:
      guard node.fields.isEmpty, node.element.isEmpty else { throw conflict }
      node.type = type
    case .some(.field(let name)):
      guard node.type == nil, node.element.isEmpty else { throw conflict }
      try insert(steps.dropFirst(), type, into: &node.fields[name, default: Node()], path: path)
    case .some(.element):
      guard node.type == nil, node.fields.isEmpty else { throw conflict }
      if node.element.isEmpty { node.element = [Node()] }
      try insert(steps.dropFirst(), type, into: &node.element[0], path: path)
    }
  }
}
