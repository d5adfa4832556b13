package import Bytes

/// How the text of a date or an instant is written when it is kept as a number.
package enum InstantStyle: UInt8, CaseIterable, Hashable, Sendable {
  /// `YYYY-MM-DD`
  case date = 1
  /// `YYYY-MM-DDTHH:MM:SSZ`
  case second = 2
  /// `YYYY-MM-DDTHH:MM:SS.mmmZ`
  case millisecond = 3

  /// Milliseconds of one unit: numbers count days, seconds or milliseconds.
  package var unit: Int64 {
    switch self {
    case .date: CivilTime.millisecondsPerDay
    case .second: 1_000
    case .millisecond: 1
    }
  }

  /// The text of a count of units since 1970-01-01T00:00:00Z; cut to the years 1 to 9999.
  package func text(of count: Int64) -> Text {
    var bytes: [UInt8] = []
    append(count, to: &bytes)
    return Text(String(decoding: bytes, as: UTF8.self))
  }

  /// Appends the text of a count of units.
  package func append(_ count: Int64, to bytes: inout [UInt8]) {
    let (product, isOver) = count.multipliedReportingOverflow(by: unit)
    let edge = count < 0 ? Instant.earliest : Instant.latest
    let start = bytes.count
    (isOver ? edge : Instant(milliseconds: product)).appendISO(to: &bytes)
    switch self {
    case .date: bytes.removeLast(bytes.count - start - 10)
    case .second: bytes.replaceSubrange((start + 19)..., with: [UInt8(ascii: "Z")])
    case .millisecond:
      if bytes.count - start == 20 { bytes.replaceSubrange((start + 19)..., with: ".000Z".utf8) }
    }
  }

  /// Reads a text that one of the styles gives back byte for byte; `nil` for every other.
  package static func read(
    _ text: UnsafeBufferPointer<UInt8>
  ) -> (style: InstantStyle, count: Int64)? {
    let style: InstantStyle
    switch text.count {
    case 10: style = .date
    case 20: style = .second
    case 24: style = .millisecond
    default: return nil
    }
    guard unsafe text[4] == UInt8(ascii: "-"), unsafe text[7] == UInt8(ascii: "-") else {
      return nil
    }
    var isWrong = false
    func number(_ at: Int, _ digits: Int) -> Int {
      var value = 0
      for index in at..<at &+ digits {
        let digit = unsafe text[index] &- UInt8(ascii: "0")
        if digit > 9 { isWrong = true }
        value = value &* 10 &+ Int(digit)
      }
      return value
    }
    let (year, month, day) = (number(0, 4), number(5, 2), number(8, 2))
    guard !isWrong, year >= 1, 1...12 ~= month, day >= 1,
      day <= 28 || day <= CivilTime.dayCount(year: year, month: month)
    else { return nil }
    let days = Int64(CivilTime.days(year: year, month: month, day: day))
    if style == .date { return (style, days) }
    guard unsafe text[10] == UInt8(ascii: "T"), unsafe text[13] == UInt8(ascii: ":"),
      unsafe text[16] == UInt8(ascii: ":"), unsafe text[text.count &- 1] == UInt8(ascii: "Z"),
      unsafe style == .second || text[19] == UInt8(ascii: ".")
    else { return nil }
    let (hour, minute, second) = (number(11, 2), number(14, 2), number(17, 2))
    let millisecond = style == .second ? 0 : number(20, 3)
    guard !isWrong, hour <= 23, minute <= 59, second <= 59 else { return nil }
    let seconds = days &* 86_400 &+ Int64((hour &* 60 &+ minute) &* 60 &+ second)
    return (style, style == .second ? seconds : seconds &* 1_000 &+ Int64(millisecond))
  }
}
