package import Bytes

extension CalendarWord {
  /// Units after the one that holds the present.
  package var shift: Int {
    switch self {
    case .this: 0
    case .last: -1
    case .next: 1
    }
  }
}

extension TimeTest {
  /// The test with its references read: `first`, and for `between` also `last`.
  ///
  /// Offsets always count from the reference's start.
  package func window(first: TimeSpan, last: TimeSpan, in calendar: TimeCalendar) -> TimeWindow {
    switch form {
    case .on: return TimeWindow(from: first.start, through: first.last)
    case .between: return TimeWindow(from: first.start, through: last.last)
    case .before: return TimeWindow(through: first.start.advanced(byMilliseconds: -1))
    case .after:
      let after = first.isInstant ? first.start.advanced(byMilliseconds: 1) : first.end
      return TimeWindow(from: after)
    case .from: return TimeWindow(from: first.start)
    case .offset(let comparison, let count, let unit, let direction, _):
      switch direction {
      case .before:
        return calendar.windowBefore(first, comparison, count: count, unit)
      case .after, .from:
        return calendar.windowAfter(first, comparison, count: count, unit)
      }
    }
  }

  /// Whether the test, with its references read, is true for an instant.
  package func holds(
    at instant: Instant,
    first: TimeSpan,
    last: TimeSpan,
    in calendar: TimeCalendar
  ) -> Bool {
    let window = window(first: first, last: last, in: calendar)
    guard isIgnoringYear else { return window.contains(instant) }
    let low = max(calendar.civil(first.start).year - 1, 1)
    let high = min(calendar.civil(last.start).year + 1, 9999)
    guard low <= high else { return false }
    return (low...high).contains { window.contains(calendar.moving(instant, toYear: $0)) }
  }
}

extension TimeCalendar {
  fileprivate func windowBefore(
    _ reference: TimeSpan,
    _ comparison: Comparison,
    count: Int,
    _ unit: TimeUnit
  ) -> TimeWindow {
    let bound = adding(-count, unit, to: reference.start)
    let before = reference.start.advanced(byMilliseconds: -1)
    switch comparison {
    case .lessOrEqual: return TimeWindow(from: bound, through: before)
    case .less: return TimeWindow(from: bound.advanced(byMilliseconds: 1), through: before)
    case .greaterOrEqual: return TimeWindow(through: min(bound, before))
    case .greater: return TimeWindow(through: bound.advanced(byMilliseconds: -1))
    case .equal, .notEqual:
      return window(of: adding(-count, unit, to: reference), isInverted: comparison == .notEqual)
    }
  }

  fileprivate func windowAfter(
    _ reference: TimeSpan,
    _ comparison: Comparison,
    count: Int,
    _ unit: TimeUnit
  ) -> TimeWindow {
    let bound = adding(count, unit, to: reference.start)
    let after = reference.start.advanced(byMilliseconds: 1)
    switch comparison {
    case .lessOrEqual: return TimeWindow(from: after, through: bound)
    case .less: return TimeWindow(from: after, through: bound.advanced(byMilliseconds: -1))
    case .greaterOrEqual: return TimeWindow(from: max(bound, after))
    case .greater: return TimeWindow(from: bound.advanced(byMilliseconds: 1))
    case .equal, .notEqual:
      return window(of: adding(count, unit, to: reference), isInverted: comparison == .notEqual)
    }
  }

  private func window(of span: TimeSpan, isInverted: Bool) -> TimeWindow {
    TimeWindow(from: span.start, through: span.last, isInverted: isInverted)
  }
}

extension Instant {
  /// `YYYY-MM-DDTHH:MM:SS.mmmZ`, always with milliseconds: a time value as text.
  package var isoMilliseconds: String {
    let text = iso
    return milliseconds % 1_000 == 0 ? String(text.dropLast()) + ".000Z" : text
  }
}
