import Bytes
import Domain
import ProfileStore

/// What a shard has to hold, kept plainly.
struct ShardModel {
  struct Profile {
    var attributes = ObjectValue()
    var events: [Value] = []
  }

  private(set) var keys: [ProfileKey] = []
  private(set) var profiles: [ProfileKey: Profile] = [:]

  var eventCount: Int { profiles.values.reduce(0) { $0 + $1.events.count } }

  mutating func add(_ rows: [ModelRow]) {
    for row in rows {
      if profiles[row.key] == nil {
        keys.append(row.key)
        profiles[row.key] = Profile()
      }
      switch row.kind {
      case .attributes:
        for field in row.object.fields {
          profiles[row.key]?.attributes[field.name] = field.value
        }
      case .event: profiles[row.key]?.events.append(.object(row.object))
      }
    }
  }

  func orderedEvents(_ key: ProfileKey) -> [Value] {
    let events = profiles[key]?.events ?? []
    var readable = events.enumerated().compactMap { index, event in
      ShardModel.instant(event["timestamp"]).map { (instant: $0, index: index) }
    }
    readable.sort { $0.instant == $1.instant ? $0.index < $1.index : $0.instant < $1.instant }
    let rest = events.indices.filter { index in !readable.contains { $0.index == index } }
    return (readable.map(\.index) + rest).map { events[$0] }
  }

  func profile(_ key: ProfileKey) -> Value {
    var object = profiles[key]?.attributes ?? ObjectValue()
    let events = orderedEvents(key)
    if !events.isEmpty { object["xEvent"] = .array(events) }
    return .object(object)
  }

  static func instant(_ value: Value?) -> Instant? {
    switch value {
    case .string(let text)?: TimeText(text)?.instant
    case .integer(let milliseconds)?: Instant(milliseconds: milliseconds).clamped
    case .double(let milliseconds)?:
      Instant(milliseconds: Int64(max(-1e17, min(1e17, milliseconds)))).clamped
    default: nil
    }
  }
}

/// A row with its value and the pieces it is written in, repeated names included.
struct ModelRow {
  var kind: RowKind
  var key: ProfileKey
  var pieces: [(Text, Piece)]

  var object: ObjectValue { ObjectValue(pieces.map { .init(name: $0.0, value: $0.1.value) }) }

  static func batch(_ rows: [ModelRow]) -> [UInt8] {
    var writer = RowBatchWriter()
    for row in rows {
      writer.beginRow(kind: row.kind, key: row.key)
      Piece.object(row.pieces).write(into: &writer)
    }
    return writer.take()
  }
}

/// A value whose objects may name a field twice.
indirect enum Piece {
  case leaf(Value)
  case array([Piece])
  case object([(Text, Piece)])

  var value: Value {
    switch self {
    case .leaf(let value): value
    case .array(let elements): .array(elements.map(\.value))
    case .object(let fields): .object(fields.map { ($0.0, $0.1.value) })
    }
  }

  func write(into writer: inout RowBatchWriter) {
    switch self {
    case .leaf(let value): writer.write(value)
    case .array(let elements):
      let start = writer.beginArray()
      for element in elements { element.write(into: &writer) }
      writer.endContainer(start, count: elements.count)
    case .object(let fields):
      let start = writer.beginObject()
      for (name, piece) in fields {
        writer.write(nameIndex: writer.index(of: name))
        piece.write(into: &writer)
      }
      writer.endContainer(start, count: fields.count)
    }
  }
}

/// Rows with every kind of value, the same for the same seed.
struct RowGenerator {
  var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func rows(_ count: Int, keyCount: Int) -> [ModelRow] {
    (0..<count).map { _ in
      let key = ProfileKey(Text("k\(random.below(keyCount))" + (random.oneIn(9) ? "é" : "")))
      guard random.oneIn(2) else {
        return ModelRow(kind: .attributes, key: key, pieces: fields(depth: 3))
      }
      var pieces = fields(depth: 2)
      if !random.oneIn(6) { pieces.append(("timestamp", .leaf(timestamp()))) }
      return ModelRow(kind: .event, key: key, pieces: pieces)
    }
  }

  private mutating func fields(depth: Int) -> [(Text, Piece)] {
    (0..<random.below(5)).map { _ in (name(), piece(depth: depth)) }
  }

  private mutating func name() -> Text {
    let names: [Text] = ["a", "b", "c", "person", "x", "ü", ""]
    return random.oneIn(12) ? Text("n\(random.below(400))") : names[random.below(names.count)]
  }

  private mutating func piece(depth: Int) -> Piece {
    switch random.below(depth > 0 ? 10 : 6) {
    case 0: .leaf(.boolean(random.oneIn(2)))
    case 1, 2: .leaf(.integer(integer()))
    case 3: .leaf(.double(double()))
    case 4, 5: .leaf(.string(text()))
    case 6, 7: .array((0..<random.below(4)).map { _ in piece(depth: depth - 1) })
    case 8: .object(fields(depth: depth - 1))
    default:
      .object(
        (0..<random.below(60)).map { _ in (Text("m\(random.below(900))"), .leaf(.integer(1))) }
      )
    }
  }

  private mutating func integer() -> Int64 {
    switch random.below(6) {
    case 0: .min
    case 1: .max
    case 2: Int64(truncatingIfNeeded: random.next())
    default: Int64(random.below(300)) - 100
    }
  }

  private mutating func double() -> Double {
    [-0.0, 0.0, 1.5, -1e300, .leastNonzeroMagnitude, random.unit()][random.below(6)]
  }

  private mutating func text() -> Text {
    let texts: [Text] = ["", "é", "e\u{301}", "x", "\u{1F9FA}", "longer than fifteen bytes"]
    return random.oneIn(3) ? Text("t\(random.below(1_000))") : texts[random.below(texts.count)]
  }

  private mutating func timestamp() -> Value {
    switch random.below(7) {
    case 0: .integer(Int64(random.below(2_000_000)))
    case 1: .double(Double(random.below(2_000_000)) + 0.5)
    case 2: .string("no time")
    case 3: .boolean(true)
    case 4: .integer(.max)
    default:
      .string(Text("1970-01-01T00:\(10 + random.below(49)):0\(random.below(3))Z"))
    }
  }
}

/// A value's bytes: unlike `==`, they tell `0.0` from `-0.0`.
func exactBytes(_ value: Value) -> [UInt8] {
  var writer = ByteWriter()
  value.encode(into: &writer)
  return writer.bytes
}

extension ShardStore {
  /// Imports the rows in batches of the given size, all the way.
  @discardableResult
  func add(_ rows: [ModelRow], job: UInt64, batchRowCount: Int = 10) throws -> StoreContents {
    let attempt = StoredImport(job: JobID(job), attempt: 1)
    var sequence: UInt32 = 0
    for start in stride(from: 0, to: rows.count, by: batchRowCount) {
      let batch = Array(rows[start..<min(start + batchRowCount, rows.count)])
      try append(attempt, sequence: sequence, rows: ModelRow.batch(batch))
      sequence += 1
    }
    _ = try prepare(attempt, batchCount: sequence)
    return try commit(attempt)
  }
}

/// How a snapshot differs from the model; `nil` when it does not.
func difference(_ snapshot: ShardSnapshot, _ model: ShardModel) throws -> String? {
  guard snapshot.contents.profileCount == UInt64(model.keys.count),
    snapshot.contents.eventCount == UInt64(model.eventCount)
  else { return "contents \(snapshot.contents)" }
  var ordinal = 0
  for index in 0..<snapshot.blockCount {
    let block = try snapshot.block(index)
    guard block.firstOrdinal == ordinal,
      (1...StoreOptions.blockProfileCountMax).contains(block.count)
    else {
      return "block \(index)"
    }
    for row in 0..<block.count {
      let key = model.keys[ordinal]
      guard block.key(row) == key else { return "key of \(ordinal)" }
      guard exactBytes(block.profile(row)) == exactBytes(model.profile(key)) else {
        return "profile \(ordinal): \(block.profile(row)) for \(model.profile(key))"
      }
      for (event, instant) in zip(block.events(row), block.instants(row)) {
        guard instant == ShardModel.instant(event["timestamp"])
        else { return "instant of \(ordinal)" }
      }
      guard snapshot.locate(ordinal) == (index, row), try snapshot.ordinal(of: key) == ordinal
      else { return "place of \(ordinal)" }
      ordinal += 1
    }
  }
  let order = try snapshot.ordinalsInKeyOrder()
  guard order.map({ model.keys[$0] }) == model.keys.sorted(),
    order.indices.map(order.key) == model.keys.sorted()
  else { return "order of keys" }
  return ordinal == model.keys.count ? nil : "\(ordinal) profiles"
}
