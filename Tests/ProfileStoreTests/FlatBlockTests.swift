import Bytes
import Domain
import Simulation
import Testing

@testable import ProfileStore

/// What lies flat says the same as the values it was made from.
struct FlatBlockTests {
  @Test("codes for all rows stand for the texts of those that have one", arguments: 0..<12)
  func spreadCodes(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    // From nearly all of the rows down to few have a text, of few different ones or of many.
    let (rarity, variety) = (1 + seed, seed % 2 == 0 ? 700 as UInt64 : 5)
    let texts: [Text?] = (0..<900).map { row in
      if row % 9 == 0 || random.next() % rarity != 0 { return nil }
      return Text("text \(random.next() % variety)")
    }
    let snapshot = try snapshot(
      texts.enumerated().map { row, text in
        let other: [(Text, Piece)] = [("row", .leaf(.integer(Int64(row))))]
        let own: [(Text, Piece)] = text.map { [("city", .leaf(.string($0)))] } ?? []
        return ModelRow(
          kind: .attributes,
          key: ProfileKey(Text("p\(row)")),
          pieces: other + own
        )
      }
    )
    let block = try snapshot.flatBlock(0)
    let found = lane(["city"], ofTable: 0, of: block, snapshot)
    let lane = try #require(unsafe found)
    let isOften = texts.count { $0 != nil } * 8 >= texts.count
    #expect(unsafe lane.isSpread == isOften, "seed \(seed)")
    #expect(unsafe (lane.presence == nil) == isOften, "seed \(seed)")
    guard unsafe lane.isSpread else { return }
    for (row, text) in texts.enumerated() {
      let code = unsafe Int(lane.number(row))
      #expect((code == 0) == (text == nil), "seed \(seed), row \(row)")
      if code == 0 { continue }
      let own =
        unsafe lane.kind == .sharedTexts
        ? try snapshot.dictionary(unsafe lane.dictionary).entry(code - 1) : lane.text(code - 1)
      #expect(own == text, "seed \(seed), row \(row)")
    }
  }

  @Test func `wide times keep their high parts`() throws {
    let snapshot = try snapshot(
      (0..<300).map { row in
        let time = Instant(milliseconds: 1_700_000_000_000 + 123_456_789 * Int64(row))
        return ModelRow(
          kind: .event,
          key: ProfileKey(Text("p\(row % 7)")),
          pieces: [
            ("timestamp", .leaf(.string(InstantStyle.millisecond.text(of: time.milliseconds))))
          ]
        )
      }
    )
    let block = try snapshot.flatBlock(0)
    let found = lane(["timestamp"], ofTable: 1, of: block, snapshot)
    let lane = try #require(unsafe found)
    let parts = try #require(unsafe lane.highParts)
    #expect(unsafe lane.width == 8)
    #expect(unsafe lane.count == 300)
    for row in 0..<300 {
      let (part, number) = unsafe (UInt64(parts.numbers[row]), lane.number(row))
      #expect(unsafe part == number >> parts.shift)
    }
    #expect(unsafe lane.largest >> parts.shift > UInt64(UInt16.max) / 2)
  }

  @Test(
    "it is known where a profile's events begin, unless they are few",
    arguments: [(240, 60), (61, 60), (15, 60), (14, 60)]
  )
  func starts(eventCount: Int, profileCount: Int) throws {
    var random = SeededRandom(seed: UInt64(eventCount))
    let people = (0..<profileCount).map { number in
      ModelRow(kind: .attributes, key: ProfileKey(Text("p\(number)")), pieces: [])
    }
    let events = (0..<eventCount).map { row in
      let time = Instant(milliseconds: 1_700_000_000_000 + 999_999 * Int64(row))
      // The first and the last ones have none.
      let number = 2 + Int(random.next() % UInt64(profileCount - 5))
      return ModelRow(
        kind: .event,
        key: ProfileKey(Text("p\(number)")),
        pieces: [
          ("timestamp", .leaf(.string(InstantStyle.millisecond.text(of: time.milliseconds))))
        ]
      )
    }
    let block = try snapshot(people + events).flatBlock(0)
    let table = unsafe block.tables[1]
    let instants = try #require(unsafe table.instants)
    if let milliseconds = unsafe instants.milliseconds {
      let times = (0..<eventCount).map { unsafe instants.base + milliseconds[$0] }
      let first: Int64 = 1_700_000_000_000
      #expect(times.sorted() == (0..<eventCount).map { first + 999_999 * Int64($0) })
    } else {
      #expect(unsafe instants.width < 8)
    }
  }

  private func snapshot(_ rows: [ModelRow]) throws -> ShardSnapshot {
    let store = try ShardStore(disk: MemoryDisk(), directory: "/shard")
    try store.add(rows, job: 1)
    return try store.snapshot()
  }

  private func lane(
    _ names: [Text],
    ofTable table: Int,
    of block: FlatBlock,
    _ snapshot: ShardSnapshot
  ) -> FlatLane? {
    let table = unsafe block.tables[table]
    guard let field = snapshot.shapes[unsafe table.shape].field(FieldNames(names)) else {
      return nil
    }
    return unsafe table.lanes[field.firstLane]
  }
}
