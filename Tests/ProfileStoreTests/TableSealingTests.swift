import Bytes
import Domain
import ProfileStore
import Simulation
import Testing

/// Shards whose log holds batches of columns.
struct TableSealingTests {
  private let options = StoreOptions(blockProfileCount: 3, keySeed: 1)

  @Test(arguments: 0..<12 as Range<UInt64>)
  func `blocks gathered from columns hold what the rows are`(seed: UInt64) throws {
    var generator = TableGenerator(seed: seed)
    var model = ShardModel()
    let disk = MemoryDisk(seed: seed)
    var store = try ShardStore(disk: disk, directory: "/shard", options: options)
    for job in UInt64(1)...3 {
      let batches = (0..<4).map { _ in generator.batch() }
      for batch in batches { model.add(batch.rows) }
      try store.add(batches.map(\.bytes), job: job)
      #expect(try difference(try store.snapshot(), model) == nil, "seed \(seed), import \(job)")
      store = try ShardStore(disk: disk, directory: "/shard", options: options)
    }
    for path in disk.paths where path.contains("blocks-") { try disk.remove(path) }
    store = try ShardStore(disk: disk, directory: "/shard", options: options)
    #expect(try difference(try store.snapshot(), model) == nil, "seed \(seed), at once")
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `batches of columns and of rows make one shard`(seed: UInt64) throws {
    var tables = TableGenerator(seed: seed)
    var rows = RowGenerator(seed: seed)
    var model = ShardModel()
    let disk = MemoryDisk(seed: seed)
    let store = try ShardStore(disk: disk, directory: "/shard", options: options)
    for job in UInt64(1)...4 {
      let batch = tables.batch()
      let more = rows.rows(8, keyCount: 9)
      model.add(batch.rows)
      model.add(more)
      try store.add([batch.bytes, ModelRow.batch(more)], job: job)
      if job > 0 {
        let found = try difference(try store.snapshot(), model)
        #expect(found == nil, "seed \(seed), import \(job)")
      }
    }
  }

  @Test func `more rows than the budget holds are gathered in several steps`() throws {
    var generator = TableGenerator(seed: 77)
    var model = ShardModel()
    let tight = StoreOptions(blockProfileCount: 2, rowByteCountMax: 200, keySeed: 1)
    let store = try ShardStore(disk: MemoryDisk(), directory: "/shard", options: tight)
    let batches = (0..<6).map { _ in generator.batch() }
    for batch in batches { model.add(batch.rows) }

    try store.add(batches.map(\.bytes), job: 1)

    #expect(try difference(try store.snapshot(), model) == nil)
  }

  @Test func `columns that cannot be gathered are read row by row`() throws {
    let odd: [[ModelRow]] = [
      // A field that is an object elsewhere.
      [TableGenerator.row(.event, "k", [(["a"], .integer(1))])],
      [TableGenerator.row(.event, "k", [(["a", "b"], .integer(2))])],
      // Types and times of other kinds.
      [TableGenerator.row(.event, "k", [(["eventType"], .integer(3))])],
      [TableGenerator.row(.event, "k", [(["timestamp"], "2026-01-05T10:00+01:00")])],
      [TableGenerator.row(.event, "k", [(["timestamp"], .double(12.5))])],
      // Types of several kinds.
      [
        TableGenerator.row(.event, "k", [(["eventType"], "view")]),
        TableGenerator.row(.event, "k", [(["eventType"], .boolean(true))]),
      ],
      // Very many fields.
      [
        TableGenerator.row(
          .attributes,
          "k",
          (0..<40).map { ([Text("n\($0)")], .integer(Int64($0))) }
        )
      ],
    ]
    for (number, rows) in odd.enumerated() {
      var model = ShardModel()
      let store = try ShardStore(disk: MemoryDisk(), directory: "/shard", options: options)
      let first = TableGenerator.row(.event, "j", [(["a"], "x"), (["eventType"], "view")])
      let batches = number == 1 ? [odd[0], rows] : [[first], rows]
      for batch in batches { model.add(batch) }

      try store.add(batches.map { TableGenerator.bytes(of: $0) }, job: 1)

      #expect(try difference(try store.snapshot(), model) == nil, "case \(number)")
    }
  }

  @Test func `a damaged batch of columns is refused when it comes`() throws {
    var generator = TableGenerator(seed: 5)
    let bytes = generator.batch().bytes
    let store = try ShardStore(disk: MemoryDisk(), directory: "/shard", options: options)
    let attempt = StoredImport(job: JobID(1), attempt: 1)

    for count in 0..<bytes.count {
      #expect(throws: StoreError.self) {
        try store.append(attempt, sequence: 0, rows: Array(bytes[..<count]))
      }
    }
    let reserved = TableGenerator.row(.attributes, "k", [(["xEvent"], .integer(1))])
    #expect(throws: StoreError.self) {
      try store.append(attempt, sequence: 0, rows: TableGenerator.bytes(of: [reserved]))
    }
  }

  @Test func `flipped bytes that pass give a shard, or an error`() throws {
    var generator = TableGenerator(seed: 6)
    var random = SeededRandom(seed: 6)
    let bytes = generator.batch().bytes
    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= UInt8(1 << random.below(8))
      let store = try ShardStore(disk: MemoryDisk(), directory: "/shard", options: options)
      guard (try? store.add([damaged], job: 1)) != nil else { continue }
      let snapshot = try store.snapshot()
      for index in 0..<snapshot.blockCount {
        let block = try snapshot.block(index)
        for row in 0..<block.count { _ = block.profile(row) }
      }
    }
  }
}

extension ShardStore {
  fileprivate func add(_ batches: [[UInt8]], job: UInt64) throws {
    let attempt = StoredImport(job: JobID(job), attempt: 1)
    for (sequence, batch) in batches.enumerated() {
      try append(attempt, sequence: UInt32(sequence), rows: batch)
    }
    _ = try prepare(attempt, batchCount: UInt32(batches.count))
    _ = try commit(attempt)
  }
}

/// Batches of columns with values of every kind, the same for the same seed.
struct TableGenerator {
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  private static let paths: [[Text]] = [
    ["a"], ["b", "c"], ["b", "d", "e"], ["b", "d", "f"], ["g"], ["h"], ["own"], ["ü"],
  ]

  mutating func batch() -> (rows: [ModelRow], bytes: [UInt8]) {
    let kind: RowKind = random.oneIn(3) ? .attributes : .event
    let kinds = TableGenerator.paths.map { _ in random.below(12) }
    let rows = (0..<1 + random.below(90)).map { _ -> ModelRow in
      let key = "key-\(random.below(11))" + (random.oneIn(9) ? "é" : "")
      var values: [([Text], Value)] = []
      for (path, own) in zip(TableGenerator.paths, kinds) where !random.oneIn(3) {
        values.append((path, value(own, key)))
      }
      if kind == .event {
        if !random.oneIn(6) { values.append((["eventType"], .string(Text("t\(random.below(5))")))) }
        if !random.oneIn(6) {
          let minute = 10 + random.below(40)
          values.append((["timestamp"], .string(Text("2026-01-05T10:\(minute):00.000Z"))))
        }
      }
      return TableGenerator.row(kind, key, values)
    }
    return (rows, TableGenerator.bytes(of: rows))
  }

  private mutating func value(_ kind: Int, _ key: String) -> Value {
    switch kind {
    case 0: return .boolean(random.oneIn(2))
    case 1: return .integer(random.oneIn(5) ? .min : Int64(random.below(1_000)) - 500)
    case 2: return .double([-0.0, 1e300, random.unit()][random.below(3)])
    case 3: return .double(Double(random.below(100_000)) / 100)
    case 4: return .string(Text("\(key)-\(random.below(20))"))
    case 5: return .string(Text("2026-0\(1 + random.below(9))-1\(random.below(10))"))
    case 6: return .string(Text("text \(random.below(3_000)) é"))
    case 7: return .string(Text(["", "x", "gold", "silver"][random.below(4)]))
    case 8: return value(random.below(8), key)
    case 9: return .array((0..<random.below(4)).map { _ in value(7, key) })
    case 10: return .array((0..<random.below(3)).map { _ in value(random.oneIn(9) ? 9 : 8, key) })
    default:
      return .array(
        (0..<random.below(4)).map { _ in
          var item: [(Text, Value)] = [("sku", value(6, key))]
          if random.oneIn(2) { item.append(("price", value(2 + random.below(2), key))) }
          if random.oneIn(2) { item.append(("made", .object([("in" as Text, value(7, key))]))) }
          if random.oneIn(2) { item.append(("tags", value(9, key))) }
          return .object(item)
        }
      )
    }
  }

  static func row(_ kind: RowKind, _ key: String, _ values: [([Text], Value)]) -> ModelRow {
    ModelRow(kind: kind, key: ProfileKey(Text(key)), pieces: pieces(values.map { ($0[...], $1) }))
  }

  private static func pieces(_ values: [(ArraySlice<Text>, Value)]) -> [(Text, Piece)] {
    var pieces: [(Text, Piece)] = []
    for (path, value) in values {
      guard let name = path.first, !pieces.contains(where: { $0.0 == name }) else { continue }
      if path.count == 1 {
        pieces.append((name, .leaf(value)))
      } else {
        let inside = values.filter { $0.0.first == name }.map { ($0.0.dropFirst(), $0.1) }
        pieces.append((name, .object(self.pieces(inside))))
      }
    }
    return pieces
  }

  /// The batch of rows of one kind.
  static func bytes(of rows: [ModelRow]) -> [UInt8] {
    TableBuilder.bytes(
      rows[0].kind,
      rows.map { ($0.key.text, Value.object($0.object)) }
    )
  }
}
