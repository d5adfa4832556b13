import Bytes

/// The yearly rule at the end of a zone file, in the form of POSIX's `TZ` variable.
///
/// ```
/// rule   = name offset [ name [ offset ] "," change "," change ]
/// name   = three or more letters | "<" three or more letters, digits, "+" or "-" ">"
/// offset = [ "+" | "-" ] hours [ ":" minutes [ ":" seconds ] ]      (west of Greenwich is positive)
/// change = ( "M" month "." week "." weekday | "J" day | day ) [ "/" offset ]
/// ```
///
/// Source: IEEE Std 1003.1, section 8.3, with the hours -167…167 of RFC 8536 section 3.3.1.
package struct ZoneRule: Hashable, Sendable {
  /// A day of the year with the wall-clock second at which the clock is set.
  package struct Change: Hashable, Sendable {
    package enum Day: Hashable, Sendable {
      /// 1…365; 29 February is never counted.
      case ordinalWithoutLeapDay(Int)
      /// 0…365; 29 February counts.
      case ordinal(Int)
      /// Month 1…12, week 1…5 (5 is the last), weekday 0…6 from Sunday.
      case weekday(month: Int, week: Int, weekday: Int)
    }

    package var day: Day
    /// Seconds after midnight; may be negative or past 24 hours.
    package var seconds = 7_200
  }

  package struct Daylight: Hashable, Sendable {
    package var offset: Int
    package var start: Change
    package var end: Change
  }

  /// Seconds ahead of UTC.
  package var standardOffset: Int
  package var daylight: Daylight?

  /// - Returns: `nil` when the text is no such rule.
  package init?(_ text: some Sequence<UInt8>) {
    var scanner = Scanner(bytes: Array(text))
    guard scanner.skipName(), let offset = scanner.duration(hoursMax: 24) else { return nil }
    standardOffset = -offset
    if scanner.isAtEnd { return }
    guard scanner.skipName() else { return nil }
    var daylightOffset = standardOffset + 3_600
    if scanner.peek != UInt8(ascii: ",") {
      guard let offset = scanner.duration(hoursMax: 24) else { return nil }
      daylightOffset = -offset
    }
    guard let start = scanner.change(), let end = scanner.change(), scanner.isAtEnd else {
      return nil
    }
    daylight = Daylight(offset: daylightOffset, start: start, end: end)
  }

  /// The changes of a year, ascending; none without daylight saving time.
  package func transitions(inYear year: Int) -> [Zone.Transition] {
    guard let daylight else { return [] }
    let start = daylight.start.wallSeconds(inYear: year) - Int64(standardOffset)
    let end = daylight.end.wallSeconds(inYear: year) - Int64(daylight.offset)
    let changes = [
      Zone.Transition(seconds: start, offset: daylight.offset),
      Zone.Transition(seconds: end, offset: standardOffset),
    ]
    return start <= end ? changes : changes.reversed()
  }
}

extension ZoneRule.Change {
  fileprivate func wallSeconds(inYear year: Int) -> Int64 {
    Int64(days(inYear: year)) * 86_400 + Int64(seconds)
  }

  /// Days since 1970-01-01.
  private func days(inYear year: Int) -> Int {
    let first = CivilTime.days(year: year, month: 1, day: 1)
    switch day {
    case .ordinal(let ordinal): return first + ordinal
    case .ordinalWithoutLeapDay(let ordinal):
      return first + ordinal - (CivilTime.isLeap(year: year) && ordinal >= 60 ? 0 : 1)
    case .weekday(let month, let week, let weekday):
      let monthStart = CivilTime.days(year: year, month: month, day: 1)
      // `CivilTime` counts weekdays from Monday, the rule from Sunday.
      let startWeekday = (CivilTime.weekday(days: monthStart) + 1) % 7
      var day = monthStart + (weekday - startWeekday + 7) % 7 + (week - 1) * 7
      while day >= monthStart + CivilTime.dayCount(year: year, month: month) { day -= 7 }
      return day
    }
  }
}

extension ZoneRule {
  private struct Scanner {
    let bytes: [UInt8]
    var position = 0

    var isAtEnd: Bool { position == bytes.count }
    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func skip(_ byte: UInt8) -> Bool {
      guard peek == byte else { return false }
      position += 1
      return true
    }

    mutating func skipName() -> Bool {
      let isQuoted = skip(UInt8(ascii: "<"))
      let start = position
      while let byte = peek, isNameByte(byte, isQuoted: isQuoted) { position += 1 }
      return position - start >= 3 && (!isQuoted || skip(UInt8(ascii: ">")))
    }

    private func isNameByte(_ byte: UInt8, isQuoted: Bool) -> Bool {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"): isQuoted
      default: false
      }
    }

    mutating func number(max: Int) -> Int? {
      let start = position
      var value = 0
      while let byte = peek, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
        if value > max { return nil }
        position += 1
      }
      return position == start ? nil : value
    }

    /// Seconds of `[+-]hh[:mm[:ss]]`.
    mutating func duration(hoursMax: Int) -> Int? {
      let isNegative = skip(UInt8(ascii: "-"))
      if !isNegative { _ = skip(UInt8(ascii: "+")) }
      guard let hours = number(max: hoursMax) else { return nil }
      var seconds = hours * 3_600
      for scale in [60, 1] where skip(UInt8(ascii: ":")) {
        guard let part = number(max: 59) else { return nil }
        seconds += part * scale
      }
      return isNegative ? -seconds : seconds
    }

    mutating func change() -> Change? {
      guard skip(UInt8(ascii: ",")), let day = day() else { return nil }
      var change = Change(day: day)
      if skip(UInt8(ascii: "/")) {
        guard let seconds = duration(hoursMax: 167) else { return nil }
        change.seconds = seconds
      }
      return change
    }

    private mutating func day() -> Change.Day? {
      if skip(UInt8(ascii: "J")) {
        guard let day = number(max: 365), day >= 1 else { return nil }
        return .ordinalWithoutLeapDay(day)
      }
      if skip(UInt8(ascii: "M")) {
        guard let month = number(max: 12), month >= 1, skip(UInt8(ascii: ".")),
          let week = number(max: 5), week >= 1, skip(UInt8(ascii: ".")),
          let weekday = number(max: 6)
        else { return nil }
        return .weekday(month: month, week: week, weekday: weekday)
      }
      return number(max: 365).map(Change.Day.ordinal)
    }
  }
}
