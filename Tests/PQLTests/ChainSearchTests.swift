import Bytes
import Domain
import PQL
import Testing

/// Chains against a twin that tries every choice of events.
@Suite struct ChainSearchTests {
  struct Event {
    var time: Int
    var kind: String
    var n: Int
  }

  struct Step {
    var label: String
    var isExcluded = false
    var kind: String
    /// An earlier step whose event has the same `n`.
    var sameAs: Int?
    /// An earlier step and the hours after it within which the event lies.
    var within: (step: Int, hours: Int)?
    var count = 1

    func text(_ steps: [Step]) -> String {
      var what = "kind = \"\(kind)\""
      if let sameAs { what += " and n = \(steps[sameAs].label).n" }
      var text = "\(isExcluded ? "exclude " : "")\(label): what(\(what))"
      if let within { text += " when(<= \(within.hours) hours after \(steps[within.step].label))" }
      if count > 1 { text += " count(\(count))" }
      return text
    }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func `the search finds what trying everything finds`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var trueCount = 0
    for _ in 0..<150 {
      let steps = Self.randomSteps(&random)
      let texts = steps.map { $0.text(steps) }.joined(separator: ", ")
      let definition = "chain(xEvent, timestamp, [\(texts)])"
      let interpreter = ReferenceInterpreter(try Query.parse(Text(definition)).checked())
      for _ in 0..<6 {
        let events = Self.randomEvents(&random)
        let found = try interpreter.isMember(Self.profile(events), in: .noon())
        let expected = Twin(events: events, steps: steps).isTrue
        if expected { trueCount += 1 }
        #expect(found == expected, "seed \(seed) \(definition) \(events)")
      }
    }
    #expect(trueCount > 50)
  }

  @Test func `a chain that looks back over many events stays within the limit of steps`() throws {
    let events = (0..<2_000).map { Event(time: $0 * 72, kind: $0 % 2 == 0 ? "a" : "b", n: $0) }
    let definition: Text = """
      chain(xEvent, timestamp, [A: what(kind = "a"), B: what(kind = "b") when(<= 1 hour after A)])
      """
    let interpreter = ReferenceInterpreter(try Query.parse(definition).checked())

    #expect(try !interpreter.isMember(Self.profile(events), in: .noon()))
  }

  private static func profile(_ events: [Event]) -> Value {
    .object([
      (
        "xEvent",
        .array(
          events.map { event in
            .object([
              ("timestamp", .integer(Int64(event.time) * 3_600_000)), ("kind", .string(event.kind)),
              ("n", .integer(Int64(event.n))),
            ])
          }
        )
      )
    ])
  }

  private static func randomEvents(_ random: inout SeededRandom) -> [Event] {
    (0..<random.below(8)).map { _ in
      Event(
        time: random.below(7),
        kind: ["a", "b", "c"][random.below(3)],
        n: random.below(2)
      )
    }
  }

  private static func randomSteps(_ random: inout SeededRandom) -> [Step] {
    var steps: [Step] = []
    for index in 0..<(2 + random.below(3)) {
      var step = Step(label: "L\(index)", kind: ["a", "b", "c"][random.below(3)])
      step.isExcluded = random.oneIn(3)
      if !step.isExcluded, random.oneIn(4) { step.count = 2 + random.below(2) }
      let earlier = steps.indices.filter { !steps[$0].isExcluded }
      if !earlier.isEmpty, random.oneIn(3) { step.sameAs = earlier[random.below(earlier.count)] }
      if !earlier.isEmpty, random.oneIn(3) {
        step.within = (earlier[random.below(earlier.count)], 1 + random.below(3))
      }
      steps.append(step)
    }
    if steps.allSatisfy(\.isExcluded) { steps[0].isExcluded = false }
    return steps
  }

  /// Picks events for the steps in every possible way.
  private struct Twin {
    let events: [Event]
    let steps: [Step]

    init(events: [Event], steps: [Step]) {
      self.events = events.enumerated()
        .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
      self.steps = steps
    }

    var isTrue: Bool { matches(0, last: nil, labels: [:], excluded: []) }

    private func satisfies(_ event: Event, _ step: Step, _ labels: [Int: Event]) -> Bool {
      guard event.kind == step.kind else { return false }
      if let sameAs = step.sameAs, labels[sameAs]?.n != event.n { return false }
      if let within = step.within {
        guard let start = labels[within.step]?.time else { return false }
        return event.time > start && event.time <= start + within.hours
      }
      return true
    }

    private func matches(
      _ index: Int,
      last: Int?,
      labels: [Int: Event],
      excluded: [Int]
    ) -> Bool {
      func isClear(before end: Int?) -> Bool {
        !events.contains { event in
          excluded.contains { satisfies(event, steps[$0], labels) }
            && event.time > (last ?? .min) && event.time < (end ?? .max)
        }
      }
      guard index < steps.count else { return isClear(before: nil) }
      if steps[index].isExcluded {
        return matches(index + 1, last: last, labels: labels, excluded: excluded + [index])
      }
      return choices(index, labels, from: 0, after: last).contains { picks in
        guard isClear(before: events[picks[0]].time) else { return false }
        let final = events[picks[picks.count - 1]]
        var labels = labels
        labels[index] = final
        return matches(index + 1, last: final.time, labels: labels, excluded: [])
      }
    }

    private func choices(
      _ index: Int,
      _ labels: [Int: Event],
      from start: Int,
      after time: Int?,
      taken: [Int] = []
    ) -> [[Int]] {
      if taken.count == steps[index].count { return [taken] }
      return (start..<max(start, events.count)).flatMap { item -> [[Int]] in
        guard events[item].time > time ?? .min, satisfies(events[item], steps[index], labels) else {
          return []
        }
        return choices(index, labels, from: item + 1, after: time, taken: taken + [item])
      }
    }
  }
}
