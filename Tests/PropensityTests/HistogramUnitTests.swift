import Bytes
import Propensity
import Testing

struct HistogramUnitTests {
  @Test(
    arguments: [
      (0, 18), (2, 18), (4_095, 18), (4_096, 17), (65_535, 14), (65_536, 12), (100_000, 12),
      (500_000, 8), (1_000_000, 6), (1 << 40, 6),
    ] as [(UInt64, Int)]
  )
  func `units are finer the fewer rows there are`(rowCount: UInt64, bits: Int) {
    let unit = HistogramUnit(rowCount: rowCount, positiveCount: rowCount / 2)
    #expect(unit.bits == bits)
  }

  @Test func `units are finer the rarer the goal or its absence is`() {
    let rowCount: UInt64 = 1 << 30
    func bits(_ positiveCount: UInt64) -> Int {
      HistogramUnit(rowCount: rowCount, positiveCount: positiveCount).bits
    }
    var least = 6
    for exponent in 1...29 {
      let positives = rowCount >> UInt64(exponent)
      let share = Double(positives) / Double(rowCount)
      let bits = bits(positives)
      let added = 1 / Double(1 << (2 * bits)) / 4
      #expect(bits >= least)
      #expect(bits == 18 || added <= share * (1 - share) / 1_000)
      #expect(bits == 6 || 4 * added > share * (1 - share) / 1_000)
      #expect(HistogramUnit(rowCount: rowCount, positiveCount: rowCount - positives).bits == bits)
      least = bits
    }
    #expect(bits(0) == 18)
    #expect(bits(rowCount) == 18)
    #expect(bits(rowCount / 100) == 8)
  }

  @Test func `what is rounded over all draws adds up to the number`() {
    for number: Int64 in [0, 1, 255, 256, 257, 70_000, -1, -255, -256, -70_001] {
      let rounded = (0..<256).map { HistogramUnit.rounded(number, by: 8, $0 | 0xABC << 8) }
      #expect(rounded.reduce(0, +) == number)
      #expect(Set(rounded).count == (number % 256 == 0 ? 1 : 2))
    }
  }

  @Test func `rows that are alike add up to what they have, within chance`() throws {
    // Of a gradient of 0.0004 less than half a unit remains, which rounding to the nearest loses.
    let count = 200_000
    var random = SeededRandom(seed: 12)
    let part = LocalTraining.Part(
      columns: [.numeric((0..<count).map { Double($0 % 2) })],
      labels: (0..<count).map { $0 == 0 },
      keys: (0..<count).map { _ in random.next() }
    )
    var settings = TrainingSettings()
    settings.holdOutShare = 0
    let features = try LocalTraining.bins(names: ["side"], parts: [part], settings: settings)
    let partition = try TrainingPartition(
      features: features,
      columns: part.columns,
      labels: part.labels,
      keys: part.keys,
      settings: settings
    )
    // Of many rows, the goal of which is rare.
    let unit = HistogramUnit(rowCount: 1 << 40, positiveCount: 1 << 28)
    #expect(unit.bits == 10)
    let margin = naturalLogarithm(0.0004 / 0.9996)
    let answer = try partition.answer(.begin(initialMargin: margin, unit: unit))
    let sums = try #require(answer.histograms.first).sums
    let rounded = stride(from: 1, to: sums.count, by: 2).reduce(0) { $0 + sums[$1] }
    let exact = Double(count) * 0.0004 * 0.9996
    #expect(abs(Double(answer.rowSums.hessian) / 0x1p32 - exact) < 0.001)
    // Four standard deviations of as many draws.
    let deviation = (exact / 1_024).squareRoot()
    #expect(abs(Double(rounded) / 1_024 - exact) < 4 * deviation)
  }
}
