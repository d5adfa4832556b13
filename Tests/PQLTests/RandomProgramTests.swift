import Bytes
import Domain
import Glibc
import PQL
import Testing

/// Printer, parser, checker, JSON form and interpreter held together by random programs.
///
/// `COVEY_PROGRAMS` is how many are tried, `COVEY_SEED` the first seed; a failure prints its own.
@Suite struct RandomProgramTests {
  private static let seed = setting("COVEY_SEED") ?? 1

  private static let partCount = 4

  @Test(arguments: 0..<partCount)
  func `every program means the same in each of its forms`(part: Int) {
    let count = max(1, (Self.setting("COVEY_PROGRAMS") ?? 2_000) / Self.partCount)
    let first = Self.seed + part * count
    var checkedCount = 0
    var failures = 0
    for seed in first..<first + count {
      var programs = RandomPrograms(seed: UInt64(seed))
      let query = programs.next()
      if (try? query.checked()) != nil { checkedCount += 1 }
      guard let failure = Self.failure(of: query, seed: UInt64(seed)) else { continue }
      let shrinker = ProgramShrinker { Self.failure(of: $0, seed: UInt64(seed)) != nil }
      let small = shrinker.shrunk(query)
      Issue.record(
        """
        seed \(seed): \(failure)
        program: \(query.text())
        shrunk:  \(small.text())
        which:   \(Self.failure(of: small, seed: UInt64(seed)) ?? "")
        """
      )
      failures += 1
      if failures == 3 { return }
    }
    #expect(checkedCount >= count * 8 / 10, "only \(checkedCount) of \(count) pass the checker")
  }

  @Test func `every construct is generated`() {
    var seen: Set<String> = []
    for seed in 0..<1_500 {
      var programs = RandomPrograms(seed: UInt64(seed))
      Self.note(programs.next().body, in: &seen)
    }

    let forms = [
      "literal", "list", "object", "name", "events", "parameter", "this", "outer", "timeWord",
      "path", "filter", "call", "conditional", "negative", "arithmetic", "comparison",
      "membership", "occurs", "not", "and", "or", "binding", "select", "exists", "forall",
      "aggregate", "chain", "lambda", "ignoring year",
    ]
    let functions = Function.allCases.map(\.rawValue)
    let missing = (forms + functions).filter { !seen.contains($0) }
    #expect(missing.isEmpty)
  }

  // MARK: What has to hold

  /// What is wrong with a program, if anything is.
  private static func failure(of query: Query, seed: UInt64) -> String? {
    do {
      let text = query.text()
      let parsed = try Query.parse(text)
      guard parsed == query else { return "its text reads back as \(parsed.text())" }
      guard parsed.text() == text else { return "its text is not canonical: \(parsed.text())" }
      let narrow = query.text(width: 10)
      guard try Query.parse(narrow) == query else { return "narrow text reads differently" }
      return try meaningFailure(of: query, parsed, seed: seed)
    } catch {
      return "\(error)"
    }
  }

  private static func meaningFailure(
    of query: Query,
    _ parsed: Query,
    seed: UInt64
  ) throws -> String? {
    let checked: CheckedQuery
    do throws(LanguageError) {
      checked = try query.checked()
    } catch {
      let other = #expect(throws: LanguageError.self) { try parsed.checked() }
      return other?.problem == error.problem ? nil : "only one of its forms is refused: \(error)"
    }
    let document = query.json
    let fromJSON = try Query.parse(json: document)
    guard try parsed.checked() == checked else { return "its text means something else" }
    guard try fromJSON.checked() == checked else { return "its JSON means something else" }
    guard fromJSON.json == document else { return "its JSON is not canonical" }
    if let read = try? Value.parse(json: document.json()),
      try Query.parse(json: read) != fromJSON
    {
      return "its JSON text reads differently"
    }
    let words = try parsed.checked().inWords.lines
    guard words.allSatisfy({ !$0.isEmpty }) else { return "it is not described" }
    return try valueFailure(
      of: [checked, try parsed.checked(), try fromJSON.checked()],
      seed: seed
    )
  }

  private static func valueFailure(of forms: [CheckedQuery], seed: UInt64) throws -> String? {
    var profiles = ProgramProfiles(seed: seed &+ 1_000_000)
    let interpreters = forms.map { ReferenceInterpreter($0) }
    for _ in 0..<3 {
      let profile = ReferenceInterpreter.ordered(profiles.next())
      let values = interpreters.map { shownValue($0, profile) }
      guard values.allSatisfy({ $0 == values[0] }) else {
        return "values differ: \(values) for \(String(decoding: profile.json(), as: UTF8.self))"
      }
    }
    return nil
  }

  private static func shownValue(_ interpreter: ReferenceInterpreter, _ profile: Value) -> String {
    do throws(EvaluationError) {
      let value = try interpreter.value(of: profile, in: .noon(stepCountMax: 100_000))
      return value.map { String(decoding: $0.json.json(), as: UTF8.self) } ?? "null"
    } catch {
      return "\(error)"
    }
  }

  // MARK: Constructs

  private static func note(_ expression: Expression, in seen: inout Set<String>) {
    let payload = Mirror(reflecting: expression.form).children.first?.label
    seen.insert(payload ?? String(describing: expression.form))
    if case .call(let name, let arguments) = expression.form {
      seen.insert(name.text.string)
      for case .lambda in arguments { seen.insert("lambda") }
    }
    if case .occurs(_, let test) = expression.form, test.isIgnoringYear {
      seen.insert("ignoring year")
    }
    for child in expression.form.children { note(child, in: &seen) }
  }

  private static func setting(_ name: String) -> Int? {
    guard let value = getenv(name) else { return nil }
    return Int(String(cString: value))
  }
}
