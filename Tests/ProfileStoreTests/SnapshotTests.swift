import Bytes
import Domain
import ProfileStore
import Simulation
import Testing

struct SnapshotTests {
  @Test(
    arguments: [
      (1, 1), (1, 64 << 20), (3, 20_000), (64, 1), (64, 20_000), (1_024, 1), (1_024, 64 << 20),
      (4_096, 64 << 20),
    ]
  )
  func `what was imported comes back exactly`(blockSize: Int, budget: Int) throws {
    for seed in UInt64(0)..<2 {
      let disk = MemoryDisk(seed: seed)
      let options = StoreOptions(blockProfileCount: blockSize, rowByteCountMax: budget)
      var generator = RowGenerator(seed: 100 * seed + UInt64(blockSize))
      var model = ShardModel()
      var store = try ShardStore(disk: disk, directory: "/shard", options: options)
      for job in UInt64(1)...3 {
        let rows = generator.rows(30 + generator.random.below(80), keyCount: 70)
        model.add(rows)
        try store.add(rows, job: job)
        if generator.random.oneIn(2) {
          store = try ShardStore(disk: disk, directory: "/shard", options: options)
        }
        let found = try difference(try store.snapshot(), model)
        #expect(found == nil, "seed \(seed), import \(job)")
      }
      #expect(disk.paths.filter { $0.contains("blocks-") }.count == 1)
      #expect(!disk.paths.contains("/shard/spill"))
    }
  }

  @Test func `profiles of every block size and shape of event lists come back`() throws {
    var rows: [ModelRow] = []
    for number in 0..<2_100 {
      let key = ProfileKey(Text("p\(number)"))
      rows.append(ModelRow(kind: .attributes, key: key, pieces: [("n", .leaf(.integer(7)))]))
      for event in 0..<number % 4 {
        rows.append(
          ModelRow(kind: .event, key: key, pieces: [("timestamp", .leaf(.integer(Int64(-event))))])
        )
      }
    }
    var model = ShardModel()
    model.add(rows)
    let options = StoreOptions(blockProfileCount: 1_024)
    let store = try ShardStore(disk: MemoryDisk(), directory: "/shard", options: options)
    try store.add(rows, job: 1, batchRowCount: 1_000)
    let snapshot = try store.snapshot()
    #expect(snapshot.blockCount == 3)
    #expect(try difference(snapshot, model) == nil)
  }

  @Test func `a profile that is told of very often is made of what counts`() throws {
    let key = ProfileKey("often")
    let rows = (0..<3_000).map { number in
      ModelRow(
        kind: .attributes,
        key: key,
        pieces: [
          (Text("f\(number % 7)"), .leaf(.integer(Int64(number)))),
          ("last", .object([("n", .leaf(.integer(Int64(number))))])),
        ]
      )
    }
    var model = ShardModel()
    model.add(rows)
    let store = try ShardStore(disk: MemoryDisk(), directory: "/shard")
    try store.add(rows, job: 1, batchRowCount: 500)
    #expect(try difference(try store.snapshot(), model) == nil)
  }

  @Test func `objects of many names become maps and come back`() throws {
    var rows: [ModelRow] = []
    for number in 0..<100 {
      let entries = (0..<3).map { (Text("id-\(number)-\($0)"), Piece.leaf(.integer(Int64($0)))) }
      rows.append(
        ModelRow(
          kind: .attributes,
          key: ProfileKey(Text("p\(number)")),
          pieces: [("identityMap", .object(number == 50 ? [] : entries.reversed()))]
        )
      )
    }
    var model = ShardModel()
    model.add(rows)
    let store = try ShardStore(disk: MemoryDisk(), directory: "/shard")
    try store.add(rows, job: 1)
    let block = try store.snapshot().block(0)
    #expect(try difference(try store.snapshot(), model) == nil)
    guard case .maps? = block.columns.attributes.field("identityMap")?.lanes.first?.values else {
      Issue.record("no map: \(block.columns.attributes)")
      return
    }
  }

  @Test func `columns are reached by path and keep the kinds of a variant apart`() throws {
    let values: [Piece] = [.leaf(.integer(1)), .leaf(.string("1")), .leaf(.double(1)), .array([])]
    var rows = values.enumerated().map { (number, value) -> ModelRow in
      let person: [(Text, Piece)] = [("age", value)]
      return ModelRow(
        kind: .attributes,
        key: ProfileKey(Text("p\(number)")),
        pieces: [("person", .object(person))]
      )
    }
    rows.insert(ModelRow(kind: .attributes, key: "none", pieces: []), at: 2)
    let store = try ShardStore(disk: MemoryDisk(), directory: "/shard")
    try store.add(rows, job: 1)
    let block = try store.snapshot().block(0)
    let person = try #require(block.columns.attributes.field("person"))
    let age = try #require(person.field("age"))
    #expect(person.rowCount == 5)
    #expect(age.rowCount == 4)
    #expect(age.lanes.map(\.count) == [1, 1, 1, 1])
    #expect((0..<4).map { block.value(age, $0) } == values.map(\.value))
    #expect(block.attributes(2) == ObjectValue())
    #expect(block.columns.attributes.field("nobody") == nil)
  }

  @Test func `an older snapshot stays readable while the shard goes on`() throws {
    let store = try ShardStore(disk: MemoryDisk(), directory: "/shard")
    var generator = RowGenerator(seed: 5)
    let first = generator.rows(40, keyCount: 20)
    try store.add(first, job: 1)
    let old = try store.snapshot()
    try store.add(generator.rows(40, keyCount: 20), job: 2)
    #expect(try store.snapshot().contents == store.contents)
    var model = ShardModel()
    model.add(first)
    #expect(try difference(old, model) == nil)
  }

  @Test func `an empty shard, and an import without rows for it, have no blocks`() throws {
    let store = try ShardStore(disk: MemoryDisk(), directory: "/shard")
    #expect(try store.snapshot().blockCount == 0)
    let contents = try store.add([], job: 1)
    #expect(contents == StoreContents(lsn: 1, profileCount: 0, eventCount: 0))
    #expect(try store.snapshot().contents == contents)
    #expect(try store.snapshot().ordinal(of: "a") == nil)
    #expect(try store.snapshot().ordinalsInKeyOrder().isEmpty)
  }
}

extension ProfileKey: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self.init(Text(value)) }
}
