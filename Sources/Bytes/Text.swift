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
    left.string.utf8.count == right.string.utf8.count
      && left.string.utf8.elementsEqual(right.string.utf8)
  }

  @inlinable public static func < (left: Text, right: Text) -> Bool {
    left.string.utf8.lexicographicallyPrecedes(right.string.utf8)
  }

  @inlinable public func hash(into hasher: inout Hasher) {
    var copy = string
    copy.withUTF8 { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xFF as UInt8)
  }
}
