import Bytes
import Domain

/// What a generated expression is meant to yield.
indirect enum ProgramType: Hashable, Sendable {
  case boolean, number, text
  /// A time value, or text of the data that is read as one.
  case time
  case array(ProgramType)
  case map(ProgramType)
  case record(ProgramRecord)

  /// The types a definition may have as a whole.
  static let roots: [ProgramType] = [
    .boolean, .boolean, .boolean, .boolean, .number, .number, .text, .array(.number),
    .array(.text), .array(.record(.event)), .array(.record(.order)), .map(.number),
    .map(.array(.record(.order))), .record(.order), .time,
  ]
}

/// The objects of the generated data.
enum ProgramRecord: CaseIterable, Sendable {
  case profile, name, order, item, event, page

  /// The fields of the object; some need backticks, some are words of the language elsewhere.
  var fields: [(name: Text, type: ProgramType)] {
    switch self {
    case .profile:
      [
        ("age", .number), ("größe", .number), ("isVip", .boolean), ("city", .text),
        ("home-town", .text), ("birth", .time), ("in", .text), ("last", .number),
        ("tags", .array(.text)), ("scores", .array(.number)), ("name", .record(.name)),
        ("orders", .array(.record(.order))), ("limits", .map(.number)),
        ("identityMap", .map(.array(.record(.name)))), ("from", .time), ("sum", .number),
      ]
    case .name: [("first", .text), ("second", .text), ("id", .text)]
    case .order:
      [
        ("sku", .text), ("price", .number), ("at", .time), ("paid", .boolean),
        ("items", .array(.record(.item))), ("between", .text),
      ]
    case .item: [("sku", .text), ("quantity", .number), ("labels", .array(.text))]
    case .event:
      [
        ("timestamp", .time), ("eventType", .text), ("amount", .number), ("page", .record(.page)),
        ("items", .array(.record(.item))), ("now", .boolean),
      ]
    case .page: [("url", .text), ("views", .number), ("naïve key", .text)]
    }
  }
}

/// Random data for generated programs: mostly of the types the programs expect, with gaps, values of
/// other kinds, equal times and unusual text.
struct ProgramProfiles {
  private var random: SeededRandom
  /// The times that stand in the data.
  private let times: [Text]

  init(seed: UInt64, times: [Text] = ProgramWords.times) {
    random = SeededRandom(seed: seed)
    self.times = times
  }

  mutating func next() -> Value {
    var fields: [(Text, Value)] = []
    if case .object(let object) = value(.record(.profile), 0) ?? .object([]) {
      fields = object.fields.map { ($0.name, $0.value) }
    }
    let events = (0..<random.below(6)).compactMap { _ in value(.record(.event), 1) }
    if !random.oneIn(6) { fields.append(("xEvent", .array(events))) }
    if random.oneIn(3) {
      let word: Text = random.oneIn(2) ? "realized" : "exited"
      var fields = [("status" as Text, Value.string(word))]
      if random.oneIn(2) { fields.append(("validUntil", value(.time, 0) ?? .integer(0))) }
      var membership = Value.object(fields)
      for name in ["s1", "ups"] as [Text] { membership = .object([(name, membership)]) }
      fields.append(("segmentMembership", membership))
    }
    return .object(fields)
  }

  private mutating func value(_ type: ProgramType, _ depth: Int) -> Value? {
    if random.oneIn(9) { return nil }
    if random.oneIn(25) { return Self.odd[random.below(Self.odd.count)] }
    switch type {
    case .boolean: return .boolean(random.oneIn(2))
    case .number: return Self.numbers[random.below(Self.numbers.count)]
    case .text: return .string(ProgramWords.texts[random.below(ProgramWords.texts.count)])
    case .time: return .string(times[random.below(times.count)])
    case .array(let element):
      return .array((0..<random.below(4)).compactMap { _ in value(element, depth + 1) })
    case .map(let element):
      return .object(
        ProgramWords.keys.prefix(random.below(4)).compactMap { key in
          value(element, depth + 1).map { (key, $0) }
        }
      )
    case .record(let record):
      return .object(
        record.fields.compactMap { field in
          value(field.type, depth + 1).map { (field.name, $0) }
        }
      )
    }
  }

  private static let numbers: [Value] = [
    .integer(0), .integer(1), .integer(-3), .integer(18), .integer(40), .double(2.5),
    .double(0.1), .double(1e300), .integer(1_773_532_800_000),
  ]

  private static let odd: [Value] = [
    .boolean(true), .integer(7), .string(""), .string("x"), .array([]), .object([]),
    .array([.integer(1), .string("x"), .array([.integer(2)])]), .string("2026-03-14"),
  ]
}

/// Words that programs and data share, so that they meet now and then.
enum ProgramWords {
  static let texts: [Text] = [
    "", "x", "X", "ab", "AbC", "a\u{301}", "\u{E1}", "İ", "ẞ", "😀", "50%_", "a\"b\\c\n\t",
    "view", "buy", "\u{1}",
  ]
  static let times: [Text] = [
    "2026-03-15", "2026-03-14", "2026-03-15T11:00:00Z", "2026-03-15T11:00:00Z",
    "2026-03-14T23:30:00+02:00", "2024-02-29", "2026-02-28T12:00:00.250Z", "1999-12-31T23:59:59",
  ]
  static let keys: [Text] = ["a", "ECID", "größe", "z z"]
  static let variables: [Text] = [
    "X", "Y", "event", "my var", "größe", "from", "last", "sum", "city", "today",
  ]
  static let patterns: [Text] = [
    "a", "^a.*", "(?i)[a-c]+$", "(x)|(y)", "\\d{1,3}", "\\bview\\b", "[^\\s]+", "(a|b)*?c",
  ]
}
