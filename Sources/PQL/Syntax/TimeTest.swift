/// A point or day named by a word.
package enum TimeWord: String, CaseIterable, Hashable, Sendable {
  case now
  case today
  case yesterday
  case tomorrow
}

/// A unit of time; from a day upwards it follows the calendar.
package enum TimeUnit: String, CaseIterable, Hashable, Sendable {
  case millisecond
  case second
  case minute
  case hour
  case day
  case week
  case month
  case year
  case decade
  case century
  case millennium

  package var plural: String {
    switch self {
    case .century: "centuries"
    case .millennium: "millennia"
    default: rawValue + "s"
    }
  }
}

/// What follows `occurs`, or stands in a chain's `WHEN`.
package struct TimeTest<Operand: Hashable & Sendable>: Hashable, Sendable {
  package var form: Form
  package var isIgnoringYear: Bool

  package init(_ form: Form, isIgnoringYear: Bool = false) {
    self.form = form
    self.isIgnoringYear = isIgnoringYear
  }

  package enum Form: Hashable, Sendable {
    /// `[on] R`.
    case on(Reference)
    case before(Reference)
    case after(Reference)
    case from(Reference)
    case between(Reference, Reference)
    /// `<= 3 days before R`; the count is from 0 to `QueryLimits.integerMax`.
    case offset(Comparison, count: Int, TimeUnit, Direction, Reference)
  }

  package enum Reference: Hashable, Sendable {
    /// `this month`, `last week`, `next year`: a whole calendar unit.
    case unit(CalendarWord, TimeUnit)
    /// An instant, or a day: a time word, a date, or a path.
    case moment(Operand)
  }

  /// The references of the test, one or two, in order.
  package var references: [Reference] {
    switch form {
    case .on(let reference), .before(let reference), .after(let reference), .from(let reference),
      .offset(_, count: _, _, _, let reference):
      [reference]
    case .between(let first, let last): [first, last]
    }
  }
}

/// Which way an offset counts from its reference; `from` and `after` mean the same.
package enum Direction: String, CaseIterable, Hashable, Sendable {
  case before
  case after
  case from
}

package enum CalendarWord: String, CaseIterable, Hashable, Sendable {
  case this
  case last
  case next
}

/// How many items a chain's step asks for.
package struct CountRange: Hashable, Sendable {
  package var low: Int
  /// The most, `nil` without a limit; below `low` the range is empty.
  package var high: Int?

  package init(low: Int, high: Int? = nil) {
    self.low = low
    self.high = high
  }
}
