private import Bytes

/// The running hash and chaining key of a handshake: section 5.2 of the Noise specification.
struct SymmetricState: Sendable {
  private var cipher = CipherState()
  private var chainingKey: [UInt8]

  /// The hash of everything both sides have seen so far, 32 bytes.
  private(set) var handshakeHash: [UInt8]

  init(protocolName: String) {
    let name = Array(protocolName.utf8)
    handshakeHash =
      name.count <= SHA256.byteCount
      ? name + Array(repeating: 0, count: SHA256.byteCount - name.count) : SHA256.hash(name)
    chainingKey = handshakeHash
  }

  /// MixHash.
  mutating func mix(hash data: [UInt8]) {
    var hash = SHA256()
    hash.update(handshakeHash)
    hash.update(data)
    handshakeHash = hash.finalize()
  }

  /// MixKey.
  mutating func mix(key input: [UInt8]) {
    var keys = derive(from: input, count: 2)
    chainingKey = keys[0]
    cipher = CipherState(key: SecretBytes(keys[1]))
    wipe(&keys[1])
  }

  /// MixKeyAndHash.
  mutating func mix(keyAndHash input: [UInt8]) {
    var keys = derive(from: input, count: 3)
    chainingKey = keys[0]
    mix(hash: keys[1])
    cipher = CipherState(key: SecretBytes(keys[2]))
    wipe(&keys[2])
  }

  /// EncryptAndHash.
  mutating func encrypt(_ text: [UInt8]) -> [UInt8] {
    var buffer = text
    cipher.encrypt(&buffer, from: 0, authenticating: handshakeHash)
    mix(hash: buffer)
    return buffer
  }

  /// DecryptAndHash; `nil` when the tag is wrong.
  mutating func decrypt(_ text: [UInt8]) -> [UInt8]? {
    var buffer = text
    guard
      let range = cipher.decrypt(&buffer, range: 0..<text.count, authenticating: handshakeHash)
    else { return nil }
    mix(hash: text)
    return Array(buffer[range])
  }

  /// Split: the cipher of what the initiator sends, then that of what the responder sends.
  ///
  /// The chaining key is gone afterwards.
  mutating func split() -> (fromInitiator: CipherState, fromResponder: CipherState) {
    var keys = derive(from: [], count: 2)
    defer {
      wipe(&keys[0])
      wipe(&keys[1])
      wipe(&chainingKey)
    }
    return (CipherState(key: SecretBytes(keys[0])), CipherState(key: SecretBytes(keys[1])))
  }

  /// HKDF of section 4.3: `count` outputs of 32 bytes.
  private func derive(from input: [UInt8], count: Int) -> [[UInt8]] {
    var extracted = HKDF.extract(salt: chainingKey, input: input)
    var output = HKDF.expand(key: extracted, info: [], byteCount: count * SHA256.byteCount)
    defer {
      wipe(&extracted)
      wipe(&output)
    }
    return (0..<count).map { Array(output[$0 * SHA256.byteCount..<($0 + 1) * SHA256.byteCount]) }
  }
}
