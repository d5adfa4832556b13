/// An incremental SHA-256, as in FIPS 180-4 section 6.2.
///
/// A copy of a half-fed hash goes on independently, so a common prefix is hashed once.
public struct SHA256: Sendable {
  /// Bytes of a digest.
  public static let byteCount = 32

  private static let blockByteCount = 64

  /// The eight words of FIPS 180-4 section 5.3.3, then of the blocks so far.
  private var state = SIMD8<UInt32>(
    0x6A09_E667,
    0xBB67_AE85,
    0x3C6E_F372,
    0xA54F_F53A,
    0x510E_527F,
    0x9B05_688C,
    0x1F83_D9AB,
    0x5BE0_CD19
  )

  /// Bytes not yet hashed.
  ///
  /// Invariant: fewer than one block.
  private var pending: [UInt8] = []

  /// Bytes taken in so far.
  private var length: UInt64 = 0

  public init() {}

  /// The digest of one message.
  public static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finalize()
  }

  public mutating func update(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { unsafe update($0) }
  }

  public mutating func update(_ bytes: ArraySlice<UInt8>) {
    unsafe bytes.withUnsafeBytes { unsafe update($0) }
  }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    length &+= UInt64(bytes.count)
    var start = 0
    if !pending.isEmpty {
      start = min(SHA256.blockByteCount - pending.count, bytes.count)
      unsafe pending.append(contentsOf: bytes[0..<start])
      guard pending.count == SHA256.blockByteCount else { return }
      let full = pending
      pending.removeAll(keepingCapacity: true)
      unsafe full.withUnsafeBytes { unsafe compress($0) }
    }
    let end = start + (bytes.count - start) / SHA256.blockByteCount * SHA256.blockByteCount
    if start < end { unsafe compress(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) }
    unsafe pending.append(contentsOf: bytes[end...])
  }

  /// The digest of everything taken in so far, 32 bytes.
  public func finalize() -> [UInt8] {
    var last = self
    var padding: [UInt8] = [0x80]
    let used = (pending.count + 1) % SHA256.blockByteCount
    let zeros = (SHA256.blockByteCount + 56 - used) % SHA256.blockByteCount
    padding.append(contentsOf: repeatElement(0, count: zeros))
    let bits = length &<< 3
    for shift in stride(from: 56, through: 0, by: -8) {
      padding.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    last.update(padding)
    var digest: [UInt8] = []
    digest.reserveCapacity(SHA256.byteCount)
    for index in 0..<8 {
      let word = last.state[index]
      for shift in [24, 16, 8, 0] as [UInt32] {
        digest.append(UInt8(truncatingIfNeeded: word >> shift))
      }
    }
    return digest
  }

  /// Hashes whole blocks; `blocks.count` is a multiple of 64.
  private mutating func compress(_ blocks: UnsafeRawBufferPointer) {
    var state = self.state
    unsafe SHA256.roundConstants.withUnsafeBufferPointer { constants in
      unsafe withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { schedule in
        // Both buffers have 64 words; `offset` stays a block below `blocks.count`.
        guard let k = constants.baseAddress, let w = schedule.baseAddress else { return }
        for offset in stride(from: 0, to: blocks.count, by: SHA256.blockByteCount) {
          for index in 0..<16 {
            unsafe w[index] = UInt32(
              bigEndian: blocks.loadUnaligned(
                fromByteOffset: offset &+ index &* 4,
                as: UInt32.self
              )
            )
          }
          unsafe SHA256.round(&state, w, k)
        }
      }
    }
    self.state = state
  }

  /// One block: the schedule of `w[16...]`, then 64 rounds, eight a turn so that no word is moved.
  @inline(__always)
  private static func round(
    _ state: inout SIMD8<UInt32>,
    _ w: UnsafeMutablePointer<UInt32>,
    _ k: UnsafePointer<UInt32>
  ) {
    for index in 16..<64 {
      let early = unsafe w[index &- 15]
      let late = unsafe w[index &- 2]
      let sigma0 = rotated(early, 7) ^ rotated(early, 18) ^ (early &>> 3)
      let sigma1 = rotated(late, 17) ^ rotated(late, 19) ^ (late &>> 10)
      unsafe w[index] = w[index &- 16] &+ sigma0 &+ w[index &- 7] &+ sigma1
    }
    var (a, b, c, d) = (state[0], state[1], state[2], state[3])
    var (e, f, g, h) = (state[4], state[5], state[6], state[7])
    var i = 0
    while i < 64 {
      unsafe step(a, b, c, &d, e, f, g, &h, k[i] &+ w[i])
      unsafe step(h, a, b, &c, d, e, f, &g, k[i &+ 1] &+ w[i &+ 1])
      unsafe step(g, h, a, &b, c, d, e, &f, k[i &+ 2] &+ w[i &+ 2])
      unsafe step(f, g, h, &a, b, c, d, &e, k[i &+ 3] &+ w[i &+ 3])
      unsafe step(e, f, g, &h, a, b, c, &d, k[i &+ 4] &+ w[i &+ 4])
      unsafe step(d, e, f, &g, h, a, b, &c, k[i &+ 5] &+ w[i &+ 5])
      unsafe step(c, d, e, &f, g, h, a, &b, k[i &+ 6] &+ w[i &+ 6])
      unsafe step(b, c, d, &e, f, g, h, &a, k[i &+ 7] &+ w[i &+ 7])
      i &+= 8
    }
    state = state &+ SIMD8(a, b, c, d, e, f, g, h)
  }

  @inline(__always)
  private static func step(
    _ a: UInt32,
    _ b: UInt32,
    _ c: UInt32,
    _ d: inout UInt32,
    _ e: UInt32,
    _ f: UInt32,
    _ g: UInt32,
    _ h: inout UInt32,
    _ added: UInt32
  ) {
    let sum1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
    let choice = (e & f) ^ (~e & g)
    let first = h &+ sum1 &+ choice &+ added
    let sum0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
    let majority = (a & b) ^ (a & c) ^ (b & c)
    d = d &+ first
    h = first &+ sum0 &+ majority
  }

  @inline(__always)
  private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 {
    (word &>> count) | (word &<< (32 &- count))
  }

  /// FIPS 180-4 section 4.2.2.
  private static let roundConstants: [UInt32] = [
    0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1, 0x923F_82A4,
    0xAB1C_5ED5, 0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3, 0x72BE_5D74, 0x80DE_B1FE,
    0x9BDC_06A7, 0xC19B_F174, 0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F,
    0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA, 0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7,
    0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967, 0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC,
    0x5338_0D13, 0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85, 0xA2BF_E8A1, 0xA81A_664B,
    0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070, 0x19A4_C116,
    0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
    0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208, 0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7,
    0xC671_78F2,
  ]
}
