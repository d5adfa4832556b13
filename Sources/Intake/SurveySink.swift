import Bytes
import Domain

/// Counts rows into the two trees of the schema, and cells into the types of their columns.
struct SurveySink: RowSink {
  private let options: IntakeOptions
  private let profile = SurveyNode()
  private let event = SurveyNode()
  private let tally: SurveyNode.Tally
  private var isNumbered = false

  /// The columns of all CSV files, each path once a kind of row.
  private var cellTypes: [CellTypes] = []
  private var places: [RowKind: [Text: Int]] = [:]
  /// Places in `cellTypes` of the columns of the file being read.
  private var current: [Int] = []

  init(_ options: IntakeOptions) {
    self.options = options
    tally = SurveyNode.Tally(mapFieldCountMin: options.limits.mapFieldCountMin)
  }

  mutating func take(
    _ rows: [ShapedRow],
    _ tape: borrowing Tape,
    _ names: inout NameTable
  ) throws {
    if !isNumbered {
      isNumbered = true
      tally.number(&names)
    }
    for row in rows {
      (row.kind == .event ? event : profile).count(row: row, tape, tally)
    }
    let limit = options.limits.fieldCountMax
    guard tally.nodeCount <= limit else { throw IntakeError.tooManyFields(limit: limit) }
  }

  mutating func begin(columns: [Text], kind: RowKind) {
    current = columns.map { column in
      if let place = places[kind]?[column] { return place }
      places[kind, default: [:]][column] = cellTypes.count
      cellTypes.append(CellTypes())
      return cellTypes.count - 1
    }
  }

  mutating func take(cells: borrowing CSVScanner) {
    for (index, place) in current.enumerated() {
      let range = cells.cell(index)
      if range.isEmpty { continue }
      unsafe cells.record.withUnsafeBufferPointer { record in
        unsafe cellTypes[place].add(UnsafeBufferPointer(rebasing: record[range]))
      }
    }
  }

  mutating func renumber(from old: NameTable, _ names: inout NameTable) {
    profile.renumber(from: old, &names)
    event.renumber(from: old, &names)
    tally.number(&names)
  }

  func columnTypes(_ kind: RowKind) -> [Text: FieldType] { [:] }

  /// The types of the columns that no declaration decides, once all cells were seen.
  func decidedTypes() -> [RowKind: [Text: FieldType]] {
    var decided: [RowKind: [Text: FieldType]] = [:]
    for (kind, places) in self.places {
      for (column, place) in places {
        guard let path = FieldPath(column), !isDeclared(path, options.declared.root(kind)) else {
          continue
        }
        decided[kind, default: [:]][column] = cellTypes[place].type(isKey: isKey(column, kind))
      }
    }
    return decided
  }

  /// The schema of one kind of row, types in place.
  func schema(
    _ kind: RowKind,
    _ types: [RowKind: [Text: FieldType]],
    _ names: NameTable
  ) -> SchemaNode {
    var schema = (kind == .event ? event : profile).schema(names)
    for (column, type) in types[kind, default: [:]] {
      guard let path = FieldPath(column) else { continue }
      schema.widen(at: path.names[...], to: type)
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
  fileprivate mutating func widen(at path: ArraySlice<Text>, to type: FieldType) {
    guard let name = path.first else {
      kinds.formUnion(type.kinds)
      textForm = max(textForm, type.textForm)
      return
    }
    if isMap {
      if !element.isEmpty { element[0].widen(at: path.dropFirst(), to: type) }
    } else if fields[name] != nil {
      fields[name]?.widen(at: path.dropFirst(), to: type)
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
