import Bytes

/// The columns of at most 1,024 profiles and their events, verified, still in the mapped file.
package struct BlockColumns: Sendable {
  package let profileCount: Int
  /// Events of all tables.
  package let eventCount: Int
  /// A row for each profile, an object in each.
  package let attributes: Column
  /// Those with rows in this block, by ascending type.
  package let eventTables: [EventTable]
  let buffers: MappedBytes

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
    let (starts, rowCount) = try readStarts(count: profileCount)
    let (instants, unit) = try readInstants(rowCount: rowCount)
    let ranks = try readNumbers(count: rowCount)
    return EventTable(
      type: min(Int(type), eventTypeCount),
      rowCount: rowCount,
      starts: starts,
      instants: instants,
      instantUnit: unit,
      ranks: ranks,
      columns: try readObjects(rowCount: rowCount)
    )
  }
}
