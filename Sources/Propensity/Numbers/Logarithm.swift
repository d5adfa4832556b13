/// The natural logarithm, the same bits on every host; within one unit in the last place.
///
/// x = 2^k·(1 + f) with √½ < 1 + f < √2; ln(1 + f) comes from s = f/(2 + f) and a polynomial in s²
/// with the coefficients of fdlibm's `e_log.c` (Sun Microsystems, 1993).
///
/// - Returns: −infinity for 0, NaN for negative numbers and NaN.
package func naturalLogarithm(_ x: Double) -> Double {
  if x.isNaN || x < 0 { return .nan }
  if x == 0 { return -.infinity }
  if x == .infinity { return x }
  let isSubnormal = x < Double.leastNormalMagnitude
  let bits = (isSubnormal ? x * 0x1p54 : x).bitPattern
  // Moving the exponent's border to √½ keeps 1 + f near 1.
  let moved = bits &+ (0x3FF0_0000_0000_0000 &- 0x3FE6_A09E_0000_0000)
  let k = Double(Int(moved >> 52) - 1_023 - (isSubnormal ? 54 : 0))
  let mantissa = Double(
    bitPattern: (moved & 0x000F_FFFF_FFFF_FFFF) &+ 0x3FE6_A09E_0000_0000
  )
  let f = mantissa - 1
  let (halfSquare, correction) = logarithmParts(f)
  return k * naturalLogOfTwoHigh
    - ((halfSquare - (correction + k * naturalLogOfTwoLow)) - f)
}

/// ln(1 + x) for 0 ≤ x ≤ 1, exact where x vanishes beside 1.
func logarithmOfOnePlus(_ x: Double) -> Double {
  if x < 0x1p-29 { return x - x * x * 0.5 }
  let sum = 1 + x
  // What the rounded sum left out of x, relative to the sum.
  let lost = (x - (sum - 1)) / sum
  return naturalLogarithm(sum) + lost
}

/// f²/2 and s·(f²/2 + R), so that ln(1 + f) = f − (f²/2 − s·(f²/2 + R)).
private func logarithmParts(_ f: Double) -> (halfSquare: Double, correction: Double) {
  let s = f / (2 + f)
  let z = s * s
  let w = z * z
  let even =
    w * (0x1.999999997fa04p-2 + w * (0x1.c71c51d8e78afp-3 + w * 0x1.39a09d078c69fp-3))
  let odd =
    z
    * (0x1.5555555555593p-1
      + w * (0x1.2492494229359p-2 + w * (0x1.7466496cb03dep-3 + w * 0x1.2f112df3e5244p-3)))
  let halfSquare = 0.5 * f * f
  return (halfSquare, s * (halfSquare + (even + odd)))
}
