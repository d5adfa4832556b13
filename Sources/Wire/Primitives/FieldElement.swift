/// A number modulo 2²⁵⁵ − 19, in five limbs of 51 bits, not always fully reduced.
///
/// Products and squares leave limbs below 2⁵² and take limbs below 2⁵⁴; a sum or a difference of two
/// such results is below 2⁵⁴ and so may be multiplied at once. No branch and no index depends on
/// a value. Source: D. J. Bernstein, "Curve25519: new Diffie–Hellman speed records", PKC 2006; the
/// radix is that of the `donna-c64` code by A. Langley.
struct FieldElement {
  private var l0: UInt64
  private var l1: UInt64
  private var l2: UInt64
  private var l3: UInt64
  private var l4: UInt64

  private static let mask: UInt64 = (1 << 51) - 1

  static let zero = FieldElement(0, 0, 0, 0, 0)
  static let one = FieldElement(1, 0, 0, 0, 0)

  @inline(__always)
  private init(_ l0: UInt64, _ l1: UInt64, _ l2: UInt64, _ l3: UInt64, _ l4: UInt64) {
    self.l0 = l0
    self.l1 = l1
    self.l2 = l2
    self.l3 = l3
    self.l4 = l4
  }

  /// Reads 256 bits as four little-endian words, low one first; the top bit is ignored.
  init(words w: (UInt64, UInt64, UInt64, UInt64)) {
    let mask = FieldElement.mask
    l0 = w.0 & mask
    l1 = ((w.0 &>> 51) | (w.1 &<< 13)) & mask
    l2 = ((w.1 &>> 38) | (w.2 &<< 26)) & mask
    l3 = ((w.2 &>> 25) | (w.3 &<< 39)) & mask
    l4 = (w.3 &>> 12) & mask
  }

  /// The one representative below 2²⁵⁵ − 19, as four little-endian words.
  var words: (UInt64, UInt64, UInt64, UInt64) {
    let mask = FieldElement.mask
    var t = carried(carried(self))
    // `quotient` is 1 exactly when t ≥ 2²⁵⁵ − 19.
    var quotient = (t.l0 &+ 19) &>> 51
    quotient = (t.l1 &+ quotient) &>> 51
    quotient = (t.l2 &+ quotient) &>> 51
    quotient = (t.l3 &+ quotient) &>> 51
    quotient = (t.l4 &+ quotient) &>> 51
    t.l0 = t.l0 &+ 19 &* quotient
    t.l1 = t.l1 &+ (t.l0 &>> 51)
    t.l2 = t.l2 &+ (t.l1 &>> 51)
    t.l3 = t.l3 &+ (t.l2 &>> 51)
    t.l4 = t.l4 &+ (t.l3 &>> 51)
    let (a, b, c, d, e) = (t.l0 & mask, t.l1 & mask, t.l2 & mask, t.l3 & mask, t.l4 & mask)
    return (
      a | (b &<< 51), (b &>> 13) | (c &<< 38), (c &>> 26) | (d &<< 25), (d &>> 39) | (e &<< 12)
    )
  }

  @inline(__always)
  static func + (f: FieldElement, g: FieldElement) -> FieldElement {
    FieldElement(f.l0 &+ g.l0, f.l1 &+ g.l1, f.l2 &+ g.l2, f.l3 &+ g.l3, f.l4 &+ g.l4)
  }

  /// Adds four times the modulus first, so no limb goes below zero.
  @inline(__always)
  static func - (f: FieldElement, g: FieldElement) -> FieldElement {
    let low: UInt64 = 0x1F_FFFF_FFFF_FFB4
    let other: UInt64 = 0x1F_FFFF_FFFF_FFFC
    return FieldElement(
      f.l0 &+ low &- g.l0,
      f.l1 &+ other &- g.l1,
      f.l2 &+ other &- g.l2,
      f.l3 &+ other &- g.l3,
      f.l4 &+ other &- g.l4
    )
  }

  @inline(__always)
  static func * (f: FieldElement, g: FieldElement) -> FieldElement {
    let (g1, g2, g3, g4) = (19 &* g.l1, 19 &* g.l2, 19 &* g.l3, 19 &* g.l4)
    let r0 =
      wide(f.l0, g.l0) &+ wide(f.l1, g4) &+ wide(f.l2, g3) &+ wide(f.l3, g2) &+ wide(f.l4, g1)
    let r1 =
      wide(f.l0, g.l1) &+ wide(f.l1, g.l0) &+ wide(f.l2, g4) &+ wide(f.l3, g3) &+ wide(f.l4, g2)
    let r2 =
      wide(f.l0, g.l2) &+ wide(f.l1, g.l1) &+ wide(f.l2, g.l0) &+ wide(f.l3, g4) &+ wide(f.l4, g3)
    let r3 =
      wide(f.l0, g.l3) &+ wide(f.l1, g.l2) &+ wide(f.l2, g.l1) &+ wide(f.l3, g.l0)
      &+ wide(f.l4, g4)
    let r4 =
      wide(f.l0, g.l4) &+ wide(f.l1, g.l3) &+ wide(f.l2, g.l2) &+ wide(f.l3, g.l1)
      &+ wide(f.l4, g.l0)
    return reduced(r0, r1, r2, r3, r4)
  }

  @inline(__always)
  var squared: FieldElement {
    let (d0, d1) = (2 &* l0, 2 &* l1)
    let (n3, n4) = (19 &* l3, 19 &* l4)
    let wide = FieldElement.wide
    let r0 = wide(l0, l0) &+ wide(d1, n4) &+ wide(2 &* l2, n3)
    let r1 = wide(d0, l1) &+ wide(2 &* l2, n4) &+ wide(l3, n3)
    let r2 = wide(d0, l2) &+ wide(l1, l1) &+ wide(2 &* l3, n4)
    let r3 = wide(d0, l3) &+ wide(d1, l2) &+ wide(l4, n4)
    let r4 = wide(d0, l4) &+ wide(d1, l3) &+ wide(l2, l2)
    return FieldElement.reduced(r0, r1, r2, r3, r4)
  }

  /// The product with a small public constant below 2²⁰.
  @inline(__always)
  func times(_ factor: UInt64) -> FieldElement {
    let wide = FieldElement.wide
    return FieldElement.reduced(
      wide(l0, factor),
      wide(l1, factor),
      wide(l2, factor),
      wide(l3, factor),
      wide(l4, factor)
    )
  }

  func squared(times count: Int) -> FieldElement {
    var result = self
    for _ in 0..<count { result = result.squared }
    return result
  }

  /// The inverse, by the power 2²⁵⁵ − 21; zero for zero.
  var inverted: FieldElement {
    let z2 = squared
    let z9 = z2.squared(times: 2) * self
    let z11 = z9 * z2
    let bits5 = z11.squared * z9
    let bits10 = bits5.squared(times: 5) * bits5
    let bits20 = bits10.squared(times: 10) * bits10
    let bits40 = bits20.squared(times: 20) * bits20
    let bits50 = bits40.squared(times: 10) * bits10
    let bits100 = bits50.squared(times: 50) * bits50
    let bits200 = bits100.squared(times: 100) * bits100
    let bits250 = bits200.squared(times: 50) * bits50
    return bits250.squared(times: 5) * z11
  }

  /// Exchanges `f` and `g` when `mask` is all ones, and leaves them when it is zero.
  @inline(__always)
  static func exchange(_ f: inout FieldElement, _ g: inout FieldElement, mask: UInt64) {
    let x0 = mask & (f.l0 ^ g.l0)
    let x1 = mask & (f.l1 ^ g.l1)
    let x2 = mask & (f.l2 ^ g.l2)
    let x3 = mask & (f.l3 ^ g.l3)
    let x4 = mask & (f.l4 ^ g.l4)
    f = FieldElement(f.l0 ^ x0, f.l1 ^ x1, f.l2 ^ x2, f.l3 ^ x3, f.l4 ^ x4)
    g = FieldElement(g.l0 ^ x0, g.l1 ^ x1, g.l2 ^ x2, g.l3 ^ x3, g.l4 ^ x4)
  }

  @inline(__always)
  private static func wide(_ a: UInt64, _ b: UInt64) -> UInt128 { UInt128(a) &* UInt128(b) }

  @inline(__always)
  private static func reduced(
    _ r0: UInt128,
    _ r1: UInt128,
    _ r2: UInt128,
    _ r3: UInt128,
    _ r4: UInt128
  ) -> FieldElement {
    let s1 = r1 &+ (r0 &>> 51)
    let s2 = r2 &+ (s1 &>> 51)
    let s3 = r3 &+ (s2 &>> 51)
    let s4 = r4 &+ (s3 &>> 51)
    let top = UInt64(truncatingIfNeeded: s4 &>> 51)
    let low = (UInt64(truncatingIfNeeded: r0) & mask) &+ 19 &* top
    return FieldElement(
      low & mask,
      (UInt64(truncatingIfNeeded: s1) & mask) &+ (low &>> 51),
      UInt64(truncatingIfNeeded: s2) & mask,
      UInt64(truncatingIfNeeded: s3) & mask,
      UInt64(truncatingIfNeeded: s4) & mask
    )
  }

  /// Carries once around; after two calls every limb is below 2⁵¹, but for a last unit in `l1`.
  @inline(__always)
  private func carried(_ f: FieldElement) -> FieldElement {
    let mask = FieldElement.mask
    let s1 = f.l1 &+ (f.l0 &>> 51)
    let s2 = f.l2 &+ (s1 &>> 51)
    let s3 = f.l3 &+ (s2 &>> 51)
    let s4 = f.l4 &+ (s3 &>> 51)
    return FieldElement(
      (f.l0 & mask) &+ 19 &* (s4 &>> 51),
      s1 & mask,
      s2 & mask,
      s3 & mask,
      s4 & mask
    )
  }
}
