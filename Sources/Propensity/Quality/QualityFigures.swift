/// Measures of a classifier from how often the goal was reached and not, by margin bucket.
///
/// Rows of one bucket count as ties and stand at its middle, so figures are the same for any order
/// and division of the rows.
package enum QualityFigures {
  /// The chance that a positive row's margin is above a negative one's, ties counted half.
  ///
  /// Source: J. A. Hanley, B. J. McNeil, Radiology 143 (1982), 29–36.
  ///
  /// - Returns: a value in 0…1; `nil` when one outcome is missing.
  package static func areaUnderCurve(_ counts: MarginCounts) -> Double? {
    areaUnderCurve(positives: counts.positives, negatives: counts.negatives)
  }

  /// The same for any groups of tied rows, in ascending order of their scores.
  package static func areaUnderCurve(positives: [UInt64], negatives: [UInt64]) -> Double? {
    precondition(positives.count == negatives.count, "\(positives.count), \(negatives.count)")
    let positiveCount = Double(positives.reduce(0, &+))
    let negativeCount = Double(negatives.reduce(0, &+))
    guard positiveCount > 0, negativeCount > 0 else { return nil }
    var below = 0.0
    var wins = 0.0
    for group in positives.indices {
      wins += Double(positives[group]) * (below + 0.5 * Double(negatives[group]))
      below += Double(negatives[group])
    }
    return wins / (positiveCount * negativeCount)
  }

  /// The standard error of an area under the curve.
  ///
  /// √{[A(1−A) + (P−1)(Q₁−A²) + (M−1)(Q₂−A²)] / (P·M)} with Q₁ = A/(2−A), Q₂ = 2A²/(1+A).
  /// Source: J. A. Hanley, B. J. McNeil, "The meaning and use of the area under a receiver operating
  /// characteristic (ROC) curve", Radiology 143 (1982), 29–36, formula (2).
  package static func areaStandardError(
    area: Double,
    positives: UInt64,
    negatives: UInt64
  ) -> Double {
    let (p, m) = (Double(max(1, positives)), Double(max(1, negatives)))
    let square = area * area
    let first = area / (2 - area) - square
    let second = 2 * square / (1 + area) - square
    let variance = (area * (1 - area) + (p - 1) * first + (m - 1) * second) / (p * m)
    return max(0, variance).squareRoot()
  }

  /// Mean of −ln of the probability given to what happened, from 1e-15 to 1 − 1e-15.
  ///
  /// - Returns: 0 without rows.
  package static func logLoss(_ counts: MarginCounts, calibration: Calibration) -> Double {
    mean(counts) { margin in
      let p = min(max(calibration.probability(margin: margin), 1e-15), 1 - 1e-15)
      return (-naturalLogarithm(p), -naturalLogarithm(1 - p))
    }
  }

  /// The Brier score, mean squared distance from the outcome.
  ///
  /// Source: G. W. Brier, Monthly Weather Review 78 (1950), 1–3.
  ///
  /// - Returns: 0 without rows.
  package static func brierScore(_ counts: MarginCounts, calibration: Calibration) -> Double {
    mean(counts) { margin in
      let p = calibration.probability(margin: margin)
      return ((1 - p) * (1 - p), p * p)
    }
  }

  /// The Kolmogorov–Smirnov distance: the largest difference between the shares of positive and of
  /// negative rows above a cut.
  ///
  /// - Returns: a value in 0…1; `nil` when one outcome is missing.
  package static func kolmogorovSmirnov(_ counts: MarginCounts) -> Double? {
    let positiveCount = Double(counts.positiveCount)
    let negativeCount = Double(counts.negativeCount)
    guard positiveCount > 0, negativeCount > 0 else { return nil }
    var (positives, negatives, widest) = (0.0, 0.0, 0.0)
    for bucket in counts.positives.indices {
      positives += Double(counts.positives[bucket])
      negatives += Double(counts.negatives[bucket])
      widest = max(widest, abs(positives / positiveCount - negatives / negativeCount))
    }
    return widest
  }

  /// The mean over rows of a value for a bucket's positive rows and one for its negative rows.
  private static func mean(
    _ counts: MarginCounts,
    _ values: (_ margin: Double) -> (positive: Double, negative: Double)
  ) -> Double {
    var (sum, rows) = (0.0, 0.0)
    for bucket in counts.positives.indices {
      let positives = Double(counts.positives[bucket])
      let negatives = Double(counts.negatives[bucket])
      if positives + negatives == 0 { continue }
      let value = values(MarginCounts.margin(of: bucket))
      sum += positives * value.positive + negatives * value.negative
      rows += positives + negatives
    }
    return rows == 0 ? 0 : sum / rows
  }
}
