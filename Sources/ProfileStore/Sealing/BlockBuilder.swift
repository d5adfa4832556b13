import Bytes
import Domain

/// Makes blocks from the rows of their profiles.
struct BlockBuilder {
  /// The events of one table of a block.
  private struct Table {
    /// The places of the rows, in their order.
    var places: [Int] = []
    /// For each profile how many of the rows are its own.
    var counts: [UInt64] = []
    var ranks: [UInt64] = []
    var instants: [Int64] = []

    mutating func removeAll() {
      places.removeAll(keepingCapacity: true)
      counts.removeAll(keepingCapacity: true)
      ranks.removeAll(keepingCapacity: true)
      instants.removeAll(keepingCapacity: true)
    }
  }

  private struct Event {
    var place: Int
    var instant: Int64
    var type: UInt32
  }

  private(set) var reader: RowReader
  private var writer: ColumnWriter
  private let keys: SealedKeys
  /// For each code of an event type its table.
  private let tableOfCode: [Int]
  private let typeCount: Int
  private let eventTypeName: Int32
  private let timestampName: Int32
  private var tables: [Table]
  private var events: [Event] = []
  /// The attributes rows of the block's profiles, and for each profile where they begin.
  private var attributes: [Int] = []
  private var attributeStarts: [Int] = []

  /// Prepares to build.
  ///
  /// - Parameters:
  ///   - reader: reads rows.
  ///   - catalogue: how the file numbers names and dictionaries.
  ///   - keys: the profiles' keys.
  ///   - tableOfCode: for each code of the dictionary of event types its table, below `typeCount`,
  ///     or `typeCount` for the shared one.
  ///   - typeCount: types that have tables of their own.
  init(
    _ reader: RowReader,
    _ catalogue: SealedCatalogue,
    keys: SealedKeys,
    tableOfCode: [Int],
    typeCount: Int
  ) {
    self.reader = reader
    self.keys = keys
    self.tableOfCode = tableOfCode
    self.typeCount = typeCount
    writer = ColumnWriter(catalogue)
    tables = Array(repeating: Table(), count: typeCount + 1)
    let names = reader.programs.names
    eventTypeName = names.existingNumber(of: ReservedFields.eventType).map { Int32($0) } ?? -1
    timestampName = names.existingNumber(of: ReservedFields.timestamp).map { Int32($0) } ?? -1
  }

  /// Gives access to the shapes and names of rows.
  mutating func withPrograms<Result>(_ body: (inout ShapePrograms) -> Result) -> Result {
    body(&reader.programs)
  }

  /// Builds the block of some profiles.
  ///
  /// - Parameters:
  ///   - ordinals: the profiles.
  ///   - rows: has the rows.
  ///   - places: for each profile, one behind the other, the places of its rows.
  ///   - starts: for each profile where its places begin, and at last where they end.
  ///   - multiple: what the block is padded to.
  /// - Returns: the block's bytes.
  mutating func block<Rows: BlockRows>(
    _ ordinals: Range<Int>,
    _ rows: inout Rows,
    places: [Int],
    starts: ArraySlice<Int>,
    paddedTo multiple: Int
  ) -> [UInt8] {
    writer.removeAll()
    for index in tables.indices { tables[index].removeAll() }
    attributes.removeAll(keepingCapacity: true)
    attributeStarts.removeAll(keepingCapacity: true)
    for profile in 0..<ordinals.count {
      let range = starts[starts.startIndex + profile]..<starts[starts.startIndex + profile + 1]
      attributeStarts.append(attributes.count)
      sort(places[range], of: profile, rows)
    }
    attributeStarts.append(attributes.count)
    rows.readAttributes(
      attributes,
      starts: attributeStarts,
      firstOrdinal: ordinals.lowerBound,
      keys,
      into: &reader
    )
    writer.output.write(count: ordinals.count)
    writer.write(root: Int(FieldTree.attributes), rowCount: ordinals.count, of: &reader)
    reader.removeAll()
    let used = tables.indices.filter { !tables[$0].places.isEmpty }
    writer.output.write(count: used.count)
    for index in used { write(table: index, ordinals, &rows) }
    return writer.output.block(paddedTo: multiple)
  }

  /// Puts the rows of a profile where they belong: its events, in their order, into their tables.
  private mutating func sort<Rows: BlockRows>(
    _ places: ArraySlice<Int>,
    of profile: Int,
    _ rows: Rows
  ) {
    events.removeAll(keepingCapacity: true)
    var isOrdered = true
    var last = Int64.min
    for place in places {
      let header = rows.header(place)
      if header.isEvent {
        events.append(Event(place: place, instant: header.instant, type: header.type))
        if header.instant < last { isOrdered = false }
        last = header.instant
      } else {
        attributes.append(place)
      }
    }
    // Equal instants stay as they came; those without one, the largest of all, are last.
    if !isOrdered { BlockBuilder.sort(&events) }
    for rank in events.indices {
      let event = events[rank]
      let table = event.type < 2 ? typeCount : tableOfCode[Int(event.type) - 2]
      tables[table].places.append(event.place)
      tables[table].ranks.append(UInt64(rank))
      tables[table].instants.append(event.instant)
      while tables[table].counts.count <= profile { tables[table].counts.append(0) }
      tables[table].counts[profile] &+= 1
    }
  }

  /// Sorts events by their instants; equal ones stay as they came.
  private static func sort(_ events: inout [Event]) {
    guard events.count <= 32 else {
      let sorted = events.enumerated().sorted { left, right in
        left.element.instant == right.element.instant
          ? left.offset < right.offset : left.element.instant < right.element.instant
      }
      events = sorted.map(\.element)
      return
    }
    for index in 1..<events.count {
      let event = events[index]
      var place = index
      while place > 0, events[place - 1].instant > event.instant {
        events[place] = events[place - 1]
        place -= 1
      }
      events[place] = event
    }
  }

  private mutating func write<Rows: BlockRows>(
    table index: Int,
    _ ordinals: Range<Int>,
    _ rows: inout Rows
  ) {
    let table = tables[index]
    let isShared = index == typeCount
    let left = isShared ? nil : eventTypeName
    rows.readEvents(table.places, without: left, keys, into: &reader)
    writer.output.write(byte: isShared ? ColumnFormat.sharedTable : UInt8(index))
    var profiles: [UInt64] = []
    profiles.reserveCapacity(table.places.count)
    for (profile, count) in table.counts.enumerated() {
      profiles += repeatElement(UInt64(profile), count: Int(count))
    }
    writer.output.write(count: profiles.count)
    writer.output.write(numbers: profiles)
    let isTimestampImplied = writeInstants(table)
    writer.output.write(numbers: table.ranks, .last)
    writer.write(
      root: Int(FieldTree.events),
      rowCount: table.places.count,
      of: &reader,
      without: left,
      timestamp: isTimestampImplied ? timestampName : nil
    )
    reader.removeAll()
  }

  /// Writes when the events happened.
  ///
  /// - Returns: whether the texts of `timestamp` are those of the instants in the unit's style.
  private mutating func writeInstants(_ table: Table) -> Bool {
    let readable = table.instants.indices.filter { table.instants[$0] != .max }
    var style = InstantStyle.millisecond
    var isImplied = false
    if let written = timestampStyle(count: readable.count) {
      (style, isImplied) = (written, true)
    } else {
      for coarser in [InstantStyle.date, .second]
      where readable.allSatisfy({ table.instants[$0] % coarser.unit == 0 }) {
        style = coarser
        break
      }
    }
    writer.output.write(byte: style.rawValue)
    if readable.count < table.instants.count {
      writer.output.write(byte: ColumnFormat.Presence.some)
      let rows = readable.map { UInt32(truncatingIfNeeded: $0) }
      unsafe rows.withUnsafeBufferPointer {
        unsafe writer.output.write(bits: $0, table.instants.count)
      }
    } else {
      writer.output.write(byte: ColumnFormat.Presence.all)
    }
    let units = readable.map { table.instants[$0] / style.unit }
    unsafe units.withUnsafeBufferPointer { unsafe writer.output.write(integers: $0) }
    return isImplied
  }

  /// The style of all timestamps, if they are texts of one and as many as there are instants.
  private func timestampStyle(count: Int) -> InstantStyle? {
    guard timestampName >= 0, count > 0,
      let column = reader.field(timestampName, of: Int(FieldTree.events))
    else { return nil }
    for lane in 0..<ColumnCells.Lane.mapName where lane != ColumnCells.Lane.string {
      guard reader.cells.cells(column, lane).count == 0 else { return nil }
    }
    let cells = reader.cells.cells(column, ColumnCells.Lane.string)
    return cells.count == count ? cells.instantStyle : nil
  }
}
