import PQL

/// What a sum or an average is compared with.
struct SumCheck: BitwiseCopyable {
  let node: Int
  /// Whether it holds for a profile without any event that fits.
  let ofNothing: Bool
  /// The sums for which it holds; `nil` for averages.
  fileprivate let bounds: SumBounds?
  private let comparison: Comparison
  private let bound: Double

  init(_ test: SumTest, node: Int) {
    self.node = node
    ofNothing = test.aggregate == .sum && test.comparison.holds(0, test.bound)
    bounds = test.aggregate == .sum ? SumBounds(test.comparison, test.bound) : nil
    comparison = test.comparison
    bound = test.bound
  }

  /// It is about a sum, not an average.
  var isOfSum: Bool { bounds != nil }

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
  fileprivate let low: Int128
  fileprivate let high: Int128
  /// What is outside of the range holds.
  fileprivate let isInverse: Bool

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

/// The same bounds for sums of decimals as whole numbers of their last place.
///
/// A decimal's double is off by at most 2 to the power of -53 of its magnitude. As long as the
/// magnitudes add up to less than `sumMax`, the sum of the doubles is off that of the decimals by less
/// than 2 to the power of -17, so that whole numbers decide but next to a bound.
struct WholeCheck: BitwiseCopyable {
  static let sumMax = 0x1p36
  /// Decimals have at most so many places.
  static let scaleMax = 4

  let node: Int
  private let low: Cut
  private let high: Cut
  private let isInverse: Bool

  /// Sums up to one number stay below a bound, and those from another one on reach it.
  private struct Cut: BitwiseCopyable {
    let below: Int64
    let reached: Int64

    /// The cut of an exact sum (`FixedSum`) among decimals of `scale` places.
    init(_ bound: Int128, scale: Int) {
      let most = Int128(1) << Int128(36 + FixedSum.scale)
      if bound > most || bound < -most {
        (below, reached) = bound > 0 ? (.max, .max) : (.min, .min)
        return
      }
      let slack = Int128(1) << Int128(FixedSum.scale - 17)
      let unit = [1, 10, 100, 1_000, 10_000][scale] as Int128
      below = Cut.ceiling((bound - slack) * unit) - 1
      reached = Cut.ceiling((bound + slack) * unit)
    }

    private static func ceiling(_ fixed: Int128) -> Int64 {
      Int64(
        truncatingIfNeeded: (fixed + (1 << Int128(FixedSum.scale)) - 1) >> Int128(FixedSum.scale)
      )
    }

    @inline(__always)
    func isNear(_ sum: Int64) -> Bool { sum > below && sum < reached }
  }

  /// The check of a sum, not of an average, whose check is never asked.
  init(_ check: SumCheck, scale: Int) {
    node = check.node
    low = Cut(check.bounds?.low ?? .min, scale: scale)
    let last = check.bounds?.high ?? .max
    high = Cut(last == .max ? last : last + 1, scale: scale)
    isInverse = check.bounds?.isInverse ?? false
  }

  /// Whether it holds for a sum; `nil` when only the exact one can tell.
  @inline(__always)
  func holds(_ sum: Int64) -> Bool? {
    if low.isNear(sum) || high.isNear(sum) { return nil }
    return (sum >= low.reached && sum <= high.below) != isInverse
  }
}
