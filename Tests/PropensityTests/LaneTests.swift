import Bytes
import Propensity
import Testing

struct LaneTests {
  #if arch(x86_64)
    @Test func `fast lanes answer as plain ones do`() {
      var random = SeededRandom(seed: 61)
      for _ in 0..<2_000 {
        let bytes = (0..<3).map { _ in (0..<32).map { _ in UInt8(random.below(256)) } }
        let (limit, shift) = (UInt8(random.below(256)), UInt8(random.below(3)))
        var fast = [UInt8](repeating: 0, count: 32)
        var plain = fast
        do {
          let (a, b, c) = (
            FastByteLanes(bytes[0]), FastByteLanes(bytes[1]), FastByteLanes(bytes[2])
          )
          let isAtMost = a.isAtMost(
            FastByteLanes(repeating: limit),
            shift: FastByteLanes(repeating: shift)
          )
          (isAtMost.choose(b, c) & (~a | c)).store(&fast)
        }
        do {
          let (a, b, c) = (
            PlainByteLanes(bytes[0]), PlainByteLanes(bytes[1]), PlainByteLanes(bytes[2])
          )
          let isAtMost = a.isAtMost(
            PlainByteLanes(repeating: limit),
            shift: PlainByteLanes(repeating: shift)
          )
          (isAtMost.choose(b, c) & (~a | c)).store(&plain)
        }
        #expect(fast == plain)
        #expect(
          plain
            == (0..<32).map { lane in
              let isLeft = bytes[0][lane] &- shift <= limit
              return (isLeft ? bytes[1][lane] : bytes[2][lane])
                & (~bytes[0][lane] | bytes[2][lane])
            }
        )
      }
    }
  #endif

  /// Edges of many spacings, and values on, beside and far from them.
  @Test(arguments: 0..<6) func `a number's bin is one more than the edges below it`(shape: Int)
    throws
  {
    var random = SeededRandom(seed: UInt64(70 + shape))
    let most = Double.greatestFiniteMagnitude
    let edges: [Double] =
      switch shape {
      case 0: (0..<253).map { Double($0) / 7 - 10 }
      case 1: (0..<253).map { _ in 0x1p-20 + random.unit() * random.unit() }.sorted()
      case 2: (0..<200).map { Double(sign: .plus, exponent: $0 * 9 - 1_000, significand: 1) }
      case 3: [-most, 0, most]
      case 4: [3.5]
      default: (0..<253).map { Double($0) * .leastNonzeroMagnitude }
      }
    var values: [Double] = edges.flatMap { [$0, $0.nextUp, $0.nextDown] }
    values += [.nan, .infinity, -.infinity, most, -most, 0, -0.0, 1e-36, -1e-36]
    values += (0..<1_000).map { _ in (random.unit() - 0.5) * 1e3 }
    // A tree a bin, so that margins tell bins apart.
    for missing in [FeatureBins.MissingRule.own, .isZero, .sharesZero] {
      let feature = FeatureBins(name: "x", cut: .edges(edges), missing: missing)
      let trees = (0...edges.count + 1).map { bin in
        var tree = Tree()
        let bins = BinSet(bin...edges.count + 1)
        tree.split(leaf: 0, by: SplitRule(feature: 0, test: .among(bins)))
        tree.set([Tree.Leaf(value: 1, cover: 1), Tree.Leaf(value: 0, cover: 1)])
        return tree
      }
      let model = PropensityModel(features: [feature], initialMargin: -1, trees: trees)
      let margins = try Scorer(model).margins([.numeric(values)])
      for (row, value) in values.enumerated() {
        let isZero = missing == .isZero && value.isNaN
        let isMissing =
          !isZero && (value.isNaN || (missing == .sharesZero && abs(value) <= 1e-35))
        let read = isZero ? 0 : max(-most, min(most, value))
        let bin = isMissing ? 0 : 1 + edges.count { $0 < read }
        #expect(margins[row] == Double(bin), "value \(value), \(missing)")
      }
    }
  }
}
