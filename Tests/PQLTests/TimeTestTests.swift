import Bytes
import PQL
import Testing

@Suite struct TimeTestTests {
  private static let calendar = TimeCalendar.utc

  @Test(arguments: [
    ("2026-03-31T10:00:00Z", -1, TimeUnit.month, "2026-02-28T10:00:00Z"),
    ("2026-03-31T10:00:00Z", -2, .month, "2026-01-31T10:00:00Z"),
    ("2024-02-29T00:00:00Z", -1, .year, "2023-02-28T00:00:00Z"),
    ("2024-02-29T00:00:00Z", 1, .century, "2124-02-29T00:00:00Z"),
    ("2026-03-15T00:00:00Z", -5, .millennium, "0001-01-01T00:00:00Z"),
    ("2026-03-15T00:00:00Z", 1_000_000_000_000_000, .millennium, "9999-12-31T23:59:59.999Z"),
    ("2026-03-15T00:00:00Z", -1_000_000_000_000_000, .hour, "0001-01-01T00:00:00Z"),
    ("2026-03-15T00:00:00Z", 1_000_000_000_000_000, .week, "9999-12-31T23:59:59.999Z"),
    ("2026-03-15T00:00:00Z", 2, .week, "2026-03-29T00:00:00Z"),
  ])
  func `calendar arithmetic cuts days and years`(
    start: String,
    count: Int,
    unit: TimeUnit,
    end: String
  ) throws {
    let instant = try #require(TimeText(Text(start))).instant

    #expect(Self.calendar.adding(count, unit, to: instant).iso == end)
  }

  @Test func `a moved span stays one of its own unit`() throws {
    let day = try #require(Self.calendar.day(year: 2026, month: 1, day: 31))

    let moved = Self.calendar.adding(1, .month, to: day)

    #expect(moved.start.iso == "2026-02-28T00:00:00Z")
    #expect(moved.end.iso == "2026-03-01T00:00:00Z")
    #expect(Self.calendar.day(year: 2026, month: 2, day: 29) == nil)
  }

  @Test func `early decades start with the calendar`() throws {
    let instant = try #require(TimeText("0005-06-07")).instant

    let decade = Self.calendar.unit(.decade, at: instant)

    #expect(decade.start == .earliest)
    #expect(decade.end.iso == "0010-01-01T00:00:00Z")
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `windows say what the definition of each form says`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let calendar = Self.calendar
    for _ in 0..<3_000 {
      let now = Instant(milliseconds: 1_773_576_000_000 + Int64(random.below(1_000_000_000)))
      let spans = (0..<2).map { _ -> TimeSpan in
        let shift = random.below(3) - 1
        let unit = TimeUnit.allCases[3 + random.below(5)]
        return random.oneIn(3)
          ? TimeSpan(now.advanced(byMilliseconds: Int64(shift) * 86_400_000))
          : calendar.unit(unit, at: now, shift: shift)
      }
      let test = Self.randomTest(&random)
      // Instants close to every bound that matters.
      let bounds =
        spans.flatMap { [$0.start, $0.end] }
        + Self.bounds(of: test, spans[0], calendar)
      let instant = bounds[random.below(bounds.count)]
        .advanced(byMilliseconds: Int64(random.below(3) - 1))

      let found = test.holds(at: instant, first: spans[0], last: spans[1], in: calendar)

      let expected = Self.holds(test, instant, spans[0], spans[1], calendar)
      #expect(found == expected, "seed \(seed) \(test.form) \(spans) \(instant.iso)")
    }
  }

  private typealias Test = TimeTest<Int>

  private static func randomTest(_ random: inout SeededRandom) -> Test {
    let reference = Test.Reference.moment(0)
    switch random.below(8) {
    case 0: return Test(.on(reference))
    case 1: return Test(.before(reference))
    case 2: return Test(.after(reference))
    case 3: return Test(.from(reference))
    case 4: return Test(.between(reference, reference))
    default:
      return Test(
        .offset(
          Comparison.allCases[random.below(6)],
          count: random.below(3),
          TimeUnit.allCases[3 + random.below(5)],
          Direction.allCases[random.below(3)],
          reference
        )
      )
    }
  }

  private static func bounds(of test: Test, _ span: TimeSpan, _ calendar: TimeCalendar) -> [Instant]
  {
    guard case .offset(_, let count, let unit, let direction, _) = test.form else { return [] }
    let moved = calendar.adding(direction == .before ? -count : count, unit, to: span)
    return [moved.start, moved.end]
  }

  /// The table of the language, line by line.
  private static func holds(
    _ test: Test,
    _ t: Instant,
    _ r: TimeSpan,
    _ r2: TimeSpan,
    _ calendar: TimeCalendar
  ) -> Bool {
    func isIn(_ span: TimeSpan) -> Bool {
      span.isInstant ? t == span.start : span.start <= t && t < span.end
    }
    switch test.form {
    case .on: return isIn(r)
    case .between: return r.start <= t && (r2.isInstant ? t <= r2.start : t < r2.end)
    case .before: return t < r.start
    case .after: return r.isInstant ? t > r.start : t >= r.end
    case .from: return t >= r.start
    case .offset(let comparison, let count, let unit, let direction, _):
      let isBefore = direction == .before
      let bound = calendar.adding(isBefore ? -count : count, unit, to: r.start)
      let moved = calendar.adding(isBefore ? -count : count, unit, to: r)
      switch (comparison, isBefore) {
      case (.lessOrEqual, true): return bound <= t && t < r.start
      case (.less, true): return bound < t && t < r.start
      case (.greaterOrEqual, true): return t <= bound && t < r.start
      case (.greater, true): return t < bound
      case (.lessOrEqual, false): return r.start < t && t <= bound
      case (.less, false): return r.start < t && t < bound
      case (.greaterOrEqual, false): return t >= bound && t > r.start
      case (.greater, false): return t > bound
      case (.equal, _): return isIn(moved)
      case (.notEqual, _): return !isIn(moved)
      }
    }
  }
}
