import Bytes

/// Looks for the first instant at which something made of a moving span is no longer what it is now.
///
/// Far from where it could happen nothing is looked at. Near it, time falls into pieces in each of
/// which the span never goes back; so a comparison of it with an instant changes at most once a
/// piece, and halving finds the place.
struct ClockSearch {
  let calendar: TimeCalendar
  let now: Instant
  let motion: ClockMotion

  /// How far from its mean distance calendar arithmetic can end, by zones that set their clocks.
  private static let zoneMilliseconds = 3 * CivilTime.millisecondsPerDay
  /// The same by months of different lengths.
  private static let monthMilliseconds = 10 * CivilTime.millisecondsPerDay

  /// The first instant after now at which `differs` is true.
  ///
  /// - Parameters:
  ///   - centres: about where it can happen.
  ///   - hasMonths: whether calendar arithmetic with months takes part.
  ///   - limit: later instants are of no interest.
  ///   - differs: false now; within a piece it does not become false again.
  /// - Returns: `nil` when there is none before `limit`.
  func first(
    near centres: [Instant],
    hasMonths: Bool,
    before limit: Instant?,
    where differs: (Instant) -> Bool
  ) -> Instant? {
    var reach = motion.reachMilliseconds + 2
    if !calendar.zone.isUTC { reach += Self.zoneMilliseconds }
    if hasMonths { reach += Self.monthMilliseconds }
    let limit = min(limit ?? .latest, .latest)
    var instant = now
    for centre in centres.sorted() {
      let end = min(centre.advanced(byMilliseconds: reach), limit)
      instant = max(instant, centre.advanced(byMilliseconds: -reach))
      while instant < end {
        let pieceEnd = min(calendar.steadyEnd(of: motion, from: instant), end)
        let last = pieceEnd.advanced(byMilliseconds: -1)
        if last > instant, differs(last) { return Self.halved(instant, last, where: differs) }
        if differs(pieceEnd) { return pieceEnd }
        instant = pieceEnd
      }
      if instant >= limit { return nil }
    }
    return nil
  }

  /// The first instant for which `differs` is true, after `low` and not after `high`.
  static func halved(
    _ low: Instant,
    _ high: Instant,
    where differs: (Instant) -> Bool
  ) -> Instant {
    var (low, high) = (low.milliseconds, high.milliseconds)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if differs(Instant(milliseconds: middle)) { high = middle } else { low = middle }
    }
    return Instant(milliseconds: high)
  }
}
