/// Exact sums of doubles as whole multiples of 2 to the power of -66.
///
/// A double is such a multiple when it is 0 or its magnitude at least 2 to the power of -14; so are
/// all decimals of at most four places. With sums of magnitudes below `sumMax` nothing overflows, and
/// the sum, rounded once, is the one of the language.
enum FixedSum {
  /// Digits behind the point.
  static let scale = 66
  /// Of a row whose value is missing or no number.
  static let missing = Int128.min
  /// Sums of magnitudes stay below this.
  static let sumMax = 0x1p52
  /// No sum below `sumMax` is larger.
  static let largest = Int128(1) << Int128(52 + scale)

  /// A double as such a multiple; `nil` when it is none, or too large.
  @inline(__always)
  static func fixed(_ value: Double) -> Int128? {
    if value == 0 { return 0 }
    guard value.magnitude >= 0x1p-14, value.magnitude < sumMax else { return nil }
    let bits = value.bitPattern
    let exponent = Int(truncatingIfNeeded: bits &>> 52 & 0x7FF) &- 1_023
    let mantissa = bits & (1 &<< 52 &- 1) | 1 &<< 52
    let magnitude = Int128(mantissa) &<< Int128(exponent &- 52 &+ scale)
    return value < 0 ? 0 &- magnitude : magnitude
  }

  /// The nearest double of a sum, ties to even.
  static func rounded(_ sum: Int128) -> Double {
    let magnitude = sum.magnitude
    let shift = max(0, 64 - magnitude.leadingZeroBitCount)
    // What is cut off only matters by being there.
    var top = UInt64(truncatingIfNeeded: magnitude >> UInt128(shift))
    if magnitude & (1 << UInt128(shift) - 1) != 0 { top |= 1 }
    let unit = Double(bitPattern: UInt64(1_023 + shift - scale) << 52)
    let value = Double(top) * unit
    return sum < 0 ? -value : value
  }
}
