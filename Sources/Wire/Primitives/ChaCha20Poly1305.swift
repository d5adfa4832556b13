/// Authenticated encryption in place: AEAD_CHACHA20_POLY1305 of RFC 8439 section 2.8.
package enum ChaCha20Poly1305 {
  /// Bytes of a tag.
  package static let tagByteCount = 16

  /// Bytes encrypted before they are authenticated, so that they are still in the nearest cache.
  private static let stride = 16 << 10

  /// Encrypts `buffer[start...]` in place and appends the tag.
  package static func seal(
    _ buffer: inout [UInt8],
    from start: Int,
    key: SecretBytes,
    nonce: ChaCha20.Nonce,
    authenticating data: [UInt8] = []
  ) {
    precondition((0...buffer.count).contains(start), "\(start) is not in 0...\(buffer.count)")
    var authenticator = oneTimeAuthenticator(key: key, nonce: nonce)
    unsafe data.withUnsafeBytes { unsafe authenticator.updatePadded($0) }
    let byteCount = buffer.count - start
    unsafe buffer.withUnsafeMutableBytes { buffer in
      let text = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
      var offset = 0
      while offset < byteCount {
        let end = min(byteCount, offset + stride)
        let piece = unsafe UnsafeMutableRawBufferPointer(rebasing: text[offset..<end])
        let block = UInt32(truncatingIfNeeded: 1 + offset / ChaCha20.blockByteCount)
        unsafe ChaCha20.apply(to: piece, key: key, nonce: nonce, counter: block)
        unsafe authenticator.updatePadded(UnsafeRawBufferPointer(piece))
        offset = end
      }
    }
    authenticator.update(UInt64(data.count), UInt64(byteCount))
    let (low, high) = authenticator.finalize()
    for word in [low, high] {
      for shift in stride8 { buffer.append(UInt8(truncatingIfNeeded: word >> shift)) }
    }
  }

  /// Verifies the tag at the end of `range` and, if it is right, decrypts what stands before it.
  ///
  /// - Parameters:
  ///   - buffer: left as it was when the tag is wrong.
  ///   - range: the place of the ciphertext and its tag in `buffer`.
  ///   - key: 32 bytes.
  ///   - nonce: the nonce it was sealed with.
  ///   - data: the associated data it was sealed with.
  /// - Returns: whether the tag is right; the text is then in `range` without its last 16 bytes.
  package static func open(
    _ buffer: inout [UInt8],
    range: Range<Int>,
    key: SecretBytes,
    nonce: ChaCha20.Nonce,
    authenticating data: [UInt8] = []
  ) -> Bool {
    precondition(
      0 <= range.lowerBound && range.upperBound <= buffer.count,
      "\(range) is not in 0...\(buffer.count)"
    )
    guard range.count >= tagByteCount else { return false }
    var authenticator = oneTimeAuthenticator(key: key, nonce: nonce)
    unsafe data.withUnsafeBytes { unsafe authenticator.updatePadded($0) }
    return unsafe buffer.withUnsafeMutableBytes { buffer in
      let end = range.upperBound - tagByteCount
      let text = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[range.lowerBound..<end])
      unsafe authenticator.updatePadded(UnsafeRawBufferPointer(text))
      authenticator.update(UInt64(data.count), UInt64(text.count))
      let (low, high) = authenticator.finalize()
      // `range` ends with the 16 bytes of the tag.
      let low2 = unsafe buffer.loadUnaligned(fromByteOffset: end, as: UInt64.self).littleEndian
      let high2 = unsafe buffer.loadUnaligned(fromByteOffset: end + 8, as: UInt64.self).littleEndian
      guard (low ^ low2) | (high ^ high2) == 0 else { return false }
      unsafe ChaCha20.apply(to: text, key: key, nonce: nonce, counter: 1)
      return true
    }
  }

  private static let stride8: [UInt64] = [0, 8, 16, 24, 32, 40, 48, 56]

  /// Section 2.6: the first half of block 0 is the key of the authenticator.
  private static func oneTimeAuthenticator(key: SecretBytes, nonce: ChaCha20.Nonce) -> Poly1305 {
    var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    unsafe withUnsafeMutableBytes(of: &words) {
      unsafe ChaCha20.apply(to: $0, key: key, nonce: nonce, counter: 0)
    }
    return Poly1305(
      key: (
        words.0.littleEndian, words.1.littleEndian, words.2.littleEndian, words.3.littleEndian
      )
    )
  }
}
