import Bytes
import Testing
import Wire

@Suite struct NoiseTests {
  /// The published vector of `Noise_NNpsk0_25519_ChaChaPoly_SHA256`: the cacophony collection, as the
  /// projects cacophony, noise-c and snow carry it.
  enum Vector {
    static let prologue = hex("4a6f686e2047616c74")
    static let preSharedKey = hex(
      "54686973206973206d7920417573747269616e20706572737065637469766521"
    )
    static let initiator = hex("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a")
    static let responder = hex("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b")
    static let handshakeHash = hex(
      "f4d03dc34495c95729ea6de9e1b59004b59733102488b3e24bc441e0be208eaf"
    )
    static let messages: [(payload: String, message: String)] = [
      (
        "4c756477696720766f6e204d69736573",
        """
        ca35def5ae56cec33dc2036731ab14896bc4c75dbb07a61f879f8e3afa4c7944
        79b962b8aff8485742ac32f905ba45369e2465fb59e138a93d67a0d1266b6a54
        """
      ),
      (
        "4d757272617920526f746862617264",
        """
        95ebc60d2b1fa672c1f46a8aa265ef51bfe38e7ccb39ec5be34069f144808843
        d6062704d5a9c422a8e834423f8c1feada7e8d0d910a1a2cd030fb584221e3
        """
      ),
      ("462e20412e20486179656b", "e632c3763d7669067383433197a3baddf146e9e70ad4b4e9e59e0f"),
      ("4361726c204d656e676572", "64c6bee32ea91c8474bb4c21d7a700109ad45af77b29764ba5eb1e"),
      (
        "4a65616e2d426170746973746520536179",
        "e2fa0bed0603b62d3ccac2ecabbf3fe33f3e86514909b323361626266cb2471cc8"
      ),
      (
        "457567656e2042f6686d20766f6e2042617765726b",
        "0c01dc9cec1fe4ddd692e8dd32188aa351088dc91183639a53b57aa4692b5ebdef8b8ca111"
      ),
    ]
  }

  static func handshake(
    ephemeral: [UInt8],
    key: [UInt8] = Vector.preSharedKey,
    prologue: [UInt8] = Vector.prologue
  ) -> NoiseHandshake {
    NoiseHandshake(
      preSharedKey: SecretBytes(key),
      ephemeral: SecretBytes(ephemeral),
      prologue: prologue
    )
  }

  @Test func `the handshake gives the published vector`() throws {
    var initiator = NoiseTests.handshake(ephemeral: Vector.initiator)
    var responder = NoiseTests.handshake(ephemeral: Vector.responder)
    let messages = Vector.messages.map { (payload: hex($0.payload), message: hex($0.message)) }

    let first = initiator.writeFirst(payload: messages[0].payload)
    #expect(first == messages[0].message)
    #expect(try responder.readFirst(first) == messages[0].payload)
    let second = try responder.writeSecond(payload: messages[1].payload)
    #expect(second == messages[1].message)
    #expect(try initiator.readSecond(second) == messages[1].payload)

    #expect(initiator.handshakeHash == Vector.handshakeHash)
    #expect(responder.handshakeHash == Vector.handshakeHash)

    var (sending, receiving) = initiator.split()
    var (receiving2, sending2) = responder.split()
    for (index, expected) in messages.enumerated().dropFirst(2) {
      var buffer = expected.payload
      var range: Range<Int>?
      if index % 2 == 0 {
        sending.encrypt(&buffer, from: 0)
        #expect(buffer == expected.message)
        range = receiving2.decrypt(&buffer, range: 0..<buffer.count)
      } else {
        sending2.encrypt(&buffer, from: 0)
        #expect(buffer == expected.message)
        range = receiving.decrypt(&buffer, range: 0..<buffer.count)
      }
      #expect(range.map { Array(buffer[$0]) } == expected.payload)
    }
  }

  @Test func `another key or another prologue fails at the first message`() {
    let first = { () -> [UInt8] in
      var initiator = NoiseTests.handshake(ephemeral: Vector.initiator)
      return initiator.writeFirst()
    }()
    var otherKey = NoiseTests.handshake(
      ephemeral: Vector.responder,
      key: [UInt8](repeating: 1, count: 32)
    )
    var otherPrologue = NoiseTests.handshake(ephemeral: Vector.responder, prologue: [])

    #expect(throws: NoiseHandshake.Failure.notAuthentic) { try otherKey.readFirst(first) }
    #expect(throws: NoiseHandshake.Failure.notAuthentic) { try otherPrologue.readFirst(first) }
  }

  @Test func `a changed bit anywhere in either message fails`() throws {
    var initiator = NoiseTests.handshake(ephemeral: Vector.initiator)
    var responder = NoiseTests.handshake(ephemeral: Vector.responder)
    let fresh = responder
    let first = initiator.writeFirst()
    _ = try responder.readFirst(first)
    let second = try responder.writeSecond(payload: [1, 2, 3])

    for bit in 0..<8 * first.count {
      var changed = first
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      var other = fresh
      #expect(throws: NoiseHandshake.Failure.self, "bit \(bit)") { try other.readFirst(changed) }
    }
    for bit in 0..<8 * second.count {
      var changed = second
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      var other = initiator
      #expect(throws: NoiseHandshake.Failure.self, "bit \(bit)") { try other.readSecond(changed) }
    }
    for byteCount in 0..<second.count {
      var other = initiator
      #expect(throws: NoiseHandshake.Failure.notAuthentic) {
        try other.readSecond(Array(second[..<byteCount]))
      }
    }
  }

  @Test func `a public key of low order is refused on both sides`() throws {
    // A peer who holds the pre-shared key but sends zeros for a public key makes a first message
    // that is authentic, and must still be refused.
    var responder = NoiseTests.handshake(ephemeral: Vector.responder)
    _ = try responder.readFirst(
      NoiseTests.firstMessage(publicKey: [UInt8](repeating: 0, count: 32))
    )

    #expect(throws: NoiseHandshake.Failure.weakPublicKey) { try responder.writeSecond() }

    var initiator = NoiseTests.handshake(ephemeral: Vector.initiator)
    _ = initiator.writeFirst()

    #expect(throws: NoiseHandshake.Failure.weakPublicKey) {
      try initiator.readSecond([UInt8](repeating: 0, count: 48))
    }
  }

  /// The message an initiator with this public key sends, straight from the specification.
  private static func firstMessage(publicKey: [UInt8]) -> [UInt8] {
    var hash = SHA256.hash(Array(NoiseHandshake.protocolName.utf8))
    var chaining = hash
    var key: [UInt8] = []
    func mixHash(_ bytes: [UInt8]) { hash = SHA256.hash(hash + bytes) }
    mixHash(Vector.prologue)
    let three = HKDF.derive(input: Vector.preSharedKey, salt: chaining, info: [], byteCount: 96)
    chaining = Array(three[..<32])
    mixHash(Array(three[32..<64]))
    mixHash(publicKey)
    key = Array(HKDF.derive(input: publicKey, salt: chaining, info: [], byteCount: 64)[32...])
    var tag: [UInt8] = []
    ChaCha20Poly1305.seal(
      &tag,
      from: 0,
      key: SecretBytes(key),
      nonce: ChaCha20.Nonce(counter: 0),
      authenticating: hash
    )
    return publicKey + tag
  }

  @Test func `a replaced key is the first half of an encryption of zeros`() {
    let key = [UInt8](repeating: 0x11, count: 32)
    var cipher = CipherState(key: SecretBytes(key))
    var ignored: [UInt8] = []
    cipher.encrypt(&ignored, from: 0)

    cipher.rekey()
    var buffer: [UInt8] = [1, 2, 3]
    cipher.encrypt(&buffer, from: 0)

    let nonce = SIMD3<UInt32>(0, .max, .max)
    let next = PlainChaCha20.block(key: key, nonce: nonce, counter: 1).prefix(32)
    var expected: [UInt8] = [1, 2, 3]
    ChaCha20Poly1305.seal(
      &expected,
      from: 0,
      key: SecretBytes(next),
      nonce: ChaCha20.Nonce(counter: 1)
    )
    #expect(buffer == expected)
    #expect(cipher.nonce == 2)
  }
}
