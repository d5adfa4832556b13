import Bytes
import Domain
import PQL
import Testing

/// What holds for every definition and every profile.
@Suite struct MeaningTests {
  @Test(arguments: ConformanceCase.all.filter { $0.error == nil })
  func `every case keeps the rules on changed profiles`(testCase: ConformanceCase) throws {
    var profiles = RandomProfiles(seed: shardHash(testCase.id.utf8))
    let query = try Query.parse(testCase.definition)

    try Self.expectRules(of: query, on: (0..<6).map { _ in profiles.next(like: testCase) })
  }

  /// Expects that a definition's value is of the kind that is known, is the same for the printed
  /// definition, and is explained.
  static func expectRules(of query: Query, on profiles: [Value]) throws {
    let checked = try query.checked()
    let interpreter = ReferenceInterpreter(checked)
    let printed = query.text()
    let again = ReferenceInterpreter(try CheckedQuery(printed))
    for profile in profiles {
      let context = EvaluationContext.noon()
      let value = try interpreter.value(of: profile, in: context)
      #expect(value.fits(checked.body.kind), "\(printed) gives \(shown(value))")
      let other = try again.value(of: profile, in: context)
      #expect(shown(value) == shown(other), "\(printed)")
      let explanation = try interpreter.explanation(
        of: profile,
        source: printed,
        in: context
      )
      #expect(shown(explanation.value) == shown(value), "\(printed)")
      #expect(!explanation.lines.isEmpty)
    }
  }

  private static func shown(_ value: RuntimeValue?) -> String {
    value.map { String(decoding: $0.json.json(), as: UTF8.self) } ?? "null"
  }
}

extension RuntimeValue? {
  /// Whether the value can be one of an expression of a kind; only tests are never null.
  fileprivate func fits(_ kind: ValueKind) -> Bool {
    guard let value = self else { return kind != .boolean }
    switch kind {
    case .unknown: return true
    case .null, .entry: return false
    case .boolean: return value.boolean != nil
    case .number: return value.number != nil
    case .string: return value.text != nil
    case .time:
      guard case .time = value else { return false }
      return true
    case .array: return value.elements != nil
    case .object: return value.fields != nil
    case .collection: return value.elements != nil || value.fields != nil
    }
  }
}
