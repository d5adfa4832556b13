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
    let kinds = TableGenerator.paths.map { _ in random.below(8) }
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
    default: return .string(Text(["", "x", "gold", "silver"][random.below(4)]))
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

  /// The batch of rows of one kind, whose values at one place are of one type.
  static func bytes(of rows: [ModelRow]) -> [UInt8] {
    let keys = rows.reduce(into: [Text]()) { keys, row in
      if !keys.contains(row.key.text) { keys.append(row.key.text) }
    }
    let numbers = rows.map { row in UInt32(keys.firstIndex(of: row.key.text) ?? 0) }
    var columns: [(path: [Text], values: [Value?])] = []
    for (index, row) in rows.enumerated() {
      for (path, value) in leaves(row.pieces, []) {
        var at = columns.firstIndex { $0.path == path }
        if at == nil {
          at = columns.count
          columns.append((path, Array(repeating: nil, count: rows.count)))
        }
        if let at { columns[at].values[index] = value }
      }
    }
    return withList(keys.map { Array($0.utf8) }) { list in
      numbers.withUnsafeBufferPointer { numbers -> [UInt8] in
        var writer = TableBatchWriter(
          kind: rows[0].kind,
          rowCount: rows.count,
          columnCount: columns.count,
          keys: list,
          keyNumbers: numbers
        )
        for column in columns { write(column, rows, &writer) }
        return writer.finish()
      }
    }
  }

  private static func leaves(_ pieces: [(Text, Piece)], _ path: [Text]) -> [([Text], Value)] {
    pieces.flatMap { name, piece -> [([Text], Value)] in
      switch piece {
      case .leaf(let value): [(path + [name], value)]
      case .object(let fields): leaves(fields, path + [name])
      case .array: []
      }
    }
  }

  private static func withList<Result>(
    _ texts: [[UInt8]],
    _ body: (TextList) -> Result
  ) -> Result {
    let byteCounts = texts.map { UInt32($0.count) }
    let bytes = texts.flatMap { $0 }
    return byteCounts.withUnsafeBufferPointer { byteCounts in
      bytes.withUnsafeBufferPointer { body(TextList(byteCounts: byteCounts, bytes: $0)) }
    }
  }

  private static func write(
    _ column: (path: [Text], values: [Value?]),
    _ rows: [ModelRow],
    _ writer: inout TableBatchWriter
  ) {
    var bits = [UInt8](repeating: 0, count: (rows.count + 7) / 8)
    for (row, value) in column.values.enumerated() where value != nil {
      bits[row / 8] |= 1 << UInt8(row % 8)
    }
    let isWhole = column.values.allSatisfy { $0 != nil }
    bits.withUnsafeBufferPointer { writer.beginColumn(column.path, presence: isWhole ? nil : $0) }
    let values = column.values.compactMap { $0 }
    let keys = column.values.indices.filter { column.values[$0] != nil }.map {
      Array(rows[$0].key.text.utf8)
    }
    switch values.first {
    case .boolean: words(values).withUnsafeBufferPointer { writer.write(booleans: $0) }
    case .integer: words(values).withUnsafeBufferPointer { writer.write(integers: $0) }
    case .double:
      let doubles = words(values)
      let decimals = doubles.compactMap { bits -> UInt64? in
        let scaled = (Double(bitPattern: bits) * 100).rounded()
        let isExact = scaled.magnitude < 1e15 && scaled / 100 == Double(bitPattern: bits)
        return isExact && bits != (-0.0).bitPattern ? UInt64(bitPattern: Int64(scaled)) : nil
      }
      if decimals.count == doubles.count {
        decimals.withUnsafeBufferPointer { writer.write(decimals: $0, scale: 2) }
      } else {
        doubles.withUnsafeBufferPointer { writer.write(doubles: $0) }
      }
    default: write(values.compactMap { $0.text.map { Array($0.utf8) } }, keys, &writer)
    }
  }

  private static func words(_ values: [Value]) -> [UInt64] {
    values.map { value in
      switch value {
      case .boolean(let value): value ? 1 : 0
      case .integer(let value): UInt64(bitPattern: value)
      case .double(let value): value.bitPattern
      default: 0
      }
    }
  }

  private static func write(
    _ texts: [[UInt8]],
    _ keys: [[UInt8]],
    _ writer: inout TableBatchWriter
  ) {
    let instants = texts.compactMap { $0.withUnsafeBufferPointer { InstantStyle.read($0) } }
    if instants.count == texts.count, Set(instants.map(\.style)).count == 1 {
      let counts = instants.map { UInt64(bitPattern: $0.count) }
      return counts.withUnsafeBufferPointer { writer.write(instants: $0, instants[0].style) }
    }
    if zip(texts, keys).allSatisfy({ $0.starts(with: $1) }) {
      let rests = zip(texts, keys).map { Array($0.dropFirst($1.count)) }
      return withList(rests) { writer.write(afterKey: $0) }
    }
    let entries = texts.reduce(into: [[UInt8]]()) { entries, text in
      if !entries.contains(text) { entries.append(text) }
    }
    guard 2 * entries.count <= texts.count else {
      return withList(texts) { writer.write(texts: $0) }
    }
    let codes = texts.map { UInt64(entries.firstIndex(of: $0) ?? 0) }
    codes.withUnsafeBufferPointer { codes in
      withList(entries) { writer.write(codes: codes, of: $0) }
    }
  }
}
