import Bytes
import Domain

/// Makes blocks from the rows of a range of ordinals.
struct BlockBuilder {
  private struct Row {
    var ordinal: Int
    var kind: UInt8
    /// Where the value begins.
    var place: Int
  }

  /// Rows in the loose form, and behind them the objects that were merged from several.
  private var bytes: [UInt8]
  private let names: [Text]
  private let timestamp: UInt32?
  private let eventType: UInt32?
  private let eventTypes: [Text]
  /// By ascending ordinal, those of one in the order in which they came.
  private var rows: [Row] = []

  /// Prepares to build from a bucket's rows.
  ///
  /// - Parameters:
  ///   - bytes: the rows, as `RowBuckets` keeps them.
  ///   - ordinals: whose rows they are.
  ///   - names: the names that the rows' fields are numbers of.
  ///   - eventTypes: the types that have tables of their own.
  init(_ bytes: [UInt8], ordinals: Range<Int>, names: NameTable, eventTypes: [Text]) {
    self.bytes = bytes
    self.names = names.names
    eventType = names.existingNumber(of: EventTypes.field)
    self.eventTypes = eventTypes
    timestamp = names.existingNumber(of: EventTime.field)
    rows = BlockBuilder.sorted(BlockBuilder.rows(bytes), ordinals: ordinals)
  }

  private static func rows(_ bytes: [UInt8]) -> [Row] {
    var rows: [Row] = []
    var position = 0
    while position < bytes.count {
      let place = position + RowBuckets.rowHeaderByteCount
      let ordinal = Int(bytes.load(UInt32.self, at: position))
      rows.append(Row(ordinal: ordinal, kind: bytes[position + 4], place: place))
      position = LooseValue.end(of: place, in: bytes)
    }
    return rows
  }

  /// Sorts by ordinal in linear time, keeping the order of one ordinal's rows.
  private static func sorted(_ rows: [Row], ordinals: Range<Int>) -> [Row] {
    var starts = [Int](repeating: 0, count: ordinals.count + 1)
    for row in rows { starts[row.ordinal - ordinals.lowerBound + 1] += 1 }
    for index in 0..<ordinals.count { starts[index + 1] += starts[index] }
    var sorted = rows
    for row in rows {
      let slot = row.ordinal - ordinals.lowerBound
      sorted[starts[slot]] = row
      starts[slot] += 1
    }
    return sorted
  }

  /// Builds the block of the next profiles, which are asked for by ascending ordinal.
  mutating func block(_ ordinals: Range<Int>, paddedTo multiple: Int) -> [UInt8] {
    var position = firstRow(ordinals.lowerBound)
    var attributes: [ColumnWriter.Cell] = []
    var tables = Array(repeating: Table(), count: eventTypes.count + 1)
    for ordinal in ordinals {
      var objects: [Int] = []
      var places: [Int] = []
      while position < rows.count, rows[position].ordinal == ordinal {
        let row = rows[position]
        if row.kind == RowKind.event.rawValue {
          places.append(row.place)
        } else {
          objects.append(row.place)
        }
        position += 1
      }
      attributes.append(ColumnWriter.Cell(row: attributes.count, place: merged(objects)))
      for (rank, event) in ordered(places).enumerated() {
        tables[type(ofEvent: event.place)].append(event, rank: rank)
      }
      for table in tables.indices { tables[table].endProfile() }
    }
    var writer = ColumnWriter(values: bytes, names: names)
    writer.write(count: ordinals.count)
    writer.write(attributes, rowCount: attributes.count)
    writer.write(count: tables.count { !$0.cells.isEmpty })
    for (type, table) in tables.enumerated() where !table.cells.isEmpty {
      let isShared = type == eventTypes.count
      writer.write(byte: isShared ? ColumnFormat.sharedTable : UInt8(type))
      writer.write(table.starts)
      writer.write(byte: InstantStyle.millisecond.rawValue)
      writer.write(integers: table.instants, at: table.readable, rowCount: table.cells.count)
      writer.write(table.ranks)
      writer.write(table.cells, rowCount: table.cells.count, without: isShared ? nil : eventType)
    }
    return writer.block(paddedTo: multiple)
  }

  /// The events of one type.
  private struct Table {
    var cells: [ColumnWriter.Cell] = []
    var starts: [UInt64] = [0]
    var ranks: [UInt64] = []
    var instants: [Int64] = []
    /// Rows that have an instant.
    var readable: [Int] = []

    mutating func append(_ event: (place: Int, instant: Instant?), rank: Int) {
      if let instant = event.instant {
        readable.append(cells.count)
        instants.append(instant.milliseconds)
      }
      cells.append(ColumnWriter.Cell(row: cells.count, place: event.place))
      ranks.append(UInt64(rank))
    }

    mutating func endProfile() { starts.append(UInt64(cells.count)) }
  }

  /// The table of an event; that of all others when it has no type of the list.
  private func type(ofEvent place: Int) -> Int {
    guard let text = EventTypes.text(of: place, in: bytes, field: eventType) else {
      return eventTypes.count
    }
    return eventTypes.firstIndex { $0.utf8.elementsEqual(text) } ?? eventTypes.count
  }

  private func firstRow(_ ordinal: Int) -> Int {
    var low = 0
    var high = rows.count
    while low < high {
      let middle = (low + high) / 2
      if rows[middle].ordinal < ordinal { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// One object of all: of each field the last one's value.
  private mutating func merged(_ objects: [Int]) -> Int {
    if objects.count == 1 { return objects[0] }
    var last: [UInt32: Int] = [:]
    for object in objects {
      LooseValue.forEachField(of: object, in: bytes) { name, value in last[name] = value }
    }
    // Only what counts is copied: a profile may have been told of very often.
    let start = bytes.beginContainer(RowBatch.Tag.object)
    for (name, value) in last.sorted(by: { $0.value < $1.value }) {
      bytes.append(fixed: name)
      bytes.append(contentsOf: Array(bytes[value..<LooseValue.end(of: value, in: bytes)]))
    }
    bytes.endContainer(start, count: last.count)
    return start
  }

  /// Events by instant, equal instants as they came, those without a readable one last.
  private func ordered(_ places: [Int]) -> [(place: Int, instant: Instant?)] {
    let events = places.map { (place: $0, instant: instant(ofEvent: $0)) }
    let isOrdered = zip(events, events.dropFirst()).allSatisfy { earlier, later in
      guard let first = earlier.instant else { return later.instant == nil }
      return later.instant.map { first <= $0 } ?? true
    }
    if isOrdered { return events }
    let sorted = events.enumerated().sorted { left, right in
      switch (left.element.instant, right.element.instant) {
      case (let first?, let second?):
        first == second ? left.offset < right.offset : first < second
      case (.some, nil): true
      case (nil, .some): false
      case (nil, nil): left.offset < right.offset
      }
    }
    return sorted.map(\.element)
  }

  private func instant(ofEvent place: Int) -> Instant? {
    var instant: Instant?
    LooseValue.forEachField(of: place, in: bytes) { name, value in
      if name == timestamp { instant = EventTime.instant(at: value, in: bytes) }
    }
    return instant
  }
}
