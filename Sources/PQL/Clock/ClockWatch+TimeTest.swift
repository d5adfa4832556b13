import Bytes

/// Time tests whose subject or references move with the clock.
extension ClockWatch {
  /// Notes that a test was made.
  ///
  /// - Parameters:
  ///   - test: what was tested.
  ///   - subject: the instant tested is its start.
  ///   - first: the first reference as it is now; the only one unless the test is `between` two.
  ///   - last: the last reference.
  func note(
    _ test: TimeTest<TypedExpression>,
    of subject: TimeSpan,
    first: TimeSpan,
    last: TimeSpan
  ) {
    let made = MadeTest(test: test, first: first, last: last, calendar: calendar)
    switch subject.motion {
    case nil: noteFixed(subject.start, made)
    case .instant: noteInstant(made)
    case .unit(let unit, _) where test.isIgnoringYear || !made.motions.isEmpty:
      noteUnit(unit)
      noteFixed(subject.start, made)
    case .unit(let unit, let shift):
      let window = made.window(at: now)
      let sides = window.sides(of: subject.start)
      noteFirst(.unit(unit, shift: shift), near: [window.first, window.last]) { [calendar] now in
        window.sides(of: calendar.unit(unit, at: now, shift: shift).start) != sides
      }
    }
  }

  // MARK: An instant that stays

  private func noteFixed(_ subject: Instant, _ made: MadeTest) {
    if made.motions.isEmpty { return }
    guard made.test.isIgnoringYear else { return noteWindow(subject, made) }
    noteYears(of: made)
    for year in made.years { noteWindow(calendar.moving(subject, toYear: year), made) }
  }

  /// Notes when the window first passes an instant with one of its ends.
  private func noteWindow(_ subject: Instant, _ made: MadeTest) {
    let centres = made.centres(subject)
    let hasMonths = made.hasMonths
    let sides = made.window(at: now).sides(of: subject)
    if let motion = made.firstOfWindow.motion {
      noteFirst(motion, near: centres, hasMonths: hasMonths) { now in
        made.window(at: now).sides(of: subject).isBeforeFirst != sides.isBeforeFirst
      }
    }
    if let motion = made.lastOfWindow.motion {
      noteFirst(motion, near: centres, hasMonths: hasMonths) { now in
        made.window(at: now).sides(of: subject).isAfterLast != sides.isAfterLast
      }
    }
  }

  /// Notes when the years that a test without years goes through become others.
  private func noteYears(of made: MadeTest) {
    for span in [made.first, made.last] {
      guard let motion = span.motion else { continue }
      let year = calendar.civil(span.start).year
      let whole = calendar.unit(.year, at: span.start)
      noteFirst(motion, near: [whole.start, whole.end]) { [calendar] now in
        calendar.civil(calendar.span(of: motion, at: now).start).year != year
      }
    }
  }

  // MARK: The present as what is tested

  private func noteInstant(_ made: MadeTest) {
    for case .unit(let unit, _) in made.motions { noteUnit(unit) }
    if made.test.isIgnoringYear { return noteInstantWithoutYear(made) }
    let window = made.window(at: now)
    // An end that is counted from the present goes along with it.
    if made.firstOfWindow.motion != .instant { note(window.first) }
    if made.lastOfWindow.motion != .instant { note(window.last.advanced(byMilliseconds: 1)) }
    if made.motions.contains(.instant) { noteClockChanges() }
  }

  /// Notes when calendar arithmetic on the present may come out on its other side.
  ///
  /// Any number of units earlier is earlier, and later is later. Only where the clock is set do the
  /// two meet, for as long as it was set by.
  private func noteClockChanges() {
    let day = CivilTime.millisecondsPerDay
    if let coming = calendar.zone.transition(after: now) { note(coming) }
    var instant = now
    while let change = calendar.zone.transition(through: instant),
      change.advanced(byMilliseconds: 3 * day) > now
    {
      instant = change.advanced(byMilliseconds: -1)
      let before = calendar.zone.offsetMilliseconds(at: instant)
      let distance = abs(calendar.zone.offsetMilliseconds(at: change) - before)
      for milliseconds in [1, distance, distance - day] {
        note(change.advanced(byMilliseconds: milliseconds))
      }
    }
  }

  private func noteInstantWithoutYear(_ made: MadeTest) {
    if made.motions.contains(.instant) {
      // On one day of UTC, the present in another year and an instant counted from the present keep
      // their distance. Elsewhere nothing is known beyond this instant.
      let isOfPresentAlone = made.first.motion == .instant && made.last.motion == .instant
      guard calendar.zone.isUTC, isOfPresentAlone else {
        return note(now.advanced(byMilliseconds: 1))
      }
      return noteUnit(.day)
    }
    noteUnit(.day)
    let window = made.window(at: now)
    let last = calendar.end(of: .day, after: now).advanced(byMilliseconds: -1)
    for year in made.years {
      let sides = window.sides(of: calendar.moving(now, toYear: year))
      let differs = { [calendar] (now: Instant) in
        window.sides(of: calendar.moving(now, toYear: year)) != sides
      }
      if last > now, differs(last) { note(ClockSearch.halved(now, last, where: differs)) }
    }
  }
}

/// A time test with its references as they are now.
private struct MadeTest {
  let test: TimeTest<TypedExpression>
  let first: TimeSpan
  let last: TimeSpan
  let calendar: TimeCalendar

  /// How the references move that do.
  var motions: [ClockMotion] {
    let (first, last) = (first.motion, last.motion)
    return [first, last == first ? nil : last].compactMap { $0 }
  }

  /// The reference that the window's first instant is counted from.
  var firstOfWindow: TimeSpan { first }

  /// The reference that the window's last instant is counted from.
  var lastOfWindow: TimeSpan { if case .between = test.form { last } else { first } }

  /// The years that a test without years goes through.
  var years: Range<Int> {
    let low = max(calendar.civil(first.start).year - 1, 1)
    let high = min(calendar.civil(last.start).year + 1, 9999)
    return low..<max(low, high + 1)
  }

  func window(at now: Instant) -> TimeWindow {
    test.window(first: place(of: first, at: now), last: place(of: last, at: now), in: calendar)
  }

  private func place(of span: TimeSpan, at now: Instant) -> TimeSpan {
    span.motion.map { calendar.span(of: $0, at: now) } ?? span
  }

  var hasMonths: Bool {
    if case .offset(_, _, let unit, _, _) = test.form { unit.isOfMonths } else { false }
  }

  /// About where the clock is when an end of the window reaches an instant.
  func centres(_ subject: Instant) -> [Instant] {
    guard case .offset(_, let count, let unit, let direction, _) = test.form else {
      return [subject]
    }
    let (distance, overflow) = unit.millisecondsMean.multipliedReportingOverflow(by: Int64(count))
    let offset = overflow ? Int64.max : distance
    let away = subject.advanced(byMilliseconds: direction == .before ? offset : -offset)
    return [subject, away]
  }
}

/// On which side of both ends of a window an instant is.
private struct WindowSides: Equatable {
  var isBeforeFirst: Bool
  var isAfterLast: Bool
}

extension TimeWindow {
  fileprivate func sides(of instant: Instant) -> WindowSides {
    WindowSides(isBeforeFirst: instant < first, isAfterLast: last < instant)
  }
}
