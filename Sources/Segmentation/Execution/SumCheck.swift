import PQL

/// What a sum or an average is compared with.
struct SumCheck: BitwiseCopyable {
  let node: Int
  /// Whether it holds for a profile without any event that fits.
  let ofNothing: Bool
  /// The sums for which it holds; `nil` for averages.
  private let bounds: SumBounds?
  private let comparison: Comparison
  private let bound: Double

  init(_ test: SumTest, node: Int) {
    self.node = node
    ofNothing = test.aggregate == .sum && test.comparison.holds(0, test.bound)
    bounds = test.aggregate == .sum ? SumBounds(test.comparison, test.bound) : nil
    comparison = test.comparison
    bound = test.bound
  }

  /// Whether it holds for the exact sum (`FixedSum`) of some numbers.
  @inline(__always)
  func holds(_ sum: Int128, _ count: UInt32) -> Bool {
    if let bounds { return bounds.holds(sum) }
    return comparison.holds(FixedSum.rounded(sum) / Double(count), bound)
  }
}

/// The exact sums in some relation to a bound, so that no sum has to be rounded.
///
/// The nearest double of a sum never falls while the sum grows, so those whose double is in a relation
/// to the bound are a range, or all others.
struct SumBounds: BitwiseCopyable {
  private let low: Int128
  private let high: Int128
  /// What is outside of the range holds.
  private let isInverse: Bool

  init(_ comparison: Comparison, _ bound: Double) {
    let reached = SumBounds.least { $0 >= bound }
    let passed = SumBounds.least { $0 > bound }
    switch comparison {
    case .greaterOrEqual: (low, high, isInverse) = (reached, .max, false)
    case .greater: (low, high, isInverse) = (passed, .max, false)
    case .less: (low, high, isInverse) = (.min, reached - 1, false)
    case .lessOrEqual: (low, high, isInverse) = (.min, passed - 1, false)
    case .equal: (low, high, isInverse) = (reached, passed - 1, false)
    case .notEqual: (low, high, isInverse) = (reached, passed - 1, true)
    }
  }

  @inline(__always)
  func holds(_ sum: Int128) -> Bool { (sum >= low && sum <= high) != isInverse }

  /// The least sum, of those there can be and one more, for whose double a condition holds.
  private static func least(_ holds: (Double) -> Bool) -> Int128 {
    var low = -FixedSum.largest
    var high = FixedSum.largest + 1
    while low < high {
      let middle = low + (high - low) / 2
      if holds(FixedSum.rounded(middle)) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
