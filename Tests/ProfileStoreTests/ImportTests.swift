import Bytes
import Domain
import ProfileStore
import Simulation
import Testing

struct ImportTests {
  private let disk = MemoryDisk()

  private func open() throws -> ShardStore {
    try ShardStore(disk: disk, directory: "/shard")
  }

  private func batch(_ keys: String...) -> [UInt8] {
    ModelRow.batch(
      keys.map { ModelRow(kind: .attributes, key: ProfileKey(Text($0)), pieces: []) }
    )
  }

  private func attempt(_ job: UInt64, _ number: UInt32) -> StoredImport {
    StoredImport(job: JobID(job), attempt: number)
  }

  @Test
  func `an import is invisible until it is committed, and survives being closed at each step`()
    throws
  {
    try open().append(attempt(1, 1), sequence: 0, rows: batch("a", "b"))
    try open().append(attempt(1, 1), sequence: 1, rows: batch("b", "c"))
    #expect(try open().prepared == [])

    let contents = try open().prepare(attempt(1, 1), batchCount: 2)
    #expect(contents == StoreContents(lsn: 3, profileCount: 3, eventCount: 0))
    #expect(try open().prepared == [attempt(1, 1)])
    #expect(try open().contents == StoreContents())
    #expect(try open().snapshot().blockCount == 0)

    #expect(try open().commit(attempt(1, 1)) == contents)
    #expect(try open().prepared == [])
    #expect(try open().contents == contents)
    #expect(try open().snapshot().ordinal(of: "c") == 2)
  }

  @Test func `commands given again change nothing`() throws {
    let store = try open()
    try store.append(attempt(1, 1), sequence: 0, rows: batch("a"))
    try store.append(attempt(1, 1), sequence: 0, rows: batch("a"))
    let contents = try store.prepare(attempt(1, 1), batchCount: 1)
    try store.append(attempt(1, 1), sequence: 0, rows: batch("a"))
    #expect(try store.prepare(attempt(1, 1), batchCount: 1) == contents)
    _ = try store.commit(attempt(1, 1))
    let byteCount = try disk.byteCount(of: "/shard/log")

    #expect(try store.commit(attempt(1, 1)) == contents)
    try store.append(attempt(1, 1), sequence: 0, rows: batch("a"))
    #expect(try store.prepare(attempt(1, 1), batchCount: 1) == contents)
    try store.abort(JobID(1))
    try store.abort(JobID(2))

    #expect(try disk.byteCount(of: "/shard/log") == byteCount)
    #expect(try open().contents == contents)
  }

  @Test func `batches count in the order of their numbers, whenever they came`() throws {
    let store = try open()
    try store.append(attempt(1, 1), sequence: 1, rows: batch("second"))
    try store.append(attempt(1, 1), sequence: 0, rows: batch("first"))
    _ = try store.prepare(attempt(1, 1), batchCount: 2)
    _ = try store.commit(attempt(1, 1))
    #expect(try store.snapshot().ordinal(of: "first") == 0)
    #expect(try open().snapshot().ordinal(of: "second") == 1)
  }

  @Test func `a later attempt makes an earlier one void, prepared or not`() throws {
    for isPrepared in [false, true] {
      let job: UInt64 = isPrepared ? 2 : 1
      let store = try open()
      let before = store.contents.profileCount
      try store.append(attempt(job, 1), sequence: 0, rows: batch("void-\(job)"))
      if isPrepared { _ = try store.prepare(attempt(job, 1), batchCount: 1) }
      try store.append(attempt(job, 2), sequence: 0, rows: batch("good-\(job)"))
      let late = attempt(job, 1)
      #expect(throws: StoreError.superseded(late)) {
        try store.append(late, sequence: 1, rows: batch("late"))
      }
      #expect(throws: StoreError.superseded(late)) { try store.prepare(late, batchCount: 1) }
      #expect(throws: StoreError.notPrepared(late)) { try store.commit(late) }
      _ = try store.prepare(attempt(job, 2), batchCount: 1)
      #expect(try store.commit(attempt(job, 2)).profileCount == before + 1)
      #expect(try open().snapshot().ordinal(of: ProfileKey(Text("good-\(job)"))) == Int(before))
    }
  }

  @Test func `an aborted import is gone, and only a later attempt of it may come`() throws {
    let store = try open()
    try store.append(attempt(1, 1), sequence: 0, rows: batch("a"))
    _ = try store.prepare(attempt(1, 1), batchCount: 1)
    try store.abort(JobID(1))
    for store in [store, try open()] {
      #expect(store.prepared == [])
      #expect(throws: StoreError.superseded(attempt(1, 1))) {
        try store.append(attempt(1, 1), sequence: 0, rows: batch("a"))
      }
      #expect(throws: StoreError.notPrepared(attempt(1, 1))) { try store.commit(attempt(1, 1)) }
    }
    let reopened = try open()
    try reopened.append(attempt(1, 2), sequence: 0, rows: batch("b"))
    _ = try reopened.prepare(attempt(1, 2), batchCount: 1)
    _ = try reopened.commit(attempt(1, 2))
    #expect(try open().snapshot().ordinal(of: "b") == 0)
    #expect(try open().snapshot().ordinal(of: "a") == nil)
  }

  @Test func `one import at a time waits for its decision`() throws {
    let store = try open()
    try store.append(attempt(1, 1), sequence: 0, rows: batch("a"))
    try store.append(attempt(2, 1), sequence: 0, rows: batch("b"))
    _ = try store.prepare(attempt(1, 1), batchCount: 1)
    #expect(throws: StoreError.importPending(attempt(1, 1))) {
      try store.prepare(attempt(2, 1), batchCount: 1)
    }
    _ = try store.commit(attempt(1, 1))
    #expect(try store.prepare(attempt(2, 1), batchCount: 1).profileCount == 2)
  }

  @Test func `what does not fit is refused with its reason`() throws {
    let store = try open()
    try store.append(attempt(1, 1), sequence: 1, rows: batch("a"))
    #expect(throws: StoreError.missingBatch(attempt(1, 1), sequence: 0)) {
      try store.prepare(attempt(1, 1), batchCount: 2)
    }
    #expect(throws: StoreError.changedBatch(attempt(1, 1), sequence: 1)) {
      try store.append(attempt(1, 1), sequence: 1, rows: batch("other"))
    }
    try store.append(attempt(1, 1), sequence: 0, rows: batch("b"))
    #expect(throws: StoreError.unexpectedBatch(attempt(1, 1), sequence: 1, batchCount: 1)) {
      try store.prepare(attempt(1, 1), batchCount: 1)
    }
    _ = try store.prepare(attempt(1, 1), batchCount: 2)
    #expect(throws: StoreError.unexpectedBatch(attempt(1, 1), sequence: 2, batchCount: 2)) {
      try store.append(attempt(1, 1), sequence: 2, rows: batch("c"))
    }
    #expect(throws: StoreError.notPrepared(attempt(9, 1))) { try store.commit(attempt(9, 1)) }
  }

  @Test func `rows that are not valid are refused whole`() throws {
    let store = try open()
    var generator = RowGenerator(seed: 3)
    let rows = ModelRow.batch(generator.rows(12, keyCount: 5))
    var random = SeededRandom(seed: 4)
    for sequence in UInt32(0)..<2_000 {
      var bytes = rows
      switch random.below(3) {
      case 0: bytes.removeLast(1 + random.below(bytes.count))
      case 1: bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
      default: bytes = (0..<random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      }
      let isValid = (try? RowGenerator.read(bytes)) != nil
      let isTaken = (try? store.append(attempt(1, 1), sequence: sequence, rows: bytes)) != nil
      // What the store refuses besides: numbers that are not finite, and `xEvent` of attributes.
      #expect(isValid || !isTaken, "batch \(sequence)")
    }
    let invalid: [(Text, Value)] = [("x", .double(.nan)), ("x", .double(.infinity))]
    for field in invalid + [("xEvent", .array([]))] {
      let row = ModelRow(kind: .attributes, key: "a", pieces: [(field.0, .leaf(field.1))])
      #expect(throws: StoreError.self) {
        try store.append(attempt(2, 1), sequence: 0, rows: ModelRow.batch([row]))
      }
    }
  }
}

extension RowGenerator {
  /// Reads every value of a batch.
  fileprivate static func read(_ bytes: [UInt8]) throws {
    var reader = try RowBatchReader(bytes)
    while let row = try reader.next() { _ = try reader.value(of: row) }
  }
}
