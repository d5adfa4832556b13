package import Bytes

/// Calendar arithmetic on the wall clock of a zone.
///
/// Days and larger units follow the wall clock, so a day may have 23 or 25 hours; hours and smaller
/// are elapsed time. Weeks start on Monday; decades, centuries and millennia at years divisible by
/// 10, 100 and 1000. Results are cut to the years 1 to 9999.
package struct TimeCalendar: Hashable, Sendable {
  package let zone: Zone

  package init(zone: Zone = .utc) { self.zone = zone }

  package static let utc = TimeCalendar()

  // MARK: Reading

  /// The instant of a text of ISO 8601; a text without an offset is on the wall clock.
  package func instant(_ time: TimeText) -> Instant {
    time.hasOffset || zone.isUTC ? time.instant : instant(wallMilliseconds: time.wallMilliseconds)
  }

  /// A text as a reference: a date alone is that day, anything else its instant.
  package func span(_ time: TimeText) -> TimeSpan {
    guard time.isDateOnly else { return TimeSpan(instant(time)) }
    return day(wallDays: time.wallMilliseconds / CivilTime.millisecondsPerDay)
  }

  /// Epoch milliseconds, cut to whole.
  package static func instant(milliseconds: Double) -> Instant {
    let limit = 1e18
    return Instant(milliseconds: Int64(min(max(milliseconds, -limit), limit))).clamped
  }

  /// The day of a date; `nil` when there is no such date in the years 1 to 9999.
  package func day(year: Int, month: Int, day: Int) -> TimeSpan? {
    guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
      day <= CivilTime.dayCount(year: year, month: month)
    else { return nil }
    return self.day(wallDays: Int64(CivilTime.days(year: year, month: month, day: day)))
  }

  /// The fields of the wall clock at an instant.
  package func civil(_ instant: Instant) -> CivilTime {
    CivilTime(milliseconds: wallMilliseconds(instant))
  }

  // MARK: Calendar units

  /// The calendar unit that holds an instant, or the one `shift` units later.
  package func unit(_ unit: TimeUnit, at instant: Instant, shift: Int = 0) -> TimeSpan {
    let wall = wallMilliseconds(instant)
    switch unit.measure {
    case .milliseconds(let length):
      let start = wall - floorModulo(wall, length) - (wall - instant.milliseconds)
      let shifted = Instant(milliseconds: start).advanced(byMilliseconds: length * Int64(shift))
      let end = shifted.advanced(byMilliseconds: length)
      return TimeSpan(start: shifted.clamped, end: end.clamped, unit: unit)
    case .days(let length):
      let days =
        (wall - floorModulo(wall, CivilTime.millisecondsPerDay))
        / CivilTime.millisecondsPerDay
      let into = unit == .week ? Int64(CivilTime.weekday(days: Int(days))) : 0
      let start = days - into + Int64(length * shift)
      return TimeSpan(
        start: self.instant(wallMilliseconds: start * CivilTime.millisecondsPerDay),
        end: self.instant(wallMilliseconds: (start + Int64(length)) * CivilTime.millisecondsPerDay),
        unit: unit
      )
    case .months(let length):
      let civil = CivilTime(milliseconds: wall)
      let month = civil.year * 12 + civil.month - 1
      let start = Int(floorModulo(Int64(month), Int64(length)))
      let first = month - start + length * shift
      return TimeSpan(start: monthStart(first), end: monthStart(first + length), unit: unit)
    }
  }

  /// What `today`, `yesterday`, `tomorrow` or `now` means at an instant.
  package func span(of word: TimeWord, at now: Instant) -> TimeSpan {
    switch word {
    case .now: TimeSpan(now.clamped)
    case .today: unit(.day, at: now)
    case .yesterday: unit(.day, at: now, shift: -1)
    case .tomorrow: unit(.day, at: now, shift: 1)
    }
  }

  // MARK: Arithmetic

  /// The instant `count` units later, or earlier for a negative count.
  ///
  /// Months move at once and then the day is cut to the month's last.
  package func adding(_ count: Int, _ unit: TimeUnit, to instant: Instant) -> Instant {
    let limit: Instant = count < 0 ? .earliest : .latest
    switch unit.measure {
    case .milliseconds(let length):
      let (distance, overflow) = Int64(count).multipliedReportingOverflow(by: length)
      return overflow ? limit : instant.advanced(byMilliseconds: distance).clamped
    case .days(let length):
      let (distance, overflow) = Int64(count).multipliedReportingOverflow(
        by: Int64(length) * CivilTime.millisecondsPerDay
      )
      if overflow { return limit }
      let wall = Instant(milliseconds: wallMilliseconds(instant))
      return self.instant(wallMilliseconds: wall.advanced(byMilliseconds: distance).milliseconds)
    case .months(let length):
      let (distance, overflow) = count.multipliedReportingOverflow(by: length)
      if overflow { return limit }
      var civil = civil(instant)
      let (month, tooFar) = (civil.year * 12 + civil.month - 1).addingReportingOverflow(distance)
      if tooFar { return limit }
      let year = Int(floorDivision(Int64(month), 12))
      guard (1...9999).contains(year) else { return limit }
      civil.year = year
      civil.month = month - year * 12 + 1
      civil.day = min(civil.day, CivilTime.dayCount(year: year, month: civil.month))
      return self.instant(wallMilliseconds: civil.milliseconds)
    }
  }

  /// A span with its start moved; it stays one of its own unit.
  package func adding(_ count: Int, _ unit: TimeUnit, to span: TimeSpan) -> TimeSpan {
    let start = adding(count, unit, to: span.start)
    guard let length = span.unit else { return TimeSpan(start) }
    return TimeSpan(start: start, end: adding(1, length, to: start), unit: length)
  }

  /// The same month, day and time of another year; 29 February becomes 28 in a common year.
  package func moving(_ instant: Instant, toYear year: Int) -> Instant {
    var civil = civil(instant)
    civil.year = year
    civil.day = min(civil.day, CivilTime.dayCount(year: year, month: civil.month))
    return self.instant(wallMilliseconds: civil.milliseconds)
  }

  // MARK: The wall clock

  private func wallMilliseconds(_ instant: Instant) -> Int64 {
    instant.milliseconds + zone.offsetMilliseconds(at: instant)
  }

  private func instant(wallMilliseconds: Int64) -> Instant {
    let margin = 3 * CivilTime.millisecondsPerDay
    if wallMilliseconds < Instant.earliest.milliseconds - margin { return .earliest }
    if wallMilliseconds > Instant.latest.milliseconds + margin { return .latest }
    return zone.instant(wallMilliseconds: wallMilliseconds).clamped
  }

  private func day(wallDays: Int64) -> TimeSpan {
    TimeSpan(
      start: instant(wallMilliseconds: wallDays * CivilTime.millisecondsPerDay),
      end: instant(wallMilliseconds: (wallDays + 1) * CivilTime.millisecondsPerDay),
      unit: .day
    )
  }

  /// The first instant of a month, counted from January of the year 0.
  private func monthStart(_ month: Int) -> Instant {
    let year = Int(floorDivision(Int64(month), 12))
    let days = CivilTime.days(year: year, month: month - year * 12 + 1, day: 1)
    return instant(wallMilliseconds: Int64(days) * CivilTime.millisecondsPerDay)
  }
}

extension TimeUnit {
  /// What a unit is a multiple of.
  enum Measure {
    case milliseconds(Int64)
    case days(Int)
    case months(Int)
  }

  var measure: Measure {
    switch self {
    case .millisecond: .milliseconds(1)
    case .second: .milliseconds(1_000)
    case .minute: .milliseconds(60_000)
    case .hour: .milliseconds(3_600_000)
    case .day: .days(1)
    case .week: .days(7)
    case .month: .months(1)
    case .year: .months(12)
    case .decade: .months(120)
    case .century: .months(1_200)
    case .millennium: .months(12_000)
    }
  }
}

private func floorDivision(_ value: Int64, _ divisor: Int64) -> Int64 {
  (value - floorModulo(value, divisor)) / divisor
}

private func floorModulo(_ value: Int64, _ divisor: Int64) -> Int64 {
  let rest = value % divisor
  return rest < 0 ? rest + divisor : rest
}
