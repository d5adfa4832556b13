import Bytes
import Domain
import ProfileStore

/// A block's events as values, made when one is asked for.
final class DecodedBlock {
  private let snapshot: ShardSnapshot
  private let number: Int
  private var known: ProfileBlock?

  init(_ snapshot: ShardSnapshot, _ number: Int) {
    self.snapshot = snapshot
    self.number = number
  }

  func values() throws(StoreError) -> ProfileBlock {
    if let known { return known }
    let made = try snapshot.block(number)
    known = made
    return made
  }
}

/// A table of events, for those who look at values one by one.
struct EventColumn {
  let fields: TableFields
  /// The number of the table among those of events.
  let table: Int
  let block: DecodedBlock
  /// The type of all of its events; `nil` where each has its own or none.
  let type: Text?

  /// An event as a value.
  func event(_ row: Int) throws(StoreError) -> Value {
    let values = try block.values()
    let column = values.columns.eventTables[table].columns
    guard case .object(var event)? = values.value(column, row) else { return .object([]) }
    if let type { event[.eventType] = .string(type) }
    return .object(event)
  }

  func value(at path: [Text], _ row: Int) throws(StoreError) -> Value? {
    let values = try block.values()
    return values.value(at: path, in: values.columns.eventTables[table].columns, row)
  }
}
