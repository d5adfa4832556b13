/// The stream cipher ChaCha20 of RFC 8439 section 2.4, eight blocks at a time.
package enum ChaCha20 {
  /// Bytes of a key.
  package static let keyByteCount = 32

  /// Bytes of one block of the key stream.
  static let blockByteCount = 64

  /// The 96 bits that must never be used twice with one key, as three little-endian words.
  package struct Nonce: Equatable, Sendable {
    var words: SIMD3<UInt32>

    /// The form of RFC 8439: twelve bytes.
    package init(_ words: SIMD3<UInt32>) { self.words = words }

    /// The form of the Noise specification section 12.3: 32 zero bits, then the counter.
    package init(counter: UInt64) {
      words = SIMD3(
        0,
        UInt32(truncatingIfNeeded: counter),
        UInt32(truncatingIfNeeded: counter >> 32)
      )
    }
  }

  /// A word of each of eight neighbouring blocks.
  private typealias Lanes = SIMD8<UInt32>

  /// Exclusive-ors the key stream from block `counter` on into `buffer`.
  ///
  /// - Parameters:
  ///   - buffer: what is encrypted or decrypted in place; at most 2³² − 8 blocks.
  ///   - key: 32 bytes.
  ///   - nonce: never used before with this key for other contents.
  ///   - counter: number of the first block.
  package static func apply(
    to buffer: UnsafeMutableRawBufferPointer,
    key: SecretBytes,
    nonce: Nonce,
    counter: UInt32
  ) {
    precondition(key.count == keyByteCount, "a key of \(key.count) bytes")
    unsafe key.withBytes { key in
      unsafe withUnsafeTemporaryAllocation(of: Lanes.self, capacity: 16) { stream in
        guard let start = buffer.baseAddress, let stream = stream.baseAddress else { return }
        let words = UnsafeRawPointer(stream)
        var offset = 0
        var number = counter
        while offset < buffer.count {
          // Sixteen vectors of eight words fill `stream`; the pieces below stay within `buffer`.
          unsafe makeBlocks(key: key, nonce: nonce, counter: number, into: stream)
          let whole = min(8, (buffer.count &- offset) / blockByteCount)
          for block in 0..<whole {
            unsafe add(words, block: block, to: start + offset)
            offset &+= blockByteCount
          }
          if whole < 8 {
            let rest = buffer.count &- offset
            for index in 0..<rest {
              let word = unsafe words.load(
                fromByteOffset: (index / 4 * 8 &+ whole) * 4,
                as: UInt32.self
              )
              unsafe buffer[offset &+ index] ^= UInt8(
                truncatingIfNeeded: word &>> UInt32(index % 4 * 8)
              )
            }
            offset = buffer.count
          }
          number &+= 8
        }
      }
    }
  }

  /// Exclusive-ors block `block` of the eight into the 64 bytes at `target`.
  @inline(__always)
  private static func add(
    _ stream: UnsafeRawPointer,
    block: Int,
    to target: UnsafeMutableRawPointer
  ) {
    for pair in 0..<8 {
      let from = unsafe stream + (pair &* 64 &+ block &* 4)
      let low = unsafe UInt64(from.load(as: UInt32.self))
      let high = unsafe UInt64(from.load(fromByteOffset: 32, as: UInt32.self))
      let at = unsafe target + pair &* 8
      let bytes = unsafe at.loadUnaligned(as: UInt64.self).littleEndian
      unsafe at.storeBytes(of: (bytes ^ (low | high &<< 32)).littleEndian, as: UInt64.self)
    }
  }

  /// Word `i` of blocks `counter ..< counter + 8` goes to the lanes of `output[i]`.
  @inline(__always)
  private static func makeBlocks(
    key: UnsafeRawBufferPointer,
    nonce: Nonce,
    counter: UInt32,
    into output: UnsafeMutablePointer<Lanes>
  ) {
    @inline(__always) func keyWord(_ index: Int) -> Lanes {
      unsafe Lanes(
        repeating: key.loadUnaligned(fromByteOffset: index &* 4, as: UInt32.self).littleEndian
      )
    }
    // "expand 32-byte k"
    let c0 = Lanes(repeating: 0x6170_7865)
    let c1 = Lanes(repeating: 0x3320_646E)
    let c2 = Lanes(repeating: 0x7962_2D32)
    let c3 = Lanes(repeating: 0x6B20_6574)
    let numbers = Lanes(repeating: counter) &+ Lanes(0, 1, 2, 3, 4, 5, 6, 7)
    let n0 = Lanes(repeating: nonce.words[0])
    let n1 = Lanes(repeating: nonce.words[1])
    let n2 = Lanes(repeating: nonce.words[2])
    var (x0, x1, x2, x3) = (c0, c1, c2, c3)
    var (x4, x5, x6, x7) = (keyWord(0), keyWord(1), keyWord(2), keyWord(3))
    var (x8, x9, x10, x11) = (keyWord(4), keyWord(5), keyWord(6), keyWord(7))
    var (x12, x13, x14, x15) = (numbers, n0, n1, n2)
    for _ in 0..<10 {
      quarterRound(&x0, &x4, &x8, &x12)
      quarterRound(&x1, &x5, &x9, &x13)
      quarterRound(&x2, &x6, &x10, &x14)
      quarterRound(&x3, &x7, &x11, &x15)
      quarterRound(&x0, &x5, &x10, &x15)
      quarterRound(&x1, &x6, &x11, &x12)
      quarterRound(&x2, &x7, &x8, &x13)
      quarterRound(&x3, &x4, &x9, &x14)
    }
    unsafe output[0] = x0 &+ c0
    unsafe output[1] = x1 &+ c1
    unsafe output[2] = x2 &+ c2
    unsafe output[3] = x3 &+ c3
    unsafe output[4] = x4 &+ keyWord(0)
    unsafe output[5] = x5 &+ keyWord(1)
    unsafe output[6] = x6 &+ keyWord(2)
    unsafe output[7] = x7 &+ keyWord(3)
    unsafe output[8] = x8 &+ keyWord(4)
    unsafe output[9] = x9 &+ keyWord(5)
    unsafe output[10] = x10 &+ keyWord(6)
    unsafe output[11] = x11 &+ keyWord(7)
    unsafe output[12] = x12 &+ numbers
    unsafe output[13] = x13 &+ n0
    unsafe output[14] = x14 &+ n1
    unsafe output[15] = x15 &+ n2
  }

  /// RFC 8439 section 2.1.
  @inline(__always)
  private static func quarterRound(
    _ a: inout Lanes,
    _ b: inout Lanes,
    _ c: inout Lanes,
    _ d: inout Lanes
  ) {
    a = a &+ b
    d = rotated(d ^ a, 16)
    c = c &+ d
    b = rotated(b ^ c, 12)
    a = a &+ b
    d = rotated(d ^ a, 8)
    c = c &+ d
    b = rotated(b ^ c, 7)
  }

  @inline(__always)
  private static func rotated(_ lanes: Lanes, _ count: UInt32) -> Lanes {
    (lanes &<< Lanes(repeating: count)) | (lanes &>> Lanes(repeating: 32 &- count))
  }
}
