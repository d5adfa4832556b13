import Bytes
import Domain
import Propensity

/// Chooses the points in time at which rows are made of events.
enum CutOffChoice {
  private static let millisecondsPerDay: Int64 = 86_400_000

  /// The cut-offs, the newest first: one outcome window before the last event, then back in steps.
  ///
  /// Those without any event before them would give rows of nothing and are left out.
  ///
  /// - Parameters:
  ///   - instance: says how many, how far apart, and how long the outcome window is.
  ///   - events: the span of all events; `nil` when there are none.
  ///   - asOf: what the job calls now; later events have not happened.
  /// - Returns: at least one.
  /// - Throws: when the events span too little time.
  static func cutOffs(
    for instance: PropensityInstance,
    _ events: EventSpan?,
    asOf: Instant
  ) throws(ClusterError) -> [Instant] {
    guard let events else {
      throw ClusterError(
        .notTrainable,
        "the goal is about events, and the set has none",
        next: "import events, or name a goal over attributes"
      )
    }
    let window = Int64(instance.outcomeWindowDays) * millisecondsPerDay
    let step = Int64(instance.cutOffStepDays ?? instance.outcomeWindowDays) * millisecondsPerDay
    let last = min(events.last, asOf)
    let cutOffs = (0..<Int64(max(1, instance.cutOffCount))).map { number in
      last.advanced(byMilliseconds: -window - number * step)
    }.filter { events.first < $0 }
    guard !cutOffs.isEmpty else {
      throw ClusterError(
        .notTrainable,
        "events from \(events.first.clamped.iso) to \(last.clamped.iso) leave no time before an"
          + " outcome window of \(instance.outcomeWindowDays) days",
        next: "import older events, or shorten 'outcomeWindowDays'"
      )
    }
    return cutOffs
  }
}
