import Bytes
import PQL
import Testing

@Suite struct EventConditionTextTests {
  @Test(
    arguments: [
      ("xEvent.count() > 1", "xEvent[a = 1].count() > 1"),
      (
        "exists E from xEvent, F from xEvent where E.b > F.b",
        "exists E from xEvent[a = 1], F from xEvent[a = 1] where E.b > F.b"
      ),
      ("(P) => P.xEvent[b > 2].exists()", "(P) => P.xEvent[a = 1][b > 2].exists()"),
      ("`xEvent`.exists()", "`xEvent`[a = 1].exists()"),
      ("name = \"xEvent\" and xEvents.b > 1", "name = \"xEvent\" and xEvents.b > 1"),
      (
        "chain(xEvent, timestamp, [A: what(b = 1)])",
        "chain(xEvent[a = 1], timestamp, [A: what(b = 1)])"
      ),
    ] as [(Text, Text)]
  )
  func `a condition stands behind every mention of the events`(text: Text, wanted: Text) throws {
    let changed = try Query.text(text, ofEventsWith: "a = 1")

    #expect(changed == wanted)
    #expect(throws: Never.self) { try CheckedQuery(changed) }
  }

  @Test func `names that are bound and names that stand by themselves are told`() throws {
    let query = try Query.parse(
      "let x = 3 in exists E from xEvent where E.b > x and items.filter((I) => I.c = d).exists()"
    )

    #expect(query.boundNames == ["x", "E", "I"])
    #expect(query.plainNames == ["E", "x", "items", "I", "d"])
  }

  @Test func `what cannot be read is an error of its own text`() {
    #expect(throws: LanguageError.self) { try Query.text("name = \"open", ofEventsWith: "a = 1") }
  }
}
