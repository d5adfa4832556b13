package import Bytes
import Domain
package import Propensity

/// The points in time at which rows are made of events.
package struct CutOffs: Equatable, Sendable {
  private static let millisecondsPerDay: Int64 = 86_400_000

  /// The newest first; at least one.
  package var learned: [Instant]
  /// Later than all of these by an outcome window at least; `nil` when the events allow only one
  /// cut-off, or no more are wanted.
  package var outOfTime: Instant?

  /// The one cut-off of a goal that is not about events.
  init(only instant: Instant) {
    learned = [instant]
    outOfTime = nil
  }

  /// Chooses cut-offs from the span of the events.
  ///
  /// The newest lies one outcome window before the last event. When several are wanted it is kept for
  /// an out-of-time test, and the others lie before it by one outcome window and then in steps: at the
  /// newest cut-off the outcomes of all rows that are learned from have happened, so what the test
  /// finds is what could have been found then. Cut-offs without any event before them would give rows
  /// of nothing and are left out.
  ///
  /// - Parameters:
  ///   - instance: says how many, how far apart, and how long the outcome window is.
  ///   - events: the span of all events; `nil` when there are none.
  ///   - asOf: what the job calls now; later events have not happened.
  /// - Throws: when the events span too little time.
  package init(
    for instance: PropensityInstance,
    _ events: EventSpan?,
    asOf: Instant
  ) throws(ClusterError) {
    guard let events else {
      throw ClusterError(
        .notTrainable,
        "the goal is about events, and the set has none",
        next: "import events, or name a goal over attributes"
      )
    }
    let window = Int64(instance.outcomeWindowDays) * CutOffs.millisecondsPerDay
    let step =
      Int64(instance.cutOffStepDays ?? instance.outcomeWindowDays) * CutOffs.millisecondsPerDay
    let last = min(events.last, asOf)
    let newest = last.advanced(byMilliseconds: -window)
    guard events.first < newest else {
      throw ClusterError(
        .notTrainable,
        "events from \(events.first.clamped.iso) to \(last.clamped.iso) leave no time before an"
          + " outcome window of \(instance.outcomeWindowDays) days",
        next: "import older events, or shorten 'outcomeWindowDays'"
      )
    }
    let older = (0..<Int64(max(0, instance.cutOffCount - 1))).map { number in
      newest.advanced(byMilliseconds: -window - number * step)
    }.filter { events.first < $0 }
    learned = older.isEmpty ? [newest] : older
    outOfTime = older.isEmpty ? nil : newest
  }
}
