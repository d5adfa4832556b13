/// A time read from text of the data: what was written, before a zone is applied.
///
/// ```
/// YYYY-MM-DD
/// YYYY-MM-DDTHH:MM[:SS[.fraction]] then Z, ±HH:MM, ±HHMM or nothing
/// ```
///
/// Years are 0001 to 9999, hours 00 to 23, seconds 00 to 59, offsets below 24 hours. Digits of the
/// fraction past milliseconds are cut.
public struct TimeText: Hashable, Sendable {
  /// Which spellings are read.
  public enum Style: Sendable {
    /// The forms above with capital `T` and `Z`.
    case strict
    /// Also a space or `t` for `T`, `z` for `Z`, and a space before the offset.
    case relaxed
    /// RFC 3339 section 5.6: date, `T`, `t` or a space, time with seconds, and `Z`, `z` or ±HH:MM.
    case rfc3339
  }

  /// The wall clock as it was written, in milliseconds since 1970-01-01T00:00 on that clock.
  public var wallMilliseconds: Int64

  /// Minutes the wall clock is ahead of UTC; `nil` when the text has no offset.
  public var offsetMinutes: Int?

  /// The text is a date alone.
  public var isDateOnly: Bool

  /// The fields of the wall clock.
  public var wall: CivilTime { CivilTime(milliseconds: wallMilliseconds) }

  /// Whether the text says which instant it means; if not, a zone has to.
  public var hasOffset: Bool { offsetMinutes != nil }

  /// The instant, UTC where the text has no offset; cut to the years 1 to 9999.
  public var instant: Instant {
    Instant(milliseconds: wallMilliseconds - Int64(offsetMinutes ?? 0) * 60_000).clamped
  }

  /// Reads a text that is one time and nothing else.
  ///
  /// - Returns: `nil` when it is none, or an impossible one.
  public init?(_ text: Text, style: Style = .strict) {
    let bytes = Array(text.utf8)
    self.init(bytes, style: style)
  }

  public init?(_ bytes: [UInt8], style: Style = .strict) {
    let read = unsafe bytes.withUnsafeBufferPointer { unsafe TimeText($0, style: style) }
    guard let read else { return nil }
    self = read
  }

  public init?(_ bytes: UnsafeBufferPointer<UInt8>, style: Style = .strict) {
    // Most texts are no times: the length and the two dashes tell.
    guard bytes.count >= 10, unsafe bytes[4] == UInt8(ascii: "-"),
      unsafe bytes[7] == UInt8(ascii: "-")
    else { return nil }
    var cursor = unsafe Cursor(bytes: bytes)
    guard let year = cursor.digits(4), cursor.skip(UInt8(ascii: "-")),
      let month = cursor.digits(2), cursor.skip(UInt8(ascii: "-")),
      let day = cursor.digits(2),
      year >= 1, (1...12).contains(month), day >= 1,
      day <= CivilTime.dayCount(year: year, month: month)
    else { return nil }
    let date = Int64(CivilTime.days(year: year, month: month, day: day))
    wallMilliseconds = date * CivilTime.millisecondsPerDay
    if cursor.isAtEnd {
      guard style != .rfc3339 else { return nil }
      isDateOnly = true
      return
    }
    isDateOnly = false
    guard cursor.skipSeparator(style), let hour = cursor.digits(2), hour <= 23,
      cursor.skip(UInt8(ascii: ":")), let minute = cursor.digits(2), minute <= 59
    else { return nil }
    wallMilliseconds += Int64(hour) * 3_600_000 + Int64(minute) * 60_000
    if cursor.skip(UInt8(ascii: ":")) {
      guard let second = cursor.digits(2), second <= 59, let fraction = cursor.fraction() else {
        return nil
      }
      wallMilliseconds += Int64(second * 1_000 + fraction)
    } else if style == .rfc3339 {
      return nil
    }
    guard let offset = cursor.offset(style), cursor.isAtEnd else { return nil }
    if case .minutes(let minutes) = offset {
      offsetMinutes = minutes
    } else if style == .rfc3339 {
      return nil
    }
  }

  /// Whether a text is `YYYY-MM-DDTHH:MM:SSZ`, with or without milliseconds, of one of a month's
  /// first 28 days: what most instants are written as, told without reading the time.
  public static func isPlainInstant(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    guard bytes.count == 20 || bytes.count == 24, let text = bytes.baseAddress else { return false }
    // The count of bytes was checked: all offsets below are within them.
    @inline(__always) func digit(_ at: Int) -> UInt8 { unsafe text[at] &- 0x30 }
    @inline(__always) func areDigits(_ at: Int) -> Bool { digit(at) <= 9 && digit(at &+ 1) <= 9 }
    @inline(__always) func two(_ at: Int) -> UInt8 { digit(at) &* 10 &+ digit(at &+ 1) }
    let hasMarks =
      unsafe text[4] == 0x2D && text[7] == 0x2D && text[10] == 0x54 && text[13] == 0x3A
      && text[16] == 0x3A && text[bytes.count &- 1] == 0x5A
    guard hasMarks, areDigits(0), areDigits(2), areDigits(5), areDigits(8), areDigits(11),
      areDigits(14), areDigits(17), two(0) | two(2) != 0, two(5) &- 1 <= 11, two(8) &- 1 <= 27,
      two(11) <= 23, two(14) <= 59, two(17) <= 59
    else { return false }
    return bytes.count == 20
      || (unsafe text[19] == 0x2E && areDigits(20) && areDigits(21))
  }

  private enum Offset {
    case none
    case minutes(Int)
  }

  /// A place in the text; each step answers whether what it wants is there.
  @safe private struct Cursor {
    let bytes: UnsafeBufferPointer<UInt8>
    let count: Int
    var position = 0

    init(bytes: UnsafeBufferPointer<UInt8>) {
      unsafe self.bytes = bytes
      count = bytes.count
    }

    var isAtEnd: Bool { position == count }

    mutating func digits(_ count: Int) -> Int? {
      guard self.count - position >= count else { return nil }
      var value = 0
      for _ in 0..<count {
        let digit = unsafe bytes[position] &- UInt8(ascii: "0")
        guard digit <= 9 else { return nil }
        value = value * 10 + Int(digit)
        position += 1
      }
      return value
    }

    mutating func skip(_ byte: UInt8) -> Bool {
      guard position < count, unsafe bytes[position] == byte else { return false }
      position += 1
      return true
    }

    mutating func skipSeparator(_ style: Style) -> Bool {
      if skip(UInt8(ascii: "T")) { return true }
      return style != .strict && (skip(UInt8(ascii: "t")) || skip(UInt8(ascii: " ")))
    }

    /// Milliseconds of an optional fraction.
    mutating func fraction() -> Int? {
      guard skip(UInt8(ascii: ".")) else { return 0 }
      guard var value = digits(1) else { return nil }
      var scale = 100
      value *= scale
      while let digit = nextDigit() {
        scale /= 10
        value += digit * scale
      }
      return value
    }

    private mutating func nextDigit() -> Int? {
      guard position < count else { return nil }
      let digit = unsafe bytes[position] &- UInt8(ascii: "0")
      guard digit <= 9 else { return nil }
      position += 1
      return Int(digit)
    }

    /// The offset at the end; `nil` when what is there is none.
    mutating func offset(_ style: Style) -> Offset? {
      if isAtEnd { return Offset.none }
      if style == .relaxed { _ = skip(UInt8(ascii: " ")) }
      if skip(UInt8(ascii: "Z")) || (style != .strict && skip(UInt8(ascii: "z"))) {
        return .minutes(0)
      }
      let isNegative = skip(UInt8(ascii: "-"))
      guard isNegative || skip(UInt8(ascii: "+")) else { return nil }
      guard let hours = digits(2), hours <= 23 else { return nil }
      guard skip(UInt8(ascii: ":")) || style != .rfc3339 else { return nil }
      guard let minutes = digits(2), minutes <= 59 else { return nil }
      let total = hours * 60 + minutes
      return .minutes(isNegative ? -total : total)
    }
  }
}
