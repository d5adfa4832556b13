/// Fits the best curve that does not descend to margins counted by bucket.
///
/// Neighbours whose rates descend are pooled until none do, which gives the least squares fit
/// (M. Ayer et al., Annals of Mathematical Statistics 26 (1955); for calibration B. Zadrozny,
/// C. Elkan, KDD 2002). Between pools the curve rises in straight lines, so ranks are kept.
package enum IsotonicFit {
  private struct Pool {
    var rows: Double
    var positives: Double
    /// Sum of margin · rows.
    var weighted: Double
    var rate: Double { positives / rows }
  }

  /// - Returns: `nil` without rows.
  package static func fit(_ counts: MarginCounts) -> Calibration? {
    var pools: [Pool] = []
    for bucket in 0..<MarginCounts.bucketCount {
      let positives = Double(counts.positives[bucket])
      let rows = positives + Double(counts.negatives[bucket])
      guard rows > 0 else { continue }
      var pool = Pool(
        rows: rows,
        positives: positives,
        weighted: rows * MarginCounts.margin(of: bucket)
      )
      while let last = pools.last, last.rate >= pool.rate {
        pool.rows += last.rows
        pool.positives += last.positives
        pool.weighted += last.weighted
        pools.removeLast()
      }
      pools.append(pool)
    }
    // One row more on either side of a pool keeps a rate of 0 or 1 from being a certainty.
    let base =
      Double(counts.positiveCount) / Double(max(1, counts.rowCount))
    let rates = pools.map { ($0.positives + base) / ($0.rows + 1) }
    var highest = 0.0
    let rising = rates.map { rate in
      highest = max(highest, rate)
      return highest
    }
    return IsotonicCurve(
      margins: pools.map { $0.weighted / $0.rows },
      probabilities: rising
    ).map { .isotonic($0) }
  }
}
