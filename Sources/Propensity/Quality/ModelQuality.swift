/// What a model's hold-out rows say about it.
package struct ModelQuality: Equatable, Sendable {
  /// Hold-out rows by margin; what every figure comes from.
  package let margins: MarginCounts
  /// Area under the receiver operating characteristic; `nil` when one outcome is missing.
  package let areaUnderCurve: Double?
  package let areaStandardError: Double?
  package let logLoss: Double
  package let brierScore: Double
  /// Mean distance of predicted and actual rates over ten groups of about equally many rows.
  package let calibrationError: Double
  package let kolmogorovSmirnov: Double?

  /// - Returns: `nil` without rows.
  package init?(margins: MarginCounts, calibration: Calibration) {
    guard margins.rowCount > 0 else { return nil }
    self.margins = margins
    let area = QualityFigures.areaUnderCurve(margins)
    areaUnderCurve = area
    areaStandardError = area.map {
      QualityFigures.areaStandardError(
        area: $0,
        positives: margins.positiveCount,
        negatives: margins.negativeCount
      )
    }
    logLoss = QualityFigures.logLoss(margins, calibration: calibration)
    brierScore = QualityFigures.brierScore(margins, calibration: calibration)
    calibrationError = ReliabilityTable(margins: margins, calibration: calibration).expectedError
    kolmogorovSmirnov = QualityFigures.kolmogorovSmirnov(margins)
  }
}
