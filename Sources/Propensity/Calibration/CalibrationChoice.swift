/// Chooses how margins become probabilities, by rows that no tree has seen.
package enum CalibrationChoice {
  /// How much lower, relative, a fitted calibration's loss must be than that of a simpler one.
  private static let gainMin = 0.001
  /// Rows of either outcome that an isotonic curve needs; fewer make steps of noise.
  ///
  /// A. Niculescu-Mizil and R. Caruana, ICML 2005, advise against it under about 1,000 rows.
  private static let isotonicRowCountMin: UInt64 = 500

  /// - Parameter halves: the margins of two halves of the hold-out rows; each candidate is fitted
  ///   to one half and judged by the other, both ways round.
  /// - Returns: the simplest candidate that no other clearly beats, fitted to all rows; `identity`
  ///   when there are not two halves with rows of both outcomes.
  package static func choose(halves: [MarginCounts]) -> Calibration {
    guard halves.count == 2,
      halves.allSatisfy({ $0.positiveCount > 0 && $0.negativeCount > 0 })
    else { return .identity }
    var all = halves[0]
    all.add(halves[1])
    var chosen = Calibration.identity
    var loss = QualityFigures.logLoss(all, calibration: .identity)
    var fits: [(MarginCounts) -> Calibration?] = [PlattFit.fit]
    if min(all.positiveCount, all.negativeCount) >= isotonicRowCountMin {
      fits.append(IsotonicFit.fit)
    }
    for fit in fits {
      guard let first = fit(halves[0]), let second = fit(halves[1]), let whole = fit(all) else {
        continue
      }
      let rows = halves.map { Double($0.rowCount) }
      let judged =
        (QualityFigures.logLoss(halves[1], calibration: first) * rows[1]
          + QualityFigures.logLoss(halves[0], calibration: second) * rows[0]) / (rows[0] + rows[1])
      if judged < loss * (1 - gainMin) { (chosen, loss) = (whole, judged) }
    }
    return chosen
  }
}
