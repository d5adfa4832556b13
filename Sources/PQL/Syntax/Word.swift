import Bytes

/// Every word that means something of its own somewhere, without regard to case.
enum Word: String, CaseIterable, Sendable {
  // Reserved: they start no path and name no variable unless in backticks.
  case and, or, not
  case `in`
  case notIn = "notin"
  case like, matches, occurs, select
  case `let`
  case `if`
  case chain
  case `true`
  case `false`
  case null, this, now, today, yesterday, tomorrow
  // Special only in their place.
  case from
  case `where`
  case over, on, between, before, after, exists, forall, what, when, count, exclude, last, next
  case ignoring, year, sum, average, min, max
  case millisecond, second, minute, hour, day, week, month, decade, century, millennium
  case milliseconds, seconds, minutes, hours, days, weeks, months, years, decades, centuries
  case millennia

  private static let byteCountMax = 12
  private static let bySpelling = Dictionary(
    uniqueKeysWithValues: allCases.map { (key($0.rawValue.utf8), $0) }
  )

  /// The word that `name` spells in any mixture of cases.
  init?(_ name: some Collection<UInt8>) {
    guard name.count <= Word.byteCountMax, let word = Word.bySpelling[Word.key(name)] else {
      return nil
    }
    self = word
  }

  /// Up to 16 bytes as one number, capital letters as small ones.
  private static func key(_ name: some Collection<UInt8>) -> UInt128 {
    name.reduce(0) { key, byte in
      key << 8 | UInt128((0x41...0x5A).contains(byte) ? byte | 0x20 : byte)
    }
  }

  var isReserved: Bool {
    switch self {
    case .and, .or, .not, .in, .notIn, .like, .matches, .occurs, .select, .let, .if, .chain,
      .true, .false, .null, .this, .now, .today, .yesterday, .tomorrow:
      true
    default: false
    }
  }

  /// Whether it opens a comprehension where a value may stand, if the rest looks like one.
  var opensComprehension: Bool {
    switch self {
    case .exists, .forall, .sum, .average, .min, .max: true
    default: false
    }
  }

  /// Whether it may be taken for a keyword where a time test may start.
  var opensTimeTest: Bool {
    switch self {
    case .on, .between, .before, .after, .from, .last, .next, .ignoring: true
    default: false
    }
  }

  /// The word as it is usually written.
  var spelling: String { self == .notIn ? "notIn" : rawValue }

  var timeWord: TimeWord? {
    switch self {
    case .now: .now
    case .today: .today
    case .yesterday: .yesterday
    case .tomorrow: .tomorrow
    default: nil
    }
  }

  var calendarWord: CalendarWord? {
    switch self {
    case .this: .this
    case .last: .last
    case .next: .next
    default: nil
    }
  }

  var aggregate: Aggregate? {
    switch self {
    case .sum: .sum
    case .average: .average
    case .min: .min
    case .max: .max
    default: nil
    }
  }

  var unit: TimeUnit? {
    switch self {
    case .millisecond, .milliseconds: .millisecond
    case .second, .seconds: .second
    case .minute, .minutes: .minute
    case .hour, .hours: .hour
    case .day, .days: .day
    case .week, .weeks: .week
    case .month, .months: .month
    case .year, .years: .year
    case .decade, .decades: .decade
    case .century, .centuries: .century
    case .millennium, .millennia: .millennium
    default: nil
    }
  }
}

/// Whether a text has the shape of a name that needs no backticks, reserved or not.
func isPlainName(_ name: Text) -> Bool {
  guard let first = name.utf8.first, isNameStart(first) else { return false }
  return name.utf8.allSatisfy(isNameByte)
}

func isNameStart(_ byte: UInt8) -> Bool {
  (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == 0x5F
}

func isNameByte(_ byte: UInt8) -> Bool { isNameStart(byte) || isDigit(byte) }

func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
