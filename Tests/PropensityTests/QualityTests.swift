import Bytes
import Propensity
import Testing

struct QualityTests {
  private func counts(_ rows: [(margin: Double, isPositive: Bool)]) -> MarginCounts {
    rows.reduce(into: MarginCounts()) { $0.add(margin: $1.margin, isPositive: $1.isPositive) }
  }

  @Test func `the area counts pairs in the right order, and ties half`() {
    // Of the pairs (0.8, 0.35), (0.8, 0.1), (0.4, 0.35), (0.4, 0.1) with 0.4 of the negatives tied.
    #expect(QualityFigures.areaUnderCurve(positives: [0, 1, 1], negatives: [2, 0, 0]) == 1)
    #expect(QualityFigures.areaUnderCurve(positives: [1, 0, 1], negatives: [0, 2, 0]) == 0.5)
    #expect(QualityFigures.areaUnderCurve(positives: [0, 1, 1], negatives: [1, 1, 0]) == 0.875)
    #expect(QualityFigures.areaUnderCurve(positives: [3, 0], negatives: [0, 0]) == nil)
  }

  @Test func `the area is what all pairs give`() {
    var random = SeededRandom(seed: 41)
    let rows = (0..<300).map { _ in
      (margin: Double(random.below(40)) / 8, isPositive: random.oneIn(3))
    }
    var wins = 0.0
    for positive in rows where positive.isPositive {
      for negative in rows where !negative.isPositive {
        if positive.margin > negative.margin { wins += 1 }
        if positive.margin == negative.margin { wins += 0.5 }
      }
    }
    let positives = rows.count { $0.isPositive }
    let expected = wins / Double(positives * (rows.count - positives))
    #expect(abs((QualityFigures.areaUnderCurve(counts(rows)) ?? 0) - expected) < 1e-12)
  }

  @Test func `the area of the radiologist's 109 images and its error are as published`() {
    // J. A. Hanley, B. J. McNeil 1982, table II: area 0.893, error 0.032.
    let normal: [UInt64] = [33, 6, 6, 11, 2]
    let abnormal: [UInt64] = [3, 2, 2, 11, 33]

    let area = QualityFigures.areaUnderCurve(positives: abnormal, negatives: normal) ?? 0

    #expect(abs(area - 0.893) < 0.0005)
    let error = QualityFigures.areaStandardError(area: area, positives: 51, negatives: 58)
    #expect(abs(error - 0.032) < 0.0015)
  }

  @Test func `log loss, Brier score and the distance of distributions are their definitions`() {
    let rows = [(-2.0, false), (-1.0, true), (0.5, false), (3.0, true)].map {
      (margin: $0.0 + 1.0 / 256, isPositive: $0.1)
    }
    let probabilities = rows.map { sigmoid($0.margin) }
    let losses = zip(rows, probabilities).map {
      -naturalLogarithm($0.isPositive ? $1 : 1 - $1)
    }
    let squares = zip(rows, probabilities).map {
      ($0.isPositive ? 1 - $1 : $1) * ($0.isPositive ? 1 - $1 : $1)
    }
    let counts = counts(rows)
    let logLoss = QualityFigures.logLoss(counts, calibration: .identity)
    #expect(abs(logLoss - losses.reduce(0, +) / 4) < 1e-12)
    let brier = QualityFigures.brierScore(counts, calibration: .identity)
    #expect(abs(brier - squares.reduce(0, +) / 4) < 1e-12)
    #expect(QualityFigures.kolmogorovSmirnov(counts) == 0.5)
  }

  @Test func `gains of a perfect order end when all positives are reached`() {
    let rows = (0..<100).map { (margin: Double($0) / 10 - 5, isPositive: $0 >= 80) }
    let table = GainsTable(counts(rows))
    #expect(table.deciles.count == 10)
    #expect(abs(table.deciles[0].cumulativeGain - 0.5) < 1e-9)
    #expect(abs(table.deciles[0].lift - 5) < 1e-9)
    #expect(abs(table.deciles[1].cumulativeGain - 1) < 1e-9)
    #expect(abs(table.deciles[9].cumulativeLift - 1) < 1e-9)
    #expect(abs(table.deciles[5].lift) < 1e-9)
  }

  @Test func `gains of rows that are all tied are the diagonal`() {
    let rows = (0..<70).map { (margin: 0.0, isPositive: $0 % 7 == 0) }
    let table = GainsTable(counts(rows))
    for (index, decile) in table.deciles.enumerated() {
      #expect(abs(decile.cumulativeGain - Double(index + 1) / 10) < 1e-9)
      #expect(abs(decile.lift - 1) < 1e-9)
    }
    #expect(GainsTable(MarginCounts()).deciles.isEmpty)
  }

  @Test func `stability is 0 for equal shares and follows its formula`() {
    #expect(PopulationStability.index(expected: [10, 20, 30], actual: [1, 2, 3]) == 0)
    let index = PopulationStability.index(expected: [50, 50], actual: [60, 40]) ?? 0
    let expected = 0.1 * naturalLogarithm(1.2) - 0.1 * naturalLogarithm(0.8)
    #expect(abs(index - expected) < 1e-12)
    #expect((PopulationStability.index(expected: [100, 0], actual: [0, 100]) ?? 0) > 10)
    #expect(PopulationStability.index(expected: [0], actual: [1]) == nil)
  }

  @Test func `margins of one population are stable, shifted ones are not`() {
    var random = SeededRandom(seed: 42)
    func sample(_ shift: Double) -> MarginCounts {
      counts(
        (0..<5_000).map { _ in
          (random.unit() + random.unit() + random.unit() + shift, random.oneIn(4))
        }
      )
    }
    let expected = sample(0)
    #expect((PopulationStability.index(expected: expected, actual: sample(0)) ?? 1) < 0.02)
    #expect((PopulationStability.index(expected: expected, actual: sample(0.5)) ?? 0) > 0.25)
  }

  @Test func `a reliability table shows what was predicted and what happened`() {
    var random = SeededRandom(seed: 43)
    let rows = (0..<20_000).map { _ in
      let margin = random.unit() * 6 - 3
      return (margin: margin, isPositive: random.unit() < sigmoid(margin))
    }
    let honest = ReliabilityTable(margins: counts(rows), calibration: .identity)
    #expect(honest.groups.count == 10)
    #expect(honest.groups.reduce(0) { $0 + $1.rowCount } == 20_000)
    #expect(honest.expectedError < 0.015)
    let wrong = ReliabilityTable(
      margins: counts(rows),
      calibration: .platt(slope: 1, offset: 2)
    )
    #expect(wrong.expectedError > 0.1)
  }
}
