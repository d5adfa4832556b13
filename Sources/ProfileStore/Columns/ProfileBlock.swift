package import Bytes
package import Domain

/// The profiles of a block with their events, as values.
package struct ProfileBlock: Sendable {
  package let firstOrdinal: Int
  package let columns: BlockColumns
  private let keys: KeySection
  private let eventTypes: [Text]
  /// The texts of the shard's dictionaries that the block uses.
  private let sharedTexts: [Int: [Text]]
  /// The texts of every column's own entries, by the number of the column.
  private let texts: [[Text]]

  /// Reads the texts of all columns: each is then shared by the values that have it.
  init(
    _ columns: BlockColumns,
    of snapshot: ShardSnapshot,
    keys: KeySection,
    firstOrdinal: Int
  ) throws(StoreError) {
    var reader = TextReader(buffers: columns.buffers)
    reader.read(columns.attributes)
    for table in columns.eventTables { reader.read(table.columns) }
    var sharedTexts: [Int: [Text]] = [:]
    for number in reader.sharedDictionaries {
      sharedTexts[number] = try snapshot.dictionary(number).texts()
    }
    self.columns = columns
    self.keys = keys
    self.firstOrdinal = firstOrdinal
    self.sharedTexts = sharedTexts
    eventTypes = snapshot.eventTypes
    texts = reader.texts
  }

  package var count: Int { columns.profileCount }

  package func key(_ row: Int) -> ProfileKey { keys.key(firstOrdinal + row) }

  package func attributes(_ row: Int) -> ObjectValue {
    guard case .object(let object)? = value(columns.attributes, row) else { return ObjectValue() }
    return object
  }

  /// The profile's events in the order of the language: by instant of `timestamp`, equal instants as
  /// they came, events without a readable one last.
  package func events(_ row: Int) -> [Value] {
    rankedEvents(row).map { event(columns.eventTables[$0.table], $0.row) }
  }

  /// When each of these events happened; `nil` without a readable timestamp.
  package func instants(_ row: Int) -> [Instant?] {
    rankedEvents(row).map { columns.eventTables[$0.table].instant($0.row, from: columns.buffers) }
  }

  /// Where the profile's events are, in their order.
  private func rankedEvents(_ row: Int) -> [(table: Int, row: Int)] {
    var places: [(table: Int, row: Int, rank: UInt64)] = []
    for (index, table) in columns.eventTables.enumerated() {
      for event in table.rows(of: row, from: columns.buffers) {
        places.append((index, event, table.ranks.load(event, from: columns.buffers)))
      }
    }
    return places.sorted { $0.rank < $1.rank }.map { ($0.table, $0.row) }
  }

  private func event(_ table: EventTable, _ row: Int) -> Value {
    guard case .object(var event)? = value(table.columns, row) else { return .object([]) }
    if table.type < eventTypes.count {
      event[ReservedFields.eventType] = .string(eventTypes[table.type])
    }
    return .object(event)
  }

  /// The attributes and, when there are events, `xEvent`.
  package func profile(_ row: Int) -> Value {
    var object = attributes(row)
    let events = events(row)
    if !events.isEmpty { object[ReservedFields.events] = .array(events) }
    return .object(object)
  }

  /// The value of a row of any of the block's columns; `nil` when it is missing.
  package func value(_ column: Column, _ row: Int) -> Value? {
    let buffers = columns.buffers
    for lane in column.lanes {
      if let position = lane.presence.position(of: row, from: buffers) {
        return value(lane.values, position)
      }
    }
    return nil
  }

  /// The value of a row along a path, as far as it leads through objects, and the names that are left
  /// to be looked for in it; `nil` when there is none.
  package func value(
    of names: ArraySlice<Text>,
    in column: Column,
    _ row: Int
  ) -> (value: Value, rest: ArraySlice<Text>)? {
    for lane in column.lanes {
      guard let position = lane.presence.position(of: row, from: columns.buffers) else { continue }
      guard let name = names.first, case .objects(let fields) = lane.values else {
        return (value(lane.values, position), names)
      }
      guard let field = fields.first(where: { $0.name == name }) else { return nil }
      return value(of: names.dropFirst(), in: field.column, position)
    }
    return nil
  }

  private func value(_ values: Column.Values, _ position: Int) -> Value {
    let buffers = columns.buffers
    switch values {
    case .booleans(let bits): return .boolean(bits.load(position, from: buffers))
    case .integers(let base, let numbers):
      return .integer(base &+ Int64(bitPattern: numbers.load(position, from: buffers)))
    case .doubles(let numbers):
      return .double(Double(bitPattern: numbers.load(position, from: buffers)))
    case .decimals(let scale, let base, let numbers):
      let number = base &+ Int64(bitPattern: numbers.load(position, from: buffers))
      return .double(Double(number) / ColumnFormat.powerOfTen(scale))
    case .strings(let strings): return .string(text(strings, position))
    case .instantTexts(let style, let base, let numbers):
      let count = base &+ Int64(bitPattern: numbers.load(position, from: buffers))
      return .string(style.text(of: count))
    case .arrays(let starts, let elements):
      return .array(rows(starts, position).compactMap { value(elements, $0) })
    case .objects(let fields):
      var present: [ObjectValue.Field] = []
      for field in fields {
        guard let value = value(field.column, position) else { continue }
        present.append(ObjectValue.Field(name: field.name, value: value))
      }
      return .object(ObjectValue(present))
    case .maps(let starts, let names, let values):
      let entries = rows(starts, position).compactMap { row in
        value(values, row).map { ObjectValue.Field(name: text(names, row), value: $0) }
      }
      return .object(ObjectValue(entries))
    }
  }

  private func rows(_ starts: PackedNumbers, _ position: Int) -> Range<Int> {
    Int(
      starts.load(position, from: columns.buffers)
    )..<Int(starts.load(position + 1, from: columns.buffers))
  }

  private func text(_ strings: Column.Strings, _ position: Int) -> Text {
    switch strings.dictionary {
    case .shard(let number):
      sharedTexts[number]?[code(strings, position)] ?? ""
    case .block: texts[strings.number][code(strings, position)]
    case .plain: texts[strings.number][position]
    }
  }

  private func code(_ strings: Column.Strings, _ position: Int) -> Int {
    Int(strings.codes.load(position, from: columns.buffers))
  }
}

/// Reads the texts of a block's columns, in the order of the columns' numbers.
private struct TextReader {
  let buffers: MappedBytes
  private(set) var texts: [[Text]] = []
  /// Those of the shard that are used.
  private(set) var sharedDictionaries: Set<Int> = []

  init(buffers: MappedBytes) { self.buffers = buffers }

  mutating func read(_ column: Column) {
    for lane in column.lanes {
      switch lane.values {
      case .booleans, .integers, .doubles, .decimals, .instantTexts: break
      case .strings(let strings): read(strings)
      case .arrays(_, let elements): read(elements)
      case .objects(let fields): for field in fields { read(field.column) }
      case .maps(_, let names, let values):
        read(names)
        read(values)
      }
    }
  }

  private mutating func read(_ strings: Column.Strings) {
    if case .shard(let number) = strings.dictionary {
      sharedDictionaries.insert(number)
      return
    }
    texts.append(
      (0..<strings.entryCount).map { index in
        // The block was checked: only what was written to deceive is no UTF-8.
        buffers.text(strings.entry(index, from: buffers)) ?? ""
      }
    )
  }
}
