import Bytes
import Propensity
import Testing

struct CalibrationTests {
  private func halves(
    rowCount: Int,
    seed: UInt64,
    truth: (Double) -> Double
  ) -> [MarginCounts] {
    var random = SeededRandom(seed: seed)
    var halves = [MarginCounts(), MarginCounts()]
    for index in 0..<rowCount {
      let margin = random.unit() * 8 - 4
      halves[index % 2].add(margin: margin, isPositive: random.unit() < truth(margin))
    }
    return halves
  }

  @Test func `margins that are log-odds already stay as they are`() {
    let halves = halves(rowCount: 20_000, seed: 51, truth: sigmoid)
    #expect(CalibrationChoice.choose(halves: halves) == .identity)
  }

  @Test func `a slope and an offset are found by Platt's fit`() throws {
    let truth = { (margin: Double) in sigmoid(2 * margin - 1) }
    let halves = halves(rowCount: 60_000, seed: 52, truth: truth)
    let calibration = CalibrationChoice.choose(halves: halves)
    guard case .platt(let slope, let offset) = calibration else {
      Issue.record("\(calibration)")
      return
    }
    #expect(abs(slope - 2) < 0.1)
    #expect(abs(offset + 1) < 0.1)
  }

  @Test func `another shape is found by the isotonic fit`() {
    let truth = { (margin: Double) in margin < -1 ? 0.1 : margin < 1.5 ? 0.4 : 0.8 }
    let halves = halves(rowCount: 40_000, seed: 53, truth: truth)
    let calibration = CalibrationChoice.choose(halves: halves)
    guard case .isotonic = calibration else {
      Issue.record("\(calibration)")
      return
    }
    for margin in [-3.0, -2, 0, 1, 2.5, 3.5] {
      #expect(abs(calibration.probability(margin: margin) - truth(margin)) < 0.05, "\(margin)")
    }
  }

  @Test func `neighbours that descend are pooled, as in the textbook`() throws {
    // Rates 1, 2, 3, 3, 1, 6, 7, 8, 11, 8 of 20 pool to 1, 2, 7/3 three times, 6, 7, 8, 9.5 twice.
    let rates: [UInt64] = [1, 2, 3, 3, 1, 6, 7, 8, 11, 8]
    var counts = MarginCounts()
    for (index, rate) in rates.enumerated() {
      counts.positives[1_000 + 100 * index] = rate * 1_000
      counts.negatives[1_000 + 100 * index] = (20 - rate) * 1_000
    }
    guard case .isotonic(let curve) = try #require(IsotonicFit.fit(counts)) else { return }
    let expected = [1.0, 2, 7.0 / 3, 6, 7, 8, 9.5].map { $0 / 20 }
    #expect(curve.probabilities.count == expected.count)
    for (value, expected) in zip(curve.probabilities, expected) {
      #expect(abs(value - expected) < 1e-4)
    }
  }

  @Test func `no calibration changes the order of margins`() throws {
    let halves = halves(rowCount: 3_000, seed: 54) { $0 > 0 ? 0.9 : 0.2 }
    for fit in [PlattFit.fit, IsotonicFit.fit] {
      let calibration = try #require(fit(halves[0]))
      let values = stride(from: -20.0, through: 20, by: 0.01).map {
        calibration.probability(margin: $0)
      }
      #expect(zip(values, values.dropFirst()).allSatisfy { $0 <= $1 })
      #expect(values.allSatisfy { $0 > 0 && $0 < 1 })
    }
  }

  @Test func `too little to learn from leaves margins as they are`() {
    #expect(CalibrationChoice.choose(halves: []) == .identity)
    var one = MarginCounts()
    one.add(margin: 1, isPositive: true)
    #expect(CalibrationChoice.choose(halves: [one, one]) == .identity)
    #expect(IsotonicCurve(margins: [], probabilities: []) == nil)
    #expect(IsotonicCurve(margins: [1, 0], probabilities: [0, 1]) == nil)
    #expect(IsotonicCurve(margins: [0, 1], probabilities: [1, 0]) == nil)
  }
}
