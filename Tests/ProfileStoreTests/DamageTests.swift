import Bytes
import Domain
import ProfileStore
import Simulation
import Testing

struct DamageTests {
  private let options = StoreOptions(blockProfileCount: 2, keySeed: 1)
  private let log = "/shard/log"

  private struct Shard {
    var disk: MemoryDisk
    var model: ShardModel
    var blocks: String
  }

  /// Three profiles with a value of every kind.
  private var fewRows: [ModelRow] {
    let attributes: [(Text, Piece)] = [
      ("age", .leaf(.integer(41))), ("name", .leaf(.string("Ann"))), ("vip", .leaf(.boolean(true))),
      ("score", .leaf(.double(0.5))), ("tags", .array([.leaf(.string("x")), .object([])])),
    ]
    let event: [(Text, Piece)] = [("timestamp", .leaf(.string("2026-01-05")))]
    return [
      ModelRow(kind: .attributes, key: "a", pieces: attributes),
      ModelRow(kind: .event, key: "a", pieces: event),
      ModelRow(kind: .event, key: "b", pieces: []),
      ModelRow(kind: .attributes, key: "b", pieces: [("age", .leaf(.string("?")))]),
      ModelRow(kind: .attributes, key: "c", pieces: []),
    ]
  }

  private var manyRows: [ModelRow] {
    var generator = RowGenerator(seed: 8)
    return generator.rows(16, keyCount: 7)
  }

  /// A shard with an import, and its block file.
  private func shard(_ rows: [ModelRow]) throws -> Shard {
    let disk = MemoryDisk()
    var model = ShardModel()
    model.add(rows)
    let store = try open(disk)
    try store.add(rows, job: 1)
    _ = try store.snapshot()
    let blocks = try #require(disk.paths.first { $0.contains("blocks-") })
    return Shard(disk: disk, model: model, blocks: blocks)
  }

  private func open(_ disk: MemoryDisk) throws -> ShardStore {
    try ShardStore(disk: disk, directory: "/shard", options: options)
  }

  @Test func `a block file with any byte flipped is found damaged, and built anew`() throws {
    let shard = try shard(fewRows)
    let bytes = try shard.disk.read(shard.blocks)
    for offset in bytes.indices {
      let store = try open(shard.disk)
      shard.disk.flip(shard.blocks, at: offset, mask: 1 << UInt8(offset % 8))
      do {
        #expect(try difference(try store.snapshot(), shard.model) == nil, "offset \(offset)")
      } catch let error as StoreError {
        #expect(error.isRetryable && error.description.contains(shard.blocks), "offset \(offset)")
      }
      let snapshot = try store.snapshot()
      #expect(try shard.disk.read(shard.blocks) == bytes, "offset \(offset)")
      if offset % 23 == 0 {
        #expect(try difference(snapshot, shard.model) == nil, "offset \(offset)")
      }
    }
  }

  @Test func `a block file of any length is built anew before it is used`() throws {
    let shard = try shard(fewRows)
    let bytes = try shard.disk.read(shard.blocks)
    for length in bytes.indices {
      try shard.disk.replace(shard.blocks, with: Array(bytes[..<length]))
      _ = try open(shard.disk).snapshot()
      #expect(try shard.disk.read(shard.blocks) == bytes, "length \(length)")
    }
  }

  @Test
  func
    `bytes made to deceive give an error that names the block, or values; then it is built anew`()
    throws
  {
    let shard = try shard(manyRows)
    let bytes = try shard.disk.read(shard.blocks)
    var random = SeededRandom(seed: 17)
    var damagedCount = 0
    for round in 0..<1_200 {
      var deceiving = bytes
      for _ in 0...random.below(3) {
        let offset = 64 + random.below(bytes.count - 64)
        deceiving[offset] =
          random.oneIn(2)
          ? [0, 1, 2, 8, 0x7F, 0xFF][random.below(6)] : UInt8(truncatingIfNeeded: random.next())
      }
      try shard.disk.replace(shard.blocks, with: withRightChecksums(deceiving))
      let store = try open(shard.disk)
      let snapshot = try store.snapshot()
      do {
        for index in 0..<snapshot.blockCount {
          let block = try snapshot.block(index)
          for row in 0..<block.count { _ = block.profile(row) }
        }
        _ = try snapshot.ordinalsInKeyOrder().map { $0 }
      } catch {
        damagedCount += 1
        #expect(error.description.contains(shard.blocks), "round \(round)")
        #expect(error.isRetryable && !error.isFatal)
        if damagedCount % 50 == 0 {
          #expect(try difference(try store.snapshot(), shard.model) == nil, "round \(round)")
        }
      }
    }
    #expect(damagedCount > 200)
  }

  /// The block file with the checksums of its sections and footer made right.
  private func withRightChecksums(_ file: [UInt8]) -> [UInt8] {
    var bytes = file
    let tail = bytes.count - 24
    func number(_ offset: Int, _ byteCount: Int) -> Int {
      (0..<byteCount).reduce(0) { $0 | Int(bytes[offset + $1] & 0xFF) << (8 * $1) & 0xFF_FFFF_FFFF }
    }
    func put(_ checksum: UInt32, at offset: Int) {
      for index in 0..<4 { bytes[offset + index] = UInt8(checksum >> UInt32(8 * index) & 0xFF) }
    }
    let footer = number(tail, 8)
    for entry in 0..<number(tail + 8, 4) {
      let place = footer + 24 * entry
      guard place + 24 <= tail, place >= 0 else { break }
      let start = number(place, 8)
      let end = start + number(place + 8, 8)
      guard end <= bytes.count else { continue }
      put(crc32c(bytes[start..<end]), at: place + 20)
    }
    if footer <= tail { put(crc32c(bytes[footer..<bytes.count - 4]), at: bytes.count - 4) }
    return bytes
  }

  @Test func `random bytes in place of blocks are built anew`() throws {
    let shard = try shard(fewRows)
    let bytes = try shard.disk.read(shard.blocks)
    var random = SeededRandom(seed: 23)
    for _ in 0..<200 {
      let noise = (0..<random.below(400)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let start = random.oneIn(2) ? Array(bytes.prefix(random.below(200))) : []
      try shard.disk.replace(shard.blocks, with: start + noise)
      _ = try open(shard.disk).snapshot()
      #expect(try shard.disk.read(shard.blocks) == bytes)
    }
  }

  @Test func `a log with any byte flipped is refused, or has lost no more than its last record`()
    throws
  {
    let shard = try shard(fewRows)
    let bytes = try shard.disk.read(log)
    let committedStart = bytes.count - 29 - 12
    for offset in bytes.indices {
      try shard.disk.replace(log, with: bytes)
      shard.disk.flip(log, at: offset, mask: 1 << UInt8(offset % 8))
      do {
        let store = try open(shard.disk)
        #expect(offset >= committedStart, "offset \(offset)")
        #expect(store.contents == StoreContents())
        #expect(store.prepared == [StoredImport(job: JobID(1), attempt: 1)])
      } catch let error as StoreError {
        #expect(error.description.contains(log))
        #expect(["CHECKSUM_MISMATCH", "UNKNOWN_VERSION"].contains(error.code), "offset \(offset)")
      }
    }
  }

  @Test func `a log of any length opens with what it holds whole`() throws {
    let shard = try shard(fewRows)
    let bytes = try shard.disk.read(log)
    let first = StoredImport(job: JobID(1), attempt: 1)
    for length in 24..<bytes.count {
      let disk = MemoryDisk()
      try disk.createDirectory("/shard")
      try disk.replace(log, with: Array(bytes[..<length]))
      let store = try open(disk)
      #expect(store.contents == StoreContents())
      if store.prepared == [first] {
        _ = try store.commit(first)
        if length % 5 == 0 { #expect(try difference(try store.snapshot(), shard.model) == nil) }
      }
    }
  }

  @Test func `rows damaged while the shard is open are found when they are read again`() throws {
    let shard = try shard(fewRows)
    let store = try open(shard.disk)
    shard.disk.flip(log, at: 24 + 29 + 16 + 5, mask: 4)
    try shard.disk.remove(shard.blocks)
    #expect(throws: StoreError.self) { try store.snapshot() }
    do {
      _ = try store.snapshot()
    } catch {
      #expect(error.code == "CHECKSUM_MISMATCH")
      #expect(error.description.contains(log))
    }
  }

  @Test func `whatever lies in a log as a record is taken or refused`() throws {
    var random = SeededRandom(seed: 31)
    for _ in 0..<300 {
      let disk = MemoryDisk()
      try disk.createDirectory("/shard")
      try LogFixture.write(disk, log, random: &random)
      if let store = try? open(disk) {
        _ = try? store.snapshot()
        _ = store.prepared
      }
    }
  }
}
