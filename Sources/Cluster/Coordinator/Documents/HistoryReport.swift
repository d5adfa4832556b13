import Bytes
import Domain
import Propensity

/// How an instance's scorings have held: what was expected, and what came of it.
enum HistoryReport {
  /// The document of a history, the newest scoring first.
  ///
  /// - Parameters:
  ///   - history: of the instance.
  ///   - last: its last scoring.
  /// - Returns: scorings, and in words what is not to be found among them and why.
  static func document(of history: ScoringHistory, last: ScoringRecord) -> Value {
    let scorings = history.scorings.reversed()
    return .known([
      "hasOutcomeWindow": .boolean(last.windowEnd != nil || !scorings.isEmpty),
      "remark": remark(on: history, last: last).map { .string($0) },
      "scorings": .array(scorings.map { document(of: $0) }),
    ])
  }

  private static func remark(on history: ScoringHistory, last: ScoringRecord) -> Text? {
    guard let windowEnd = last.windowEnd else {
      return Text(
        "the goal is over attributes alone, which have no outcome window: what becomes of scored"
          + " profiles cannot be told"
      )
    }
    guard !history.scorings.contains(where: { $0.job == last.job }) else { return nil }
    return Text(
      "the scoring as of \(last.asOf.clamped.iso), whose outcome window ends on"
        + " \(windowEnd.clamped.iso), is not followed: \(ScoringHistory.awaitedCountMax) others wait"
        + " for their outcomes already"
    )
  }

  private static func document(of scoring: PastScoring) -> Value {
    let all = scoring.expected.reduce(BucketExpectation(rowCount: 0, probabilitySum: 0)) {
      $0.adding($1)
    }
    var outcomes: ScoredOutcomes?
    var knownAsOf: Instant?
    if case .known(let found, let asOf) = scoring.fate { (outcomes, knownAsOf) = (found, asOf) }
    let buckets = zip(ScoreBucket.allCases, scoring.expected).map { bucket, expected in
      Value.object(
        [("bucket", .string(bucket.rawValue))]
          + rates(
            expected,
            outcomes.map { ($0.rowCount(of: bucket), $0.positiveCount(of: bucket)) }
          )
      )
    }
    let head: [(Text, Value?)] = [
      ("set", .name(scoring.setName)), ("asOf", .instant(scoring.asOf)),
      ("job", .string(scoring.job.description)), ("modelVersion", .count(scoring.modelVersion)),
      ("windowEnd", .instant(scoring.windowEnd)), ("isKnown", .boolean(outcomes != nil)),
      ("knownAsOf", knownAsOf.map { .instant($0) }),
      ("areaUnderCurve", outcomes?.areaUnderCurve.map { .double($0) }),
    ]
    return .object(
      head.compactMap { name, value in value.map { (name, $0) } }
        + rates(all, outcomes.map { ($0.rowCount, $0.positiveCount) })
        + [("buckets", .array(buckets))]
    )
  }

  /// Profiles that were scored and the rate that was expected of them; and of those whose outcome is
  /// known, which are the same unless their fields were written over, the rate that came.
  private static func rates(
    _ expected: BucketExpectation,
    _ outcomes: (rows: UInt64, positives: UInt64)?
  ) -> [(Text, Value)] {
    let members: [(Text, Value?)] = [
      ("profiles", .count(expected.rowCount)),
      ("expectedRate", expected.rate.map { .double($0) }),
      ("judged", outcomes.map { .count($0.rows) }),
      ("positives", outcomes.map { .count($0.positives) }),
      (
        "actualRate",
        outcomes.flatMap {
          $0.rows == 0 ? nil : .double(Double($0.positives) / Double($0.rows))
        }
      ),
    ]
    return members.compactMap { name, value in value.map { (name, $0) } }
  }
}
