/// Turns margins into probabilities; never changes the order of two rows, though it may make ties.
package enum Calibration: Equatable, Sendable {
  /// The logistic function of the margin, as the trees were trained for.
  case identity
  /// p = 1/(1 + e^−(slope · margin + offset)), with a slope above 0.
  case platt(slope: Double, offset: Double)
  /// Straight lines between points, level beyond the first and the last.
  case isotonic(IsotonicCurve)

  package func probability(margin: Double) -> Double {
    switch self {
    case .identity: sigmoid(margin)
    case .platt(let slope, let offset): sigmoid(slope * margin + offset)
    case .isotonic(let curve): curve.probability(margin: margin)
    }
  }
}

/// A curve that does not descend, through at least one point.
package struct IsotonicCurve: Equatable, Sendable {
  /// Points at most; there are no more buckets of margins.
  package static let pointCountMax = MarginCounts.bucketCount

  /// Ascending.
  package let margins: [Double]
  /// In 0…1, not descending; as many.
  package let probabilities: [Double]

  /// - Returns: `nil` unless the points are as the properties say.
  package init?(margins: [Double], probabilities: [Double]) {
    guard (1...Self.pointCountMax).contains(margins.count), margins.count == probabilities.count,
      margins.allSatisfy(\.isFinite), probabilities.allSatisfy({ $0 >= 0 && $0 <= 1 }),
      zip(margins, margins.dropFirst()).allSatisfy({ $0 < $1 }),
      zip(probabilities, probabilities.dropFirst()).allSatisfy({ $0 <= $1 })
    else { return nil }
    self.margins = margins
    self.probabilities = probabilities
  }

  package func probability(margin: Double) -> Double {
    var (low, high) = (0, margins.count)
    while low < high {
      let middle = (low + high) / 2
      if margins[middle] <= margin { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return probabilities[0] }
    guard low < margins.count else { return probabilities[low - 1] }
    let part = (margin - margins[low - 1]) / (margins[low] - margins[low - 1])
    let rise = probabilities[low] - probabilities[low - 1]
    return min(probabilities[low], probabilities[low - 1] + part * rise)
  }
}
