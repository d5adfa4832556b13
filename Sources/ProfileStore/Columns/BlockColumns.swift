import Bytes

/// The columns of a block's profiles and their events, verified, still in the mapped file.
package struct BlockColumns: Sendable {
  package let profileCount: Int
  /// Events of all tables.
  package let eventCount: Int
  /// A row for each profile, an object in each.
  package let attributes: Column
  /// Those with rows in this block, by ascending type.
  package let eventTables: [EventTable]
  let buffers: MappedBytes
  /// Where buffers are that only readers of whole profiles need.
  let lastBuffers: Range<Int>

  /// Reads a block's bytes and checks them.
  ///
  /// - Parameters:
  ///   - block: the bytes.
  ///   - profileCountMax: the largest count of profiles.
  ///   - catalogue: what numbers in the block refer to.
  ///   - padding: what the block is padded to.
  /// - Throws: why the bytes are no block.
  init(
    _ block: MappedBytes,
    profileCountMax: Int,
    _ catalogue: FileCatalogue,
    padding: Int
  ) throws(ColumnReader.Fault) {
    let eventTypeCount = catalogue.eventTypes.count
    var reader = try ColumnReader(block, catalogue)
    profileCount = try reader.readCount(limit: profileCountMax)
    attributes = try reader.readObjects(rowCount: profileCount)
    var tables: [EventTable] = []
    var eventCount = 0
    for _ in 0..<(try reader.readCount(limit: eventTypeCount + 1)) {
      let table = try reader.readEventTable(
        profileCount: profileCount,
        eventTypeCount: eventTypeCount
      )
      guard tables.last.map({ $0.type < table.type }) ?? true else {
        throw ColumnReader.Fault(reason: "event tables are out of order")
      }
      eventCount += table.rowCount
      tables.append(table)
    }
    try reader.finish(padding: padding)
    eventTables = tables
    self.eventCount = eventCount
    buffers = reader.buffers
    lastBuffers = reader.lastBuffers
  }

  /// Where offsets of columns count from; valid for as long as this value lives.
  package var bytes: UnsafeRawPointer { unsafe buffers.base }
}

extension ColumnReader {
  /// Reads a column with an object in each row.
  mutating func readObjects(rowCount: Int) throws(Fault) -> Column {
    let column = try readFullColumn(rowCount: rowCount)
    let holdsObjects = column.lanes.allSatisfy { lane in
      switch lane.values {
      case .objects, .maps: true
      default: false
      }
    }
    guard holdsObjects else { throw Fault(reason: "a profile or an event that is no object") }
    return column
  }

  fileprivate mutating func readEventTable(
    profileCount: Int,
    eventTypeCount: Int
  ) throws(Fault) -> EventTable {
    let type = try readByte()
    guard type < eventTypeCount || type == ColumnFormat.sharedTable else {
      throw Fault(reason: "events of an unknown type \(type)")
    }
    let rowCount = try readCount(limit: buffers.count)
    let profiles = try readAscending(count: rowCount)
    guard rowCount == 0 || profiles.largest < UInt64(profileCount) else {
      throw Fault(reason: "an event of a profile that is not in the block")
    }
    let (instants, unit) = try readInstants(rowCount: rowCount)
    let ranks = try readNumbers(count: rowCount, .last)
    return EventTable(
      type: min(Int(type), eventTypeCount),
      rowCount: rowCount,
      profiles: profiles,
      instants: instants,
      instantUnit: unit,
      ranks: ranks,
      columns: try readObjects(rowCount: rowCount)
    )
  }
}
