import Bytes
import Domain
import ProfileStore
import Simulation
import Testing

struct SealingTests {
  private let disk = MemoryDisk()
  private let options = StoreOptions(blockProfileCount: 2, keySeed: 1)

  private func store() throws -> ShardStore {
    try ShardStore(disk: disk, directory: "/shard", options: options)
  }

  private func attributes(_ key: String, _ fields: [(Text, Value)]) -> ModelRow {
    ModelRow(
      kind: .attributes,
      key: ProfileKey(Text(key)),
      pieces: fields.map { ($0.0, .leaf($0.1)) }
    )
  }

  private func event(_ key: String, _ fields: [(Text, Value)]) -> ModelRow {
    ModelRow(
      kind: .event,
      key: ProfileKey(Text(key)),
      pieces: fields.map { ($0.0, .leaf($0.1)) }
    )
  }

  /// The bytes of each section of the shard's only block file.
  private func sections() throws -> [[UInt8]] {
    let path = try #require(disk.paths.first { $0.contains("blocks-") })
    let bytes = try disk.read(path)
    func number(_ offset: Int, _ byteCount: Int) -> Int {
      (0..<byteCount).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    let tail = bytes.count - 24
    return (0..<number(tail + 8, 4)).map { index in
      let entry = number(tail, 8) + 24 * index
      let start = number(entry, 8)
      return Array(bytes[start..<start + number(entry + 8, 8)])
    }
  }

  @Test func `blocks that gain nothing are copied, and the others hold all they should`() throws {
    let store = try store()
    var model = ShardModel()
    let first = (0..<8).map {
      attributes("p\($0)", [("tier", .string(Text("t\($0 % 3)"))), ("n", .integer(1))])
    }
    model.add(first)
    try store.add(first, job: 1)
    _ = try store.snapshot()
    let before = try sections()

    let second = [
      event("p2", [("timestamp", "2026-01-05T10:00:00Z"), ("eventType", "view")]),
      attributes("p3", [("tier", "new")]), attributes("p8", [("tier", "t1")]),
    ]
    model.add(second)
    try store.add(second, job: 2)

    #expect(try difference(try store.snapshot(), model) == nil)
    let after = try sections()
    #expect([0, 2, 3].allSatisfy { after[$0] == before[$0] })
    #expect(after[1] != before[1])
  }

  @Test func `a file made step by step says the same as one made at once`() throws {
    for seed in UInt64(0)..<4 {
      var generator = RowGenerator(seed: 900 + seed)
      var model = ShardModel()
      let steps = MemoryDisk(seed: seed)
      var store = try ShardStore(disk: steps, directory: "/shard", options: options)
      for job in UInt64(1)...5 {
        let rows = generator.rows(25, keyCount: 14)
        model.add(rows)
        try store.add(rows, job: job)
        #expect(try difference(try store.snapshot(), model) == nil, "seed \(seed), import \(job)")
        store = try ShardStore(disk: steps, directory: "/shard", options: options)
      }
      for path in steps.paths where path.contains("blocks-") { try steps.remove(path) }
      store = try ShardStore(disk: steps, directory: "/shard", options: options)
      #expect(try difference(try store.snapshot(), model) == nil, "seed \(seed), at once")
    }
  }

  @Test func `a block that is damaged is not what the next file is made from`() throws {
    let store = try store()
    var model = ShardModel()
    let first = (0..<6).map { attributes("p\($0)", [("n", .integer(Int64($0)))]) }
    model.add(first)
    try store.add(first, job: 1)
    _ = try store.snapshot()
    let path = try #require(disk.paths.first { $0.contains("blocks-") })
    disk.flip(path, at: 80, mask: 4)

    let second = [attributes("p0", [("n", .integer(9))])]
    model.add(second)
    try store.add(second, job: 2)

    #expect(try difference(try store.snapshot(), model) == nil)
  }

  @Test func `blocks share a dictionary of each place, which only grows`() throws {
    let store = try store()
    try store.add(
      (0..<4).map { attributes("p\($0)", [("tier", .string(Text("t\($0 % 2)")))]) },
      job: 1
    )
    _ = try store.snapshot()
    try store.add([attributes("p3", [("tier", "gold")])], job: 2)

    let snapshot = try store.snapshot()

    for block in 0..<2 {
      let tier = try #require(try snapshot.columns(block).attributes.field("tier"))
      guard case .strings(let strings)? = tier.lanes.first?.values else {
        Issue.record("no strings")
        return
      }
      #expect(strings.dictionary == .shard(0))
    }
    let dictionary = try snapshot.dictionary(0)
    #expect(dictionary.texts() == ["t0", "t1", "gold"])
    #expect(
      ["gold", "t0", "", "t", "t01", "Gold"].map(dictionary.number) == [2, 0, nil, nil, nil, nil]
    )
  }

  @Test func `texts that are met once have no dictionary`() throws {
    let store = try ShardStore(disk: disk, directory: "/shard")
    let rows = (0..<6_000).map { number in
      attributes("p\(number)", [("id", .string(Text("id-\(number)"))), ("tier", "gold")])
    }
    try store.add(rows, job: 1, batchRowCount: 3_000)

    let columns = try store.snapshot().columns(1)

    func dictionary(_ name: Text) -> Column.StringDictionary? {
      guard case .strings(let strings)? = columns.attributes.field(name)?.lanes.first?.values else {
        return nil
      }
      return strings.dictionary
    }
    #expect(dictionary("id") == .plain)
    guard case .shard? = dictionary("tier") else {
      Issue.record("tiers have no dictionary")
      return
    }
  }

  @Test func `dates, instants and decimals are kept as numbers`() throws {
    let store = try ShardStore(disk: disk, directory: "/shard")
    let rows = [
      attributes(
        "a",
        [("born", "1990-02-28"), ("spent", .double(12.5)), ("odd", .double(0.1 + 0.2))]
      ),
      attributes("b", [("born", "2000-12-31"), ("spent", .double(-3.25))]),
      event("a", [("timestamp", "2026-01-05T10:00:00.250Z"), ("seen", "2026-01-05T10:00:00Z")]),
      event("b", [("timestamp", "2026-01-04T10:00:00.000Z"), ("seen", "yesterday")]),
    ]
    var model = ShardModel()
    model.add(rows)
    try store.add(rows, job: 1)

    let snapshot = try store.snapshot()
    let columns = try snapshot.columns(0)

    #expect(try difference(snapshot, model) == nil)
    guard case .instantTexts(.date, _, _)? = columns.attributes.field("born")?.lanes.first?.values,
      case .decimals(scale: 2, _, _)? = columns.attributes.field("spent")?.lanes.first?.values,
      case .doubles? = columns.attributes.field("odd")?.lanes.first?.values,
      let table = columns.eventTables.first,
      case .instantTexts(.millisecond, _, let times)? =
        table.columns.field("timestamp")?.lanes.first?.values,
      case .integers(_, let instants) = table.instants.values,
      case .strings? = table.columns.field("seen")?.lanes.first?.values
    else {
      Issue.record("\(columns)")
      return
    }
    #expect(times.offset == instants.offset)
  }
}
