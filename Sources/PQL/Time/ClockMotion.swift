import Bytes

/// How a time value moves when the clock goes on and nothing else happens.
package enum ClockMotion: Hashable, Sendable {
  /// It is the present instant.
  case instant
  /// It is the calendar unit that holds the present, or the one `shift` units later.
  case unit(TimeUnit, shift: Int)
}

extension ClockMotion {
  /// What a word moves like.
  init(_ word: TimeWord) {
    switch word {
    case .now: self = .instant
    case .today: self = .unit(.day, shift: 0)
    case .yesterday: self = .unit(.day, shift: -1)
    case .tomorrow: self = .unit(.day, shift: 1)
    }
  }

  /// Longest distance between the present and both ends of the span, in milliseconds; twice as much
  /// and more where units differ in length.
  var reachMilliseconds: Int64 {
    switch self {
    case .instant: 0
    case .unit(let unit, _): 3 * unit.millisecondsMax
    }
  }
}

extension TimeCalendar {
  /// Where a moving span is when the clock shows `now`.
  func span(of motion: ClockMotion, at now: Instant) -> TimeSpan {
    switch motion {
    case .instant: TimeSpan(now)
    case .unit(let unit, let shift): self.unit(unit, at: now, shift: shift)
    }
  }

  /// Up to where the wall clock surely stays in its `unit`.
  ///
  /// Within one offset the wall clock is a clock without a zone, so its calendar is that of UTC.
  func end(of unit: TimeUnit, after instant: Instant) -> Instant {
    let wall = instant.milliseconds + zone.offsetMilliseconds(at: instant)
    let whole = TimeCalendar.utc.unit(unit, at: Instant(milliseconds: wall))
    // The last units of all time are cut, and their end is never reached.
    let isLast = whole.end >= .latest
    let distance = isLast ? Int64.max : whole.end.milliseconds - wall
    let end = instant.advanced(byMilliseconds: distance)
    guard let transition = zone.transition(after: instant), transition < end else { return end }
    // No change of the clock leads out of a unit whose ends are far away.
    let margin = 2 * Int64(Zone.offsetSecondsMax) * 1_000
    let early = end.advanced(byMilliseconds: -margin)
    return wall - whole.start.milliseconds > margin ? max(transition, early) : transition
  }

  /// Up to where a moving span, and whatever calendar arithmetic makes of it, never goes back.
  ///
  /// Going on by months does go back: noon of 30 March and midnight of 31 March, less one month, are
  /// noon and midnight of 28 February. It does so only from one day to the next.
  func steadyEnd(of motion: ClockMotion, from now: Instant) -> Instant {
    // The end of a day is never far away, so that of its offset is kept as well.
    guard case .unit(let unit, let shift) = motion else { return end(of: .day, after: now) }
    guard case .milliseconds(let length) = unit.measure else { return end(of: unit, after: now) }
    // The span steps from unit to unit; it may do so until its start reaches another day.
    let start = self.unit(unit, at: now, shift: shift).start
    let missing = end(of: .day, after: start).milliseconds - start.milliseconds
    let stepCount = max(1, (missing + length - 1) / length)
    let reached = self.unit(unit, at: now).start.advanced(byMilliseconds: stepCount * length)
    let end = max(reached, now.advanced(byMilliseconds: 1))
    return zone.transition(after: now).map { min($0, end) } ?? end
  }
}

extension TimeUnit {
  /// Milliseconds of the longest unit of its kind.
  var millisecondsMax: Int64 {
    let day = CivilTime.millisecondsPerDay
    return switch self {
    case .millisecond, .second, .minute, .hour, .day, .week: millisecondsMean
    case .month: 31 * day
    case .year: 366 * day
    case .decade: 3_653 * day
    case .century: 36_525 * day
    case .millennium: 365_243 * day
    }
  }

  /// Milliseconds of a unit on average over 400 years.
  var millisecondsMean: Int64 {
    switch measure {
    case .milliseconds(let length): length
    case .days(let length): Int64(length) * CivilTime.millisecondsPerDay
    case .months(let length): Int64(length) * 2_629_746_000
    }
  }

  /// Whether the unit is a number of months, which differ in length.
  var isOfMonths: Bool { if case .months = measure { true } else { false } }
}
