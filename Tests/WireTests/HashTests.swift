import Bytes
import Testing
import Wire

@Suite struct HashTests {
  /// NIST's examples for FIPS 180-4.
  static let digests: [(message: String, digest: String)] = [
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      """
      abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmn\
      hijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu
      """,
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ]

  @Test(arguments: digests)
  func `SHA-256 gives the digests of FIPS 180-4`(message: String, digest: String) {
    #expect(hexadecimal(SHA256.hash(Array(message.utf8))) == digest)
  }

  /// RFC 4231, test cases 1 to 7; case 5 truncates and is compared on its 16 bytes.
  static let codes: [(key: String, message: String, code: String)] = [
    (
      String(repeating: "0b", count: 20), "4869205468657265",
      "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    ),
    (
      "4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      String(repeating: "aa", count: 20), String(repeating: "dd", count: 50),
      "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"
    ),
    (
      "0102030405060708090a0b0c0d0e0f10111213141516171819", String(repeating: "cd", count: 50),
      "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"
    ),
    (
      String(repeating: "0c", count: 20), "546573742057697468205472756e636174696f6e",
      "a3b6167473100ee06e0c796c2955552b"
    ),
    (
      String(repeating: "aa", count: 131),
      """
      54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a
      65204b6579202d2048617368204b6579204669727374
      """,
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    (
      String(repeating: "aa", count: 131),
      """
      5468697320697320612074657374207573696e672061206c6172676572207468
      616e20626c6f636b2d73697a65206b657920616e642061206c61726765722074
      68616e20626c6f636b2d73697a6520646174612e20546865206b6579206e6565
      647320746f20626520686173686564206265666f7265206265696e6720757365
      642062792074686520484d414320616c676f726974686d2e
      """,
      "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
    ),
  ]

  @Test(arguments: codes)
  func `HMAC gives the codes of RFC 4231`(key: String, message: String, code: String) {
    let actual = HMAC.authenticate([hex(message)], key: hex(key))

    #expect(hexadecimal(actual.prefix(code.utf8.count / 2)) == code)
  }

  @Test func `HMAC of parts is HMAC of the whole`() {
    let message = Array("what do ya want for nothing?".utf8)

    let whole = HMAC.authenticate([message], key: [1, 2, 3])

    #expect(
      HMAC.authenticate([Array(message[..<7]), [], Array(message[7...])], key: [1, 2, 3]) == whole
    )
  }

  /// RFC 5869 appendix A, the three cases with SHA-256.
  @Test func `HKDF gives the keys of RFC 5869`() {
    let input = [UInt8](repeating: 0x0B, count: 22)
    let extracted = HKDF.extract(salt: hex("000102030405060708090a0b0c"), input: input)
    #expect(
      hexadecimal(extracted) == "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
    )
    #expect(
      hexadecimal(HKDF.expand(key: extracted, info: hex("f0f1f2f3f4f5f6f7f8f9"), byteCount: 42))
        == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    )

    let long = HKDF.derive(
      input: (0x00...0x4F).map { UInt8($0) },
      salt: (0x60...0xAF).map { UInt8($0) },
      info: (0xB0...0xFF).map { UInt8($0) },
      byteCount: 82
    )
    #expect(
      long
        == hex(
          """
          b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c6
          5e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87
          """
        )
    )

    #expect(
      HKDF.derive(input: input, salt: [], info: [], byteCount: 42)
        == hex(
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
        )
    )
  }

  @Test func `bytes are equal in constant time exactly when they are equal`() {
    #expect(equalInConstantTime([], []))
    #expect(equalInConstantTime([1, 2, 3], [1, 2, 3]))
    #expect(!equalInConstantTime([1, 2, 3], [1, 2]))
    for bit in 0..<24 {
      var other: [UInt8] = [1, 2, 3]
      other[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!equalInConstantTime([1, 2, 3], other))
    }
  }
}
