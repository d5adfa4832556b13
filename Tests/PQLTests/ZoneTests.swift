import Bytes
import PQL
import Testing

@Suite struct ZoneTests {
  /// Central European time: one hour ahead, two from the last Sunday of March to that of October.
  private static let central = "CET-1CEST,M3.5.0,M10.5.0/3"

  private static func zone(_ rule: String, transitions: [Zone.Transition] = []) throws -> Zone {
    try Zone(
      name: "Test",
      tzif: ZoneFile(transitions: transitions, initialOffset: 3_600, rule: rule).bytes
    )
  }

  private static func milliseconds(_ text: String) throws -> Int64 {
    try #require(TimeText(Text(text))).instant.milliseconds
  }

  @Test(arguments: [
    ("2026-03-29T00:59:59.999Z", 1), ("2026-03-29T01:00:00Z", 2), ("2026-10-25T00:59:59Z", 2),
    ("2026-10-25T01:00:00Z", 1), ("2100-03-28T01:00:00Z", 2), ("0001-01-01", 1), ("9999-07-01", 2),
  ])
  func `the rule gives the offset`(instant: String, hours: Int64) throws {
    let zone = try Self.zone(Self.central)
    let instant = Instant(milliseconds: try Self.milliseconds(instant))

    #expect(zone.offsetMilliseconds(at: instant) == hours * 3_600_000)
  }

  @Test(arguments: ["CET-1CEST,M3.5.0,M10.5.0/3", "AEST-10AEDT,M10.1.0,M4.1.0/3"])
  func `changes of the clock follow each other through all years`(rule: String) throws {
    let zone = try Self.zone(rule)
    var instant = Instant(milliseconds: try Self.milliseconds("1980-01-01"))
    var changes: [Instant] = []
    while changes.count < 200, let next = zone.transition(after: instant) {
      let before = next.advanced(byMilliseconds: -1)
      #expect(zone.offsetMilliseconds(at: before) != zone.offsetMilliseconds(at: next))
      #expect(zone.transition(through: next) == next)
      #expect(changes.last.map { zone.transition(through: before) == $0 } ?? true)
      changes.append(next)
      instant = next
    }

    #expect(changes.count == 200)
    #expect(changes.last?.iso.hasPrefix("2079-") == true)
  }

  @Test(arguments: [
    ("2026-03-29T01:59:59", "2026-03-29T00:59:59Z"),
    ("2026-03-29T02:00:00", "2026-03-29T01:00:00Z"),
    ("2026-03-29T02:30:00", "2026-03-29T01:00:00Z"),
    ("2026-03-29T03:00:00", "2026-03-29T01:00:00Z"),
    ("2026-10-25T02:30:00", "2026-10-25T00:30:00Z"),
    ("2026-10-25T03:00:00", "2026-10-25T02:00:00Z"),
    ("2026-01-01T00:00:00", "2025-12-31T23:00:00Z"),
  ])
  func `wall clock times that are skipped or doubled mean the first instant`(
    wall: String,
    instant: String
  ) throws {
    let zone = try Self.zone(Self.central)

    let found = zone.instant(wallMilliseconds: try Self.milliseconds(wall))

    #expect(found.milliseconds == (try Self.milliseconds(instant)))
  }

  @Test(arguments: [
    ("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "2026-03-29T00:59:59Z", -3),
    ("<-03>3<-02>,M3.5.0/-2,M10.5.0/-1", "2026-03-29T01:00:00Z", -2),
    ("AEST-10AEDT,M10.1.0,M4.1.0/3", "2026-01-01", 11), ("IST-5", "2026-01-01", 5),
    ("AAA3BBB,J60/0,J300/0", "2024-03-01T03:00:00Z", -2),
    ("AAA3BBB,60/0,300/0", "2024-03-01T02:59:59Z", -3),
  ])
  func `all forms of the rule are read`(rule: String, instant: String, hours: Int64) throws {
    let zone = try Self.zone(rule)
    let instant = Instant(milliseconds: try Self.milliseconds(instant))

    #expect(zone.offsetMilliseconds(at: instant) == hours * 3_600_000)
  }

  @Test func `the table holds before the rule`() throws {
    let change = try Self.milliseconds("1990-01-01") / 1_000
    let zone = try Self.zone(
      Self.central,
      transitions: [Zone.Transition(seconds: change, offset: 7_200)]
    )

    #expect(zone.offsetMilliseconds(at: Instant(milliseconds: change * 1_000 - 1)) == 3_600_000)
    #expect(zone.offsetMilliseconds(at: Instant(milliseconds: change * 1_000)) == 3_600_000)
    #expect(
      zone.instant(wallMilliseconds: change * 1_000).milliseconds == change * 1_000 - 3_600_000
    )
  }

  @Test func `a file without a rule keeps its last offset`() throws {
    let zone = try Self.zone("", transitions: [Zone.Transition(seconds: 0, offset: -3_600)])

    #expect(zone.offsetMilliseconds(at: .latest) == -3_600_000)
    #expect(zone.offsetMilliseconds(at: .earliest) == 3_600_000)
  }

  @Test func `damaged files are errors or zones, never more`() throws {
    let transitions = (0..<4).map {
      Zone.Transition(seconds: Int64($0) * 1_000_000, offset: 60 * $0)
    }
    let whole = ZoneFile(transitions: transitions, initialOffset: 3_600, rule: Self.central).bytes
    for count in whole.indices {
      #expect(throws: ZoneFileError.self) {
        try Zone(name: "Test", tzif: Array(whole[..<count]))
      }
    }
    var random = SeededRandom(seed: 7)
    for _ in 0..<3_000 {
      var bytes = whole
      for _ in 0...random.below(3) {
        bytes[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
      }
      guard let zone = try? Zone(name: "Test", tzif: bytes) else { continue }
      let calendar = TimeCalendar(zone: zone)
      let now = Instant(milliseconds: Int64(random.below(4_000_000_000)) * 1_000)
      for unit in TimeUnit.allCases {
        let span = calendar.unit(unit, at: now)
        #expect(span.start <= span.end)
      }
    }
  }

  @Test(arguments: [
    "CE-1", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-25", "CET-1CEST,M13.1.0,J1", "CET-1x",
  ])
  func `a rule that cannot be read is an error`(rule: String) {
    #expect(throws: ZoneFileError.badRule) { try Self.zone(rule) }
  }

  @Test func `days follow the wall clock and hours the elapsed time`() throws {
    let calendar = TimeCalendar(zone: try Self.zone(Self.central))
    let now = Instant(milliseconds: try Self.milliseconds("2026-03-29T12:00:00Z"))

    let today = calendar.unit(.day, at: now)
    let yesterday = calendar.adding(-1, .day, to: now)
    let earlier = calendar.adding(-24, .hour, to: now)

    #expect(today.start.iso == "2026-03-28T23:00:00Z")
    #expect(today.end.iso == "2026-03-29T22:00:00Z")
    #expect(yesterday.iso == "2026-03-28T13:00:00Z")
    #expect(earlier.iso == "2026-03-28T12:00:00Z")
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `units of a zone follow each other without a gap`(seed: UInt64) throws {
    let calendar = TimeCalendar(zone: try Self.zone(Self.central))
    var random = SeededRandom(seed: seed)
    for _ in 0..<500 {
      let now = Instant(
        milliseconds: Int64(random.below(8_000_000_000)) * 1_000 - 2_000_000_000_000
      )
      for unit in TimeUnit.allCases {
        let this = calendar.unit(unit, at: now)
        let next = calendar.unit(unit, at: now, shift: 1)
        let last = calendar.unit(unit, at: now, shift: -1)
        #expect(this.start <= now && now < this.end, "seed \(seed) \(unit) \(now.iso)")
        #expect(last.end == this.start && this.end == next.start, "seed \(seed) \(unit) \(now.iso)")
      }
    }
  }
}

/// Writes a zone file of version 2, its first part empty.
struct ZoneFile {
  var transitions: [Zone.Transition]
  var initialOffset: Int
  var rule: String

  var bytes: [UInt8] {
    var offsets = [initialOffset]
    for transition in transitions where !offsets.contains(transition.offset) {
      offsets.append(transition.offset)
    }
    var bytes = header(times: 0, types: 1)
    bytes += bigEndian(0, count: 4) + [0, 0] + [0]
    bytes += header(times: transitions.count, types: offsets.count)
    for transition in transitions { bytes += bigEndian(transition.seconds, count: 8) }
    for transition in transitions {
      bytes.append(UInt8(offsets.firstIndex(of: transition.offset) ?? 0))
    }
    for offset in offsets { bytes += bigEndian(Int64(offset), count: 4) + [0, 0] }
    return bytes + [0, 10] + Array(rule.utf8) + [10]
  }

  private func header(times: Int, types: Int) -> [UInt8] {
    Array("TZif2".utf8) + Array(repeating: 0, count: 15)
      + [0, 0, 0, times, types, 1].flatMap { bigEndian(Int64($0), count: 4) }
  }

  private func bigEndian(_ value: Int64, count: Int) -> [UInt8] {
    (0..<count).reversed().map { UInt8(truncatingIfNeeded: value >> Int64($0 * 8)) }
  }
}
