package import Bytes

/// The columns of at most 1,024 profiles and their events, verified, still in the mapped file.
///
/// A profile's attributes are the object in its row of `attributes`; its events are the rows
/// `eventRows` of `events`, by instant, equal instants as they came, unreadable ones last.
package struct BlockColumns: Sendable {
  package let profileCount: Int
  package let eventCount: Int
  /// A row for each profile, an object in each.
  package let attributes: Column
  /// A row for each event, an object in each.
  package let events: Column
  /// When each event happened, in milliseconds; rows without one have no readable timestamp.
  package let eventInstants: Column.Lane
  private let eventStarts: PackedNumbers
  let buffers: MappedBytes

  /// Reads a block's bytes and checks them.
  init(
    _ block: MappedBytes,
    profileCountMax: Int,
    padding: Int
  ) throws(ColumnReader.Fault) {
    var reader = try ColumnReader(block)
    profileCount = try reader.readCount(limit: profileCountMax)
    (eventStarts, eventCount) = try reader.readStarts(count: profileCount)
    attributes = try reader.readFullColumn(rowCount: profileCount)
    eventInstants = try reader.readIntegers(rowCount: eventCount)
    events = try reader.readFullColumn(rowCount: eventCount)
    try reader.finish(padding: padding)
    guard [attributes, events].allSatisfy(BlockColumns.holdsObjects) else {
      throw ColumnReader.Fault(reason: "a profile or an event that is no object")
    }
    buffers = reader.buffers
  }

  private static func holdsObjects(_ column: Column) -> Bool {
    column.lanes.allSatisfy { lane in
      switch lane.values {
      case .objects, .maps: true
      default: false
      }
    }
  }

  /// The rows of a profile's events.
  package func eventRows(of profile: Int) -> Range<Int> {
    Int(
      eventStarts.load(profile, from: buffers)
    )..<Int(eventStarts.load(profile + 1, from: buffers))
  }

  /// When an event happened; `nil` without a readable timestamp.
  package func instant(ofEvent row: Int) -> Instant? {
    guard let position = eventInstants.presence.position(of: row, from: buffers),
      case .integers(let base, let numbers) = eventInstants.values
    else { return nil }
    let offset = Int64(bitPattern: numbers.load(position, from: buffers))
    return Instant(milliseconds: base &+ offset)
  }
}
