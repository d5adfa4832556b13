/// What is measured of a profile's events of one kind before a cut-off.
///
/// A day is 86,400 seconds; days of the calendar and hours are those of UTC.
package enum EventMeasure: Hashable, Sendable {
  /// Days from the last event to the cut-off.
  case recency
  /// Days from the first event to the cut-off.
  case tenure
  case count(FeatureWindow)
  /// Days of the calendar with an event.
  case dayCount(FeatureWindow)
  /// The window's count over that of the window of twice its length.
  case trend(FeatureWindow)
  /// Events a week more from week to week, over the last eight weeks.
  case slope
  /// Mean days between an event and the next.
  case gapMean
  /// Their standard deviation.
  case gapDeviation
  /// Days since the last event over the mean gap.
  case gapRatio
  /// Share of events in a quarter of the day, 0…3 from midnight on.
  case hourShare(quarter: Int)
  /// Share of events on a day of the week, 0 Monday … 6 Sunday.
  case weekdayShare(day: Int)
  /// The sum of a numeric field, an index into the plan's.
  case sum(field: Int, FeatureWindow)
  case mean(field: Int, FeatureWindow)
  case largest(field: Int, FeatureWindow)
  /// How many different texts a field has, an index into the plan's.
  case variety(field: Int, FeatureWindow)
  /// The newest text of a field.
  case last(field: Int)
  /// Whether an event of another kind came at most so many days after one of this kind.
  case follows(kind: Int, days: Int)
}

/// The time before a cut-off in which events count.
package enum FeatureWindow: UInt8, CaseIterable, Hashable, Sendable {
  case day1 = 0
  case days3 = 1
  case days7 = 2
  case days14 = 3
  case days30 = 4
  case days60 = 5
  case days90 = 6
  /// All the time.
  case all = 7

  /// How many days it is long, `nil` for all; an event as old as that is in it.
  package var dayCount: Int? {
    switch self {
    case .day1: 1
    case .days3: 3
    case .days7: 7
    case .days14: 14
    case .days30: 30
    case .days60: 60
    case .days90: 90
    case .all: nil
    }
  }
}
