/// Rows of one kind as columns, the other form in which rows travel and lie in a shard's log.
///
/// What is written of a value is what a column holds, so nobody on the way looks at row after row.
///
/// ```
/// version   1 byte    3
/// kind      1 byte    1 attributes, 2 events
/// rows      varint    at least 1
/// keys      texts
/// key       numbers   of each row the index of its key
/// rows      columns
/// end       8 bytes   zero
///
/// columns   varint    count, at most 64; then each:
///             names     varint count; texts in full: varint byte count, UTF-8
///             presence  1 byte    0: every row has a value
///                                 1: then bit i % 8 of byte i / 8 says whether row i has one
///             kind      1 byte
///             values    of the rows that have one, in order
///
/// numbers   1 byte    width, 1 … 8; then each in so many bytes, little-endian
/// integers  signed varint base; numbers: each integer less the base, modulo 2^64
/// texts     varint count; numbers: each one's byte count; the UTF-8, one text behind the other
///
/// kind, and its values:
///   1 boolean      1 byte each, 0 or 1
///   2 integer      integers
///   3 double       8 bytes each, IEEE 754 bits, finite
///   4 decimal      1 byte scale s, 0 … 4; integers: each over 10^s is the double; at most 2^53 from 0
///   5 dictionary   texts of at most 255 bytes; numbers: the index of each value's text
///   6 text         numbers: each one's byte count; UTF-8
///   7 after key    as 6: what follows the row's key in a text that begins with it
///   8, 9, 10       integers: the dates, seconds or milliseconds of `InstantStyle` that the texts are
///   11 array       numbers: each one's count of elements; columns, whose rows are the elements, one
///                  array's behind the other's; no 7 among them
/// ```
///
/// A row is an object of the values that it has, under the names of their columns; objects with
/// nothing in them are left out, but for the row itself. An element is such an object, or the value
/// of a column of no names, and there is always something in it. The names of a column are not the
/// first names of another. Where they are those of another, no row has a value in both: such are the
/// values of a field that are not of one kind.
package enum TableBatch {
  package static let version: UInt8 = 3
  package static let columnCountMax = 64
  /// Arrays around an element.
  package static let arrayDepthMax = 4
  /// Bytes of a text in a dictionary: so a batch never stands for much more text than it has bytes.
  package static let entryByteCountMax = 255
  /// Zeros at the end, so that every number can be read as eight bytes.
  package static let endByteCount = 8

  package enum Kind {
    package static let boolean: UInt8 = 1
    package static let integer: UInt8 = 2
    package static let double: UInt8 = 3
    package static let decimal: UInt8 = 4
    package static let dictionary: UInt8 = 5
    package static let text: UInt8 = 6
    package static let afterKey: UInt8 = 7
    /// The first of three, by `InstantStyle`.
    package static let date: UInt8 = 8
    package static let millisecond: UInt8 = 10
    package static let array: UInt8 = 11

    /// The kind of texts of one style.
    package static func kind(_ style: InstantStyle) -> UInt8 { style.rawValue &+ 7 }

    package static func style(_ kind: UInt8) -> InstantStyle? {
      kind >= date && kind <= millisecond ? InstantStyle(rawValue: kind &- 7) : nil
    }
  }

  /// The bytes that hold a number.
  package static func width(of number: UInt64) -> Int {
    max(1, (UInt64.bitWidth - number.leadingZeroBitCount + 7) / 8)
  }
}
