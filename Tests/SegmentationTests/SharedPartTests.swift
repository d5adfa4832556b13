import Bytes
import Domain
import ProfileStore
import Segmentation
import Testing

/// What parts of a program are told of an evaluation: what they are about, who uses them, what they took.
@Suite struct SharedPartTests {
  private static let now = Instant(milliseconds: 1_773_576_000_000)

  private static func program(_ expressions: [String]) throws -> SegmentProgram {
    try SegmentProgram(
      try expressions.enumerated().map { index, expression in
        ProgramDefinition(
          id: try #require(Name("d\(index)")),
          version: 1,
          expression: Text(expression),
          timeZone: nil
        )
      },
      zones: .utcOnly
    )
  }

  /// Three customers of whom everything is known: two views and a purchase, a view, nothing.
  private static func shop() throws -> ShardSnapshot {
    let rows: [(key: String, kind: RowKind, json: Text)] = [
      ("a", .attributes, #"{"age":30,"city":"Oslo"}"#),
      ("b", .attributes, #"{"age":40,"city":"Rome"}"#),
      ("c", .attributes, #"{"age":50,"city":"Oslo"}"#),
      (
        "a", .event, #"{"_id":"1","eventType":"view","sku":"x","timestamp":"2026-03-01T00:00:00Z"}"#
      ),
      (
        "a", .event, #"{"_id":"2","eventType":"view","sku":"y","timestamp":"2026-03-02T00:00:00Z"}"#
      ),
      ("a", .event, #"{"_id":"3","eventType":"buy","price":5,"timestamp":"2026-03-03T00:00:00Z"}"#),
      (
        "b", .event, #"{"_id":"4","eventType":"view","sku":"x","timestamp":"2026-03-04T00:00:00Z"}"#
      ),
    ]
    var writer = RowBatchWriter()
    for row in rows {
      guard case .object(let object)? = try Value.parse(json: row.json) else { continue }
      writer.append(kind: row.kind, key: ProfileKey(Text(row.key)), object: object)
    }
    return try ProgramData(writer.take(), blockProfileCount: 64).snapshot
  }

  @Test func `each part is named, with its rows and the definitions that use it`() throws {
    let program = try Self.program([
      "age > 35", "age > 45 and city = \"Oslo\"",
      "exists E from xEvent where E.eventType = \"view\" and E.sku = \"x\"",
      "(sum E.price over E from xEvent where E.eventType = \"buy\") > 4",
      "chain(xEvent, timestamp, [a: what(eventType = \"view\"), "
        + "b: what(eventType = \"buy\") when(<= 7 days after a)])",
      "inSegment(\"d0\") and not inSegment(\"d2\")",
    ])

    let costs = try program.members(try Self.shop(), asOf: Self.now).costs

    let lines = costs.shared.map { part in
      "\(part.kind): \(part.description) \(Array(part.definitions)) \(part.cost.rowCount)"
    }
    #expect(
      lines == [
        "readying: making the program and its shards ready [0, 1, 2, 3, 4, 5] 0",
        "members: packing members [0, 1, 2, 3, 4, 5] 3",
        "pairs: pairs: view, then buy within 7 days [4] 1",
        "cuts: cuts of age [0, 1] 3",
        "values: values of city [1] 3",
        "values: values of sku in events [2] 3",
        "cuts: cuts of timestamp in events [4] 4",
        "attributes: profiles: age, city [0, 1] 3",
        "sums: sums of price [3] 1",
        "events: events 'view': sku [2] 3",
        "halves: halves of pairs among events 'view': timestamp [4] 3",
        "halves: halves of pairs among events 'buy': timestamp [4] 1",
        "program: putting conditions together [0, 1, 2, 3, 4, 5] 3",
      ]
    )
    #expect(costs.definitions.allSatisfy { $0 == WorkCost() })
  }

  @Test func `what one definition asks is its own, what several ask is shared`() throws {
    let asked = "xEvent.groupBy(eventType).values().map(this.count()).max()"
    let program = try Self.program([
      "\(asked) > 1", "age > 1 or \(asked) > 1", "\(asked) > 2", "inSegment(\"d2\")",
    ])

    let costs = try program.members(try Self.shop(), asOf: Self.now).costs

    let shared = try #require(costs.shared.first { $0.kind == .asked })
    #expect(costs.shared.count { $0.kind == .asked } == 1)
    #expect(shared.description == Text("asked: \(asked) > 1"))
    #expect(Array(shared.definitions) == [0, 1])
    #expect(shared.cost.rowCount == 3)
    #expect(costs.definitions.map(\.rowCount) == [0, 0, 3, 0])
    #expect(costs.definitions[2].stepCount > 0)
  }

  @Test(arguments: [1, 2, 5])
  func `rows do not depend on threads, and time is told once`(threadCount: Int) throws {
    let data = try ProgramData(seed: 3, profileCount: 300, blockProfileCount: 8)
    let program = try Self.program([
      "age > 18", "xEvent[amount >= 1].count() >= 2", "age > last",
      "chain(xEvent, timestamp, [a: what(eventType = \"view\"), b: what(eventType = \"buy\")])",
    ])
    let wanted = try program.members(data.snapshot, asOf: Self.now).costs
    let clock = ContinuousClock()
    let start = clock.now

    let found = try program.members(data.snapshot, asOf: Self.now, threadCount: threadCount).costs

    let elapsed = start.duration(to: clock.now)
    #expect(found.shared.map(\.description) == wanted.shared.map(\.description))
    #expect(found.shared.map(\.cost.rowCount) == wanted.shared.map(\.cost.rowCount))
    #expect(found.definitions.map(\.rowCount) == wanted.definitions.map(\.rowCount))
    let told =
      found.definitions.reduce(0) { $0 + $1.nanoseconds }
      + found.shared.reduce(0) { $0 + $1.cost.nanoseconds }
    #expect(told > 0)
    #expect(.nanoseconds(Int64(told)) <= elapsed * threadCount)
  }

  @Test(arguments: 0..<50 as Range<UInt64>)
  func `parts in proportion are together the whole`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let whole = random.next() >> (random.next() % 64)
    let weights = (0..<Int(random.next() % 9)).map { _ in random.next() >> (8 + random.next() % 56)
    }

    let parts = whole.apportioned(by: weights)

    #expect(parts.count == weights.count)
    if weights.isEmpty { return }
    #expect(parts.reduce(0, +) == whole, "seed \(seed)")
    let total = weights.reduce(0, +)
    for (part, weight) in zip(parts, weights) where total > 0 {
      let exact = Double(whole) * Double(weight) / Double(total)
      #expect(abs(Double(part) - exact) <= 1 + exact * 1e-12, "seed \(seed)")
    }
  }
}
