import Bytes
import PQL
import Testing

@testable import Segmentation

struct FixedSumTests {
  @Test("sums are the exact ones of the language, rounded once", arguments: 0..<200)
  func sums(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var sum: Int128 = 0
    var exact = ExactSum()
    for _ in 0..<1 + random.below(40) {
      let value: Double
      switch seed % 4 {
      case 0: value = Double(Int64(truncatingIfNeeded: random.next() % 1_000_000)) / 100
      case 1: value = Double(Int64(bitPattern: random.next()) % 100_000) / 10_000
      case 2:
        value =
          (random.unit() - 0.5) * Double(sign: .plus, exponent: random.below(52), significand: 1)
      default: value = Double(Int64(bitPattern: random.next()) % (1 << 46))
      }
      guard let fixed = FixedSum.fixed(value) else {
        #expect(value.magnitude < 0x1p-14, "seed \(seed), value \(value)")
        continue
      }
      sum += fixed
      exact.add(value)
    }
    #expect(FixedSum.rounded(sum) == exact.rounded, "seed \(seed)")
  }

  @Test("what has no place among the multiples is told")
  func range() {
    #expect(FixedSum.fixed(0x1p-14) == 1 << 52)
    #expect(FixedSum.fixed(-0.0) == 0)
    for value in [0x1p-15, 0x1p52, -0x1p60, .infinity, .nan] {
      #expect(FixedSum.fixed(value) == nil)
    }
  }

  @Test(
    "the sums for which a comparison holds are those whose double it holds for",
    arguments: 0..<60
  )
  func bounds(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let bounds = [
      0, 1, -0.01, 0.1, 19.99, Double(random.next() % 1_000_000) / 100, random.unit(), 0x1p60,
      -0x1p60,
    ]
    let bound = bounds[Int(random.next() % UInt64(bounds.count))]
    for comparison in Comparison.allCases {
      let sums = SumBounds(comparison, bound)
      let near = FixedSum.fixed(bound) ?? 0
      // Some sums that round to the bound, and others near it.
      let others = (0..<20).map { _ in Int128(Int64(bitPattern: random.next())) << 40 }
      for sum in [near, near + 1, near - 1, near + (1 << 14), near - (1 << 14), 0] + others {
        let expected = comparison.holds(FixedSum.rounded(sum), bound)
        #expect(sums.holds(sum) == expected, "seed \(seed), \(sum) \(comparison) \(bound)")
      }
    }
  }
}
