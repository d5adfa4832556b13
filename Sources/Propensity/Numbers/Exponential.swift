/// e to the power of `x`, the same bits on every host.
///
/// Plain additions and multiplications in a fixed order, so neither the C library nor fused
/// arithmetic has a say. The argument is reduced to x = k·ln 2 + r with |r| ≤ ½ ln 2 in two parts
/// (W. J. Cody, W. Waite, *Software Manual for the Elementary Functions*, 1980), and e^r is its
/// Taylor sum to the 13th power, whose remainder is under 2⁻⁵⁷. Within one unit in the last place
/// for results that are normal numbers.
///
/// - Returns: infinity above 709.78, 0 below −745.13, NaN for NaN.
package func exponential(_ x: Double) -> Double {
  if x.isNaN { return x }
  if x > 709.782712893384 { return .infinity }
  if x < -745.1332191019412 { return 0 }
  if x >= -708 && x <= 709 { return boundedExponential(x) }
  // Near the ends 2^k is not a normal number itself; half of the argument keeps it one.
  let shifted = x < 0 ? x + 64 * naturalLogOfTwoHigh : x - 64 * naturalLogOfTwoHigh
  let rest = x < 0 ? 64 * naturalLogOfTwoLow : -64 * naturalLogOfTwoLow
  let scaled = boundedExponential(shifted) * (1 + rest)
  return x < 0 ? scaled * 0x1p-64 : scaled * 0x1p64
}

/// The logistic function 1 / (1 + e^−x); 0 and 1 are reached only where doubles end.
package func sigmoid(_ x: Double) -> Double {
  let bounded = max(-708, min(708, x))
  return 1 / (1 + boundedExponential(-bounded))
}

/// −ln p of the outcome, for a margin: ln(1 + e^−x) when it happened, ln(1 + e^x) when not.
///
/// Nothing is lost where p rounds to 0 or 1.
///
/// - Parameters:
///   - margin: log-odds, finite.
///   - happened: the outcome.
/// - Returns: 0 or more.
package func logisticLoss(margin: Double, happened: Bool) -> Double {
  let x = happened ? -margin : margin
  let tail = boundedExponential(-min(708, abs(x)))
  return max(x, 0) + logarithmOfOnePlus(tail)
}

let naturalLogOfTwoHigh = 0x1.62e42feep-1
let naturalLogOfTwoLow = 0x1.a39ef35793c76p-33

/// e^x for −708 ≤ x ≤ 709, without a branch, so that loops over it can be vectorised.
@inline(__always) func boundedExponential(_ x: Double) -> Double {
  // Adding 1.5·2⁵² leaves the nearest whole number in the low bits.
  let whole = 0x1.8p52
  let shifted = x * 0x1.71547652b82fep0 + whole
  let k = shifted - whole
  let r = (x - k * naturalLogOfTwoHigh) - k * naturalLogOfTwoLow
  var sum = 0x1.6124613a86d09p-33  // 1/13!
  sum = sum * r + 0x1.1eed8eff8d898p-29
  sum = sum * r + 0x1.ae64567f544e4p-26
  sum = sum * r + 0x1.27e4fb7789f5cp-22
  sum = sum * r + 0x1.71de3a556c734p-19
  sum = sum * r + 0x1.a01a01a01a01ap-16
  sum = sum * r + 0x1.a01a01a01a01ap-13
  sum = sum * r + 0x1.6c16c16c16c17p-10
  sum = sum * r + 0x1.1111111111111p-7
  sum = sum * r + 0x1.5555555555555p-5
  sum = sum * r + 0x1.5555555555555p-3
  sum = sum * r + 0.5
  let power = 1 + (r + r * r * sum)
  // The low bits of `shifted` are k; moved behind the exponent's bias they make 2^k.
  let scale = Double(bitPattern: (shifted.bitPattern &+ 1_023) &<< 52)
  return power * scale
}
