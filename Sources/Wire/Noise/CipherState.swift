/// One direction's key and counter: the CipherState of the Noise specification, section 5.1.
///
/// Unlike there, a transport message may be longer than 65,535 bytes; everything else is as written.
package struct CipherState: Sendable {
  private var key: SecretBytes?

  /// The nonce of the next message.
  package private(set) var nonce: UInt64 = 0

  /// The nonce kept for `rekey`; no message uses it.
  private static let reservedNonce = UInt64.max

  /// - Parameter key: 32 bytes, or `nil` for "not yet", when text passes as it is.
  package init(key: SecretBytes? = nil) { self.key = key }

  package var hasKey: Bool { key != nil }

  /// Whether every nonce has been used.
  package var isExhausted: Bool { nonce == CipherState.reservedNonce }

  /// Encrypts `buffer[start...]` in place and appends the tag: EncryptWithAd.
  ///
  /// Not to be called once `isExhausted`.
  package mutating func encrypt(
    _ buffer: inout [UInt8],
    from start: Int,
    authenticating data: [UInt8] = []
  ) {
    guard let key else { return }
    precondition(!isExhausted, "every nonce of this key has been used")
    ChaCha20Poly1305.seal(
      &buffer,
      from: start,
      key: key,
      nonce: ChaCha20.Nonce(counter: nonce),
      authenticating: data
    )
    nonce += 1
  }

  /// Decrypts `range` of `buffer` in place: DecryptWithAd.
  ///
  /// - Returns: the place of the text, or `nil` if the tag is wrong; the counter then stays.
  package mutating func decrypt(
    _ buffer: inout [UInt8],
    range: Range<Int>,
    authenticating data: [UInt8] = []
  ) -> Range<Int>? {
    guard let key else { return range }
    guard !isExhausted else { return nil }
    let isAuthentic = ChaCha20Poly1305.open(
      &buffer,
      range: range,
      key: key,
      nonce: ChaCha20.Nonce(counter: nonce),
      authenticating: data
    )
    guard isAuthentic else { return nil }
    nonce += 1
    return range.lowerBound..<range.upperBound - ChaCha20Poly1305.tagByteCount
  }

  /// Replaces the key by a one-way function of it; the counter goes on.
  ///
  /// Section 4.2, REKEY.
  package mutating func rekey() {
    guard let key else { return }
    var next = [UInt8](repeating: 0, count: ChaCha20.keyByteCount)
    defer { wipe(&next) }
    let nonce = ChaCha20.Nonce(counter: CipherState.reservedNonce)
    ChaCha20Poly1305.seal(&next, from: 0, key: key, nonce: nonce)
    self.key = SecretBytes(next.prefix(ChaCha20.keyByteCount))
  }
}
