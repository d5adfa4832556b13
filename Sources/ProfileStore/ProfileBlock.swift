import Bytes
package import Domain

/// At most 1,024 profiles with their events, as values.
package struct ProfileBlock: Sendable {
  package let firstOrdinal: Int
  package let columns: BlockColumns
  private let keys: KeySection
  /// The texts of every dictionary, by the dictionary's number.
  private let texts: [[Text]]

  /// Reads the texts of all dictionaries: each is then shared by the values that have it.
  init(
    _ columns: BlockColumns,
    keys: KeySection,
    firstOrdinal: Int
  ) throws(ColumnReader.Fault) {
    var reader = DictionaryReader(buffers: columns.buffers)
    try reader.read(columns.attributes)
    try reader.read(columns.events)
    self.columns = columns
    self.keys = keys
    self.firstOrdinal = firstOrdinal
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
    columns.eventRows(of: row).compactMap { value(columns.events, $0) }
  }

  /// The attributes and, when there are events, `xEvent`.
  package func profile(_ row: Int) -> Value {
    var object = attributes(row)
    let events = events(row)
    if !events.isEmpty { object[RowScanner.eventsField] = .array(events) }
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

  private func value(_ values: Column.Values, _ position: Int) -> Value {
    let buffers = columns.buffers
    switch values {
    case .booleans(let bits): return .boolean(bits.load(position, from: buffers))
    case .integers(let base, let numbers):
      return .integer(base &+ Int64(bitPattern: numbers.load(position, from: buffers)))
    case .doubles(let numbers):
      return .double(Double(bitPattern: numbers.load(position, from: buffers)))
    case .strings(let strings): return .string(text(strings, position))
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
    texts[strings.number][Int(strings.codes.load(position, from: columns.buffers))]
  }
}

/// Reads the dictionaries of a block's columns, in the order of their numbers.
private struct DictionaryReader {
  let buffers: MappedBytes
  private(set) var texts: [[Text]] = []

  init(buffers: MappedBytes) { self.buffers = buffers }

  mutating func read(_ column: Column) throws(ColumnReader.Fault) {
    for lane in column.lanes {
      switch lane.values {
      case .booleans, .integers, .doubles: break
      case .strings(let strings): try read(strings)
      case .arrays(_, let elements): try read(elements)
      case .objects(let fields): for field in fields { try read(field.column) }
      case .maps(_, let names, let values):
        try read(names)
        try read(values)
      }
    }
  }

  private mutating func read(_ strings: Column.Strings) throws(ColumnReader.Fault) {
    var entries: [Text] = []
    entries.reserveCapacity(strings.entryCount)
    for index in 0..<strings.entryCount {
      guard let text = buffers.text(strings.entry(index, from: buffers)) else {
        throw ColumnReader.Fault(reason: "a text that is not UTF-8")
      }
      entries.append(text)
    }
    texts.append(entries)
  }
}
