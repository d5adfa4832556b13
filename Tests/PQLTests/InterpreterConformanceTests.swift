import Bytes
import Domain
import PQL
import Testing

@Suite struct InterpreterConformanceTests {
  @Test(arguments: ConformanceCase.all)
  func `the answer is the expected one`(item: ConformanceCase) throws {
    let answer = try #require(
      try Value.parse(json: EvaluationCase(json: item.document.json()).answer())
    )
    let expected = try #require(item.document["expect"])

    #expect(answer["id"]?.text == Text(item.id))
    if let kind = expected["error"] {
      #expect(answer["error"]?["kind"] == kind)
      #expect(answer["error"]?["line"]?.integer ?? 0 >= 1)
    } else if let members = expected["members"]?.elements {
      let found = try #require(answer["members"]?.elements, "\(answer)")
      #expect(Set(found.compactMap(\.text)) == Set(members.compactMap(\.text)))
      #expect(found.count == members.count)
    } else {
      let values = try #require(answer["values"], "\(answer)")
      #expect(values.isNearly(expected["values"]), "\(values) instead of \(expected)")
    }
  }

  @Test func `the stored map and the answers of the run decide on membership`() throws {
    let line = """
      {"id": "m", "pql": "inSegment(\\"s1\\")", "now": "2026-01-01", "profiles": [
        {"_id": "a", "segmentMembership": {"ups": {"s1": {"status": "realized"}}}}, {"_id": "b"}],
        "memberships": MEMBERSHIPS}
      """
    func members(_ memberships: String) throws -> String {
      let text = line.replacing("MEMBERSHIPS", with: memberships).replacing("\n", with: " ")
      let answer = try EvaluationCase(json: Array(text.utf8)).answer()
      return try #require(try Value.parse(json: answer)?["members"]?.elements)
        .compactMap { $0.text?.string }.joined(separator: " ")
    }

    #expect(try members("{}") == "a")
    #expect(try members("{\"b\": [\"s1\"]}") == "a b")
    #expect(try members("{\"s1\": [\"b\"]}") == "b")
    #expect(try members("{\"s1\": []}") == "")
    #expect(try members("{\"a\": {\"s1\": false}}") == "")
  }

  @Test(arguments: [
    "", "[]", "{", "{\"id\": 1}", "{\"id\": \"a\", \"pql\": \"1\", \"now\": \"x\"}",
  ])
  func `a line that is no case is an error`(line: String) {
    #expect(throws: EvaluationCaseError.self) { try EvaluationCase(json: Array(line.utf8)) }
  }
}

extension Value {
  /// Equality with numbers within 1e-9 of each other, relative.
  fileprivate func isNearly(_ other: Value?) -> Bool {
    guard let other else { return false }
    switch (self, other) {
    case (.array(let left), .array(let right)):
      return left.count == right.count && zip(left, right).allSatisfy { $0.isNearly($1) }
    case (.object(let left), .object(let right)):
      return left.fields.count == right.fields.count
        && left.fields.allSatisfy { $0.value.isNearly(right[$0.name]) }
    default:
      guard let left = number, let right = other.number else { return self == other }
      return left == right || abs(left - right) <= 1e-9 * max(abs(left), abs(right))
    }
  }
}
