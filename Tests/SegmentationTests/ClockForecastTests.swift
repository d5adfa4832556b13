import Bytes
import Domain
import PQL
import Segmentation
import Testing

/// Changes by the clock alone of definitions that ask about each other.
@Suite struct ClockForecastTests {
  private static func program(_ rules: [(id: String, rule: String)]) throws -> SegmentProgram {
    try SegmentProgram(
      rules.map { id, rule in
        ProgramDefinition(
          id: try #require(Name(id)),
          version: 1,
          expression: Text(rule),
          timeZone: nil
        )
      },
      zones: .utcOnly
    )
  }

  private static func instant(_ text: String) throws -> Instant {
    try #require(TimeText(Text(text))).instant
  }

  private static let profile = Value.object([
    (
      "xEvent",
      .array(
        ["2026-01-10T10:00:00Z", "2026-01-20T10:00:00Z"].map {
          .object([("timestamp", .string($0))])
        }
      )
    )
  ])

  @Test func `a definition changes when one that it asks about does`() throws {
    let program = try Self.program([
      ("recent", "xEvent.exists(timestamp occurs <= 30 days before now)"),
      ("fresh", "xEvent.exists(timestamp occurs <= 7 days before now)"),
      ("cooling", #"inSegment("recent") and not inSegment("fresh")"#),
      ("adult", "age >= 18"),
      ("gone", #"not inSegment("cooling") and not inSegment("adult")"#),
    ])
    var changes: [[ClockChange]] = []
    for definition in program.definitions.indices {
      let forecast = ClockForecast(program, of: definition)
      var now = try Self.instant("2026-01-21")
      var found: [ClockChange] = []
      while found.count < 4 {
        let change = try forecast.nextChange(
          of: Self.profile,
          after: now,
          horizon: ClockHorizon(after: now)
        )
        found.append(change)
        guard case .at(let instant) = change else { break }
        now = instant
      }
      changes.append(found)
    }

    let left = try Self.instant("2026-02-19T10:00:00.001Z")
    let cooled = try Self.instant("2026-01-27T10:00:00.001Z")
    #expect(changes[0] == [.at(left), .never])
    #expect(changes[1] == [.at(cooled), .never])
    #expect(changes[2] == [.at(cooled), .at(left), .never])
    #expect(changes[3] == [.never])
    #expect(changes[4] == [.at(cooled), .at(left), .never])
  }

  @Test func `what is not asked about does not matter`() throws {
    let program = try Self.program([
      ("second", "now occurs before this second or true"),
      ("each", #"inSegment("second") and age >= 18"#),
      ("none", #"age >= 18 and inSegment("second")"#),
    ])
    let now = try Self.instant("2026-01-21")
    let horizon = ClockHorizon(end: .latest, evaluationCountMax: 10)

    let changes = try program.definitions.indices.map { definition in
      try ClockForecast(program, of: definition).nextChange(
        of: Self.profile,
        after: now,
        horizon: horizon
      )
    }

    #expect(changes[2] == .never)
    #expect(changes[1] == changes[0])
    #expect(changes[0] != .never)
  }

  /// Audiences of audiences, followed through some months and held against evaluation.
  @Test(arguments: 0..<40 as Range<UInt64>)
  func `going on from change to change is evaluating at every instant`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let day: Int64 = 86_400_000
    let start = try Self.instant("2026-01-01").advanced(
      byMilliseconds: Int64(random.below(90)) * day
    )
    let end = start.advanced(byMilliseconds: 150 * day)
    var rules: [(id: String, rule: String)] = []
    for index in 0..<5 {
      let days = 1 + random.below(60)
      let unit = ["days", "weeks", "months"][random.below(3)]
      var rule = "xEvent.exists(timestamp occurs <= \(days) \(unit) before "
      rule += ["now)", "today)"][random.below(2)]
      if index > 0 {
        let word = ["and", "or", "and not", "or not"][random.below(4)]
        rule = "\(rule) \(word) inSegment(\"s\(random.below(index))\")"
      }
      rules.append(("s\(index)", rule))
    }
    let events = (0..<4).map { _ in
      start.advanced(byMilliseconds: (Int64(random.below(300)) - 200) * day / 2)
    }
    let profile = Value.object([
      ("xEvent", .array(events.sorted().map { .object([("timestamp", .string(Text($0.iso)))]) }))
    ])
    let program = try Self.program(rules)
    let forecast = ClockForecast(program, of: 4)
    func isMember(_ now: Instant) throws -> Bool {
      try forecast.timedAnswer(for: profile, at: now).isMember
    }

    var expected = try isMember(start)
    var now = start
    while now <= end {
      let change = try forecast.nextChange(of: profile, after: now, horizon: ClockHorizon(end: end))
      var until = end.advanced(byMilliseconds: 1)
      if case .at(let instant) = change { until = instant }
      for _ in 0..<20 {
        let length = Int(until.milliseconds - now.milliseconds)
        let between = now.advanced(byMilliseconds: Int64(random.below(length)))
        #expect(try isMember(between) == expected, "seed \(seed), \(rules), at \(between.iso)")
      }
      now = until
      expected.toggle()
    }
  }
}
