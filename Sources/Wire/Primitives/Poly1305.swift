/// The one-time authenticator Poly1305 of RFC 8439 section 2.5, in limbs of 44, 44 and 42 bits.
///
/// No branch and no index depends on key or message. The radix is that of the `donna-64` code by
/// A. Moon.
package struct Poly1305 {
  static let blockByteCount = 16

  private let r0: UInt64
  private let r1: UInt64
  private let r2: UInt64
  private let pad0: UInt64
  private let pad1: UInt64
  private var h0: UInt64 = 0
  private var h1: UInt64 = 0
  private var h2: UInt64 = 0

  private static let mask44: UInt64 = (1 << 44) - 1
  private static let mask42: UInt64 = (1 << 42) - 1

  /// Bit 128 of a whole block, seen from the third limb.
  private static let wholeBlock: UInt64 = 1 << 40

  /// - Parameter key: four little-endian words; used for one message and no other.
  init(key: (UInt64, UInt64, UInt64, UInt64)) {
    r0 = key.0 & 0xFFC_0FFF_FFFF
    r1 = ((key.0 &>> 44) | (key.1 &<< 20)) & 0xFFF_FFC0_FFFF
    r2 = (key.1 &>> 24) & 0x00F_FFFF_FC0F
    pad0 = key.2
    pad1 = key.3
  }

  /// The 16-byte tag of one whole message under a 32-byte one-time key.
  package static func tag(of message: [UInt8], key: [UInt8]) -> [UInt8] {
    precondition(key.count == 32, "a key of \(key.count) bytes")
    let words = unsafe key.withUnsafeBytes { unsafe $0.loadUnaligned(as: SIMD4<UInt64>.self) }
    var authenticator = Poly1305(
      key: (
        words[0].littleEndian, words[1].littleEndian, words[2].littleEndian, words[3].littleEndian
      )
    )
    unsafe message.withUnsafeBytes { unsafe authenticator.updateLast($0) }
    let (low, high) = authenticator.finalize()
    return [low, high].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
  }

  /// Takes in bytes; a last partial block is filled with zeros, as the AEAD construction wants.
  mutating func updatePadded(_ bytes: UnsafeRawBufferPointer) {
    let whole = bytes.count & ~15
    unsafe absorb(UnsafeRawBufferPointer(rebasing: bytes[0..<whole]), top: Poly1305.wholeBlock)
    guard whole < bytes.count else { return }
    unsafe absorbPartial(bytes[whole...], marker: 0, top: Poly1305.wholeBlock)
  }

  /// Takes in the end of a message; a last partial block is marked as section 2.5 says.
  mutating func updateLast(_ bytes: UnsafeRawBufferPointer) {
    let whole = bytes.count & ~15
    unsafe absorb(UnsafeRawBufferPointer(rebasing: bytes[0..<whole]), top: Poly1305.wholeBlock)
    guard whole < bytes.count else { return }
    unsafe absorbPartial(bytes[whole...], marker: 1, top: 0)
  }

  /// Takes in one block of two little-endian words.
  mutating func update(_ low: UInt64, _ high: UInt64) {
    unsafe withUnsafeBytes(of: (low.littleEndian, high.littleEndian)) {
      unsafe absorb($0, top: Poly1305.wholeBlock)
    }
  }

  private mutating func absorbPartial(
    _ bytes: Slice<UnsafeRawBufferPointer>,
    marker: UInt8,
    top: UInt64
  ) {
    var block = [UInt8](repeating: 0, count: Poly1305.blockByteCount)
    for offset in unsafe 0..<bytes.count { block[offset] = unsafe bytes[bytes.startIndex + offset] }
    unsafe block[bytes.count] |= marker
    unsafe block.withUnsafeBytes { unsafe absorb($0, top: top) }
  }

  /// Three limbs of 44, 44 and 42 bits, or a little more.
  private struct Limbs {
    var low: UInt64
    var middle: UInt64
    var high: UInt64
    /// 20 times the upper two: what they are worth once they have wrapped around.
    var wrappedMiddle: UInt64 { middle &* 20 }
    var wrappedHigh: UInt64 { high &* 20 }
  }

  /// Columns of a sum of products, not yet carried.
  private struct Columns {
    var low: UInt128 = 0
    var middle: UInt128 = 0
    var high: UInt128 = 0

    /// Adds `left` times `right`; a dozen of products of limbs fit.
    @inline(__always)
    mutating func add(_ left: Limbs, times right: Limbs) {
      let (s1, s2) = (right.wrappedMiddle, right.wrappedHigh)
      low =
        low &+ Poly1305.wide(left.low, right.low) &+ Poly1305.wide(left.middle, s2)
        &+ Poly1305.wide(left.high, s1)
      middle =
        middle &+ Poly1305.wide(left.low, right.middle)
        &+ Poly1305.wide(left.middle, right.low) &+ Poly1305.wide(left.high, s2)
      high =
        high &+ Poly1305.wide(left.low, right.high)
        &+ Poly1305.wide(left.middle, right.middle) &+ Poly1305.wide(left.high, right.low)
    }

    /// The same modulo 2¹³⁰ − 5, in limbs.
    @inline(__always)
    var carried: Limbs {
      let (mask44, mask42) = (Poly1305.mask44, Poly1305.mask42)
      let middle = self.middle &+ (low &>> 44)
      let high = self.high &+ (middle &>> 44)
      var h0 = UInt64(truncatingIfNeeded: low) & mask44
      var h1 = UInt64(truncatingIfNeeded: middle) & mask44
      let h2 = UInt64(truncatingIfNeeded: high) & mask42
      h0 = h0 &+ UInt64(truncatingIfNeeded: high &>> 42) &* 5
      h1 = h1 &+ (h0 &>> 44)
      h0 &= mask44
      return Limbs(low: h0, middle: h1, high: h2)
    }
  }

  /// The block at `at`, with bit 128 as `top` has it.
  @inline(__always)
  private static func block(_ at: UnsafeRawPointer, top: UInt64) -> Limbs {
    let low = unsafe at.loadUnaligned(as: UInt64.self).littleEndian
    let high = unsafe at.loadUnaligned(fromByteOffset: 8, as: UInt64.self).littleEndian
    return Limbs(
      low: low & mask44,
      middle: ((low &>> 44) | (high &<< 20)) & mask44,
      high: (high &>> 24) | top
    )
  }

  /// Takes in whole blocks: h = (h + block) · r modulo 2¹³⁰ − 5 for each.
  ///
  /// Four at a time where there are many: h = (h + b₁) · r⁴ + b₂ · r³ + b₃ · r² + b₄ · r, whose
  /// products need not wait for each other and are carried once.
  private mutating func absorb(_ blocks: UnsafeRawBufferPointer, top: UInt64) {
    guard let start = blocks.baseAddress else { return }
    let r = Limbs(low: r0, middle: r1, high: r2)
    var h = Limbs(low: h0, middle: h1, high: h2)
    var offset = 0
    // `blocks.count` is a multiple of 16.
    if blocks.count >= 512 {
      let squared = Poly1305.product(r, r)
      let cubed = Poly1305.product(squared, r)
      let fourth = Poly1305.product(squared, squared)
      while offset &+ 64 <= blocks.count {
        let at = unsafe start + offset
        var sum = Columns()
        unsafe sum.add(Poly1305.block(at + 16, top: top), times: cubed)
        unsafe sum.add(Poly1305.block(at + 32, top: top), times: squared)
        unsafe sum.add(Poly1305.block(at + 48, top: top), times: r)
        unsafe sum.add(Poly1305.sum(h, Poly1305.block(at, top: top)), times: fourth)
        h = sum.carried
        offset &+= 64
      }
    }
    while offset < blocks.count {
      h = unsafe Poly1305.product(Poly1305.sum(h, Poly1305.block(start + offset, top: top)), r)
      offset &+= 16
    }
    (h0, h1, h2) = (h.low, h.middle, h.high)
  }

  @inline(__always)
  private static func product(_ left: Limbs, _ right: Limbs) -> Limbs {
    var columns = Columns()
    columns.add(left, times: right)
    return columns.carried
  }

  @inline(__always)
  private static func sum(_ left: Limbs, _ right: Limbs) -> Limbs {
    Limbs(
      low: left.low &+ right.low,
      middle: left.middle &+ right.middle,
      high: left.high &+ right.high
    )
  }

  /// The tag, as two little-endian words.
  func finalize() -> (UInt64, UInt64) {
    let (mask44, mask42) = (Poly1305.mask44, Poly1305.mask42)
    var (h0, h1, h2) = (self.h0, self.h1, self.h2)
    for _ in 0..<2 {
      h1 = h1 &+ (h0 &>> 44)
      h0 &= mask44
      h2 = h2 &+ (h1 &>> 44)
      h1 &= mask44
      h0 = h0 &+ (h2 &>> 42) &* 5
      h2 &= mask42
    }
    h1 = h1 &+ (h0 &>> 44)
    h0 &= mask44

    // g = h − (2¹³⁰ − 5); its sign chooses between h and g.
    var g0 = h0 &+ 5
    var g1 = h1 &+ (g0 &>> 44)
    g0 &= mask44
    let g2 = h2 &+ (g1 &>> 44) &- (1 << 42)
    g1 &= mask44
    let keepH = 0 &- (g2 &>> 63)
    h0 = (h0 & keepH) | (g0 & ~keepH)
    h1 = (h1 & keepH) | (g1 & ~keepH)
    h2 = (h2 & keepH) | (g2 & ~keepH)

    let sum =
      (UInt128(h0 | (h1 &<< 44)) | UInt128((h1 &>> 20) | (h2 &<< 24)) &<< 64)
      &+ (UInt128(pad0) | UInt128(pad1) &<< 64)
    return (UInt64(truncatingIfNeeded: sum), UInt64(truncatingIfNeeded: sum &>> 64))
  }

  @inline(__always)
  private static func wide(_ a: UInt64, _ b: UInt64) -> UInt128 { UInt128(a) &* UInt128(b) }
}
