/// One side of the handshake `Noise_NNpsk0_25519_ChaChaPoly_SHA256`.
///
/// ```
/// NNpsk0:  → psk, e
///          ← e, ee
/// ```
///
/// The initiator calls `writeFirst` and `readSecond`, the responder `readFirst` and `writeSecond`;
/// then each calls `split`. Source: T. Perrin, "The Noise Protocol Framework", revision 34,
/// sections 5.3 and 9.
package struct NoiseHandshake: Sendable {
  package static let protocolName = "Noise_NNpsk0_25519_ChaChaPoly_SHA256"

  /// Bytes of a first or second message with an empty payload.
  package static let messageByteCount = X25519.byteCount + ChaCha20Poly1305.tagByteCount

  /// Why a message could not be read.
  package enum Failure: Error, Equatable {
    /// Too short, or made with another key, or after another transcript.
    case notAuthentic
    /// The public key is one of those that give the same secret with every private key.
    case weakPublicKey
  }

  private var symmetric: SymmetricState
  private let preSharedKey: SecretBytes
  private let ephemeral: SecretBytes

  /// The responder keeps the initiator's public key between the two messages.
  private var remotePublicKey: [UInt8] = []

  /// - Parameters:
  ///   - preSharedKey: 32 secret bytes.
  ///   - ephemeral: 32 fresh random bytes, used for this handshake and no other.
  ///   - prologue: what both sides must agree on.
  package init(preSharedKey: SecretBytes, ephemeral: SecretBytes, prologue: [UInt8]) {
    precondition(preSharedKey.count == 32, "a pre-shared key of \(preSharedKey.count) bytes")
    self.preSharedKey = preSharedKey
    self.ephemeral = ephemeral
    symmetric = SymmetricState(protocolName: NoiseHandshake.protocolName)
    symmetric.mix(hash: prologue)
  }

  /// The hash of the whole handshake; equal on both sides after it and different for every one.
  package var handshakeHash: [UInt8] { symmetric.handshakeHash }

  /// The initiator's message: `psk, e` and a payload only holders of the pre-shared key can read.
  package mutating func writeFirst(payload: [UInt8] = []) -> [UInt8] {
    mixPreSharedKey()
    return writeEphemeral() + symmetric.encrypt(payload)
  }

  package mutating func readFirst(_ message: [UInt8]) throws(Failure) -> [UInt8] {
    mixPreSharedKey()
    return try readEphemeral(message, mixingSecret: false)
  }

  /// The responder's message: `e, ee` and a payload.
  package mutating func writeSecond(payload: [UInt8] = []) throws(Failure) -> [UInt8] {
    let publicKey = writeEphemeral()
    try mixSharedSecret()
    return publicKey + symmetric.encrypt(payload)
  }

  package mutating func readSecond(_ message: [UInt8]) throws(Failure) -> [UInt8] {
    try readEphemeral(message, mixingSecret: true)
  }

  /// The ciphers of the two directions.
  package mutating func split() -> (fromInitiator: CipherState, fromResponder: CipherState) {
    symmetric.split()
  }

  private mutating func mixPreSharedKey() {
    var key = preSharedKey.array
    symmetric.mix(keyAndHash: key)
    wipe(&key)
  }

  /// Token `e`, written; in a handshake with a pre-shared key it is mixed into the key as well.
  private mutating func writeEphemeral() -> [UInt8] {
    let publicKey = X25519.publicKey(of: ephemeral)
    symmetric.mix(hash: publicKey)
    symmetric.mix(key: publicKey)
    return publicKey
  }

  /// Token `e`, read, then `ee` if wanted, then the payload.
  private mutating func readEphemeral(
    _ message: [UInt8],
    mixingSecret: Bool
  ) throws(Failure) -> [UInt8] {
    guard message.count >= NoiseHandshake.messageByteCount else { throw .notAuthentic }
    remotePublicKey = Array(message.prefix(X25519.byteCount))
    symmetric.mix(hash: remotePublicKey)
    symmetric.mix(key: remotePublicKey)
    if mixingSecret { try mixSharedSecret() }
    guard let payload = symmetric.decrypt(Array(message.dropFirst(X25519.byteCount))) else {
      throw .notAuthentic
    }
    return payload
  }

  /// Token `ee`.
  private mutating func mixSharedSecret() throws(Failure) {
    guard var secret = X25519.sharedSecret(of: ephemeral, with: remotePublicKey) else {
      throw .weakPublicKey
    }
    symmetric.mix(key: secret)
    wipe(&secret)
  }
}
