import Bytes
import Domain
import PQL

/// Profiles of the conformance cases with values taken out, changed and moved about.
struct RandomProfiles {
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  private static let leaves: [Value] = [
    .boolean(true), .boolean(false), .integer(0), .integer(1), .integer(-3), .double(2.5),
    .integer(1_773_572_400_000), .string(""), .string("x"), .string("X"), .string("a\u{301}"),
    .string("2026-03-14"), .string("2026-03-15T11:00:00Z"), .string("2024-02-29T23:30:00+02:00"),
    .array([]), .array([.integer(1), .string("x"), .array([.integer(2)])]), .object([]),
    .object([("a", .integer(1)), ("b", .array([.string("x")]))]),
  ]

  private static let pool: [Value] = ConformanceCase.all
    .filter { !$0.id.hasPrefix("size") }
    .flatMap { $0.document["profiles"]?.elements ?? [] }

  mutating func next() -> Value {
    ReferenceInterpreter.ordered(changed(Self.pool[random.below(Self.pool.count)]))
  }

  /// A profile close to one of those of a case.
  mutating func next(like testCase: ConformanceCase) -> Value {
    let profiles = testCase.document["profiles"]?.elements ?? []
    if profiles.isEmpty || random.oneIn(4) { return next() }
    return ReferenceInterpreter.ordered(changed(profiles[random.below(profiles.count)]))
  }

  private mutating func changed(_ value: Value) -> Value {
    if random.oneIn(16) { return Self.leaves[random.below(Self.leaves.count)] }
    switch value {
    case .array(let values):
      // Long arrays would only take time.
      var result = values.prefix(40).map { changed($0) }
      if !result.isEmpty, random.oneIn(4) { result.append(result[random.below(result.count)]) }
      if !result.isEmpty, random.oneIn(6) { result.remove(at: random.below(result.count)) }
      return .array(result)
    case .object(let object):
      var fields: [(Text, Value)] = []
      for field in object.fields where !random.oneIn(12) {
        fields.append((field.name, changed(field.value)))
      }
      return .object(fields)
    case .boolean, .integer, .double, .string: return value
    }
  }
}
