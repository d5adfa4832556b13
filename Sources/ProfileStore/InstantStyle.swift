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

  /// The text of a count of units; counts outside the years 1 to 9999 are cut.
  package func text(of count: Int64) -> Text {
    let (product, isOver) = count.multipliedReportingOverflow(by: unit)
    let edge = count < 0 ? Instant.earliest : Instant.latest
    let instant = (isOver ? edge : Instant(milliseconds: product)).clamped
    var bytes: [UInt8] = []
    instant.appendISO(to: &bytes)
    switch self {
    case .date: bytes.removeLast(bytes.count - 10)
    case .second: bytes.replaceSubrange(19..., with: [UInt8(ascii: "Z")])
    case .millisecond:
      if bytes.count == 20 { bytes.replaceSubrange(19..., with: ".000Z".utf8) }
    }
    return Text(String(decoding: bytes, as: UTF8.self))
  }
}
