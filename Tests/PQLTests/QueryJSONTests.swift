import Bytes
import Domain
import PQL
import Testing

@Suite struct QueryJSONTests {
  @Test(arguments: ConformanceCase.all.filter { $0.error == nil })
  func `every case means the same after a round trip`(testCase: ConformanceCase) throws {
    let query = try Query.parse(testCase.definition)

    let again = try Query.parse(json: query.json)

    #expect(try again.checked() == query.checked(), "\(again.text())")
    #expect(again.json == query.json)
  }

  @Test(arguments: [
    (
      "workAddress.country = \"US\"",
      """
      {"nodeType":"fnApply","fnName":"=","params":[{"nodeType":"fieldLookup","fieldName":"country",
      "object":{"nodeType":"fieldLookup","fieldName":"workAddress","object":
      {"nodeType":"parameterReference","position":1}}},
      {"nodeType":"literal","literalType":"String","value":"US"}]}
      """
    ),
    (
      "person.gender in [\"female\"]",
      """
      {"nodeType":"fnApply","fnName":"in","params":[{"nodeType":"fieldLookup","fieldName":"gender",
      "object":{"nodeType":"fieldLookup","fieldName":"person","object":
      {"nodeType":"literal","literalType":"XDMObject","value":"profile"}}},
      {"literalType":"List","nodeType":"literal","value":["female"]}]}
      """
    ),
    (
      "homeAddress.city.equals(\"Paris\", false) and person.age >= 18",
      """
      {"nodeType":"fnApply","fnName":"and","params":[{"nodeType":"fnApply","fnName":"equals",
      "params":[{"nodeType":"fieldLookup","fieldName":"city","object":{"nodeType":"fieldLookup",
      "fieldName":"homeAddress","object":{"nodeType":"parameterReference","position":1}}},
      {"nodeType":"literal","literalType":"String","value":"Paris"},
      {"nodeType":"literal","literalType":"Boolean","value":false}]},
      {"nodeType":"fnApply","fnName":">=","params":[{"nodeType":"fieldLookup","fieldName":"age",
      "object":{"nodeType":"fieldLookup","fieldName":"person","object":
      {"nodeType":"parameterReference","position":1}}},
      {"nodeType":"literal","literalType":"Double","value":18.0,"comment":"ignored"}]}]}
      """
    ),
    (
      "select X from xEvent where X.commerce.order.priceTotal > 100",
      """
      {"nodeType":"select","variables":[{"nodeType":"varDecl","varName":"X","from":
      {"nodeType":"fieldLookup","fieldName":"xEvent","object":
      {"nodeType":"parameterReference","position":1}},"where":{"nodeType":"fnApply","fnName":">",
      "params":[{"nodeType":"fieldLookup","fieldName":"priceTotal","object":
      {"nodeType":"fieldLookup","fieldName":"order","object":{"nodeType":"fieldLookup",
      "fieldName":"commerce","object":{"nodeType":"varRef","varName":"X"}}}},
      {"nodeType":"literal","literalType":"Integer","value":100}]}}]}
      """
    ),
  ])
  func `the shapes of public samples are read`(text: String, json: String) throws {
    let query = try Query.parse(jsonText: Text(json.replacing("\n", with: " ")))

    #expect(query == (try Query.parse(Text(text))))
    #expect(query.source.string == text)
  }

  @Test(arguments: [
    ("$1.a", "a"), ("this.a", "a"), ("xEvent[$1.a = this.b]", "xEvent[$1.a = b]"),
    ("`xEvent`", "`xEvent`"), ("this.xEvent", "xEvent"), ("xEvent[xEvent]", "xEvent[xEvent]"),
    ("let a = 1 in $1.a + a", "let a = 1 in $1.a + a"),
    ("(P) => P.xEvent", "(P) => P.xEvent"), ("a[^.like(\"x\")]", "a[^.like(\"x\")]"),
    ("{\"b\": 1, \"a\": 2}", "{\"b\": 1, \"a\": 2}"), ("[null, 1]", "[null, 1]"),
    ("[-1, 2.5]", "[-1, 2.5]"), ("a - b - c + d * e / f", "a - b - c + d * e / f"),
    ("a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r", "a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r"),
    ("a+b-c+d-e+f-g+h-i+j-k", "a + b - c + d - e + f - g + h - i + j - k"),
    ("9007199254740993", "9007199254740992"), ("1E300", "1E300"),
  ])
  func `a round trip gives the shortest text that means the same`(
    text: String,
    expected: String
  ) throws {
    let query = try Query.parse(Text(text))

    let again = try Query.parse(jsonText: Text(String(decoding: query.json.json(), as: UTF8.self)))

    #expect(again.text().string == expected)
    #expect(try again.checked() == query.checked())
  }

  @Test(arguments: [
    ("[]", "the root: expected a node, found an array"),
    ("null", "expected a node, found null"),
    ("{}", "nodeType: expected a value, found nothing"),
    ("{\"nodeType\":\"fnAply\"}", "no node type is called \"fnAply\"; did you mean \"fnApply\"?"),
    (
      "{\"nodeType\":\"fnApply\",\"fnName\":\"startWith\",\"params\":[]}",
      "the root: no function or operator is called \"startWith\"; did you mean \"startsWith\"?"
    ),
    (
      "{\"nodeType\":\"fnApply\",\"fnName\":\"not\",\"params\":[{\"nodeType\":\"fnApply\","
        + "\"fnName\":\"=\",\"params\":[{\"nodeType\":\"this\"}]}]}",
      "params[0]: \"=\" takes 2 arguments, not 1"
    ),
    (
      "{\"nodeType\":\"fieldLookup\",\"fieldName\":\"a\",\"object\":{\"nodeType\":\"fieldLookup\","
        + "\"fieldName\":7,\"object\":{}}}",
      "object.fieldName: expected text, found a number"
    ),
    (
      "{\"nodeType\":\"literal\",\"literalType\":\"Bool\",\"value\":true}",
      "value: no literal type is called \"Bool\""
    ),
    (
      "{\"nodeType\":\"select\",\"variables\":[{\"nodeType\":\"varDecl\",\"varName\":\"item\","
        + "\"from\":{\"nodeType\":\"this\"},\"where\":{\"nodeType\":\"varRef\",\"varName\":\"itm\"}}]}",
      "variables[0].where: no variable called \"itm\" is declared around this; did you mean \"item\"?"
    ),
    (
      "{\"nodeType\":\"timeWord\",\"word\":\"soon\"}",
      "word: expected \"now\", \"today\", \"yesterday\" or \"tomorrow\", found \"soon\""
    ),
    ("{\"nodeType\":\"up\",\"levels\":1}", "a \"up\" node belongs"),
    (
      "{\"nodeType\":\"parameterReference\",\"position\":0}",
      "position: expected a whole number from 1"
    ),
    ("{\"nodeType\":", "this is no JSON text"),
    (
      "{\"nodeType\":\"let\",\"varName\":\"a`b\"}",
      "varName: \"a`b\" is no name; a name has at least one character and no backtick"
    ),
  ])
  func `an error names the place and what was expected`(json: String, message: String) throws {
    let error = try #require(throws: PQLJSONError.self) { try Query.parse(jsonText: Text(json)) }

    #expect(error.description.contains(message), "\(error)")
  }

  @Test func `a tree nested without end is refused`() {
    var tree: Value = .object([("nodeType", .string("this"))])
    for _ in 0..<2_000 {
      tree = .object([
        ("nodeType", .string("fnApply")), ("fnName", .string("not")), ("params", .array([tree])),
      ])
    }

    #expect(throws: PQLJSONError.self) { try Query.parse(json: tree) }
  }

  @Test func `a path may be as long as its text`() throws {
    let path = Text(Array(repeating: "a", count: 5_000).joined(separator: "."))

    #expect(try Query.parse(json: Query.parse(path).json).text() == path)
  }
}
