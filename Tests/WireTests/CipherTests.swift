import Bytes
import Testing
import Wire

@Suite struct CipherTests {
  static let sunscreen = Array(
    """
    Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, \
    sunscreen would be it.
    """.utf8
  )

  static func nonce(_ twelveBytes: String) -> SIMD3<UInt32> {
    let bytes = hex(twelveBytes)
    var words = SIMD3<UInt32>()
    for (offset, byte) in bytes.enumerated() {
      words[offset / 4] |= UInt32(byte) << UInt32(offset % 4 * 8)
    }
    return words
  }

  static func chaCha20(
    _ text: [UInt8],
    key: [UInt8],
    nonce: SIMD3<UInt32>,
    counter: UInt32
  ) -> [UInt8] {
    var buffer = text
    buffer.withUnsafeMutableBytes {
      ChaCha20.apply(to: $0, key: SecretBytes(key), nonce: ChaCha20.Nonce(nonce), counter: counter)
    }
    return buffer
  }

  static let zeros = String(repeating: "00", count: 31)

  /// RFC 8439 section 2.3.2 and appendix A.1.
  static let streams: [(key: String, nonce: String, counter: UInt32, stream: String)] = [
    (
      "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
      "000000090000004a00000000", 1,
      """
      10f1e7e4d13b5915500fdd1fa32071c4c7d1f4c733c068030422aa9ac3d46c4e
      d2826446079faa0914c2d705d98b02a2b5129cd1de164eb9cbd083e8a2503c4e
      """
    ),
    (
      zeros + "00", "000000000000000000000000", 0,
      """
      76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7
      da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586
      """
    ),
    (
      zeros + "00", "000000000000000000000000", 1,
      """
      9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed
      29b721769ce64e43d57133b074d839d531ed1f28510afb45ace10a1f4b794d6f
      """
    ),
    (
      zeros + "01", "000000000000000000000000", 1,
      """
      3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a
      8eca00bbb4a73bdad192b5c42f73f2fd4e273644c8b36125a64addeb006c13a0
      """
    ),
    (
      "00ff" + String(repeating: "00", count: 30), "000000000000000000000000", 2,
      """
      72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca
      13b25aa26cb4a648cb9b9d1be65b2c0924a66c54d545ec1b7374f4872e99f096
      """
    ),
    (
      zeros + "00", "000000000000000000000002", 0,
      """
      c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c7
      8a970e0e955c14f3a88e741b97c286f75f8fc299e8148362fa198a39531bed6d
      """
    ),
  ]

  @Test(arguments: streams)
  func `ChaCha20 gives the blocks of RFC 8439`(
    key: String,
    nonce: String,
    counter: UInt32,
    stream: String
  ) {
    let nonce = CipherTests.nonce(nonce)
    let zeros = [UInt8](repeating: 0, count: 64)

    let fast = CipherTests.chaCha20(zeros, key: hex(key), nonce: nonce, counter: counter)

    #expect(fast == hex(stream))
    #expect(PlainChaCha20.block(key: hex(key), nonce: nonce, counter: counter) == hex(stream))
  }

  /// RFC 8439 section 2.4.2.
  @Test func `ChaCha20 encrypts the text of RFC 8439`() {
    let key = (0..<32).map { UInt8($0) }

    let actual = CipherTests.chaCha20(
      CipherTests.sunscreen,
      key: key,
      nonce: CipherTests.nonce("000000000000004a00000000"),
      counter: 1
    )

    #expect(
      actual
        == hex(
          """
          6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0b
          f91b65c5524733ab8f593dabcd62b3571639d624e65152ab8f530c359f0861d8
          07ca0dbf500d6a6156a38e088a22b65e52bc514d16ccf806818ce91ab7793736
          5af90bbf74a35be6b40b8eedf2785e42874d
          """
        )
    )
  }

  @Test func `eight blocks at a time give what one gives, at every length`() {
    var random = SeededRandom(seed: 42)
    for byteCount in Array(0...600) + [1_023, 1_024, 1_025, 4_096, 16_385] {
      let text = (0..<byteCount).map { _ in UInt8(random.below(256)) }
      let key = (0..<32).map { _ in UInt8(random.below(256)) }
      let nonce = SIMD3(
        UInt32(random.below(1 << 32)),
        UInt32(random.below(1 << 32)),
        UInt32(random.below(1 << 32))
      )
      let counter = UInt32(random.below(1 << 20))

      let fast = CipherTests.chaCha20(text, key: key, nonce: nonce, counter: counter)

      let plain = PlainChaCha20.applied(to: text, key: key, nonce: nonce, counter: counter)
      #expect(fast == plain, "\(byteCount) bytes")
    }
  }

  /// RFC 8439 section 2.5.2 and appendix A.3; the last seven are edge cases of the reduction.
  static let tags: [(key: String, message: String, tag: String)] = [
    (
      "85d6be7857556d337f4452fe42d506a80103808afb0db2fd4abff6af4149f51b",
      "43727970746f6772617068696320466f72756d2052657365617263682047726f7570",
      "a8061dc1305136c6c22b8baf0c0127a9"
    ),
    (zeros + "00", zeros + "00" + zeros + "00", "00000000000000000000000000000000"),
    (
      "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0",
      """
      2754776173206272696c6c69672c20616e642074686520736c6974687920746f7665730a4469642067797265
      20616e642067696d626c6520696e2074686520776162653a0a416c6c206d696d737920776572652074686520
      626f726f676f7665732c0a416e6420746865206d6f6d65207261746873206f757467726162652e
      """,
      "4541669a7eaaee61e708dc7cbcc5eb62"
    ),
    (
      "0200000000000000000000000000000000000000000000000000000000000000",
      "ffffffffffffffffffffffffffffffff", "03000000000000000000000000000000"
    ),
    (
      "02000000000000000000000000000000ffffffffffffffffffffffffffffffff",
      "02000000000000000000000000000000", "03000000000000000000000000000000"
    ),
    (
      "0100000000000000000000000000000000000000000000000000000000000000",
      """
      fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff
      11000000000000000000000000000000
      """,
      "05000000000000000000000000000000"
    ),
    (
      "0100000000000000000000000000000000000000000000000000000000000000",
      """
      fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe
      01010101010101010101010101010101
      """,
      "00000000000000000000000000000000"
    ),
    (
      "0200000000000000000000000000000000000000000000000000000000000000",
      "fdffffffffffffffffffffffffffffff", "faffffffffffffffffffffffffffffff"
    ),
    (
      "0100000000000000040000000000000000000000000000000000000000000000",
      """
      e33594d7505e43b900000000000000003394d7505e4379cd0100000000000000
      0000000000000000000000000000000001000000000000000000000000000000
      """,
      "14000000000000005500000000000000"
    ),
    (
      "0100000000000000040000000000000000000000000000000000000000000000",
      """
      e33594d7505e43b900000000000000003394d7505e4379cd0100000000000000
      00000000000000000000000000000000
      """,
      "13000000000000000000000000000000"
    ),
  ]

  @Test(arguments: tags)
  func `Poly1305 gives the tags of RFC 8439`(key: String, message: String, tag: String) {
    #expect(Poly1305.tag(of: hex(message), key: hex(key)) == hex(tag))
    #expect(PlainPoly1305.tag(of: hex(message), key: hex(key)) == hex(tag))
  }

  @Test func `Poly1305 in limbs gives what doubling and adding gives`() {
    var random = SeededRandom(seed: 7)
    for byteCount in Array(0...70) + [255, 256, 1_000] {
      for shape in 0..<4 {
        // Bytes of all ones drive the sums to the edge of the modulus.
        let message = (0..<byteCount).map { _ in
          shape == 0 || random.oneIn(2) ? 0xFF : UInt8(random.below(256))
        }
        let key = (0..<32).map { _ in shape == 1 ? 0xFF : UInt8(random.below(256)) }

        let fast = Poly1305.tag(of: message, key: key)

        #expect(fast == PlainPoly1305.tag(of: message, key: key), "\(byteCount) bytes, \(shape)")
      }
    }
  }

  /// RFC 8439 section 2.8.2 and appendix A.5.
  static let sealed: [(key: String, nonce: String, data: String, text: [UInt8], sealed: String)] = [
    (
      "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
      "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7", sunscreen,
      """
      d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69
      da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad67594
      5585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691
      """
    ),
    (
      "1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0",
      "000000000102030405060708", "f33388860000000000004e91",
      hex(
        """
        496e7465726e65742d4472616674732061726520647261667420646f63756d656e74732076616c696420666f
        722061206d6178696d756d206f6620736978206d6f6e74687320616e64206d61792062652075706461746564
        2c207265706c616365642c206f72206f62736f6c65746564206279206f7468657220646f63756d656e747320
        617420616e792074696d652e20497420697320696e617070726f70726961746520746f2075736520496e7465
        726e65742d447261667473206173207265666572656e6365206d6174657269616c206f7220746f2063697465
        207468656d206f74686572207468616e206173202fe2809c776f726b20696e2070726f67726573732e2fe280
        9d
        """
      ),
      """
      64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb24c6cfc18755d43eea09ee94e
      382d26b0bdb7b73c321b0100d4f03b7f355894cf332f830e710b97ce98c8a84abd0b948114ad176e008d33bd
      60f982b1ff37c8559797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4b9166c76
      7b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523eaf4534d7f83fa1155b0047718cbc546a
      0d072b04b3564eea1b422273f548271a0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a67276
      27097a1049e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29a6ad5cb4022b0270
      9beead9d67890cbb22392336fea1851f38
      """
    ),
  ]

  @Test(arguments: sealed.indices)
  func `sealing gives the messages of RFC 8439, opening gives them back`(index: Int) {
    let example = CipherTests.sealed[index]
    let key = SecretBytes(hex(example.key))
    let nonce = ChaCha20.Nonce(CipherTests.nonce(example.nonce))
    // Bytes before the text stay as they are.
    var buffer = [1, 2, 3] + example.text

    ChaCha20Poly1305.seal(
      &buffer,
      from: 3,
      key: key,
      nonce: nonce,
      authenticating: hex(example.data)
    )

    #expect(buffer == [1, 2, 3] + hex(example.sealed))

    buffer.append(9)
    let isAuthentic = ChaCha20Poly1305.open(
      &buffer,
      range: 3..<buffer.count - 1,
      key: key,
      nonce: nonce,
      authenticating: hex(example.data)
    )

    #expect(isAuthentic)
    #expect(Array(buffer.dropLast(17)) == [1, 2, 3] + example.text)
    #expect(buffer.last == 9)
  }

  @Test func `what was changed is not opened and stays as it is`() {
    let key = SecretBytes([UInt8](repeating: 5, count: 32))
    let nonce = ChaCha20.Nonce(counter: 3)
    let data: [UInt8] = [1, 2, 3]
    var sealed = Array("forty-two bytes of text, two blocks long..".utf8)
    ChaCha20Poly1305.seal(&sealed, from: 0, key: key, nonce: nonce, authenticating: data)

    func opens(_ bytes: [UInt8], _ nonce: ChaCha20.Nonce, _ data: [UInt8]) -> Bool {
      var buffer = bytes
      let isAuthentic = ChaCha20Poly1305.open(
        &buffer,
        range: 0..<buffer.count,
        key: key,
        nonce: nonce,
        authenticating: data
      )
      #expect(isAuthentic || buffer == bytes)
      return isAuthentic
    }

    #expect(opens(sealed, nonce, data))
    for bit in 0..<8 * sealed.count {
      var changed = sealed
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!opens(changed, nonce, data), "bit \(bit)")
    }
    for byteCount in 0..<sealed.count { #expect(!opens(Array(sealed[..<byteCount]), nonce, data)) }
    #expect(!opens(sealed + [0], nonce, data))
    #expect(!opens(sealed, ChaCha20.Nonce(counter: 4), data))
    #expect(!opens(sealed, nonce, [1, 2]))
    #expect(!opens(sealed, nonce, []))
  }

  @Test(arguments: [0, 1, 15, 16, 17, 16_383, 16_384, 16_385, 40_000])
  func `sealing in pieces is one encryption and one tag`(byteCount: Int) {
    let keyBytes = (0..<32).map { UInt8($0 * 7) }
    let text = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let nonce = SIMD3<UInt32>(0, 77, 0)

    var buffer = text
    ChaCha20Poly1305.seal(
      &buffer,
      from: 0,
      key: SecretBytes(keyBytes),
      nonce: ChaCha20.Nonce(counter: 77),
      authenticating: [9]
    )

    let cipher = PlainChaCha20.applied(to: text, key: keyBytes, nonce: nonce, counter: 1)
    let padding = [UInt8](repeating: 0, count: (16 - byteCount % 16) % 16)
    let lengths = [1, UInt64(byteCount)].flatMap { count in
      (0..<8).map { UInt8(truncatingIfNeeded: count >> UInt64(8 * $0)) }
    }
    let message = [9] + [UInt8](repeating: 0, count: 15) + cipher + padding + lengths
    let oneTimeKey = PlainChaCha20.block(key: keyBytes, nonce: nonce, counter: 0).prefix(32)
    // The twin for short messages, the limbs, which it has proved, for long ones.
    let tag =
      byteCount < 100
      ? PlainPoly1305.tag(of: message, key: Array(oneTimeKey))
      : Poly1305.tag(of: message, key: Array(oneTimeKey))
    #expect(buffer == cipher + tag)
  }
}
