import Bytes

/// Notes, during one evaluation, up to when everything it asked of the clock stays as it is.
///
/// An evaluation is a function of the answers to its tests, and each test that the clock can change
/// is noted where it is made. So as long as none of them changes, neither does the result.
final class ClockWatch {
  let calendar: TimeCalendar
  let now: Instant
  /// The first instant after now at which a test may have another answer; `nil` when none ever will.
  private(set) var next: Instant?
  /// Segments whose memberships were asked for.
  private(set) var segmentsAsked: Set<Text> = []

  init(_ context: EvaluationContext) {
    calendar = context.calendar
    now = context.now
  }

  /// Notes an instant at which an answer may change; one that is not to come says nothing.
  func note(_ instant: Instant) {
    guard instant > now, instant <= .latest else { return }
    next = min(next ?? instant, instant)
  }

  func note(askedFor segment: Text) { segmentsAsked.insert(segment) }

  // MARK: Values

  /// A time word's span, with its motion.
  func span(of word: TimeWord) -> TimeSpan {
    var span = calendar.span(of: word, at: now)
    span.motion = ClockMotion(word)
    return span
  }

  /// The calendar unit around now or `shift` units later, with its motion.
  func span(of unit: TimeUnit, shift: Int) -> TimeSpan {
    var span = calendar.unit(unit, at: now, shift: shift)
    span.motion = .unit(unit, shift: shift)
    return span
  }

  /// Notes that the `unit` of now was read: its year, month or day.
  func noteUnit(_ unit: TimeUnit) { note(calendar.end(of: unit, after: now)) }

  /// Notes that the year, month or day of a span's start was read.
  func noteUnit(_ unit: TimeUnit, of span: TimeSpan) {
    switch span.motion {
    case nil: return
    case .instant: noteUnit(unit)
    case .unit(let moving, _) where moving == unit: noteUnit(unit)
    case .unit(let moving, let shift):
      let whole = calendar.unit(unit, at: span.start)
      let civil = calendar.civil(span.start)
      noteFirst(.unit(moving, shift: shift), near: [whole.start, whole.end]) { [calendar] now in
        let other = calendar.civil(calendar.unit(moving, at: now, shift: shift).start)
        return other.year != civil.year || unit != .year && other.month != civil.month
          || unit == .day && other.day != civil.day
      }
    }
  }

  // MARK: Order

  /// Notes that two values were compared, whatever they hold.
  func noteOrder(_ left: RuntimeValue, _ right: RuntimeValue, _ relations: ValueRelations) {
    switch (left, right) {
    case (.data, .data): return
    case (.time, _), (_, .time):
      guard let left = relations.reference(left), let right = relations.reference(right) else {
        return
      }
      noteOrder(left, right)
    default:
      if let left = left.elements, let right = right.elements {
        for (left, right) in zip(left, right) { noteOrder(left, right, relations) }
      } else if let left = left.fields, let right = right.fields {
        for (left, right) in zip(left, right) { noteOrder(left.value, right.value, relations) }
      }
    }
  }

  /// Notes that the starts of two spans were compared.
  func noteOrder(_ left: TimeSpan, _ right: TimeSpan) {
    switch (left.motion, right.motion) {
    case (nil, nil): return
    case (let motion?, nil): noteOrder(motion, against: right.start)
    case (nil, let motion?): noteOrder(motion, against: left.start)
    case (let first?, let second?) where first == second: return
    case (let first?, let second?):
      // A unit's span stays until the unit is over; the present may pass its start before.
      for (motion, span) in [(first, left), (second, right)] {
        guard case .unit(let unit, _) = motion else { continue }
        noteUnit(unit)
        noteOrder(.instant, against: span.start)
      }
    }
  }

  /// Notes that each of some spans was compared with any other.
  func noteOrders(_ spans: [TimeSpan]) {
    var moving: [ClockMotion: TimeSpan] = [:]
    for span in spans { if let motion = span.motion { moving[motion] = span } }
    for span in moving.values { for other in spans { noteOrder(span, other) } }
  }

  private func noteOrder(_ motion: ClockMotion, against instant: Instant) {
    guard case .unit(let unit, let shift) = motion else {
      note(instant)
      note(instant.advanced(byMilliseconds: 1))
      return
    }
    let start = calendar.unit(unit, at: now, shift: shift).start
    noteFirst(motion, near: [instant]) { [calendar] now in
      let other = calendar.unit(unit, at: now, shift: shift).start
      return (other < instant) != (start < instant) || (other > instant) != (start > instant)
    }
  }

  // MARK: Searching

  /// Notes the first instant at which `differs` is true, as `ClockSearch.first` finds it.
  func noteFirst(
    _ motion: ClockMotion,
    near centres: [Instant],
    hasMonths: Bool = false,
    where differs: (Instant) -> Bool
  ) {
    let search = ClockSearch(calendar: calendar, now: now, motion: motion)
    let first = search.first(near: centres, hasMonths: hasMonths, before: next, where: differs)
    if let first { note(first) }
  }
}
