import Bytes
import Domain

/// What all chunks of a survey had, added in order.
struct SurveySummary {
  private let options: IntakeOptions
  private var profile = SurveyPart()
  private var event = SurveyPart()
  /// The columns of all CSV files, each path once a kind of row.
  private var cellTypes: [RowKind: [Text: CellTypes]] = [:]

  init(_ options: IntakeOptions) { self.options = options }

  mutating func add(_ result: ChunkResult) throws(IntakeError) {
    let least = options.limits.mapFieldCountMin
    profile.add(result.profile, mapFieldCountMin: least, isRow: true)
    event.add(result.event, mapFieldCountMin: least, isRow: true)
    let limit = options.limits.fieldCountMax
    guard profile.nodeCount + event.nodeCount <= limit else { throw .tooManyFields(limit: limit) }
    let kind = result.head.file.kind
    for (column, types) in zip(result.head.plan?.columns ?? [], result.cellTypes) {
      cellTypes[kind, default: [:]][column, default: CellTypes()].merge(types)
    }
  }

  /// The types of the columns that no declaration decides, once all cells were seen.
  func decidedTypes() -> [RowKind: [Text: FieldType]] {
    var decided: [RowKind: [Text: FieldType]] = [:]
    for (kind, columns) in cellTypes {
      for (column, types) in columns {
        guard let path = FieldPath(column), !isDeclared(path, options.declared.root(kind)) else {
          continue
        }
        decided[kind, default: [:]][column] = types.type(isKey: isKey(column, kind))
      }
    }
    return decided
  }

  /// The schema of one kind of row, types in place.
  func schema(_ kind: RowKind, _ types: [RowKind: [Text: FieldType]]) -> SchemaNode {
    var schema = (kind == .event ? event : profile).schema
    for (column, type) in types[kind, default: [:]] {
      guard let path = FieldPath(column) else { continue }
      let blankCount = type.isNumber ? cellTypes[kind]?[column]?.blankCount ?? 0 : 0
      schema.widen(at: path.names[...], to: type, without: blankCount)
    }
    if kind == .event, let path = options.eventTime, !schema.fields.isEmpty {
      // What was moved is gone from its column.
      schema.remove(path.names[...])
      if schema.fields["timestamp"]?.kinds == [] {
        schema.fields["timestamp", default: SchemaNode()].declare(.instant)
      }
    }
    schema.declare(options.declared.root(kind))
    return schema
  }
  private func isKey(_ column: Text, _ kind: RowKind) -> Bool {
    switch kind == .event ? options.eventKey : options.profileKey {
    case .rowNumber: false
    case .path(let path): Text(path.description) == column
    case .standard: column == "_id" || column == "profileID"
    }
  }

  private func isDeclared(_ path: FieldPath, _ root: DeclaredTypes.Node) -> Bool {
    var node = root
    for name in path.names {
      guard let field = node.fields[name] else { return false }
      node = field
    }
    return node.type != nil
  }
}

extension SchemaNode {
  /// Adds the kind of a CSV column to the place its cells went.
  ///
  /// - Parameters:
  ///   - path: to the place.
  ///   - type: of the column.
  ///   - blankCount: cells of the column that were counted and have no value.
  fileprivate mutating func widen(
    at path: ArraySlice<Text>,
    to type: FieldType,
    without blankCount: UInt64
  ) {
    guard let name = path.first else {
      kinds.formUnion(type.kinds)
      textForm = max(textForm, type.textForm)
      guard blankCount > 0 else { return }
      count -= min(count, blankCount)
      samples.removeAll { $0.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 } }
      return
    }
    if isMap {
      if !element.isEmpty {
        element[0].widen(at: path.dropFirst(), to: type, without: blankCount)
      }
    } else if fields[name] != nil {
      fields[name]?.widen(at: path.dropFirst(), to: type, without: blankCount)
    }
  }

  /// Takes out a field that no row has.
  fileprivate mutating func remove(_ path: ArraySlice<Text>) {
    guard let name = path.first, name != "timestamp" || path.count > 1 else { return }
    if path.count == 1 {
      if fields[name]?.count == 0 { fields[name] = nil }
    } else {
      fields[name]?.remove(path.dropFirst())
    }
  }

  /// Makes a place what was declared; an instant may also be the numbers that were seen.
  fileprivate mutating func declare(_ type: FieldType) {
    let numbers = type == .instant ? kinds.intersection([.integer, .double]) : []
    kinds = numbers.isEmpty || kinds.contains(.string) ? type.kinds.union(numbers) : numbers
    textForm = kinds.contains(.string) ? type.textForm : .none
    if type == .map && !isMap { foldFieldsIntoElement() }
  }

  /// Makes the places below what was declared.
  mutating func declare(_ node: DeclaredTypes.Node) {
    if let type = node.type { return declare(type) }
    for (name, field) in node.fields {
      kinds.insert(.object)
      fields[name, default: SchemaNode()].declare(field)
    }
    if let inner = node.element.first {
      kinds.insert(.array)
      if element.isEmpty { element = [SchemaNode()] }
      element[0].declare(inner)
    }
  }
}
