import Bytes

/// Reads the pieces of a `RowBatch`, never past their end.
///
/// A reader of this room's own: through another module each small read would cost ten times as much.
struct PackedReader {
  let bytes: [UInt8]
  private(set) var position: Int
  /// Where the piece that is read ends.
  private(set) var end: Int

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    position = 0
    end = bytes.count
  }

  var remaining: Int { end - position }

  mutating func readByte() throws(DecodingError) -> UInt8 {
    guard position < end else { throw .truncated(at: position, needed: 1, available: 0) }
    position += 1
    return bytes[position - 1]
  }

  mutating func readVarint() throws(DecodingError) -> UInt64 {
    let at = position
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try readByte()
      guard shift < 63 || byte <= 1 else { throw .varintTooLong(at: at) }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
      shift += 7
      guard shift <= 63 else { throw .varintTooLong(at: at) }
    }
  }

  /// Reads a count of elements that each take at least `elementByteCount` bytes.
  mutating func readCount(elementByteCount: Int) throws(DecodingError) -> Int {
    let at = position
    let count = try readVarint()
    let limit = remaining / elementByteCount
    guard count <= UInt64(limit) else {
      throw .countTooLarge(at: at, count: count, limit: limit)
    }
    return Int(count)
  }

  /// Reads the byte count of an array or object, and enters it.
  ///
  /// - Returns: what `leave` wants.
  mutating func enter() throws(DecodingError) -> Int {
    let byteCount = Int(try readFixed(byteCount: 4))
    guard byteCount <= remaining else {
      throw .truncated(at: position, needed: byteCount, available: remaining)
    }
    let outer = end
    end = position + byteCount
    return outer
  }

  /// Ends the array or object, which must have been read to its end.
  mutating func leave(_ outer: Int) throws(DecodingError) {
    guard remaining == 0 else { throw .trailingBytes(at: position, count: remaining) }
    end = outer
  }

  /// Reads an integer of up to eight bytes, the low ones first.
  mutating func readFixed(byteCount: Int) throws(DecodingError) -> UInt64 {
    guard byteCount <= remaining else {
      throw .truncated(at: position, needed: byteCount, available: remaining)
    }
    var value: UInt64 = 0
    for index in 0..<byteCount { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += byteCount
    return value
  }

  /// Passes over `byteCount` bytes.
  mutating func skip(_ byteCount: Int) throws(DecodingError) -> Range<Int> {
    guard byteCount <= remaining else {
      throw .truncated(at: position, needed: byteCount, available: remaining)
    }
    position += byteCount
    return position - byteCount..<position
  }

  /// Passes over a text with its byte count, which must be UTF-8.
  mutating func readText() throws(DecodingError) -> Range<Int> {
    let range = try skip(try readCount(elementByteCount: 1))
    let invalid = unsafe bytes.withUnsafeBufferPointer { buffer in
      unsafe UTF8Validation.firstInvalid(UnsafeBufferPointer(rebasing: buffer[range]))
    }
    guard invalid == nil else { throw .invalidUTF8(at: range.lowerBound) }
    return range
  }
}
