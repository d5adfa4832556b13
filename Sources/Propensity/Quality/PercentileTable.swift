/// Where a margin stands among all rows that were scored together.
///
/// Rows of one bucket of margins are tied and share the highest rank among them, so a percentile is
/// the same for any division and order of the rows.
package struct PercentileTable: Equatable, Sendable {
  /// By bucket of `MarginCounts`, 1…100, not descending.
  package let percentiles: [UInt8]

  /// - Parameter margins: of all rows, whatever their outcome.
  package init(margins: MarginCounts) {
    let rowCount = margins.rowCount
    var rank: UInt64 = 0
    percentiles = (0..<MarginCounts.bucketCount).map { bucket in
      rank &+= margins.positives[bucket] &+ margins.negatives[bucket]
      guard rowCount > 0 else { return 1 }
      // ⌈100 · rank / rows⌉ in whole numbers.
      let (quotient, rest) = (100 * rank).quotientAndRemainder(dividingBy: rowCount)
      return UInt8(clamping: min(100, max(1, rest == 0 ? quotient : quotient + 1)))
    }
  }

  package func percentile(margin: Double) -> Int {
    Int(percentiles[MarginCounts.bucket(of: margin)])
  }
}

/// A third of the scores as a word.
package enum ScoreBucket: String, CaseIterable, Sendable {
  case low
  case medium
  case high

  /// Low are 0…24, medium 25…74, high 75…100.
  package init(score: Int) {
    self = score < 25 ? .low : score < 75 ? .medium : .high
  }

  package var scores: ClosedRange<Int> {
    switch self {
    case .low: 0...24
    case .medium: 25...74
    case .high: 75...100
    }
  }
}
