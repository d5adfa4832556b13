import Bytes
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
  private let buffers: MappedBytes
  private let lanes: UnsafeMutablePointer<FlatLane>
  /// By event of all tables, its profile.
  private let profiles: UnsafeMutablePointer<UInt16>
  /// Presences that had to be put together.
  private let presences: [UnsafeMutablePointer<UInt64>]
  /// Where texts are that no dictionary of the shard has; few programs read them.
  private let ownTexts: [Range<Int>]
  private let isTrimmed = Atomic(false)

  init(_ columns: BlockColumns, _ shapes: ShapeNumbers) {
    buffers = columns.buffers
    profileCount = columns.profileCount
    rowCountMax = columns.eventTables.reduce(columns.profileCount) { max($0, $1.rowCount) }
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
    unsafe presences = builder.presences
    ownTexts = builder.ownTexts
    tableCount = columns.eventTables.count + 1
    let profiles = UnsafeMutablePointer<UInt16>.allocate(capacity: max(1, columns.eventCount))
    unsafe self.profiles = profiles
    let tables = UnsafeMutablePointer<FlatTable>.allocate(capacity: tableCount)
    unsafe tables.initialize(
      to: FlatTable(
        shape: shapeNumbers[0],
        rowCount: columns.profileCount,
        lanes: lanes,
        starts: columns.bytes,
        startWidth: 1,
        profiles: profiles,
        instants: nil
      )
    )
    var firstRow = 0
    for (index, table) in columns.eventTables.enumerated() {
      unsafe table.writeProfiles(
        columns.profileCount,
        columns.buffers,
        into: profiles + firstRow
      )
      unsafe (tables + 1 + index).initialize(
        to: FlatTable(
          shape: shapeNumbers[1 + index],
          rowCount: table.rowCount,
          lanes: lanes + firstLanes[1 + index],
          starts: columns.bytes + table.starts.offset,
          startWidth: table.starts.width,
          profiles: profiles + firstRow,
          instants: FlatTable.Instants(table, columns.bytes)
        )
      )
      firstRow += table.rowCount
    }
    unsafe self.tables = UnsafePointer(tables)
  }

  /// Gives up the memory of what the first run through the block did not want and got all the same,
  /// because the system reads more pages than it is asked for.
  package func trim() {
    if isTrimmed.exchange(true, ordering: .relaxed) { return }
    for range in ownTexts { buffers.release(within: range) }
  }

  deinit {
    unsafe UnsafeMutablePointer(mutating: tables).deallocate()
    unsafe lanes.deallocate()
    unsafe profiles.deallocate()
    for index in unsafe presences.indices { unsafe presences[index].deallocate() }
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
  }

  /// The number of its shape in the snapshot.
  package var shape: Int
  package var rowCount: Int
  /// As its shape says.
  package var lanes: UnsafePointer<FlatLane>
  /// Profile `i` has the events `starts[i]..<starts[i + 1]`; not for attributes.
  package var starts: UnsafeRawPointer
  package var startWidth: Int
  /// By event, its profile; not for attributes.
  package var profiles: UnsafePointer<UInt16>
  /// `nil` for attributes.
  package var instants: Instants?
}

extension EventTable {
  /// Writes for each event the number of its profile.
  fileprivate func writeProfiles(
    _ profileCount: Int,
    _ buffers: MappedBytes,
    into profiles: UnsafeMutablePointer<UInt16>
  ) {
    for profile in 0..<profileCount {
      let rows = rows(of: profile, from: buffers)
      unsafe (profiles + rows.lowerBound).initialize(
        repeating: UInt16(truncatingIfNeeded: profile),
        count: rows.count
      )
    }
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

/// Goes through the columns of a table.
@safe private struct FlatBuilder {
  let bytes: UnsafeRawPointer
  var lanes: [FlatLane]
  var presences: [UnsafeMutablePointer<UInt64>]
  /// Texts of columns and the codes of such.
  private(set) var ownTexts: [Range<Int>] = []

  init(bytes: UnsafeRawPointer) {
    unsafe self.bytes = bytes
    unsafe lanes = []
    unsafe presences = []
  }

  mutating func flatten(_ column: Column, type: Int) -> TableShape {
    var shape = TableShape(type: type, fields: [])
    let first = unsafe lanes.count
    for lane in column.lanes {
      switch lane.values {
      case .objects(let fields):
        let presence = unsafe bits(lane.presence)
        for field in fields {
          unsafe add(field.column, [field.name], presence, column.rowCount, first, to: &shape)
        }
      default:
        shape.fields.append(TableShape.Field(names: [], form: .nested, firstLane: 0, lanes: []))
      }
    }
    return shape
  }

  /// Adds a field and those below it; `presence` says which of the table's rows reach it.
  private mutating func add(
    _ column: Column,
    _ names: [Text],
    _ presence: UnsafePointer<UInt64>?,
    _ rowCount: Int,
    _ tableStart: Int,
    to shape: inout TableShape
  ) {
    var field = unsafe TableShape.Field(
      names: names,
      form: .values,
      firstLane: lanes.count - tableStart,
      lanes: []
    )
    var inner: [(fields: [Column.Field], presence: UnsafePointer<UInt64>?)] = unsafe []
    for lane in column.lanes {
      if case .strings(let texts) = lane.values { note(texts) }
      let own = unsafe compose(presence, bits(lane.presence), rowCount)
      if let flat = unsafe FlatLane(lane, presence: own, bytes) {
        unsafe lanes.append(flat)
        field.lanes.append(
          unsafe TableShape.Lane(kind: flat.kind, detail: flat.detail, dictionary: flat.dictionary)
        )
      } else if case .objects(let fields) = lane.values {
        if field.form == .values { field.form = .objects }
        unsafe inner.append((fields, own))
      } else {
        field.form = .nested
      }
    }
    shape.fields.append(field)
    for index in unsafe inner.indices {
      let (fields, presence) = unsafe inner[index]
      for field in fields {
        unsafe add(field.column, names + [field.name], presence, rowCount, tableStart, to: &shape)
      }
    }
  }

  private mutating func note(_ texts: Column.Strings) {
    guard texts.entryCount > 0 else { return }
    for numbers in [texts.codes, texts.starts] where numbers.count > 0 {
      note(numbers.offset..<numbers.offset + numbers.count * numbers.width)
    }
    // The last text ends where the largest number says.
    note(texts.offset..<texts.offset + Int(truncatingIfNeeded: texts.starts.largest))
  }

  /// Adds a range to the one before where they touch, so that pages on both sides are one's.
  private mutating func note(_ range: Range<Int>) {
    if let last = ownTexts.last, last.upperBound <= range.lowerBound,
      range.lowerBound - last.upperBound < BlockFileFormat.alignment
    {
      ownTexts[ownTexts.count - 1] = last.lowerBound..<range.upperBound
    } else {
      ownTexts.append(range)
    }
  }

  private func bits(_ presence: Presence) -> UnsafePointer<UInt64>? {
    guard case .some(let bits, _) = presence else { return nil }
    return unsafe UnsafePointer((bytes + bits.offset).assumingMemoryBound(to: UInt64.self))
  }

  /// Which rows have a value: `own` has a bit for each row that is in `outer`.
  private mutating func compose(
    _ outer: UnsafePointer<UInt64>?,
    _ own: UnsafePointer<UInt64>?,
    _ rowCount: Int
  ) -> UnsafePointer<UInt64>? {
    guard let outer = unsafe outer else { return unsafe own }
    guard let own = unsafe own else { return unsafe outer }
    let wordCount = (rowCount + 63) / 64
    let words = UnsafeMutablePointer<UInt64>.allocate(capacity: max(wordCount, 1))
    var position = 0
    for word in 0..<wordCount {
      var rest = unsafe outer[word]
      var bits: UInt64 = 0
      while rest != 0 {
        let bit = rest & (0 &- rest)
        if unsafe own[position >> 6] >> UInt64(position & 63) & 1 == 1 { bits |= bit }
        position += 1
        rest &= rest &- 1
      }
      unsafe words[word] = bits
    }
    unsafe presences.append(words)
    return unsafe UnsafePointer(words)
  }
}
