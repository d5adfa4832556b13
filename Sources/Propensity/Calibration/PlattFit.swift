/// Fits the two numbers of Platt's calibration to margins counted by bucket.
///
/// Newton's method with halved steps on the log loss against the targets (P + 1)/(P + 2) and
/// 1/(M + 2), which keep it from certainty. Sources: J. Platt, "Probabilistic outputs for support
/// vector machines" (1999); H.-T. Lin, C.-J. Lin, R. C. Weng, Machine Learning 68 (2007).
package enum PlattFit {
  private static let iterationCountMax = 100

  /// - Returns: `nil` when one outcome is missing, or higher margins do not go with more positives.
  package static func fit(_ counts: MarginCounts) -> Calibration? {
    let positives = Double(counts.positiveCount)
    let negatives = Double(counts.negativeCount)
    guard positives > 0, negatives > 0 else { return nil }
    let problem = Problem(
      counts: counts,
      high: (positives + 1) / (positives + 2),
      low: 1 / (negatives + 2)
    )
    var at = (slope: 1.0, offset: 0.0)
    var loss = problem.loss(at.slope, at.offset)
    for _ in 0..<iterationCountMax {
      let slopes = problem.derivatives(at.slope, at.offset)
      guard max(abs(slopes.bySlope), abs(slopes.byOffset)) > 1e-9 * (positives + negatives) else {
        break
      }
      let determinant = slopes.slopeSlope * slopes.offsetOffset - slopes.both * slopes.both
      let step = (
        slope: (slopes.both * slopes.byOffset - slopes.offsetOffset * slopes.bySlope) / determinant,
        offset: (slopes.both * slopes.bySlope - slopes.slopeSlope * slopes.byOffset) / determinant
      )
      var size = 1.0
      var improved = false
      while size > 1e-10 && !improved {
        let next = (slope: at.slope + size * step.slope, offset: at.offset + size * step.offset)
        let nextLoss = problem.loss(next.slope, next.offset)
        if nextLoss < loss {
          (at, loss, improved) = (next, nextLoss, true)
        }
        size /= 2
      }
      if !improved { break }
    }
    guard at.slope > 0, at.slope.isFinite, at.offset.isFinite else { return nil }
    return .platt(slope: at.slope, offset: at.offset)
  }

  private struct Problem {
    /// Margin, rows, and the sum of their targets, of each bucket that has rows.
    let buckets: [(margin: Double, rows: Double, target: Double)]

    init(counts: MarginCounts, high: Double, low: Double) {
      buckets = (0..<MarginCounts.bucketCount).compactMap { bucket in
        let positives = Double(counts.positives[bucket])
        let negatives = Double(counts.negatives[bucket])
        guard positives + negatives > 0 else { return nil }
        return (
          MarginCounts.margin(of: bucket), positives + negatives,
          high * positives + low * negatives
        )
      }
    }

    func loss(_ slope: Double, _ offset: Double) -> Double {
      buckets.reduce(0) { sum, bucket in
        let margin = slope * bucket.margin + offset
        return sum + bucket.target * logisticLoss(margin: margin, happened: true)
          + (bucket.rows - bucket.target) * logisticLoss(margin: margin, happened: false)
      }
    }

    /// First and second derivatives of the loss; a little is added to the latter's diagonal.
    func derivatives(
      _ slope: Double,
      _ offset: Double
    ) -> (
      bySlope: Double, byOffset: Double, slopeSlope: Double, offsetOffset: Double, both: Double
    ) {
      var sums = (
        bySlope: 0.0, byOffset: 0.0, slopeSlope: 1e-12, offsetOffset: 1e-12, both: 0.0
      )
      for bucket in buckets {
        let probability = sigmoid(slope * bucket.margin + offset)
        let residual = bucket.rows * probability - bucket.target
        let weight = bucket.rows * probability * (1 - probability)
        sums.bySlope += residual * bucket.margin
        sums.byOffset += residual
        sums.slopeSlope += weight * bucket.margin * bucket.margin
        sums.offsetOffset += weight
        sums.both += weight * bucket.margin
      }
      return sums
    }
  }
}
