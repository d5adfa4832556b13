/// One direction of an established session: its cipher and when its key is to be replaced.
///
/// Both ends count the same frames and bytes, so they replace the key between the same two frames.
struct TransportCipher: Sendable {
  private var cipher: CipherState
  private let framesPerKey: UInt64
  private let bytesPerKey: UInt64
  private var frames: UInt64 = 0
  private var bytes: UInt64 = 0

  init(_ cipher: CipherState, limits: SessionLimits) {
    self.cipher = cipher
    framesPerKey = limits.framesPerKey
    bytesPerKey = limits.bytesPerKey
  }

  var isExhausted: Bool { cipher.isExhausted }

  /// Encrypts `buffer[start...]` and appends the tag.
  mutating func encrypt(_ buffer: inout [UInt8], from start: Int) {
    cipher.encrypt(&buffer, from: start)
    count(buffer.count - start)
  }

  /// The place of the text, or `nil` when the tag is wrong.
  mutating func decrypt(_ buffer: inout [UInt8], range: Range<Int>) -> Range<Int>? {
    guard let text = cipher.decrypt(&buffer, range: range) else { return nil }
    count(range.count)
    return text
  }

  private mutating func count(_ byteCount: Int) {
    frames += 1
    bytes += UInt64(byteCount)
    guard frames >= framesPerKey || bytes >= bytesPerKey else { return }
    cipher.rekey()
    frames = 0
    bytes = 0
  }
}
