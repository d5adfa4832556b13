private import Bytes

/// The HMAC-based key derivation function with SHA-256, as in RFC 5869.
package enum HKDF {
  /// Section 2.2: a 32-byte pseudorandom key; an empty salt stands for 32 zero bytes.
  package static func extract(salt: [UInt8], input: [UInt8]) -> [UInt8] {
    HMAC.authenticate([input], key: salt)
  }

  /// Section 2.3: `byteCount` bytes, at most 255 × 32.
  package static func expand(key: [UInt8], info: [UInt8], byteCount: Int) -> [UInt8] {
    precondition((0...255 * SHA256.byteCount).contains(byteCount), "\(byteCount) bytes of HKDF")
    var output: [UInt8] = []
    var block: [UInt8] = []
    var number: UInt8 = 1
    while output.count < byteCount {
      block = HMAC.authenticate([block, info, [number]], key: key)
      output.append(contentsOf: block.prefix(byteCount - output.count))
      number &+= 1
    }
    wipe(&block)
    return output
  }

  /// Extracts, then expands.
  package static func derive(
    input: [UInt8],
    salt: [UInt8],
    info: [UInt8],
    byteCount: Int
  ) -> [UInt8] {
    var key = extract(salt: salt, input: input)
    defer { wipe(&key) }
    return expand(key: key, info: info, byteCount: byteCount)
  }
}
