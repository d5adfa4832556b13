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
  private let numbers: [[Text]: Int]
  /// Paths of fields with arrays and maps.
  private let nested: [[Text]]

  init(_ shape: TableShape) {
    self.shape = shape
    var numbers: [[Text]: Int] = [:]
    for (number, field) in shape.fields.enumerated() { numbers[field.names] = number }
    self.numbers = numbers
    nested = shape.fields.filter { $0.form == .nested }.map(\.names)
  }

  /// The field of a path, if the shape has it and no values of it are anywhere else.
  package func field(_ names: [Text]) -> TableShape.Field? {
    if nested.contains(where: { names.starts(with: $0) }) { return nil }
    return numbers[names].map { shape.fields[$0] }
  }

  /// Where a field's values are.
  package func place(of names: [Text]) -> Place {
    if nested.contains(where: { names.starts(with: $0) }) { return .within }
    guard let number = numbers[names] else { return .nowhere }
    return shape.fields[number].form == .values ? .field(number) : .within
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
