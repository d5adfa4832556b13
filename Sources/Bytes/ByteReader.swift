/// Why bytes could not be decoded.
public enum DecodingError: Error, Equatable, Sendable {
  case truncated(at: Int, needed: Int, available: Int)
  case varintTooLong(at: Int)
  case invalidUTF8(at: Int)
  case countTooLarge(at: Int, count: UInt64, limit: Int)
  case nestingTooDeep(at: Int, limit: Int)
  case unknownTag(at: Int, tag: UInt64, of: String)
  case invalidValue(at: Int, what: String)
  case trailingBytes(at: Int, count: Int)
}

extension DecodingError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .truncated(let at, let needed, let available):
      "the bytes end early: \(needed) needed at byte \(at), \(available) there"
    case .varintTooLong(let at): "a variable-length integer at byte \(at) is over ten bytes long"
    case .invalidUTF8(let at): "the text at byte \(at) is not valid UTF-8"
    case .countTooLarge(let at, let count, let limit):
      "a count of \(count) at byte \(at) is over the limit of \(limit)"
    case .nestingTooDeep(let at, let limit):
      "the value at byte \(at) is nested deeper than \(limit) levels"
    case .unknownTag(let at, let tag, let of): "unknown \(of) \(tag) at byte \(at)"
    case .invalidValue(let at, let what): "\(what) at byte \(at)"
    case .trailingBytes(let at, let count): "\(count) bytes follow the end at byte \(at)"
    }
  }
}

/// Reads what `ByteWriter` writes; total, so any byte string gives values or an error.
///
/// No read allocates more than the bytes that are there: a claimed count is checked against the
/// bytes left before anything is reserved.
public struct ByteReader: Sendable {
  public let bytes: ArraySlice<UInt8>
  public private(set) var position: Int

  @inlinable public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// Bytes not yet read.
  public var remaining: Int { bytes.endIndex - position }

  /// Offset of the next byte from the start of the input.
  public var offset: Int { position - bytes.startIndex }

  public mutating func readRaw(_ count: Int) throws(DecodingError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else {
      throw .truncated(at: offset, needed: count, available: remaining)
    }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// Has a function read bytes where they lie, for what is read often.
  ///
  /// - Parameter body: is given all bytes not yet read, and how many of them it has read, which it
  ///   counts up, to at most their number.
  /// - Returns: what `body` does.
  /// - Throws: what `body` throws, with positions counted from the first byte that it was given.
  public mutating func readInPlace<Value>(
    _ body: (UnsafeRawBufferPointer, inout Int) throws(DecodingError) -> Value
  ) throws(DecodingError) -> Value {
    var count = 0
    let first = offset
    let result = unsafe bytes.withUnsafeBytes { bytes in
      Result { () throws(DecodingError) in
        unsafe try body(UnsafeRawBufferPointer(rebasing: bytes[first...]), &count)
      }
    }
    precondition((0...remaining).contains(count), "\(count) bytes of \(remaining)")
    position += count
    return try result.get()
  }

  /// Reads a number of at most 64 bits, its lowest byte first.
  @inlinable
  public mutating func read<T: FixedWidthInteger>(_ type: T.Type) throws(DecodingError) -> T {
    T(truncatingIfNeeded: try readNumber(byteCount: T.bitWidth / 8))
  }

  @usableFromInline
  mutating func readNumber(byteCount: Int) throws(DecodingError) -> UInt64 {
    precondition(byteCount <= 8, "a number of \(byteCount) bytes is none")
    guard byteCount <= remaining else {
      throw .truncated(at: offset, needed: byteCount, available: remaining)
    }
    var value: UInt64 = 0
    for index in 0..<byteCount {
      value |= UInt64(bytes[position + index]) << UInt64(8 * index)
    }
    position += byteCount
    return value
  }

  public mutating func readBool() throws(DecodingError) -> Bool {
    let at = offset
    switch try read(UInt8.self) {
    case 0: return false
    case 1: return true
    case let other: throw .unknownTag(at: at, tag: UInt64(other), of: "boolean")
    }
  }

  public mutating func readDouble() throws(DecodingError) -> Double {
    Double(bitPattern: try read(UInt64.self))
  }

  public mutating func readVarint() throws(DecodingError) -> UInt64 {
    let start = offset
    let end = bytes.endIndex
    var varint = Varint()
    var next = position
    while next < end {
      let isLast = try varint.take(bytes[next], from: start)
      next &+= 1
      guard isLast else { continue }
      position = next
      return varint.value
    }
    throw .truncated(at: bytes.count, needed: 1, available: 0)
  }

  public mutating func readSignedVarint() throws(DecodingError) -> Int64 {
    let raw = try readVarint()
    return Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
  }

  /// Reads a count of elements that each take at least `elementByteCount` bytes.
  public mutating func readCount(elementByteCount: Int = 1) throws(DecodingError) -> Int {
    let at = offset
    let count = try readVarint()
    let limit = remaining / max(1, elementByteCount)
    guard count <= UInt64(limit) else {
      throw .countTooLarge(at: at, count: count, limit: limit)
    }
    return Int(count)
  }

  /// Reads a varint byte count and that many bytes.
  public mutating func readBytes() throws(DecodingError) -> [UInt8] {
    let count = try readCount()
    return Array(try readRaw(count))
  }

  public mutating func readText() throws(DecodingError) -> Text {
    let at = offset
    let count = try readCount()
    let first = offset
    position += count
    let text = unsafe bytes.withUnsafeBufferPointer { bytes -> Text? in
      let utf8 = unsafe UnsafeBufferPointer(rebasing: bytes[first..<first + count])
      guard unsafe UTF8Validation.firstInvalid(utf8) == nil else { return nil }
      // Nothing is left to repair; this is the fastest way to a string.
      return unsafe Text(String(decoding: utf8, as: UTF8.self))
    }
    guard let text else { throw .invalidUTF8(at: at) }
    return text
  }

  public mutating func readString() throws(DecodingError) -> String { try readText().string }

  public mutating func readInstant() throws(DecodingError) -> Instant {
    Instant(milliseconds: try read(Int64.self))
  }

  /// Requires that every byte has been read.
  public func finish() throws(DecodingError) {
    guard remaining == 0 else { throw .trailingBytes(at: offset, count: remaining) }
  }
}
