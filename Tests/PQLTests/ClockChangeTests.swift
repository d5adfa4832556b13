import Bytes
import Domain
import PQL
import Testing

/// When answers change by the clock alone, instant by instant.
@Suite struct ClockChangeTests {
  /// The changes of a definition's answer from an instant on, as text; the last word says how the
  /// search ended.
  private static func changes(
    _ definition: String,
    _ profile: String = "{}",
    from start: String,
    zone: String? = nil,
    countMax: Int = 4
  ) throws -> [String] {
    let query = try CheckedQuery(Text(definition))
    let interpreter = ReferenceInterpreter(query)
    let profile = ReferenceInterpreter.ordered(
      try #require(try Value.parse(json: Array(profile.utf8)))
    )
    var context = EvaluationContext(now: try instant(start), zone: try self.zone(zone))
    let horizon = ClockHorizon(after: context.now)
    var words: [String] = []
    while words.count < countMax {
      switch try interpreter.nextChange(of: profile, in: context, horizon: horizon) {
      case .at(let instant):
        context.now = instant
        let isMember = try interpreter.isMember(profile, in: context)
        words.append("\(isMember ? "in" : "out") \(instant.iso)")
      case .never: return words + ["never"]
      case .notBefore(let instant): return words + ["not before \(instant.iso)"]
      }
    }
    return words
  }

  private static func instant(_ text: String) throws -> Instant {
    try #require(TimeText(Text(text))).instant
  }

  private static func zone(_ rule: String?) throws -> Zone {
    guard let rule else { return .utc }
    let parsed = try #require(ZoneRule(rule.utf8))
    return Zone(
      name: Text(rule),
      initialOffset: parsed.standardOffset,
      transitions: [],
      rule: parsed
    )
  }

  private static let event = #"{"xEvent": [{"timestamp": "2026-01-31T10:00:00Z"}]}"#

  @Test(
    arguments: [
      (
        "xEvent.exists(timestamp occurs <= 30 days before now)",
        ["out 2026-03-02T10:00:00.001Z", "never"]
      ),
      (
        "xEvent.exists(timestamp occurs < 30 days before now)",
        ["out 2026-03-02T10:00:00Z", "never"]
      ),
      (
        "xEvent.exists(timestamp occurs > 24 hours before now)",
        ["in 2026-02-01T10:00:00.001Z", "never"]
      ),
      (
        "xEvent.exists(timestamp occurs <= 3 days before today)",
        ["in 2026-02-01T00:00:00Z", "out 2026-02-04T00:00:00Z", "never"]
      ),
      ("xEvent.exists(timestamp occurs today)", ["out 2026-02-01T00:00:00Z", "never"]),
      (
        "xEvent.exists(timestamp occurs last month)",
        ["in 2026-02-01T00:00:00Z", "out 2026-03-01T00:00:00Z", "never"]
      ),
      ("xEvent.exists(timestamp occurs this year)", ["out 2027-01-01T00:00:00Z", "never"]),
      (
        "xEvent.exists(timestamp occurs = 1 week before today)",
        ["in 2026-02-07T00:00:00Z", "out 2026-02-08T00:00:00Z", "never"]
      ),
      // 28 February is a month after 31 January, at any time of that day, and before it on the 27th.
      ("xEvent.exists(timestamp occurs = 1 month before today)", ["never"]),
      (
        "xEvent.exists(timestamp occurs <= 1 month before now)",
        ["out 2026-03-01T00:00:00Z", "never"]
      ),
      ("xEvent.exists(timestamp + 0 = 1 or timestamp < now)", ["never"]),
      (
        "chain(xEvent, timestamp, [A: WHAT(true) WHEN(<= 2 hours before now) COUNT(1)])",
        ["out 2026-01-31T12:00:00.001Z", "never"]
      ),
      (
        "xEvent.timestamp.max() occurs >= 90 days before today",
        ["in 2026-05-02T00:00:00Z", "never"]
      ),
      ("true", ["never"]),
    ] as [(String, [String])]
  )
  func `an event leaves or enters a window`(definition: String, expected: [String]) throws {
    let changes = try Self.changes(definition, Self.event, from: "2026-01-31T11:00:00Z")

    #expect(changes == expected)
  }

  @Test func `at the end of March a month ago begins anew with each day`() throws {
    let changes = try Self.changes(
      "at occurs <= 1 month before now",
      #"{"at": "2026-02-28T09:00:00Z"}"#,
      from: "2026-03-20",
      countMax: 9
    )

    #expect(
      changes == [
        "out 2026-03-28T09:00:00.001Z", "in 2026-03-29T00:00:00Z", "out 2026-03-29T09:00:00.001Z",
        "in 2026-03-30T00:00:00Z", "out 2026-03-30T09:00:00.001Z", "in 2026-03-31T00:00:00Z",
        "out 2026-03-31T09:00:00.001Z", "never",
      ]
    )
  }

  @Test func `an event of the future enters, passes and leaves`() throws {
    let profile = #"{"xEvent": [{"timestamp": "2026-06-01T00:00:00.500Z"}]}"#

    let passed = try Self.changes(
      "xEvent.exists(timestamp occurs <= 1 day before now)",
      profile,
      from: "2026-05-01"
    )
    let coming = try Self.changes(
      "xEvent.exists(timestamp occurs <= 1 day after now)",
      profile,
      from: "2026-05-01"
    )
    let exact = try Self.changes("xEvent.timestamp.includes(now)", profile, from: "2026-05-01")

    #expect(passed == ["in 2026-06-01T00:00:00.501Z", "out 2026-06-02T00:00:00.501Z", "never"])
    #expect(coming == ["in 2026-05-31T00:00:00.500Z", "out 2026-06-01T00:00:00.500Z", "never"])
    #expect(exact == ["in 2026-06-01T00:00:00.500Z", "out 2026-06-01T00:00:00.501Z", "never"])
  }

  @Test func `birthdays come every year, those of a leap day on the 28th otherwise`() throws {
    let birthday = try Self.changes(
      "birth occurs today ignoring year",
      #"{"birth": "1996-02-29"}"#,
      from: "2026-01-01",
      countMax: 6
    )
    let month = try Self.changes(
      "birth.getMonth() = currentMonth()",
      #"{"birth": "1990-05-17"}"#,
      from: "2026-05-10",
      countMax: 3
    )
    let day = try Self.changes(
      "birth.getMonth() = currentMonth() and birth.getDayOfMonth() = currentDayOfMonth()",
      #"{"birth": "1990-05-31"}"#,
      from: "2026-01-01",
      countMax: 2
    )

    #expect(
      birthday == [
        "in 2026-02-28T00:00:00Z", "out 2026-03-01T00:00:00Z", "in 2027-02-28T00:00:00Z",
        "out 2027-03-01T00:00:00Z", "in 2028-02-29T00:00:00Z", "out 2028-03-01T00:00:00Z",
      ]
    )
    #expect(
      month == ["out 2026-06-01T00:00:00Z", "in 2027-05-01T00:00:00Z", "out 2027-06-01T00:00:00Z"]
    )
    #expect(day == ["in 2026-05-31T00:00:00Z", "out 2026-06-01T00:00:00Z"])
  }

  @Test func `days of a zone are as long as its clock makes them`() throws {
    let newYork = "EST5EDT,M3.2.0,M11.1.0"
    let profile = #"{"at": "2026-03-07T20:00:00"}"#

    let days = try Self.changes(
      "at occurs <= 1 day before now",
      profile,
      from: "2026-03-08T02:00:00Z",
      zone: newYork
    )
    let hours = try Self.changes(
      "at occurs <= 24 hours before now",
      profile,
      from: "2026-03-08T02:00:00Z",
      zone: newYork
    )
    let today = try Self.changes(
      "at occurs yesterday",
      profile,
      from: "2026-03-08T02:00:00Z",
      zone: newYork
    )

    // The clock is set forward between: a day later is 23 hours later.
    #expect(days == ["out 2026-03-09T00:00:00.001Z", "never"])
    #expect(hours == ["out 2026-03-09T01:00:00.001Z", "never"])
    #expect(today == ["in 2026-03-08T05:00:00Z", "out 2026-03-09T04:00:00Z", "never"])
  }

  @Test func `a stored membership ends when it is no longer valid`() throws {
    let profile = """
      {"segmentMembership": {"ups": {"vip": {
        "status": "realized", "validUntil": "2026-03-04T10:00:00Z"}}}}
      """

    let changes = try Self.changes(#"inSegment("vip")"#, profile, from: "2026-01-01")

    #expect(changes == ["out 2026-03-04T10:00:00Z", "never"])
  }

  @Test func `time words keep their motion on their way to where they are compared`() throws {
    let profile = #"{"limits": ["2026-02-01", "2026-02-10"]}"#

    let bound = try Self.changes(
      "let T = if(true, now, today) in T > timestamp(\"2026-03-01\")",
      from: "2026-02-01"
    )
    let sorted = try Self.changes(
      "[timestamp(\"2026-02-10\"), now].topN(this, 1).head() = timestamp(\"2026-02-10\")",
      from: "2026-02-01"
    )
    let greatest = try Self.changes(
      "[timestamp(\"2026-02-10\"), today].max() > timestamp(\"2026-02-10\")",
      from: "2026-02-01"
    )
    let listed = try Self.changes(
      "today in limits.map(timestamp(this))",
      profile,
      from: "2026-02-03"
    )
    let year = try Self.changes(
      "date(currentYear(), 12, 24) occurs <= 1 month after today",
      from: "2026-06-01",
      countMax: 3
    )

    #expect(bound == ["in 2026-03-01T00:00:00.001Z", "never"])
    #expect(sorted == ["out 2026-02-10T00:00:00.001Z", "never"])
    #expect(greatest == ["in 2026-02-11T00:00:00Z", "never"])
    #expect(listed == ["in 2026-02-10T00:00:00Z", "out 2026-02-11T00:00:00Z", "never"])
    #expect(
      year == ["in 2026-11-24T00:00:00Z", "out 2026-12-24T00:00:00Z", "in 2027-11-24T00:00:00Z"]
    )
  }

  @Test func `what asks for every second is followed as far as evaluations go`() throws {
    let query = try CheckedQuery("now occurs <= 2 minutes before next second")
    let context = EvaluationContext(now: try Self.instant("2026-01-01"))
    let horizon = ClockHorizon(end: .latest, evaluationCountMax: 100)

    let change = try ReferenceInterpreter(query).nextChange(
      of: .object([]),
      in: context,
      horizon: horizon
    )

    #expect(change == .notBefore(try Self.instant("2026-01-01T00:01:41Z")))
  }

  @Test func `nothing is looked for beyond the horizon`() throws {
    let query = try CheckedQuery(#"now > timestamp("2040-01-01")"#)
    let context = EvaluationContext(now: try Self.instant("2026-01-01"))
    let end = try Self.instant("2030-01-01")

    let change = try ReferenceInterpreter(query).nextChange(
      of: .object([]),
      in: context,
      horizon: ClockHorizon(end: end)
    )

    #expect(change == .notBefore(end))
  }

  @Test func `months end about where months of mean length do`() {
    var random = SeededRandom(seed: 5)
    for _ in 0..<20_000 {
      let start = Instant(milliseconds: Int64(random.below(7_258_118_400_000)))
      let count = random.below(4_000) - 2_000
      let moved = TimeCalendar.utc.adding(count, .month, to: start)
      if moved == .earliest || moved == .latest { continue }
      let mean = start.advanced(byMilliseconds: Int64(count) * 2_629_746_000)

      #expect(abs(moved.milliseconds - mean.milliseconds) < 8 * 86_400_000)
    }
  }
}
