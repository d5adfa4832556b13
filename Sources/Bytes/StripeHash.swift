/// A fast hash of long contents, to tell them apart by accident rather than against an attacker.
///
/// The loop is the one that XXH3 runs over long inputs (Y. Collet, xxHash 0.8): eight lanes of 64
/// bits take in 64 bytes at a time by products of 32-bit halves, each lane also getting another
/// lane's bytes as they are, and are scrambled every 1,024 bytes. All 512 bits of the lanes and the
/// byte count go through SHA-256 in the end. Twenty times as fast as SHA-256 over the contents.
public struct StripeHash: Sendable {
  /// Bytes between two scramblings.
  private static let blockByteCount = 1_024

  private static let prime: UInt64 = 0x9E37_79B1

  /// Two vectors for each stripe of a block and two more, drawn from SplitMix64 of seed 0.
  ///
  /// Source: S. Vigna, <https://prng.di.unimi.it/splitmix64.c>.
  private static let keys: [SIMD4<UInt64>] = {
    var state: UInt64 = 0
    func word() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
    return (0..<34).map { _ in SIMD4(word(), word(), word(), word()) }
  }()

  private var low = SIMD4<UInt64>(1, 2, 3, 4)
  private var high = SIMD4<UInt64>(5, 6, 7, 8)
  /// Invariant: shorter than a block.
  private var pending: [UInt8] = []
  private var byteCount: UInt64 = 0

  public init() {}

  public mutating func update(_ bytes: [UInt8]) {
    unsafe bytes.withUnsafeBytes { unsafe update($0) }
  }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    byteCount &+= UInt64(bytes.count)
    var start = 0
    if !pending.isEmpty {
      start = min(StripeHash.blockByteCount - pending.count, bytes.count)
      unsafe pending.append(contentsOf: bytes[0..<start])
      guard pending.count == StripeHash.blockByteCount else { return }
      let full = pending
      pending.removeAll(keepingCapacity: true)
      unsafe full.withUnsafeBytes { unsafe absorb($0) }
    }
    let end = start + (bytes.count - start) / StripeHash.blockByteCount * StripeHash.blockByteCount
    if start < end { unsafe absorb(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) }
    unsafe pending.append(contentsOf: bytes[end...])
  }

  /// The 32 bytes that stand for everything taken in; more may follow.
  public var digest: [UInt8] {
    var last = self
    if !pending.isEmpty {
      let filler = [UInt8](repeating: 0, count: StripeHash.blockByteCount - pending.count)
      unsafe (pending + filler).withUnsafeBytes { unsafe last.absorb($0) }
    }
    var writer = ByteWriter(capacity: 72)
    for lane in 0..<4 { writer.write(last.low[lane]) }
    for lane in 0..<4 { writer.write(last.high[lane]) }
    writer.write(byteCount)
    return SHA256.hash(writer.bytes)
  }

  /// Takes in whole blocks.
  private mutating func absorb(_ blocks: UnsafeRawBufferPointer) {
    guard let base = blocks.baseAddress else { return }
    var (low, high) = (self.low, self.high)
    let half = SIMD4<UInt64>(repeating: 0xFFFF_FFFF)
    let shift = SIMD4<UInt64>(repeating: 32)
    let prime = SIMD4<UInt64>(repeating: StripeHash.prime)
    // `keys` holds two vectors for each of the 16 stripes and two for the scrambling.
    unsafe StripeHash.keys.withUnsafeBufferPointer { keys in
      var offset = 0
      while offset < blocks.count {
        for stripe in 0..<16 {
          let at = unsafe base + (offset &+ stripe &* 64)
          let first = unsafe at.loadUnaligned(as: SIMD4<UInt64>.self)
          let second = unsafe at.loadUnaligned(fromByteOffset: 32, as: SIMD4<UInt64>.self)
          let firstMixed = unsafe first ^ keys[2 &* stripe]
          let secondMixed = unsafe second ^ keys[2 &* stripe &+ 1]
          low = low &+ second &+ (firstMixed & half) &* (firstMixed &>> shift)
          high = high &+ first &+ (secondMixed & half) &* (secondMixed &>> shift)
        }
        low = unsafe scrambled(low, keys[32], prime, half)
        high = unsafe scrambled(high, keys[33], prime, half)
        offset &+= StripeHash.blockByteCount
      }
    }
    (self.low, self.high) = (low, high)
  }

  /// Times a 32-bit prime after folding the upper bits down.
  @inline(__always)
  private func scrambled(
    _ lanes: SIMD4<UInt64>,
    _ key: SIMD4<UInt64>,
    _ prime: SIMD4<UInt64>,
    _ half: SIMD4<UInt64>
  ) -> SIMD4<UInt64> {
    let folded = (lanes ^ (lanes &>> SIMD4(repeating: 47))) ^ key
    let shift = SIMD4<UInt64>(repeating: 32)
    return (folded & half) &* prime &+ (((folded &>> shift) &* prime) &<< shift)
  }
}
