private import Bytes

/// HMAC with SHA-256, as in RFC 2104.
package enum HMAC {
  private static let blockByteCount = 64

  /// The 32-byte authentication code of the parts of a message, one after the other.
  package static func authenticate(_ parts: [[UInt8]], key: [UInt8]) -> [UInt8] {
    var block = key.count > blockByteCount ? SHA256.hash(key) : key
    block.append(contentsOf: repeatElement(0, count: blockByteCount - block.count))
    defer { wipe(&block) }

    var inner = SHA256()
    inner.update(block.map { $0 ^ 0x36 })
    for part in parts { inner.update(part) }

    var outer = SHA256()
    outer.update(block.map { $0 ^ 0x5C })
    outer.update(inner.finalize())
    return outer.finalize()
  }
}
