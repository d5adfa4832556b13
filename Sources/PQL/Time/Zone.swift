package import Bytes

/// How far a place's wall clock is ahead of UTC, for every instant.
///
/// A wall-clock time that stands twice, because the clock was set back, means its first instant; one
/// that does not exist, because the clock was set forward, means the instant of the change. So wall
/// clock times never run backwards when they are turned into instants.
package struct Zone: Hashable, Sendable {
  package struct Transition: Hashable, Sendable {
    /// Seconds since 1970-01-01T00:00:00Z from which on `offset` holds.
    package var seconds: Int64
    /// Seconds the wall clock is ahead of UTC.
    package var offset: Int

    package init(seconds: Int64, offset: Int) {
      self.seconds = seconds
      self.offset = offset
    }
  }

  /// Largest offset from UTC that is read, exclusive; the largest in use is 14 hours.
  package static let offsetSecondsMax = 26 * 3_600

  /// Transitions outside the years 1 to 9999, and the days beside them, say nothing.
  package static let secondsRange: ClosedRange<Int64> = -62_136_000_000...253_402_500_000

  package static let utc = Zone(name: "UTC", initialOffset: 0, transitions: [], rule: nil)

  /// The name in the IANA database, `Europe/Oslo`.
  package let name: Text
  /// The offset before the first transition.
  package let initialOffset: Int
  /// Invariant: ascending by instant.
  package let transitions: [Transition]
  /// What holds after the last transition; without it the last offset stays for ever.
  package let rule: ZoneRule?
  /// The rule's transitions of `ruleYears`, which nearly all times of data lie in; ascending.
  private let ruleTransitions: [Transition]

  private static let ruleYears = 1990...2059

  package init(name: Text, initialOffset: Int, transitions: [Transition], rule: ZoneRule?) {
    self.name = name
    self.initialOffset = initialOffset
    self.transitions = transitions
    self.rule = rule
    ruleTransitions =
      rule.map { rule in
        Zone.ruleYears.flatMap { rule.transitions(inYear: $0) }
      } ?? []
  }

  /// Whether the wall clock always shows UTC.
  package var isUTC: Bool { initialOffset == 0 && transitions.isEmpty && rule == nil }

  /// Milliseconds the wall clock is ahead of UTC at an instant.
  package func offsetMilliseconds(at instant: Instant) -> Int64 {
    if isUTC { return 0 }
    return Int64(stretch(at: flooredSeconds(instant.milliseconds)).offset) * 1_000
  }

  /// The first instant at which the wall clock shows `wallMilliseconds` or later.
  ///
  /// `wallMilliseconds` counts from 1970-01-01T00:00 on this zone's wall clock and lies in the years
  /// 0 to 10,000.
  package func instant(wallMilliseconds: Int64) -> Instant {
    if isUTC { return Instant(milliseconds: wallMilliseconds) }
    var seconds = flooredSeconds(wallMilliseconds) - Int64(Self.offsetSecondsMax)
    while true {
      let stretch = stretch(at: seconds)
      let candidate = wallMilliseconds - Int64(stretch.offset) * 1_000
      let start = stretch.start.map { $0 * 1_000 } ?? .min
      let end = stretch.end.map { $0 * 1_000 } ?? .max
      if candidate < end { return Instant(milliseconds: max(candidate, start)) }
      seconds = stretch.end ?? .max
    }
  }

  /// The first transition after an instant; `nil` when there is none.
  package func transition(after instant: Instant) -> Instant? {
    if isUTC { return nil }
    return stretch(at: flooredSeconds(instant.milliseconds)).end.map {
      Instant(milliseconds: $0 * 1_000)
    }
  }

  /// The last transition at an instant or before it; `nil` when there is none.
  package func transition(through instant: Instant) -> Instant? {
    if isUTC { return nil }
    return stretch(at: flooredSeconds(instant.milliseconds)).start.map {
      Instant(milliseconds: $0 * 1_000)
    }
  }

  /// A stretch of time with one offset: from `start` up to `end`, `nil` for no bound.
  private struct Stretch {
    var start: Int64?
    var end: Int64?
    var offset: Int
  }

  private func stretch(at seconds: Int64) -> Stretch {
    let low = Zone.count(of: transitions, through: seconds)
    if low == transitions.count, let rule { return stretch(of: rule, at: seconds) }
    return Stretch(
      start: low == 0 ? nil : transitions[low - 1].seconds,
      end: low == transitions.count ? nil : transitions[low].seconds,
      offset: low == 0 ? initialOffset : transitions[low - 1].offset
    )
  }

  /// How many transitions there are until a second, this one included.
  private static func count(of transitions: [Transition], through seconds: Int64) -> Int {
    var low = 0
    var high = transitions.count
    while low < high {
      let middle = (low + high) / 2
      if transitions[middle].seconds <= seconds { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func stretch(of rule: ZoneRule, at seconds: Int64) -> Stretch {
    let count = Zone.count(of: ruleTransitions, through: seconds)
    if count > 0, count < ruleTransitions.count {
      let last = ruleTransitions[count - 1]
      return Stretch(
        start: max(last.seconds, transitions.last?.seconds ?? last.seconds),
        end: ruleTransitions[count].seconds,
        offset: last.offset
      )
    }
    let year = CivilTime(milliseconds: seconds * 1_000).year
    var result = Stretch(start: transitions.last?.seconds, end: nil, offset: rule.standardOffset)
    for transition in (year - 1...year + 1).flatMap({ rule.transitions(inYear: $0) }) {
      if transition.seconds > seconds {
        result.end = transition.seconds
        break
      }
      result.start = max(transition.seconds, result.start ?? transition.seconds)
      result.offset = transition.offset
    }
    return result
  }

  private func flooredSeconds(_ milliseconds: Int64) -> Int64 {
    milliseconds >= 0 ? milliseconds / 1_000 : -((999 - milliseconds) / 1_000)
  }
}
