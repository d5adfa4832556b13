import Bytes
import Testing

@Suite struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
  ])
  func `the messages of FIPS 180 give their digests`(message: String, digest: String) {
    #expect(hexadecimal(SHA256.hash(Array(message.utf8))) == digest)
  }

  @Test func `a million times the letter a gives its digest`() {
    var hash = SHA256()
    let block = [UInt8](repeating: 0x61, count: 10_000)
    for _ in 0..<100 { hash.update(block) }
    #expect(
      hexadecimal(hash.finalize())
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    )
  }

  @Test func `a message in pieces gives the digest of the whole`() {
    var random = SeededRandom(seed: 11)
    for length in Array(0...130) + [1_000, 4_097] {
      let message = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      var hash = SHA256()
      var start = 0
      while start < length {
        let count = min(length - start, 1 + random.below(70))
        hash.update(message[start..<start + count])
        start += count
      }
      #expect(hash.finalize() == SHA256.hash(message), "length \(length)")
    }
  }

  @Test func `finalizing leaves the hash open for more`() {
    var hash = SHA256()
    hash.update(Array("ab".utf8))
    _ = hash.finalize()
    hash.update(Array("c".utf8))
    #expect(hash.finalize() == SHA256.hash(Array("abc".utf8)))
  }
}

/// Lower-case hexadecimal digits of the bytes.
func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { byte in
    let digits = String(byte, radix: 16)
    return digits.count == 1 ? "0" + digits : digits
  }.joined()
}
