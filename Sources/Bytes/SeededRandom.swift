/// A seeded generator with the same numbers on every machine and in every release (SplitMix64).
///
/// Source: G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014. Not for secrets.
public struct SeededRandom: RandomNumberGenerator, Sendable {
  @usableFromInline var state: UInt64

  @inlinable public init(seed: UInt64) { state = seed }

  @inlinable public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A whole number in `0..<bound`; `bound` must be above 0.
  @inlinable public mutating func below(_ bound: Int) -> Int {
    precondition(bound > 0)
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A number in 0..<1 with 53 random bits.
  @inlinable public mutating func unit() -> Double {
    Double(next() >> 11) * 0x1p-53
  }

  /// True in one of `count` cases on average.
  @inlinable public mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }
}
