package import Bytes
import Synchronization

/// A block's tables laid flat: what kernels read, with nothing to search for and nothing to retain.
///
/// The first table is that of the attributes, with a row for each profile.
@safe package final class FlatBlock: @unchecked Sendable {
  package let profileCount: Int
  package let tableCount: Int
  /// Valid while this object lives.
  package let tables: UnsafePointer<FlatTable>
  /// Rows of the largest table.
  package let rowCountMax: Int
  /// From the first to the last event with a readable timestamp; `nil` without any.
  package let eventSpan: ClosedRange<Instant>?
  private let buffers: MappedBytes
  private let lanes: UnsafeMutablePointer<FlatLane>
  /// What lanes read that is not in the file.
  private let room: Arena
  /// Where buffers are that only readers of whole profiles need.
  private let lastBuffers: Range<Int>
  private let isTrimmed = Atomic(false)

  init(_ columns: BlockColumns, _ shapes: ShapeNumbers) {
    buffers = columns.buffers
    profileCount = columns.profileCount
    rowCountMax = columns.eventTables.reduce(columns.profileCount) { max($0, $1.rowCount) }
    eventSpan = columns.eventTables.compactMap(\.span).reduce(nil) { union, span in
      guard let union else { return span }
      return min(union.lowerBound, span.lowerBound)...max(union.upperBound, span.upperBound)
    }
    var builder = unsafe FlatBuilder(bytes: columns.bytes)
    var shapeNumbers: [Int] = []
    var firstLanes: [Int] = []
    func add(_ column: Column, type: Int) {
      unsafe firstLanes.append(builder.lanes.count)
      shapeNumbers.append(shapes.number(of: builder.flatten(column, type: type)))
    }
    add(columns.attributes, type: -1)
    for table in columns.eventTables { add(table.columns, type: table.type) }
    let lanes = unsafe UnsafeMutablePointer<FlatLane>.allocate(capacity: builder.lanes.count + 1)
    for index in unsafe builder.lanes.indices {
      unsafe (lanes + index).initialize(to: builder.lanes[index])
    }
    unsafe self.lanes = lanes
    room = builder.room
    lastBuffers = columns.lastBuffers
    tableCount = columns.eventTables.count + 1
    let tables = UnsafeMutablePointer<FlatTable>.allocate(capacity: tableCount)
    unsafe tables.initialize(
      to: FlatTable(
        shape: shapeNumbers[0],
        rowCount: columns.profileCount,
        lanes: lanes,
        profiles: room.zeros(UInt16.self, count: 0),
        ends: RowEnds(rows: room.zeros(UInt64.self, count: 0), profiles: nil),
        instants: nil
      )
    )
    for (index, table) in columns.eventTables.enumerated() {
      let profiles = unsafe table.flatProfiles(columns.bytes, columns.buffers, room)
      unsafe (tables + 1 + index).initialize(
        to: FlatTable(
          shape: shapeNumbers[1 + index],
          rowCount: table.rowCount,
          lanes: lanes + firstLanes[1 + index],
          profiles: profiles,
          ends: RowEnds(
            profiles,
            rowCount: table.rowCount,
            profileCount: columns.profileCount,
            in: room
          ),
          instants: FlatTable.Instants(table, columns.bytes)
        )
      )
    }
    unsafe self.tables = UnsafePointer(tables)
  }

  /// Gives up the memory of what the first run through the block did not want and got all the same,
  /// because the system reads more pages than it is asked for.
  package func trim() {
    if isTrimmed.exchange(true, ordering: .relaxed) { return }
    buffers.release(within: lastBuffers)
  }

  deinit {
    unsafe UnsafeMutablePointer(mutating: tables).deallocate()
    unsafe lanes.deallocate()
  }
}

/// One table of a flat block.
@unsafe package struct FlatTable: BitwiseCopyable {
  /// When the events of a table happened.
  @unsafe package struct Instants: BitwiseCopyable {
    package var numbers: UnsafeRawPointer
    package var width: Int
    package var base: Int64
    /// Milliseconds of one unit.
    package var unit: Int64
    /// A bit for each row, set when it has a readable timestamp; `nil` when all have one.
    package var presence: UnsafePointer<UInt64>?

    /// By event the milliseconds from the base, where they are so in the file.
    package var milliseconds: UnsafePointer<Int64>? {
      guard unsafe width == 8, unsafe unit == 1, unsafe presence == nil else { return nil }
      return unsafe numbers.assumingMemoryBound(to: Int64.self)
    }
  }

  /// The number of its shape in the snapshot.
  package var shape: Int
  package var rowCount: Int
  /// As its shape says.
  package var lanes: UnsafePointer<FlatLane>
  /// By event, its profile, ascending; not for attributes.
  package var profiles: UnsafePointer<UInt16>
  /// The last events of profiles; nothing for attributes.
  package var ends: RowEnds
  /// `nil` for attributes.
  package var instants: Instants?
}

extension EventTable {
  /// From the first to the last event with a readable timestamp.
  fileprivate var span: ClosedRange<Instant>? {
    // The base is the least of them.
    guard case .integers(let base, let numbers) = instants.values, numbers.count > 0 else {
      return nil
    }
    let last = (base &+ Int64(bitPattern: numbers.largest)) &* instantUnit
    let first = base &* instantUnit
    return first <= last ? Instant(milliseconds: first)...Instant(milliseconds: last) : nil
  }

  /// For each event the number of its profile: where it is in the file, if two bytes are kept of it
  /// there.
  fileprivate func flatProfiles(
    _ bytes: UnsafeRawPointer,
    _ buffers: MappedBytes,
    _ room: Arena
  ) -> UnsafePointer<UInt16> {
    if profiles.width == 2 {
      return unsafe (bytes + profiles.offset).assumingMemoryBound(to: UInt16.self)
    }
    let flat = unsafe room.zeros(UInt16.self, count: rowCount)
    for row in 0..<rowCount {
      unsafe flat[row] = UInt16(truncatingIfNeeded: profiles.load(row, from: buffers))
    }
    return unsafe UnsafePointer(flat)
  }
}

extension FlatTable.Instants {
  init?(_ table: EventTable, _ bytes: UnsafeRawPointer) {
    guard case .integers(let base, let packed) = table.instants.values else { return nil }
    unsafe numbers = bytes + packed.offset
    unsafe width = packed.width
    unsafe self.base = base
    unsafe unit = table.instantUnit
    unsafe presence = nil
    if case .some(let bits, _) = table.instants.presence {
      unsafe presence = UnsafePointer(
        (bytes + bits.offset).assumingMemoryBound(to: UInt64.self)
      )
    }
  }
}
