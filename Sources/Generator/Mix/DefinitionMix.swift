import Bytes

/// Many definitions such as a company has, which share fields, event types and windows.
///
/// Of twenty, six are about attributes alone, five about an event in a window, three about doing one
/// thing but not another, three count or sum over a window, two are sequences, and one combines
/// earlier ones. The first definitions are the same however many there are. Each selects somebody of
/// a sample of the customers, and not most of them, wherever that can be had.
struct DefinitionMix {
  private enum Kind { case attributes, event, didButNot, total, sequence, segments }

  private static let cycle: [Kind] = [
    .attributes, .event, .attributes, .didButNot, .total, .event, .attributes, .sequence, .event,
    .segments, .attributes, .didButNot, .event, .total, .attributes, .event, .didButNot, .total,
    .sequence, .attributes,
  ]
  private static let windowDays = [1, 3, 7, 7, 14, 30, 30, 60, 90, 90]
  private static let attributeTestCount = 160
  private static let eventTestCount = 600
  /// Draws of one thing until it is taken as it is.
  private static let triesMax = 64

  /// Customers of the sample for one that has three or more values in a sum that is met exactly.
  private static let customersOfLongSum = 1_000

  private let sample: MixSample
  private var audiences: MixAudiences
  private var random: SeededRandom
  /// Of the rules so far, whom of the sample they select.
  private var members: [Text: [Bool]] = [:]
  /// What definitions share.
  private var attributeTests: [FieldTest] = []
  private var eventTests: [(test: EventTest, rate: Double)] = []
  private(set) var rules: [(id: Text, rule: MixRule)] = []

  init(count: Int, seed: UInt64, _ sample: MixSample) {
    self.sample = sample
    audiences = MixAudiences(sample)
    random = SeededRandom(seed: seed ^ 0x4D49_5845_44)
    drawTests()
    for index in 0..<count {
      let digits = String(index + 1)
      let id = "mix-" + String(repeating: "0", count: max(0, 5 - digits.utf8.count)) + digits
      let kind = DefinitionMix.cycle[index % DefinitionMix.cycle.count]
      var drawn = rule(kind)
      var selected = audiences.members(of: drawn, members)
      for _ in 1..<DefinitionMix.triesMax where !isOfUse(selected) {
        drawn = rule(kind)
        selected = audiences.members(of: drawn, members)
      }
      rules.append((Text(id), drawn))
      members[Text(id)] = selected
    }
  }

  /// All rules in words for programs, a JSON array with a rule a line.
  var description: [UInt8] {
    var bytes = Array("[".utf8)
    for (index, (id, rule)) in rules.enumerated() {
      var writer = JSONWriter()
      rule.describe(id: id, to: &writer)
      bytes += Array(index > 0 ? ",\n".utf8 : "\n".utf8) + writer.bytes
    }
    return bytes + Array("\n]\n".utf8)
  }

  /// Whether somebody is selected, and at most three in five are.
  private func isOfUse(_ selected: [Bool]) -> Bool {
    let count = selected.count { $0 }
    return count > 0 && count * 5 <= selected.count * 3
  }

  private mutating func drawTests() {
    let fields = MixRule.attributeFields.filter {
      sample.profiles.columns[$0.name]?.distinct.count ?? 0 > 1
    }
    for index in 0..<DefinitionMix.attributeTestCount where !fields.isEmpty {
      let field = fields[index % fields.count]
      attributeTests.append(FieldTest(field.name, field.kind, sample.profiles, &random))
    }
    var seen: Set<EventTest> = []
    for _ in 0..<DefinitionMix.eventTestCount where !sample.types.isEmpty {
      var test = EventTest(sample, &random)
      for _ in 0..<DefinitionMix.triesMax
      where seen.contains(test) || audiences.rate(of: test) < 0.001 {
        test = EventTest(sample, &random)
      }
      seen.insert(test)
      eventTests.append((test, audiences.rate(of: test)))
    }
  }

  private mutating func rule(_ kind: Kind) -> MixRule {
    guard !eventTests.isEmpty else { return attributes() }
    switch kind {
    case .attributes: return attributes()
    case .event: return .event(window(rateMin: 0.0002))
    case .didButNot:
      let did = window(rateMin: 0.0005)
      var not = window(rateMin: 0.004)
      if random.oneIn(2) { not.days = did.days }
      return .didButNot(did, not)
    case .total: return random.oneIn(2) ? count() : sum()
    case .sequence:
      var first = window(rateMin: 0.004)
      if random.oneIn(4) { first.days = nil }
      let then = window(rateMin: 0.01).event
      return .sequence(first, then: then, withinDays: [1, 3, 7, 14, 30][random.below(5)])
    case .segments: return segments()
    }
  }

  private mutating func attributes() -> MixRule {
    var tests: [FieldTest] = []
    for _ in 0..<[1, 2, 2, 2, 3, 3][random.below(6)] {
      let test = attributeTests[random.below(attributeTests.count)]
      if tests.allSatisfy({ $0.field != test.field }) { tests.append(test) }
    }
    return .attributes(random.below(10) < 7 ? .all : .any, tests)
  }

  /// Draws an event and a window such that a customer has at least so many of them on average.
  private mutating func window(
    rateMin: Double,
    of wanted: (EventTest) -> Bool = { _ in true }
  ) -> MixRule.Window {
    let count = eventTests.count
    var drawn = (event: eventTests[0].test, days: 90)
    for _ in 0..<DefinitionMix.triesMax {
      let event = eventTests[random.below(count)]
      let days = DefinitionMix.windowDays[random.below(DefinitionMix.windowDays.count)]
      guard wanted(event.test) else { continue }
      drawn = (event.test, days)
      if event.rate * Double(days) / 365 >= rateMin { break }
    }
    return MixRule.Window(event: drawn.event, days: drawn.days)
  }

  private mutating func count() -> MixRule {
    .count(window(rateMin: 0.02), atLeast: [2, 2, 3, 3, 5, 10][random.below(6)])
  }

  /// A sum of quantities or of money.
  private mutating func sum() -> MixRule {
    if random.oneIn(3), let rule = exactSum() { return rule }
    let sample = sample
    let window = window(rateMin: 0.004) { !sample.summedFields(of: $0).isEmpty }
    let fields = sample.summedFields(of: window.event)
    guard !fields.isEmpty else { return count() }
    let field = fields[random.below(fields.count)]
    let average = sample.events(ofType: window.event.type).columns[field]?.average ?? 1
    let bound = max(2, FieldTest.rounded(max(1, average) * [1, 2, 3, 5][random.below(4)]))
    // No sum of cents is half a cent below: engines that round as they add agree on the answer.
    let atLeast = field == MixSample.quantity ? "\(bound)" : "\(bound - 1).995"
    return .sum(window, field: field, atLeast: Text(atLeast))
  }

  /// A sum of money with a bound that a customer of the sample has to the cent.
  ///
  /// Hardly anybody has more than two values in it: of two, all engines round the sum to the same.
  private mutating func exactSum() -> MixRule? {
    for _ in 0..<DefinitionMix.triesMax {
      let sample = sample
      let window = window(rateMin: 0.004) {
        sample.summedFields(of: $0).contains(MixSample.orderTotal)
      }
      let money = sample.summedFields(of: window.event).filter { $0 != MixSample.quantity }
      guard !money.isEmpty else { return nil }
      let field = money[random.below(money.count)]
      let sums = audiences.sums(of: field, in: window)
      let longCount = sums.count { $0.count > 2 }
      let reached = sums.filter { (1...2).contains($0.count) }
      guard !reached.isEmpty, longCount * DefinitionMix.customersOfLongSum <= sums.count else {
        continue
      }
      let cents = Int((reached[random.below(reached.count)].sum * 100).rounded())
      let digits = String(cents % 100)
      let fraction = digits.utf8.count < 2 ? "0" + digits : digits
      return .sum(window, field: field, atLeast: Text("\(cents / 100).\(fraction)"))
    }
    return nil
  }

  private mutating func segments() -> MixRule {
    guard rules.count > 1 else { return attributes() }
    var ids: [Text] = []
    for _ in 0..<2 + random.below(2) {
      let id = rules[random.below(rules.count)].id
      if !ids.contains(id) { ids.append(id) }
    }
    let butNot = rules[random.below(rules.count)].id
    let isWithout = random.oneIn(2) || ids.contains(butNot)
    return .segments(random.oneIn(2) ? .all : .any, ids, butNot: isWithout ? nil : butNot)
  }
}
