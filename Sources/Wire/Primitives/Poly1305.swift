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

  /// Takes in whole blocks: h = (h + block) · r modulo 2¹³⁰ − 5.
  private mutating func absorb(_ blocks: UnsafeRawBufferPointer, top: UInt64) {
    guard let start = blocks.baseAddress else { return }
    let (mask44, mask42) = (Poly1305.mask44, Poly1305.mask42)
    let (s1, s2) = (r1 &* 20, r2 &* 20)
    let (r0, r1, r2) = (self.r0, self.r1, self.r2)
    var (h0, h1, h2) = (self.h0, self.h1, self.h2)
    var offset = 0
    // `blocks.count` is a multiple of 16.
    while offset < blocks.count {
      let low = unsafe start.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian
      let high = unsafe start.loadUnaligned(fromByteOffset: offset &+ 8, as: UInt64.self)
        .littleEndian
      h0 = h0 &+ (low & mask44)
      h1 = h1 &+ (((low &>> 44) | (high &<< 20)) & mask44)
      h2 = h2 &+ ((high &>> 24) | top)

      let d0 = Poly1305.wide(h0, r0) &+ Poly1305.wide(h1, s2) &+ Poly1305.wide(h2, s1)
      let d1 =
        Poly1305.wide(h0, r1) &+ Poly1305.wide(h1, r0) &+ Poly1305.wide(h2, s2) &+ (d0 &>> 44)
      let d2 =
        Poly1305.wide(h0, r2) &+ Poly1305.wide(h1, r1) &+ Poly1305.wide(h2, r0) &+ (d1 &>> 44)
      h0 = UInt64(truncatingIfNeeded: d0) & mask44
      h1 = UInt64(truncatingIfNeeded: d1) & mask44
      h2 = UInt64(truncatingIfNeeded: d2) & mask42
      h0 = h0 &+ UInt64(truncatingIfNeeded: d2 &>> 42) &* 5
      h1 = h1 &+ (h0 &>> 44)
      h0 &= mask44
      offset &+= 16
    }
    (self.h0, self.h1, self.h2) = (h0, h1, h2)
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
