import Bytes
import PQL

/// Definitions as marketers write them, at random, on the data of `ProgramProfiles`: the forms that
/// the program takes apart, in all their spellings.
struct SegmentPrograms {
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  mutating func next() -> String {
    switch random.below(9) {
    case 0: condition()
    case 1: "\(condition()) \(pick(["and", "or"])) \(condition())"
    case 2: "not (\(condition())) and \(condition())"
    case 3: "\(condition()) or (\(condition()) and not \(condition()))"
    case 4: "if (\(condition()), \(condition()), \(condition()))"
    case 5: "let X = \(pick(["age", "city", "xEvent[\(ofEvent(""))]"])) in \(condition()) and X"
    default: condition()
    }
  }

  private mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[random.below(choices.count)]
  }

  private mutating func condition() -> String {
    switch random.below(12) {
    case 0, 1, 2: "(\(ofProfile()))"
    case 3, 4: "(\(exists()))"
    case 5, 6: "(\(count()))"
    case 7: "(\(aggregate()))"
    case 8, 9: "\(chain())"
    case 10: "inSegment(\"\(pick(["s1", "s2", "s3"]))\")"
    default: "(not \(exists()))"
    }
  }

  // MARK: Fields

  private mutating func number() -> String {
    pick(["0", "1", "2", "2.5", "18", "-3", "40", "1e300", "0.1"])
  }

  private mutating func text() -> String {
    pick(["\"x\"", "\"X\"", "\"view\"", "\"buy\"", "\"\"", "\"á\"", "\"ab\"", "\"2026-03-14\""])
  }

  private mutating func ofNumber(_ path: String) -> String {
    switch random.below(6) {
    case 0: "\(path) in [\(number()), \(number())]"
    case 1: "\(path) notIn [\(number()), \(text())]"
    case 2: "\(path) % 2 = \(number())"
    case 3: "\(number()) \(pick(["<", ">=", "="])) \(path)"
    case 4: "\(path) > \(number()) and \(path) <= \(number())"
    default: "\(path) \(pick(["<", "<=", ">", ">=", "=", "!="])) \(number())"
    }
  }

  private mutating func ofText(_ path: String) -> String {
    switch random.below(9) {
    case 0: "\(path) in [\(text()), \(text())]"
    case 1: "\(path).equals(\(text()), \(text()))"
    case 2: "\(path).notEqualTo(\(text()))"
    case 3: "\(path) like \"%\(pick(["x", "b", "i_", "é"]))%\""
    case 4: "\(path).contains(\(text()), false)"
    case 5: "\(path).matches(\"(?i)[a-c]\")"
    case 6: "\(path) != \(text())"
    case 7: "\(path).doesNotContain(\(text()))"
    default: "\(path) = \(text())"
    }
  }

  private mutating func ofTime(_ path: String) -> String {
    switch random.below(8) {
    case 0:
      "\(path) occurs <= \(pick([1, 2, 30, 700])) \(pick(["days", "hours", "months"])) before now"
    case 1: "\(path) occurs today"
    case 2: "\(path) occurs between date(2024, 1, 1) and date(2026, 3, 14)"
    case 3: "\(path) occurs != 1 day before today"
    case 4: "\(path) occurs on date(2024, 2, 28) ignoring year"
    case 5: "\(path) >= timestamp(\"2026-03-14T21:30:00Z\")"
    case 6: "\(path).getMonth() = \(pick([2, 3, 12]))"
    default: "\(path) occurs last \(pick(["week", "month", "year"]))"
    }
  }

  private mutating func ofProfile() -> String {
    switch random.below(9) {
    case 0, 1: ofNumber(pick(["age", "`größe`", "last", "limits.a"]))
    case 2, 3: ofText(pick(["city", "`home-town`", "name.first", "`in`"]))
    case 4: ofTime(pick(["birth", "from"]))
    case 5:
      "\(pick(["age", "city", "name", "tags", "orders.sku"])).\(pick(["isNull", "isNotNull"]))()"
    case 6: pick(["isVip", "tags", "isVip = true", "tags.includes(\"x\")", "orders[price > 1]"])
    case 7: "age \(pick([">", "=", "<="])) last"
    default: "identityMap.get(\"ECID\").id = \(text())"
    }
  }

  /// A condition on one event; `prefix` is empty or a variable with a dot.
  private mutating func ofEvent(_ prefix: String) -> String {
    let terms = (0..<1 + random.below(3)).map { _ in eventTerm(prefix) }
    return terms.joined(separator: random.oneIn(4) ? " or " : " and ")
  }

  private mutating func eventTerm(_ prefix: String) -> String {
    let term =
      switch random.below(9) {
      case 0, 1: "\(prefix)eventType = \(pick(["\"view\"", "\"buy\"", "\"x\""]))"
      case 2: ofNumber(prefix + pick(["amount", "page.views"]))
      case 3: ofText(prefix + pick(["eventType", "page.url", "page.`naïve key`"]))
      case 4, 5: ofTime(prefix + "timestamp")
      case 6: "\(prefix)\(pick(["now", "items", "page"]))\(pick(["", ".isNull()", ".isNotNull()"]))"
      case 7:
        "\(prefix)items\(pick([".exists(quantity > 1)", ".sku.includes(\"x\")", "[sku = \"x\"]"]))"
      default: prefix.isEmpty ? "$1.age > amount" : "\(prefix)amount > 1"
      }
    return random.oneIn(5) ? "not (\(term))" : "(\(term))"
  }

  // MARK: Events

  /// Some events, as an array.
  private mutating func events() -> String {
    switch random.below(5) {
    case 0: "xEvent"
    case 1: "(select E from xEvent where \(ofEvent("E.")))"
    case 2: "xEvent.filter((E) => \(ofEvent("E.")))"
    case 3: "xEvent[\(ofEvent(""))][\(ofEvent(""))]"
    default: "xEvent[\(ofEvent(""))]"
    }
  }

  private mutating func exists() -> String {
    switch random.below(7) {
    case 0, 1: "exists E from xEvent where \(ofEvent("E."))"
    case 2: "\(events()).exists(\(ofEvent("")))"
    case 3: "forall E from xEvent where \(ofEvent("E."))"
    case 4: "\(events()).forall(\(ofEvent("")))"
    case 5: "exists E from xEvent where \(ofEvent("E.")), I from E.items where I.quantity > 1"
    default: events()
    }
  }

  private mutating func count() -> String {
    let bound = pick(["0", "1", "2", "3", "1.5", "-1"])
    let relation = pick([">=", ">", "<", "<=", "=", "!="])
    return random.oneIn(4)
      ? "\(bound) \(relation) \(events()).count()" : "\(events()).count() \(relation) \(bound)"
  }

  private mutating func aggregate() -> String {
    let function = pick(["sum", "average", "min", "max"])
    let relation = pick([">=", ">", "<", "<=", "=", "!="])
    let path = pick(["amount", "page.views"])
    let value =
      random.oneIn(2)
      ? "\(events()).\(function)(\(path))"
      : "(\(function) E.\(path) over E from xEvent where \(ofEvent("E.")))"
    return "\(value) \(relation) \(number())"
  }

  private mutating func chain() -> String {
    var steps = ["A: what(\(ofEvent("")))"]
    if random.oneIn(6) { steps[0] += " count(\(pick(["2", "= 1", "<= 2", "0"])))" }
    if !random.oneIn(5) {
      let gap = pick([
        "", " when(<= 2 days after A)", " when(< 1 hour after A)", " when(>= 1 day after A)",
        " when(<= 1 month after A)", " when(<= 30 days before now)",
      ])
      let excluded = random.oneIn(4) ? "exclude " : ""
      steps.append("\(excluded)B: what(\(ofEvent("")))\(gap)")
      if random.oneIn(5) { steps.append("C: what(\(ofEvent("")) and amount >= A.amount)") }
    }
    return
      "chain(\(random.oneIn(4) ? events() : "xEvent"), timestamp, [\(steps.joined(separator: ", "))])"
  }
}
