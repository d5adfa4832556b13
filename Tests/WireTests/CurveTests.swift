import Bytes
import Testing
import Wire

#if canImport(Glibc)
  import Glibc
#endif

@Suite struct CurveTests {
  /// RFC 7748 section 5.2.
  @Test(arguments: [
    (
      "a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
      "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
      "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"
    ),
    (
      "4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
      "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
      "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"
    ),
  ])
  func `X25519 gives the products of RFC 7748`(scalar: String, point: String, product: String) {
    let actual = X25519.sharedSecret(of: SecretBytes(hex(scalar)), with: hex(point))

    #expect(actual == hex(product))
  }

  /// RFC 7748 section 6.1.
  @Test func `two sides agree on the secret of RFC 7748`() {
    let alice = SecretBytes(
      hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a")
    )
    let bob = SecretBytes(hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"))
    let secret = hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742")

    let alicePublic = X25519.publicKey(of: alice)
    let bobPublic = X25519.publicKey(of: bob)

    #expect(
      hexadecimal(alicePublic) == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
    )
    #expect(
      hexadecimal(bobPublic) == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
    )
    #expect(X25519.sharedSecret(of: alice, with: bobPublic) == secret)
    #expect(X25519.sharedSecret(of: bob, with: alicePublic) == secret)
  }

  /// RFC 7748 section 5.2; the million-fold one takes a minute and runs when asked for.
  @Test func `X25519 applied to itself gives the iterations of RFC 7748`() {
    var expected: [(Int, String)] = [
      (1, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"),
      (1_000, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"),
    ]
    if getenv("COVEY_LONG_TESTS") != nil {
      expected.append(
        (1_000_000, "7c3911e0ab2586fd864497297e575e6f3bc601c0883c30df5f4dd2d24f665424")
      )
    }
    var k = [9] + [UInt8](repeating: 0, count: 31)
    var u = k
    var done = 0

    for (count, result) in expected {
      while done < count {
        guard let next = X25519.sharedSecret(of: SecretBytes(k), with: u) else {
          Issue.record("zero after \(done) iterations")
          return
        }
        (u, k) = (k, next)
        done += 1
      }
      #expect(hexadecimal(k) == result, "after \(count) iterations")
    }
  }

  /// Every point whose product with a clamped scalar is zero, canonical or not, with both top bits.
  @Test(arguments: [
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  ])
  func `points of low order are refused`(point: String) {
    var random = SeededRandom(seed: 1)
    for topBit in [0x00, 0x80] as [UInt8] {
      var bytes = hex(point)
      bytes[31] |= topBit
      let privateKey = SecretBytes.random(count: 32, using: &random)

      #expect(X25519.sharedSecret(of: privateKey, with: bytes) == nil)
    }
  }

  @Test(arguments: [0, 31, 33])
  func `a public key of another length is refused`(byteCount: Int) {
    let privateKey = SecretBytes([UInt8](repeating: 7, count: 32))

    let secret = X25519.sharedSecret(of: privateKey, with: [UInt8](repeating: 9, count: byteCount))

    #expect(secret == nil)
  }

  /// A point and the same point plus the modulus, where that still has 255 bits, are one point.
  @Test func `coordinates above the modulus mean their remainder`() {
    let privateKey = SecretBytes([UInt8](repeating: 0x42, count: 32))
    for small in 2..<19 as Range<UInt8> {
      let reduced = [small] + [UInt8](repeating: 0, count: 31)
      var above = [UInt8](repeating: 0xFF, count: 32)
      above[0] = 0xED + small
      above[31] = 0x7F

      #expect(
        X25519.sharedSecret(of: privateKey, with: above)
          == X25519.sharedSecret(of: privateKey, with: reduced)
      )
    }
  }
}
