/// A date and time of the proleptic Gregorian calendar, without a zone.
public struct CivilTime: Hashable, Sendable {
  public var year: Int
  /// 1…12.
  public var month: Int
  /// 1…31.
  public var day: Int
  public var hour = 0
  public var minute = 0
  public var second = 0
  public var millisecond = 0

  public static let millisecondsPerDay: Int64 = 86_400_000

  public init(
    year: Int,
    month: Int,
    day: Int,
    hour: Int = 0,
    minute: Int = 0,
    second: Int = 0,
    millisecond: Int = 0
  ) {
    self.year = year
    self.month = month
    self.day = day
    self.hour = hour
    self.minute = minute
    self.second = second
    self.millisecond = millisecond
  }

  /// The civil time of a count of milliseconds since 1970-01-01T00:00 on the same clock.
  public init(milliseconds: Int64) {
    var days = milliseconds / CivilTime.millisecondsPerDay
    var rest = milliseconds % CivilTime.millisecondsPerDay
    if rest < 0 {
      rest += CivilTime.millisecondsPerDay
      days -= 1
    }
    let date = CivilTime.date(days: Int(days))
    (year, month, day) = (date.year, date.month, date.day)
    hour = Int(rest / 3_600_000)
    minute = Int(rest / 60_000 % 60)
    second = Int(rest / 1_000 % 60)
    millisecond = Int(rest % 1_000)
  }

  /// Days since 1970-01-01.
  public var days: Int { CivilTime.days(year: year, month: month, day: day) }

  /// Milliseconds since 1970-01-01T00:00 on the same clock.
  public var milliseconds: Int64 {
    Int64(days) * CivilTime.millisecondsPerDay
      + Int64(((hour * 60 + minute) * 60 + second) * 1_000 + millisecond)
  }

  /// Days from 1970-01-01 to a date; `month` is in 1…12, the day may lie outside its month.
  ///
  /// Source: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms", `days_from_civil`.
  public static func days(year: Int, month: Int, day: Int) -> Int {
    let shifted = month <= 2 ? year - 1 : year
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return era * 146_097 + dayOfEra - 719_468
  }

  /// The date that many days after 1970-01-01; source as for `days`, `civil_from_days`.
  public static func date(days: Int) -> (year: Int, month: Int, day: Int) {
    let shifted = days + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra =
      (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  public static func isLeap(year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  /// Days of a month; `month` is in 1…12.
  public static func dayCount(year: Int, month: Int) -> Int {
    switch month {
    case 2: isLeap(year: year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Day of the week of a count of days since 1970-01-01: 0 Monday … 6 Sunday.
  public static func weekday(days: Int) -> Int { ((days + 3) % 7 + 7) % 7 }
}

extension Instant {
  /// 0001-01-01T00:00:00Z, the first instant that a text can say.
  public static let earliest = Instant(milliseconds: -62_135_596_800_000)

  /// 9999-12-31T23:59:59.999Z, the last one.
  public static let latest = Instant(milliseconds: 253_402_300_799_999)

  /// Cut to `earliest` … `latest`.
  public var clamped: Instant { min(max(self, .earliest), .latest) }

  /// `YYYY-MM-DDTHH:MM:SS.mmmZ`, without the fraction when it is zero.
  ///
  /// Instants outside the years 1 to 9999 are written as the end that they lie beyond.
  public var iso: String {
    var text: [UInt8] = []
    appendISO(to: &text)
    return String(decoding: text, as: UTF8.self)
  }

  /// Appends the text of `iso`.
  public func appendISO(to bytes: inout [UInt8]) {
    let time = CivilTime(milliseconds: clamped.milliseconds)
    func append(_ value: Int, digits: Int) {
      var divisor = digits == 4 ? 1_000 : digits == 3 ? 100 : 10
      while divisor > 0 {
        bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / divisor % 10))
        divisor /= 10
      }
    }
    append(time.year, digits: 4)
    bytes.append(UInt8(ascii: "-"))
    append(time.month, digits: 2)
    bytes.append(UInt8(ascii: "-"))
    append(time.day, digits: 2)
    bytes.append(UInt8(ascii: "T"))
    append(time.hour, digits: 2)
    bytes.append(UInt8(ascii: ":"))
    append(time.minute, digits: 2)
    bytes.append(UInt8(ascii: ":"))
    append(time.second, digits: 2)
    if time.millisecond != 0 {
      bytes.append(UInt8(ascii: "."))
      append(time.millisecond, digits: 3)
    }
    bytes.append(UInt8(ascii: "Z"))
  }
}
