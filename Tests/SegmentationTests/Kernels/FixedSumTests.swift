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
}
