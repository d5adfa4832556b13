import Bytes
import Domain
import PQL
import Testing

@Suite struct InterpreterTests {
  @Test(arguments: [
    // The flag of a text test, and null.
    ("a.equals(\"X\", f)", "{\"a\": \"x\", \"f\": false}", "true"),
    ("a.equals(\"x\", f)", "{\"a\": \"x\"}", "false"),
    ("a.notEqualTo(\"y\", f)", "{\"a\": \"x\"}", "false"),
    ("a.startsWith(\"x\", f)", "{\"a\": \"x\"}", "false"),
    ("a.startsWith(\"y\", f)", "{\"a\": \"x\", \"f\": \"x\"}", "false"),
    ("stringCompare(\"equals\", a, [\"x\"], f)", "{\"a\": \"x\", \"f\": 1}", "false"),
    ("stringCompare(\"notEqualTo\", a, [\"y\", 1])", "{\"a\": \"x\"}", "false"),
    // Arrays.
    ("a.b", "{\"a\": [[{\"b\": 1}], {\"b\": [2, [3]]}, {\"c\": 4}, 5]}", "[1,2,[3]]"),
    ("[null, 1, null]", "{}", "[1]"),
    ("[today] = [\"2026-03-15\"]", "{}", "true"),
    ("\"2026-03-15\" in [today]", "{}", "true"),
    ("[today, yesterday].distinct().count()", "{}", "2"),
    ("[\"2026-03-15\", today].distinct().count()", "{}", "1"),
    ("{\"t\": now, \"n\": null}", "{}", "{\"t\":\"2026-03-15T12:00:00.000Z\"}"),
    ("{\"t\": now}.keys()", "{}", "[\"t\"]"),
    ("a.topN(this, 2)", "{\"a\": [1, \"2020-01-01\", \"x\", 3]}", "[\"2020-01-01\",3]"),
    ("a.topN(this, n)", "{\"a\": [1], \"n\": -1}", "null"),
    ("a.topN(this, n)", "{\"a\": [1], \"n\": 0.5}", "null"),
    ("a.topN(this, n)", "{\"a\": [1], \"n\": 1e300}", "[1]"),
    ("[yesterday, today].max()", "{}", "\"2026-03-15T00:00:00.000Z\""),
    (
      "a.min()", "{\"a\": [true, \"2020-01-01T00:00:00Z\", \"2020-01-01\"]}",
      "\"2020-01-01T00:00:00Z\""
    ),
    ("a.sum()", "{\"a\": [1e308, 1e308, -1e308]}", "1e+308"),
    ("a.sum()", "{\"a\": [1e308, 1e308]}", "null"),
    ("a.average()", "{\"a\": [0.1, 0.2, 0.3]}", "0.19999999999999998"),
    // Maps.
    (
      "a.groupBy(this)", "{\"a\": [1e16, -0.0, [[\"q\"]], {}, 10000000000000000]}",
      "{\"0\":[0],\"10000000000000000\":[1e+16,10000000000000000],\"q\":[[[\"q\"]]]}"
    ),
    ("a.map((K, V) => K)", "{\"a\": [1]}", "null"),
    ("a.map((V) => mapEntry(V, V))", "{\"a\": []}", "[]"),
    ("a.map((V) => mapEntry(V, V))", "{\"a\": [{}]}", "[]"),
    ("a.map((V) => mapEntry(V, today))", "{\"a\": [1]}", "{\"1\":\"2026-03-15T00:00:00.000Z\"}"),
    // Times.
    ("date(2026, 3, 15) = now", "{}", "false"),
    ("today = \"2026-03-15T01:00:00+01:00\"", "{}", "true"),
    ("today < now", "{}", "true"),
    ("a < b", "{\"a\": \"2026-01-01\", \"b\": 5}", "false"),
    ("a < now", "{\"a\": 5}", "true"),
    ("a = date(1970, 1, 1)", "{\"a\": 0.9}", "true"),
    ("timestamp(a)", "{\"a\": 5}", "null"),
    ("timestamp(\"2026-03-15\") = today", "{}", "true"),
    ("now occurs timestamp(\"2026-03-15\")", "{}", "true"),
    ("a.getYear()", "{\"a\": 1e300}", "9999"),
    ("a occurs this year", "{\"a\": \"0000-01-01\"}", "false"),
    // Numbers.
    ("a = b", "{\"a\": 9007199254740993, \"b\": 9007199254740992}", "true"),
    ("-7 % 3", "{}", "-1"), ("7.5 % 2", "{}", "1.5"), ("1e308 * 10 / 10", "{}", "null"),
    // Events.
    ("xEvent", "{\"xEvent\": 5}", "[]"),
    ("`xEvent`", "{\"xEvent\": 5}", "5"),
    (
      "xEvent.n",
      "{\"xEvent\": [{\"n\": 1}, {\"n\": 2, \"timestamp\": \"2026-01-02\"}, {\"n\": 3, \"timestamp\": \"2026-01-01\"}, {\"n\": 4}]}",
      "[3,2,1,4]"
    ),
    // Bindings live only where they are bound.
    ("a.map((X) => b.map((Y) => X * Y))", "{\"a\": [1, 2], \"b\": [3, 4]}", "[[3,4],[6,8]]"),
    ("let X = 1 in a.map((X) => X).sum() + X", "{\"a\": [5]}", "6"),
  ])
  func `definitions have their value`(definition: String, profile: String, value: String) throws {
    #expect(try evaluatedJSON(definition, profile) == value)
  }

  @Test func `an evaluation that takes too many steps is an error`() {
    let profile = "{\"x\": [" + (0..<200).map(String.init).joined(separator: ",") + "]}"

    #expect(throws: EvaluationError.stepLimitExceeded(limit: 100_000)) {
      try evaluated(
        "exists A from x, B from x, C from x where A + B + C < 0",
        profile,
        stepCountMax: 100_000
      )
    }
  }

  @Test(arguments: [
    "[V, V]", "{\"a\": V, \"b\": V}", "select X from [V], Y from [V]", "[1, 2].map(V)",
  ])
  func `a value that doubles without end is an error`(double: String) {
    // Each binding holds the one before twice.
    let count = 60
    let definition =
      (1...count).map { index in
        "let V\(index) = (\(double.replacing("V", with: "V\(index - 1)"))) in "
      }.joined() + "V\(count) = V\(count)"

    #expect(throws: EvaluationError.self) {
      try evaluated("let V0 = [1] in " + definition, stepCountMax: 1_000_000)
    }
  }

  @Test func `the deepest definitions are evaluated`() throws {
    let depth = QueryLimits.nestingMax - 4
    let definition =
      String(repeating: "if(true, ", count: depth) + "1" + String(repeating: ", 2)", count: depth)
    let calls = "x" + String(repeating: ".filter(this > 0)", count: 240) + ".count()"
    let flat = "0" + String(repeating: " + 1", count: 20_000)

    #expect(try evaluatedJSON(definition) == "1")
    #expect(try evaluatedJSON(calls, "{\"x\": [1, 0, 2]}") == "2")
    #expect(try evaluatedJSON(flat) == "20000")
  }

  @Test func `many variables and many steps need no deep stack`() throws {
    let declarations = (0..<5_000).map { "V\($0) from x" }.joined(separator: ", ")
    let steps = (0..<3_000).map { "S\($0): what(true)" }.joined(separator: ", ")

    #expect(try evaluatedJSON("(select \(declarations)).count()", "{\"x\": [1]}") == "1")
    #expect(try evaluatedJSON("chain(xEvent, timestamp, [\(steps)])") == "false")
  }

  @Test func `days follow the definition's zone`() throws {
    let zone = try Zone(
      name: "Test",
      tzif: ZoneFile(transitions: [], initialOffset: -18_000, rule: "EST5").bytes
    )

    #expect(try evaluatedJSON("today", zone: zone) == "\"2026-03-15T05:00:00.000Z\"")
    #expect(
      try evaluatedJSON("a occurs today", "{\"a\": \"2026-03-16T04:59:59Z\"}", zone: zone) == "true"
    )
    #expect(
      try evaluatedJSON("a.getDayOfMonth()", "{\"a\": \"2026-03-16T04:59:59Z\"}", zone: zone)
        == "15"
    )
    #expect(
      try evaluatedJSON(
        "a = timestamp(\"2026-03-15T05:00:00Z\")",
        "{\"a\": \"2026-03-15\"}",
        zone: zone
      ) == "true"
    )
  }

  @Test func `answers of the run come before the stored map`() throws {
    let query = try Query.parse("inSegment(\"a\") and not inSegment(\"b\")").checked()
    let stored = try #require(
      try Value.parse(
        json: "{\"segmentMembership\": {\"ups\": {\"a\": {\"status\": \"realized\"}}}}"
      )
    )
    let interpreter = ReferenceInterpreter(query)
    var context = EvaluationContext.noon()

    #expect(try interpreter.isMember(stored, in: context))
    context.membership = { $0 == "b" ? true : nil }
    #expect(try !interpreter.isMember(stored, in: context))
  }

  @Test func `an explanation shows the pieces and the events`() throws {
    let source: Text = """
      country = "NO" and chain(xEvent, timestamp, [A: what(eventType = "view"),
        B: what(eventType = "buy" and sku = A.sku) when(<= 2 days after A)]) and
      xEvent[timestamp occurs last month].count() > 1
      """
    let profile = """
      {"country": "NO", "xEvent": [
        {"timestamp": "2026-02-01T10:00:00Z", "eventType": "view", "sku": "x"},
        {"timestamp": "2026-02-02T10:00:00Z", "eventType": "buy", "sku": "x"}]}
      """
    let interpreter = ReferenceInterpreter(try Query.parse(source).checked())
    let explanation = try interpreter.explanation(
      of: try #require(try Value.parse(json: Array(profile.utf8))),
      source: source,
      in: .noon()
    )

    #expect(explanation.isTrue)
    #expect(explanation.lines.joined(separator: "\n") == Self.expectedLines)
    #expect(explanation.document["parts"]?.elements?.count == 3)
    #expect(explanation.document["result"] == .boolean(true))
  }

  private static let expectedLines = """
    country = "NO" and chain(xEvent, timestamp, [A: what(eventType = "view"), B: wha… → true
      country = "NO" → true
        country → "NO"
      chain(xEvent, timestamp, [A: what(eventType = "view"), B: what(eventType = "buy"… → true
        A: what(eventType = "view") → true
            1 matching
              2026-02-01T10:00:00Z view
        B: what(eventType = "buy" and sku = A.sku) → true
            (before looking at earlier steps)
            1 matching
              2026-02-02T10:00:00Z buy
      xEvent[timestamp occurs last month].count() > 1 → true
        xEvent[timestamp occurs last month].count() → 2
          xEvent[timestamp occurs last month] → 2 elements
              2 matching
                2026-02-01T10:00:00Z view
                2026-02-02T10:00:00Z buy
    """
}
