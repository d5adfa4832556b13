import Bytes
import Domain
import PQL
import ProfileStore
import Segmentation
import Testing

/// Tables of many rows, with what marketers ask of them, held against the reference interpreter: events
/// of a year of which few are recent, customers with hundreds of events, and fields of every kind, that
/// all rows have, that few have, and that are now a number and now a text.
@Suite struct LargeTableTests {
  private static let now = Instant(milliseconds: 1_773_576_000_000)

  @Test(arguments: 1...3)
  func `a program says of many events what the reference interpreter says`(seed: UInt64) throws {
    let snapshot = try ProgramData(
      CustomerEvents(seed: seed, now: Self.now).rows(profileCount: 260),
      blockProfileCount: [260, 100, 1_024][Int(seed) % 3]
    ).snapshot
    var questions = EventQuestions(seed: seed)
    let definitions = try (0..<90).map { number in
      ProgramDefinition(
        id: try #require(Name("d\(number)")),
        version: 1,
        expression: Text(questions.next()),
        timeZone: number % 5 == 0 ? "Europe/Oslo" : nil
      )
    }
    let program = try SegmentProgram(
      definitions,
      zones: DefinitionDocumentTests.zones,
      stepCountMax: 1_000_000
    )
    let wanted = try program.referenceMembers(snapshot, asOf: Self.now)
    let found = try program.members(snapshot, asOf: Self.now)
    for (index, definition) in definitions.enumerated() {
      #expect(wanted.failures[index] == nil && found.failures[index] == nil)
      #expect(
        found.members[index] == wanted.members[index],
        "seed \(seed): \(definition.expression)"
      )
    }
    let asked = wanted.members.count { $0.count > 0 && $0.count < 260 }
    #expect(asked > 40, "of \(definitions.count) definitions \(asked) tell customers apart")
  }
}

/// Events of customers, of whom a few have most.
private struct CustomerEvents {
  private var random: SeededRandom
  private let now: Instant

  init(seed: UInt64, now: Instant) {
    random = SeededRandom(seed: seed)
    self.now = now
  }

  func rows(profileCount: Int) -> [UInt8] {
    var events = self
    var writer = RowBatchWriter()
    for number in 0..<profileCount {
      let key = ProfileKey(Text("p\(number)"))
      let count = number % 16 == 3 ? 120 + events.random.below(180) : events.random.below(14)
      for _ in 0..<count {
        guard case .object(let event) = events.next() else { continue }
        writer.append(kind: .event, key: key, object: event)
      }
    }
    return writer.take()
  }

  private mutating func next() -> Value {
    let type = ["view", "view", "view", "search", "buy"][random.below(5)] as Text
    var fields: [(Text, Value)] = [("eventType", .string(type)), ("timestamp", time())]
    if !random.oneIn(3) {
      fields.append(("sku", .string(Text("s\(random.below(random.below(24) + 1))"))))
    }
    fields.append(("device", .string(random.oneIn(3) ? "mobile" : "desktop" as Text)))
    if type == "search" { fields.append(("query", .string(Text("word \(random.below(300))")))) }
    if type == "buy" || random.oneIn(2) {
      fields.append(("price", .double(Double(random.below(20_000)) / 100)))
    }
    switch random.below(12) {
    case 0: fields.append(("amount", .double(Double(random.below(8)) + 0.5)))
    case 1: fields.append(("amount", .string(random.oneIn(2) ? "many" : "3" as Text)))
    case 2: break
    default: fields.append(("amount", .integer(Int64(random.below(9)))))
    }
    if random.oneIn(2) { fields.append(("gift", .boolean(random.oneIn(3)))) }
    if random.oneIn(20) { fields.append(("coupon", .string(Text("c\(random.below(3))")))) }
    if random.oneIn(20) { fields.append(("points", .integer(Int64(random.below(100))))) }
    if random.oneIn(30) { fields.append(("tags", .array([.string("new"), .integer(2)]))) }
    return .object(fields)
  }

  /// Within a year or a little later than now; some are equal, a few are no times.
  private mutating func time() -> Value {
    if random.oneIn(60) { return .string("soon") }
    let hours = random.below(24 * 370) - 24 * 5
    let instant = Instant(milliseconds: now.milliseconds - Int64(hours) * 3_600_000)
    return .string(Text(instant.isoMilliseconds))
  }
}

/// Questions about such events, most of which are about recent ones.
private struct EventQuestions {
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func next() -> String {
    switch random.below(10) {
    case 0, 1: "exists E from xEvent where \(event("E."))"
    case 2:
      "(exists E from xEvent where \(event("E."))) and not (exists E from xEvent where \(event("E.")))"
    case 3, 4: "xEvent[\(event(""))].count() >= \([2, 3, 5, 12, 40][random.below(5)])"
    case 5:
      "xEvent[eventType in [\"buy\", \"search\"] and \(what(""))\(window(""))].count() >= \(1 + random.below(6))"
    case 6: "(sum E.price over E from xEvent where \(event("E."))) >= \(random.below(900))"
    case 7: "(average E.amount over E from xEvent where \(what("E."))) < \(random.below(8))"
    default: chain()
    }
  }

  private mutating func chain() -> String {
    let first = "first: WHAT(\(type("")) and \(what("")))\(when())"
    let second =
      "then: WHAT(\(type("")) and \(what(""))) WHEN(<= \([1, 3, 20, 90][random.below(4)]) days after first)"
    return "chain(xEvent, timestamp, [\(first), \(second)])"
  }

  private mutating func when() -> String {
    random.oneIn(4) ? "" : " WHEN(<= \(days()) days before now)"
  }

  private mutating func event(_ path: String) -> String {
    "\(type(path)) and \(what(path))\(window(path))"
  }

  private mutating func type(_ path: String) -> String {
    "\(path)eventType = \"\(["view", "view", "search", "buy"][random.below(4)])\""
  }

  private mutating func days() -> Int { [1, 7, 30, 60, 90][random.below(5)] }

  private mutating func window(_ path: String) -> String {
    random.oneIn(5) ? "" : " and \(path)timestamp occurs <= \(days()) days before now"
  }

  private mutating func what(_ path: String) -> String {
    switch random.below(12) {
    case 0, 1: "\(path)sku = \"s\(random.below(24))\""
    case 2: "\(path)sku in [\(list("s", 24, 3 + random.below(10)))]"
    case 3: "\(path)sku != \"s\(random.below(4))\""
    case 4: "\(path)device = \"mobile\""
    case 5: "\(path)price >= \(random.below(200)) and \(path)price <= \(random.below(200))"
    case 6: "\(path)query in [\(list("word ", 300, 40))]"
    case 7: "\(path)amount > \(random.below(8))"
    case 8: "(\(path)gift = true or \(path)coupon = \"c\(random.below(3))\")"
    case 9: "\(path)points < \(random.below(100))"
    case 10: "\(path)coupon.isNull()"
    default: "\(path)price < \(random.below(200))"
    }
  }

  private mutating func list(_ word: String, _ range: Int, _ count: Int) -> String {
    (0..<count).map { _ in "\"\(word)\(random.below(range))\"" }.joined(separator: ", ")
  }
}
