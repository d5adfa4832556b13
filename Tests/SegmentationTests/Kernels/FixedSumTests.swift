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

  @Test("whole numbers say of a sum of decimals what its doubles do, or nothing", arguments: 0..<80)
  func whole(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let scale = Int(seed % 5)
    let unit = [1, 10, 100, 1_000, 10_000][scale] as Double
    var toldCount = 0
    var count = 0
    for round in 0..<40 {
      let numbers = (0..<1 + random.below(60)).map { _ in
        Int64(random.next() % 2_000_000) - (round % 2 == 0 ? 0 : 1_000_000)
      }
      let whole = numbers.reduce(0, +)
      let exact = numbers.reduce(0 as Int128) { $0 + (FixedSum.fixed(Double($1) / unit) ?? 0) }
      // The sum itself, its neighbours, some other number, and what no sum reaches.
      let bound = [
        Double(whole) / unit, Double(whole + 1) / unit, Double(whole - 1) / unit,
        (Double(whole) + 0.5) / unit, 1_000 * random.unit(), 0, 0x1p60, -0x1p60,
      ][round % 8]
      for comparison in Comparison.allCases {
        let test = SumTest(
          match: 0,
          value: FieldPath(.event, ["price"]),
          aggregate: .sum,
          comparison: comparison,
          bound: bound,
          residual: 0
        )
        let check = SumCheck(test, node: 0)
        let said = WholeCheck(check, scale: scale).holds(whole)
        let isNear = abs(Double(whole) / unit - bound) < 0.5 / unit
        count += 1
        if said == nil { #expect(isNear, "seed \(seed), \(whole) \(comparison) \(bound)") }
        guard let said else { continue }
        toldCount += 1
        let expected = check.holds(exact, UInt32(numbers.count))
        #expect(said == expected, "seed \(seed), \(whole) \(comparison) \(bound)")
      }
    }
    #expect(toldCount * 2 > count, "seed \(seed): whole numbers said nearly nothing")
  }
}
