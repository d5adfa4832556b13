import Domain

/// What a value of a column of texts says while its table is unfinished: a code of the column's
/// texts, a place in the chunk, or the units of an instant.
enum TextPlace {
  /// The text at a place.
  static let whole: UInt64 = 1 << 62
  /// A text that begins with the row's key: the place of what follows, or up to seven bytes of it.
  static let afterKey: UInt64 = 2 << 62

  private static let isShort: UInt64 = 1 << 61
  private static let shortByteCountMax = 7
  private static let unitMask: UInt64 = 0xFFF_FFFF_FFFF_FFFF

  @inline(__always)
  static func offset(_ cell: UInt64) -> Int { Int(truncatingIfNeeded: cell & 0xFFFF_FFFF) }

  @inline(__always)
  static func byteCount(_ cell: UInt64) -> Int {
    Int(truncatingIfNeeded: (cell >> 32) & 0x1FFF_FFFF)
  }

  /// Keeps what follows the key in a text.
  ///
  /// - Parameters:
  ///   - text: the chunk.
  ///   - offset: behind the key.
  ///   - byteCount: of what follows.
  /// - Returns: the value.
  @inline(__always)
  static func rest(_ text: UnsafePointer<UInt8>, _ offset: Int, _ byteCount: Int) -> UInt64 {
    guard byteCount <= shortByteCountMax else {
      return afterKey | UInt64(offset) | UInt64(byteCount) << 32
    }
    let word = unsafe UnsafeRawPointer(text).loadUnaligned(
      fromByteOffset: offset,
      as: UInt64.self
    )
    let bytes = word.littleEndian & ((1 &<< UInt64(8 &* byteCount)) &- 1)
    return afterKey | isShort | UInt64(byteCount) << 56 | bytes
  }

  /// Gives what follows the key to `body`: where it is, with eight bytes that can be read, and how
  /// long it is.
  @inline(__always)
  static func withRest(
    _ value: UInt64,
    _ text: UnsafePointer<UInt8>,
    _ body: (UnsafePointer<UInt8>, Int) -> Void
  ) {
    guard value & isShort != 0 else { return unsafe body(text + offset(value), byteCount(value)) }
    unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 8) { bytes in
      guard let start = bytes.baseAddress else { return }
      unsafe UnsafeMutableRawPointer(start).storeBytes(of: value.littleEndian, as: UInt64.self)
      unsafe body(start, Int(truncatingIfNeeded: (value >> 56) & 7))
    }
  }

  @inline(__always)
  static func instant(_ style: InstantStyle, _ count: Int64) -> UInt64 {
    3 << 62 | UInt64(style.rawValue) << 60 | UInt64(bitPattern: count) & unitMask
  }

  static func style(_ value: UInt64) -> InstantStyle? {
    InstantStyle(rawValue: UInt8(truncatingIfNeeded: (value >> 60) & 3))
  }

  /// The units of an instant.
  @inline(__always)
  static func units(_ value: UInt64) -> UInt64 {
    UInt64(bitPattern: Int64(bitPattern: value << 4) >> 4)
  }
}

/// The forms that values of a column have, a bit each.
enum CellForm {
  static let code: UInt64 = 1
  static let whole: UInt64 = 2
  static let afterKey: UInt64 = 4
  static let integer: UInt64 = 8
  static let fraction: UInt64 = 16
  /// IEEE 754 bits.
  static let double: UInt64 = 32
  static let boolean: UInt64 = 64

  @inline(__always)
  static func instant(_ style: InstantStyle) -> UInt64 { 128 << UInt64(style.rawValue) }
}

/// How the texts of a column are taken; it changes when one is met that does not fit.
enum TextMode: Equatable {
  /// No text was met in the chunk.
  case undecided
  case instants(InstantStyle)
  /// Texts that begin with the row's key.
  case afterKey
  case codes
  /// Texts that do not repeat themselves.
  case places
}
