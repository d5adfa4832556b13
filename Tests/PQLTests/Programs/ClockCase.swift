import Bytes
import Domain
import PQL

/// A definition, a profile and a stretch of time, held together by the clock: going on from change to
/// change has to give what evaluating at every instant gives.
struct ClockCase {
  let seed: UInt64
  let zone: Zone
  let profile: Value
  let start: Instant
  let end: Instant
  /// Instants between at which the clock's word is checked.
  let instants: [Instant]

  /// What came of going through a case.
  struct Outcome {
    var failure: String?
    var changeCount = 0
    /// Whether the end was reached.
    var isComplete = true
  }

  private static let day: Int64 = 86_400_000
  private static let changeCountMax = 60

  init(seed: UInt64) {
    self.seed = seed
    var random = SeededRandom(seed: seed &* 7_919 &+ 17)
    zone = ClockZones.all[random.below(ClockZones.all.count)]
    start = Self.someInstant(&random)
    end = start.advanced(byMilliseconds: Int64(1 + random.below(240)) * Self.day)
    let calendar = TimeCalendar(zone: zone)
    var moments = (0..<3).map { _ in Self.someInstant(&random) }
    // Most lie where a window of days or months passes them.
    for _ in 0..<9 {
      let days = random.below(300) - 90
      let moment = start.advanced(byMilliseconds: Int64(days) * Self.day)
      let isWhole = random.oneIn(2)
      moments.append(isWhole ? calendar.unit(.day, at: moment).start : moment)
    }
    moments += [start, end].map { calendar.unit(.day, at: $0).start }
    var profiles = ProgramProfiles(seed: seed, times: moments.map { Self.text($0, &random) })
    profile = ReferenceInterpreter.ordered(profiles.next())
    var instants: [Instant] = []
    let length = Int(end.milliseconds - start.milliseconds)
    for _ in 0..<12 {
      let instant = start.advanced(byMilliseconds: Int64(random.below(length)))
      // Beginnings of hours, days and months, and what is just before them.
      let unit = [TimeUnit.hour, .day, .day, .month][random.below(4)]
      let begin = calendar.unit(unit, at: instant).start
      instants += [instant, begin, begin.advanced(byMilliseconds: -1)]
      let moment = moments[random.below(moments.count)]
      let moved = calendar.adding(
        random.below(60) - 30,
        [.day, .month][random.below(2)],
        to: moment
      )
      instants += [-1, 0, 1].map { moved.advanced(byMilliseconds: $0) }
    }
    let (low, high) = (start, end)
    self.instants = instants.filter { low <= $0 && $0 <= high }.sorted() + [end]
  }

  /// An instant from 2025 to 2027, often at the end of a month or where a clock is set.
  private static func someInstant(_ random: inout SeededRandom) -> Instant {
    let year = 2025 + random.below(3)
    let days = CivilTime.days(year: year, month: 1 + random.below(12), day: 1)
    let offset = random.oneIn(3) ? random.below(4) - 3 : random.below(31)
    let time = [0, 43_200_000, 86_399_999, random.below(86_400_000)][random.below(4)]
    return Instant(milliseconds: Int64(days + offset) * day + Int64(time))
  }

  private static func text(_ instant: Instant, _ random: inout SeededRandom) -> Text {
    switch random.below(4) {
    case 0: return Text(String(instant.iso.prefix(10)))
    case 1: return Text(String(instant.iso.dropLast()))
    default: return Text(instant.iso)
    }
  }

  private func context(_ now: Instant) -> EvaluationContext {
    EvaluationContext(now: now, zone: zone, stepCountMax: 200_000)
  }

  /// Goes from change to change and compares with evaluations at the instants themselves.
  func outcome(_ query: CheckedQuery) -> Outcome {
    var outcome = Outcome()
    do throws(EvaluationError) {
      try follow(ReferenceInterpreter(query), &outcome)
    } catch {
      // The definition has no answer for the profile.
      outcome.isComplete = false
    }
    return outcome
  }

  private func follow(
    _ interpreter: ReferenceInterpreter,
    _ outcome: inout Outcome
  ) throws(EvaluationError) {
    var now = start
    var isMember = try interpreter.isMember(profile, in: context(start))
    while true {
      let change = try interpreter.nextChange(
        of: profile,
        in: context(now),
        horizon: ClockHorizon(end: end, evaluationCountMax: 400)
      )
      let until: Instant
      switch change {
      case .at(let instant): until = instant
      case .never: until = end.advanced(byMilliseconds: 1)
      case .notBefore(let instant):
        until = instant
        if instant < end { outcome.isComplete = false }
      }
      for instant in instants + [until.advanced(byMilliseconds: -1)]
      where now <= instant && instant < until {
        if try interpreter.isMember(profile, in: context(instant)) != isMember {
          outcome.failure =
            "at \(instant.iso) it is \(!isMember), said to be \(isMember) from "
            + "\(now.iso) with \(change)"
          return
        }
      }
      guard case .at = change else { return }
      isMember.toggle()
      outcome.changeCount += 1
      if try interpreter.isMember(profile, in: context(until)) != isMember {
        outcome.failure = "at \(until.iso) nothing changes"
        return
      }
      if outcome.changeCount == Self.changeCountMax {
        outcome.isComplete = false
        return
      }
      now = until
    }
  }
}

/// Zones that set their clocks in every way there is.
enum ClockZones {
  static let all: [Zone] = [
    .utc, .utc, rule("EST5EDT,M3.2.0,M11.1.0"), rule("CET-1CEST,M3.5.0,M10.5.0/3"),
    // At midnight, and just after it.
    rule("CST5CDT,M3.2.0/0,M11.1.0/1"), rule("NST3:30NDT,M3.2.0/0:01,M11.1.0/0:01"),
    // By half an hour.
    rule("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"),
    // A day that never was, and one that was twice.
    dateLine,
  ]

  private static func rule(_ text: String) -> Zone {
    let rule = ZoneRule(text.utf8)
    return Zone(
      name: Text(text),
      initialOffset: rule?.standardOffset ?? 0,
      transitions: [],
      rule: rule
    )
  }

  private static let dateLine: Zone = {
    func seconds(_ month: Int, _ day: Int) -> Int64 {
      Int64(CivilTime.days(year: 2026, month: month, day: day)) * 86_400 + 10 * 3_600
    }
    return Zone(
      name: "Date line",
      initialOffset: -10 * 3_600,
      transitions: [
        Zone.Transition(seconds: seconds(4, 30), offset: 14 * 3_600),
        Zone.Transition(seconds: seconds(9, 1), offset: -10 * 3_600),
      ],
      rule: nil
    )
  }()
}
