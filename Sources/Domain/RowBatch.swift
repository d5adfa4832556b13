/// What a row of a batch says about a profile.
package enum RowKind: UInt8, Sendable {
  /// Attributes: each top-level field replaces the profile's field of that name.
  case attributes = 1
  /// One event more.
  case event = 2
}

/// Rows of profiles and events as bytes, the form in which they travel and lie in a shard's log.
///
/// What many rows share stands once: names of fields, repeated texts, keys, and the shapes of rows.
/// A row is then little more than its numbers. `TableBatch` is another form, of columns.
///
/// ```
/// version   1 byte    2
/// names     texts
/// texts     texts
/// shapes    varint count, then each: varint byte count, a shape
/// keys      texts
/// events    varint    how many of the rows are events
/// rows      varint count, then each:
///             head    varint    2 * (shape + 1), and 1 more for an event; the shape stands in the
///                               row where the number is 0 or 1: varint byte count, a shape
///             key     varint    index into keys
///             size    varint    byte count of the rest
///             values  those of the shape, which is an object's, in order
///
/// texts     varint count, then each: varint byte count, UTF-8
///
/// shape, and its value:
///   1 boolean                     1 byte    0 or 1
///   2 integer                     zigzag varint
///   3 double                      varint    8 * zigzag of n + s, where it is n / 10^s, s <= 4;
///                                           or 7, and then 8 bytes, IEEE 754 bits, little-endian
///   4 string                      varint    2 * index into texts; or 2 * byte count + 1, and UTF-8
///   5 string that begins with     varint byte count of what follows the key, UTF-8
///     the row's key
///   6, 7, 8 date or instant       zigzag varint: units of its `InstantStyle`, less those of 2020-09-13
///   9 array                       for each element varint shape + 2, or 1, varint byte count and a
///                                 shape, and then its value; at last varint 0
///   10 object                     the values of its fields; 1 byte 0 when it has none
///     behind the 10 each field: varint 1 + index into names, a shape; at last varint 0
/// ```
///
/// Objects may name a field twice; the last one counts. Nothing is ever null.
package enum RowBatch {
  package static let version: UInt8 = 2
  /// The deepest nesting of arrays and objects in a value.
  package static let nestingMax = 64

  package enum Shape {
    package static let boolean: UInt8 = 1
    package static let integer: UInt8 = 2
    package static let double: UInt8 = 3
    package static let string: UInt8 = 4
    package static let key: UInt8 = 5
    /// The first of three, by `InstantStyle`.
    package static let date: UInt8 = 6
    package static let second: UInt8 = 7
    package static let millisecond: UInt8 = 8
    package static let array: UInt8 = 9
    package static let object: UInt8 = 10

    /// How texts of one style are written when they are written as numbers.
    package static func style(_ shape: UInt8) -> InstantStyle? {
      shape >= date && shape <= millisecond ? InstantStyle(rawValue: shape &- 5) : nil
    }

    package static func shape(_ style: InstantStyle) -> UInt8 { style.rawValue &+ 5 }
  }

  /// Tells a double that is written by its bits from a decimal.
  package static let rawDouble: UInt64 = 7

  /// What counts of days, seconds and milliseconds are written less: 1.6 thousand million seconds,
  /// so that those of our time are short.
  package static func epoch(_ style: InstantStyle) -> Int64 {
    switch style {
    case .date: 18_518
    case .second: 1_600_000_000
    case .millisecond: 1_600_000_000_000
    }
  }

  /// One row, its value still packed: `RowBatchReader.value` decodes it.
  package struct Row: Sendable {
    package var kind: RowKind
    package var key: ProfileKey
    /// The row's shape and values, in the reader's bytes.
    var shape: ArraySlice<UInt8>
    var values: ArraySlice<UInt8>
  }
}
