/// Gradients and hessians as whole numbers, so that their sums are the same in any order.
///
/// A row's gradient p − y is a multiple of 2⁻³⁰ and its hessian p(1 − p) of 2⁻³². Histograms add them
/// rounded to a `HistogramUnit`. What that rounds away of all rows of a tree is made up for in the values
/// of its leaves.
enum FixedPoint {
  static let gradientBits = 30
  static let hessianBits = 32
  static let gradientScale = 0x1p30
  static let hessianScale = 0x1p32
  /// Hold-out losses are summed in this unit; each is at most `lossMax`.
  static let lossScale = 0x1p24
  static let lossMax = 64.0
}

/// Draws rows and features by hash: the same for any partition and order of rows.
enum Draw {
  /// What a drawing is for, so that drawings are independent.
  enum Purpose: UInt64 {
    case holdOut = 1
    case half = 2
    case row = 3
    case feature = 4
    case rounding = 5
  }

  /// Whether a key is among a share of all keys.
  @inline(__always)
  static func takes(_ key: UInt64, salt: UInt64, share: Double) -> Bool {
    // 2⁵³ values are enough for any share, and exact as doubles.
    Double(mix(key ^ salt) >> 11) < share * 0x1p53
  }

  static func salt(seed: UInt64, _ purpose: Purpose, round: Int = 0) -> UInt64 {
    mix(mix(mix(seed) &+ purpose.rawValue) &+ UInt64(truncatingIfNeeded: round))
  }

  /// The finalizer of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
  @inline(__always) static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
