import PQL
import Testing

import Bytes

@Suite struct ExactSumTests {
  private static func sum(_ values: [Double]) -> Double? {
    var sum = ExactSum()
    for value in values { sum.add(value) }
    return sum.rounded
  }

  @Test(
    arguments: [
      ([], 0), ([0.1, 0.2, 0.3], 0.6), ([1e16, 1, -1e16], 1),
      ([1e308, 1e308, -1e308, -1e308, 5], 5),
      ([1e308, 1e308, -1e308], 1e308), ([0x1p-1074, 0x1p-1074], 0x1p-1073),
      ([1, 0x1p-53, 0x1p-1074], 0x1.0000000000001p0), ([1, 0x1p-53], 1), ([0x1.8p1, 0x1p-52], 3),
      ([-0.1, -0.2, -0.3], -0.6), ([9007199254740992, 1, 1], 9007199254740994),
      ([0x1.fffffffffffffp1023, 0x1p969], 0x1.fffffffffffffp1023),
    ] as [([Double], Double)]
  )
  func `sums are exact and rounded once`(values: [Double], expected: Double) {
    #expect(Self.sum(values) == expected)
    #expect(Self.sum(values.reversed()) == expected)
  }

  @Test func `a sum beyond the largest double is none`() {
    #expect(Self.sum([1e308, 1e308]) == nil)
    #expect(Self.sum([-1e308, -1e308]) == nil)
    #expect(Self.sum([0x1.fffffffffffffp1023, 0x1p970]) == nil)
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func `sums equal those of growing partial sums`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for _ in 0..<500 {
      let values = (0..<random.below(30)).map { _ -> Double in
        let exponent = [0, 0, 20, 60, 300][random.below(5)]
        let scale = Double(
          sign: .plus,
          exponent: random.below(2 * exponent + 1) - exponent,
          significand: 1
        )
        return (random.unit() - 0.5) * scale * (random.oneIn(4) ? 0x1p53 : 1)
      }
      #expect(Self.sum(values) == Self.partialSum(values), "seed \(seed) \(values)")
    }
  }

  /// The naive twin: partial sums that do not overlap, as in Python's `fsum`.
  private static func partialSum(_ values: [Double]) -> Double {
    var partials: [Double] = []
    for value in values {
      var x = value
      var kept: [Double] = []
      for partial in partials {
        let (large, small) = abs(x) < abs(partial) ? (partial, x) : (x, partial)
        let high = large + small
        let low = small - (high - large)
        if low != 0 { kept.append(low) }
        x = high
      }
      partials = kept + [x]
    }
    guard var high = partials.popLast() else { return 0 }
    var low = 0.0
    while let next = partials.popLast() {
      let sum = high + next
      low = next - (sum - high)
      high = sum
      if low != 0 { break }
    }
    if let next = partials.last, (low < 0 && next < 0) || (low > 0 && next > 0) {
      let doubled = low * 2
      let sum = high + doubled
      if doubled == sum - high { high = sum }
    }
    return high
  }
}
