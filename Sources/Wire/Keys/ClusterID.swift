/// Which cluster this is: 16 random bytes, not secret, made once with the catalogue.
package struct ClusterID: Hashable, Sendable {
  package static let byteCount = 16

  /// Invariant: 16 bytes, not all zero, for that stands for "unknown" on the wire.
  package let bytes: [UInt8]

  /// - Returns: `nil` when `bytes` are not 16 or are all zero.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count == ClusterID.byteCount, bytes.contains(where: { $0 != 0 }) else { return nil }
    self.bytes = bytes
  }

  package init(using random: inout some RandomNumberGenerator) {
    var bytes = (0..<ClusterID.byteCount).map { _ in
      UInt8(truncatingIfNeeded: random.next() as UInt64 >> 56)
    }
    // A first bit that is always set keeps the value from being all zero.
    bytes[0] |= 0x80
    self.bytes = bytes
  }

  /// Reads 32 hexadecimal digits.
  package init?(hexadecimal digits: String) {
    guard let bytes = readHexadecimal(Array(digits.utf8)) else { return nil }
    self.init(bytes)
  }
}

extension ClusterID: CustomStringConvertible {
  /// 32 hexadecimal digits.
  package var description: String { hexadecimal(bytes) }
}
