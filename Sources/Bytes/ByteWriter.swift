/// Appends little-endian integers, variable-length integers and strings to a byte buffer.
///
/// `ByteReader` reads what this writes.
public struct ByteWriter: Sendable {
  public var bytes: [UInt8]

  @inlinable public init(capacity: Int = 0) {
    bytes = []
    bytes.reserveCapacity(capacity)
  }

  @inlinable public var count: Int { bytes.count }

  @inlinable public mutating func write<T: FixedWidthInteger>(_ value: T) {
    var rest = T.Magnitude(truncatingIfNeeded: value)
    for _ in 0..<(T.bitWidth / 8) {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  @inlinable public mutating func write(_ value: Bool) { bytes.append(value ? 1 : 0) }

  @inlinable public mutating func write(_ value: Double) { write(value.bitPattern) }

  /// Appends an unsigned LEB128 integer: seven bits a byte, low bits first, at most ten bytes.
  @inlinable public mutating func writeVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  @inlinable public mutating func writeVarint(_ value: Int) { writeVarint(UInt64(value)) }

  /// Appends a signed integer as zigzag LEB128.
  @inlinable public mutating func writeSignedVarint(_ value: Int64) {
    writeVarint(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  @inlinable public mutating func writeRaw(_ raw: some Sequence<UInt8>) {
    bytes.append(contentsOf: raw)
  }

  /// Appends a varint byte count and the bytes.
  @inlinable public mutating func write(_ raw: [UInt8]) {
    writeVarint(raw.count)
    bytes.append(contentsOf: raw)
  }

  /// Appends a varint byte count and the text's UTF-8.
  @inlinable public mutating func write(_ text: Text) {
    writeVarint(text.byteCount)
    bytes.append(contentsOf: text.utf8)
  }

  @inlinable public mutating func write(_ string: String) { write(Text(string)) }

  @inlinable public mutating func write(_ instant: Instant) { write(instant.milliseconds) }
}
