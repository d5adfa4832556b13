/// A sequence of Unicode scalars, compared and hashed by its UTF-8 bytes.
///
/// `String` compares by canonical equivalence, so a composed and a decomposed `é` are equal to it.
/// Profile keys, field names and values of the data are not: they are what was written. Ordering by
/// UTF-8 bytes is the ordering by scalars.
public struct Text: Hashable, Comparable, Sendable, ExpressibleByStringLiteral,
  CustomStringConvertible
{
  /// The same scalars as a `String`, always in contiguous UTF-8.
  public let string: String

  @inlinable public init(_ string: String) {
    var contiguous = string
    contiguous.makeContiguousUTF8()
    self.string = contiguous
  }

  /// Reads UTF-8 bytes.
  ///
  /// - Returns: `nil` when the bytes are not valid UTF-8.
  @inlinable public init?(utf8 bytes: some Collection<UInt8>) {
    guard let string = String(validating: bytes, as: UTF8.self) else { return nil }
    self.string = string
  }

  @inlinable public init(stringLiteral value: String) { self.init(value) }

  @inlinable public var description: String { string }

  @inlinable public var utf8: String.UTF8View { string.utf8 }

  @inlinable public var byteCount: Int { string.utf8.count }

  @inlinable public static func == (left: Text, right: Text) -> Bool {
    guard left.string.utf8.count == right.string.utf8.count else { return false }
    return unsafe Text.comparing(left, right) { unsafe areEqual($0, $1) }
  }

  @inlinable public static func < (left: Text, right: Text) -> Bool {
    unsafe Text.comparing(left, right) { unsafe precedes($0, $1) }
  }

  /// Gives the bytes of both, which are valid for the call, to a comparison.
  @inlinable @inline(__always) static func comparing(
    _ left: Text,
    _ right: Text,
    _ body: (UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
  ) -> Bool {
    let result = unsafe left.string.utf8.withContiguousStorageIfAvailable { left in
      unsafe right.string.utf8.withContiguousStorageIfAvailable { right in
        unsafe body(UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
      }
    }
    guard let result = result ?? nil else { preconditionFailure("a text is not contiguous") }
    return result
  }

  @inlinable public func hash(into hasher: inout Hasher) {
    var copy = string
    copy.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xFF as UInt8)
  }
}

/// Whether two buffers of one length hold the same bytes; eight at a time.
@inlinable
func areEqual(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
  let count = left.count
  var index = 0
  while index &+ 8 <= count {
    let words = unsafe (
      left.loadUnaligned(fromByteOffset: index, as: UInt64.self),
      right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    )
    guard words.0 == words.1 else { return false }
    index &+= 8
  }
  while index < count {
    guard unsafe left[index] == right[index] else { return false }
    index &+= 1
  }
  return true
}

/// Whether a buffer comes before another one by its bytes; eight at a time.
@inlinable
func precedes(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Bool {
  let count = min(left.count, right.count)
  var index = 0
  while index &+ 8 <= count {
    let words = unsafe (
      left.loadUnaligned(fromByteOffset: index, as: UInt64.self),
      right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
    )
    if words.0 != words.1 { return words.0.bigEndian < words.1.bigEndian }
    index &+= 8
  }
  while index < count {
    let bytes = unsafe (left[index], right[index])
    if bytes.0 != bytes.1 { return bytes.0 < bytes.1 }
    index &+= 1
  }
  return left.count < right.count
}
