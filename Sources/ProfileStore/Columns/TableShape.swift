package import Bytes
import Synchronization

/// Which fields a table has and how their values are kept: tables of one shape are read in the same
/// way.
package struct TableShape: Hashable, Sendable {
  package enum Form: Hashable, Sendable {
    /// Single values, in lanes of their own.
    case values
    /// Objects in some rows: fields below stand for themselves.
    case objects
    /// Arrays or maps in some rows: fields below are to be looked for in each.
    case nested
  }

  /// How a lane's values are kept.
  package struct Lane: Hashable, Sendable {
    package var kind: FlatLane.Kind
    /// The scale of decimals, or the style of texts that are instants.
    package var detail: UInt8
    /// The shard's dictionary of codes.
    package var dictionary: Int
  }

  package struct Field: Hashable, Sendable {
    package var names: [Text]
    package var form: Form
    /// The place of the first lane among those of the table.
    package var firstLane: Int
    package var lanes: [Lane]
  }

  /// The type of the events: as `EventTable.type`; -1 for attributes.
  package var type: Int
  /// Those above stand before those below them.
  package var fields: [Field]
}

/// The names on the way to a field with their hash, for whoever looks for it in many tables.
package struct FieldNames: Equatable, Sendable {
  package let names: [Text]
  fileprivate let hash: Int

  package init(_ names: [Text]) {
    self.names = names
    hash = names.hashValue
  }

  package static func == (one: FieldNames, other: FieldNames) -> Bool {
    one.hash == other.hash && one.names == other.names
  }
}

/// A shape with its fields found by name.
package struct TableFields: Sendable {
  /// What there is to read of a field.
  package enum Place: Hashable, Sendable {
    /// No row has a value.
    case nowhere
    /// The field's number.
    case field(Int)
    /// Each row has to be looked into.
    case within
  }

  package let shape: TableShape
  /// Of each field of the shape; they are few, so that comparing hashes finds one soonest.
  private let names: [FieldNames]
  /// Paths of fields with arrays and maps.
  private let nested: [[Text]]

  init(_ shape: TableShape) {
    self.shape = shape
    names = shape.fields.map { FieldNames($0.names) }
    nested = shape.fields.filter { $0.form == .nested }.map(\.names)
  }

  /// The field of a path, if the shape has it and no values of it are anywhere else.
  package func field(_ path: FieldNames) -> TableShape.Field? {
    isNested(path) ? nil : number(of: path).map { shape.fields[$0] }
  }

  /// Where a field's values are.
  package func place(of path: FieldNames) -> Place {
    if isNested(path) { return .within }
    guard let number = number(of: path) else { return .nowhere }
    return shape.fields[number].form == .values ? .field(number) : .within
  }

  package func place(of names: [Text]) -> Place { place(of: FieldNames(names)) }

  private func number(of path: FieldNames) -> Int? {
    for number in names.indices where names[number].hash == path.hash {
      if names[number] == path { return number }
    }
    return nil
  }

  private func isNested(_ path: FieldNames) -> Bool {
    !nested.isEmpty && nested.contains { path.names.starts(with: $0) }
  }
}

/// Numbers the shapes of a shard's tables.
final class ShapeNumbers: Sendable {
  private let state = Mutex<(numbers: [TableShape: Int], tables: [TableFields])>(([:], []))

  var tables: [TableFields] { state.withLock { $0.tables } }

  func number(of shape: TableShape) -> Int {
    state.withLock { state in
      if let number = state.numbers[shape] { return number }
      let number = state.tables.count
      state.numbers[shape] = number
      state.tables.append(TableFields(shape))
      return number
    }
  }
}
