/// The Diffie–Hellman function X25519 of RFC 7748, in constant time.
package enum X25519 {
  /// Bytes of a private key, a public key and a shared secret.
  package static let byteCount = 32

  private static let basePoint: (UInt64, UInt64, UInt64, UInt64) = (9, 0, 0, 0)

  /// The public key that belongs to 32 private bytes.
  package static func publicKey(of privateKey: SecretBytes) -> [UInt8] {
    bytes(ladder(scalar(privateKey), basePoint))
  }

  /// The secret shared with the owner of `publicKey`.
  ///
  /// - Returns: `nil` when the secret is all zeros, that is, when the other side sent one of the
  ///   points of low order, or when `publicKey` has not 32 bytes.
  package static func sharedSecret(of privateKey: SecretBytes, with publicKey: [UInt8]) -> [UInt8]?
  {
    guard publicKey.count == byteCount else { return nil }
    let product = ladder(scalar(privateKey), words(publicKey))
    guard product.0 | product.1 | product.2 | product.3 != 0 else { return nil }
    return bytes(product)
  }

  /// RFC 7748 section 5: 255 steps, each the same but for the masks of the exchanges.
  private static func ladder(
    _ k: (UInt64, UInt64, UInt64, UInt64),
    _ u: (UInt64, UInt64, UInt64, UInt64)
  ) -> (UInt64, UInt64, UInt64, UInt64) {
    let x1 = FieldElement(words: u)
    var x2 = FieldElement.one
    var z2 = FieldElement.zero
    var x3 = x1
    var z3 = FieldElement.one
    // The scalar's top bit is out of reach: 255 shifts bring bit 254 first.
    var rest = (k.0, k.1, k.2, (k.3 &<< 1) | (k.2 &>> 63))
    rest.2 = (k.2 &<< 1) | (k.1 &>> 63)
    rest.1 = (k.1 &<< 1) | (k.0 &>> 63)
    rest.0 = k.0 &<< 1
    var previous: UInt64 = 0
    for _ in 0..<255 {
      let bit = rest.3 &>> 63
      rest.3 = (rest.3 &<< 1) | (rest.2 &>> 63)
      rest.2 = (rest.2 &<< 1) | (rest.1 &>> 63)
      rest.1 = (rest.1 &<< 1) | (rest.0 &>> 63)
      rest.0 = rest.0 &<< 1
      let mask = 0 &- (bit ^ previous)
      previous = bit
      FieldElement.exchange(&x2, &x3, mask: mask)
      FieldElement.exchange(&z2, &z3, mask: mask)
      let a = x2 + z2
      let aa = a.squared
      let b = x2 - z2
      let bb = b.squared
      let e = aa - bb
      let da = (x3 - z3) * a
      let cb = (x3 + z3) * b
      x3 = (da + cb).squared
      z3 = x1 * (da - cb).squared
      x2 = aa * bb
      z2 = e * (aa + e.times(121_665))
    }
    FieldElement.exchange(&x2, &x3, mask: 0 &- previous)
    FieldElement.exchange(&z2, &z3, mask: 0 &- previous)
    return (x2 * z2.inverted).words
  }

  /// A private key as a scalar: RFC 7748 clears and sets five of its bits.
  private static func scalar(_ privateKey: SecretBytes) -> (UInt64, UInt64, UInt64, UInt64) {
    precondition(privateKey.count == byteCount, "a private key of \(privateKey.count) bytes")
    var k = unsafe privateKey.withBytes { unsafe words($0) }
    k.0 &= ~7
    k.3 = (k.3 & (1 << 63 - 1)) | (1 << 62)
    return k
  }

  private static func words(_ bytes: some Collection<UInt8>) -> (UInt64, UInt64, UInt64, UInt64) {
    var result = SIMD4<UInt64>()
    for (offset, byte) in bytes.enumerated() {
      result[offset / 8] |= UInt64(byte) << UInt64(offset % 8 * 8)
    }
    return (result[0], result[1], result[2], result[3])
  }

  private static func bytes(_ words: (UInt64, UInt64, UInt64, UInt64)) -> [UInt8] {
    [words.0, words.1, words.2, words.3].flatMap { word in
      (0..<8).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
  }
}
