/// The sum of doubles, exact until it is rounded once at the end.
///
/// So neither order nor grouping changes the answer, and no sum in between can overflow. Whole
/// numbers are added as such while that is exact; everything else goes into a fixed-point number wide
/// enough for every double, the *small superaccumulator* of R. M. Neal, "Fast exact summation using
/// small and large superaccumulators", 2015.
package struct ExactSum: Sendable {
  /// Largest magnitude up to which every whole number is a double.
  private static let wholeMax: UInt64 = 1 << 53
  /// 32 bits a limb: 2,098 for the doubles and 62 for the carries of as many additions.
  private static let limbCount = 69
  /// Exponent of the least significant bit.
  private static let exponentMin = -1_074
  /// Additions after which carries are resolved, so that no limb overflows.
  private static let additionsMax = 1 << 29

  private var whole: Int64 = 0
  /// Digits to base 2^32, signed and not yet carried; empty while every value was whole.
  private var limbs: [Int64] = []
  private var additions = 0

  package init() {}

  /// Adds a finite number.
  package mutating func add(_ value: Double) {
    if let small = Int64(exactly: value), small.magnitude <= Self.wholeMax,
      (whole + small).magnitude <= Self.wholeMax
    {
      whole += small
      return
    }
    guard value.isFinite, value != 0 else { return }
    if limbs.isEmpty { limbs = Array(repeating: 0, count: Self.limbCount) }
    let exponent = max(Int(value.exponent), -1_022) - 52
    // The value is `mantissa` times two to the power of `exponent`.
    let mantissa = UInt64(scalbn(value.magnitude, -exponent))
    let shift = exponent - Self.exponentMin
    let (limb, bit) = (shift / 32, shift % 32)
    let low = mantissa << UInt64(bit)
    let high = bit == 0 ? 0 : mantissa >> UInt64(64 - bit)
    let sign: Int64 = value < 0 ? -1 : 1
    limbs[limb] += sign * Int64(low & 0xFFFF_FFFF)
    limbs[limb + 1] += sign * Int64(low >> 32)
    if high != 0 { limbs[limb + 2] += sign * Int64(high) }
    additions += 1
    if additions == Self.additionsMax { carry() }
  }

  /// The nearest double, ties to even; `nil` when it is beyond the largest.
  package var rounded: Double? {
    if limbs.isEmpty { return Double(whole) }
    var total = self
    total.whole = 0
    total.addLimbs(of: whole)
    total.carry()
    let isNegative = (total.limbs.last ?? 0) < 0
    if isNegative {
      for index in total.limbs.indices { total.limbs[index].negate() }
      total.carry()
    }
    let magnitude = total.magnitude
    guard magnitude.isFinite else { return nil }
    return isNegative ? -magnitude : magnitude
  }

  private mutating func addLimbs(of value: Int64) {
    let shift = -Self.exponentMin
    let (limb, bit) = (shift / 32, shift % 32)
    let low = value.magnitude << UInt64(bit)
    let high = value.magnitude >> UInt64(64 - bit)
    let sign = value.signum()
    limbs[limb] += sign * Int64(low & 0xFFFF_FFFF)
    limbs[limb + 1] += sign * Int64(low >> 32)
    limbs[limb + 2] += sign * Int64(high)
  }

  /// Brings every limb but the last into 0..<2^32; the last one keeps the sign.
  private mutating func carry() {
    for index in 0..<Self.limbCount - 1 {
      let digit = limbs[index] & 0xFFFF_FFFF
      limbs[index + 1] += (limbs[index] - digit) >> 32
      limbs[index] = digit
    }
    additions = 0
  }

  /// The double of limbs that are carried and not negative.
  private var magnitude: Double {
    guard let top = limbs.lastIndex(where: { $0 != 0 }) else { return 0 }
    let topBit = top * 32 + (63 - limbs[top].leadingZeroBitCount)
    let lowBit = max(topBit - 52, 0)
    var mantissa: UInt64 = 0
    for bit in stride(from: topBit, through: lowBit, by: -1) {
      mantissa = mantissa << 1 | (isSet(bit) ? 1 : 0)
    }
    if lowBit > 0, isSet(lowBit - 1) {
      let isTie = !(0..<lowBit - 1).contains(where: isSet)
      if !isTie || mantissa & 1 == 1 { mantissa += 1 }
    }
    return scalbn(Double(mantissa), lowBit + Self.exponentMin)
  }

  private func isSet(_ bit: Int) -> Bool { limbs[bit / 32] >> Int64(bit % 32) & 1 == 1 }

  private func scalbn(_ value: Double, _ exponent: Int) -> Double {
    // Twice, because two to the power of -1,074 - 52 is no double.
    let half = exponent / 2
    return value * Double(sign: .plus, exponent: half, significand: 1)
      * Double(sign: .plus, exponent: exponent - half, significand: 1)
  }
}
