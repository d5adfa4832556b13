/// A variable-length integer while its bytes come: seven bits each, the lowest first, and the high bit
/// set in all but the last.
public struct Varint: Sendable {
  public var value: UInt64 = 0
  @usableFromInline var shift: UInt64 = 0

  @inlinable public init() {}

  /// Takes in the next of the bytes that begin at `start`; answers whether it is the last.
  @inlinable
  @inline(__always)
  public mutating func take(_ byte: UInt8, from start: Int) throws(DecodingError) -> Bool {
    guard shift < 63 || (shift == 63 && byte <= 1) else { throw .varintTooLong(at: start) }
    value |= UInt64(byte & 0x7F) << shift
    shift &+= 7
    return byte & 0x80 == 0
  }
}
