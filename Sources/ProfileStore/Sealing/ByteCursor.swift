import Bytes
import Domain

/// Reads the pieces of a batch, never past their end.
///
/// A reader of this room's own: through another module each small read would cost ten times as much.
@safe struct ByteCursor {
  /// Valid for as long as the cursor is used: it lives inside the closure that lends the bytes.
  private let start: UnsafePointer<UInt8>?
  var position: Int
  var end: Int

  /// Reads nothing.
  init() {
    unsafe start = nil
    (position, end) = (0, 0)
  }

  /// Reads from `position` of the bytes at `base` on.
  init(_ base: UnsafePointer<UInt8>, _ range: Range<Int>) {
    unsafe start = base
    position = range.lowerBound
    end = range.upperBound
  }

  /// The first byte; there is one wherever a position is below the end.
  @inline(__always)
  var base: UnsafePointer<UInt8> {
    guard let start = unsafe start else { preconditionFailure("nothing is to be read") }
    return unsafe start
  }

  var remaining: Int { end &- position }

  @inline(__always)
  mutating func readByte() throws(DecodingError) -> UInt8 {
    guard position < end else { throw .truncated(at: position, needed: 1, available: 0) }
    position &+= 1
    return unsafe base[position &- 1]
  }

  @inline(__always)
  mutating func readVarint() throws(DecodingError) -> UInt64 {
    if position < end {
      let byte = unsafe base[position]
      if byte < 0x80 {
        position &+= 1
        return UInt64(byte)
      }
    }
    return try readLongVarint()
  }

  private mutating func readLongVarint() throws(DecodingError) -> UInt64 {
    let at = position
    var varint = Varint()
    while try !varint.take(try readByte(), from: at) {}
    return varint.value
  }

  mutating func readSignedVarint() throws(DecodingError) -> Int64 {
    let raw = try readVarint()
    return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
  }

  /// Reads a count of elements that each take at least `elementByteCount` bytes.
  mutating func readCount(elementByteCount: Int = 1) throws(DecodingError) -> Int {
    let at = position
    let count = try readVarint()
    let limit = remaining / elementByteCount
    guard count <= UInt64(limit) else {
      throw .countTooLarge(at: at, count: count, limit: limit)
    }
    return Int(count)
  }

  /// Passes over `byteCount` bytes.
  @inline(__always)
  mutating func skip(_ byteCount: Int) throws(DecodingError) -> Range<Int> {
    guard byteCount >= 0, byteCount <= remaining else {
      throw .truncated(at: position, needed: byteCount, available: remaining)
    }
    position &+= byteCount
    return position &- byteCount..<position
  }

  /// Passes over bytes behind their count.
  mutating func readRange() throws(DecodingError) -> Range<Int> { try skip(try readCount()) }

  /// Passes over a text with its byte count, which must be UTF-8.
  mutating func readText() throws(DecodingError) -> Range<Int> {
    let range = try readRange()
    try checkUTF8(range)
    return range
  }

  func checkUTF8(_ range: Range<Int>) throws(DecodingError) {
    // Most texts are short and of the first 128 characters.
    var bits: UInt8 = 0
    for index in range { bits |= unsafe base[index] }
    if bits < 0x80 { return }
    guard unsafe UTF8Validation.firstInvalid(bytes(range)) == nil else {
      throw .invalidUTF8(at: range.lowerBound)
    }
  }

  func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
  }

  func load(at offset: Int) -> UInt64 {
    unsafe UnsafeRawPointer(base).loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      .littleEndian
  }
}
