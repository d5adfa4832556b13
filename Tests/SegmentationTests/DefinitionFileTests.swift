import Bytes
import Domain
import Platform
import Segmentation
import Testing

@Suite struct DefinitionFileTests {
  private static func definitions(
    _ text: String,
    name: String
  ) throws(DefinitionError) -> [SegmentDefinition] {
    try DefinitionDocument.definitions(
      from: try DefinitionFile.sources(bytes: Array(text.utf8), name: name),
      zones: DefinitionDocumentTests.zones
    )
  }

  @Test func `a file of PQL with a header is one definition`() throws {
    let text = """
      id: big
      name: Big spenders: the best

      description:  Spent 500 dollars.\u{20}
      set: cdnow
      timeZone: Europe/Oslo
      ---

      (sum E.amount over E from xEvent)
        >= 500

      """

    let definition = try #require(try Self.definitions(text, name: "a/other.pql").first)

    #expect(definition.id == Name("big"))
    #expect(definition.name == "Big spenders: the best")
    #expect(definition.document["description"] == .string("Spent 500 dollars."))
    #expect(definition.set == Name("cdnow"))
    #expect(definition.timeZone == "Europe/Oslo")
    #expect(definition.expression == "(sum E.amount over E from xEvent)\n  >= 500")
  }

  @Test(arguments: ["cdnow", "luma", "retail"])
  func `the sample definitions are read and named like their files`(sample: String) throws {
    let root = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
    let folder = "/\(root)/cluster/samples/\(sample)/segments"
    let disk = LinuxDisk()
    let names = try disk.list(folder).filter { $0.hasSuffix(".pql") }
    #expect(!names.isEmpty)
    for name in names {
      let bytes = try disk.read("\(folder)/\(name)")

      let definitions = try DefinitionDocument.definitions(
        from: try DefinitionFile.sources(bytes: bytes, name: name),
        zones: .utcOnly
      )

      #expect(definitions.map { "\($0.id).pql" } == [name])
      #expect(definitions.map(\.set) == [Name(sample)])
    }
  }

  @Test(arguments: [
    "age > 3", "age > 3\r\n", "\n\nage > 3\n", "---\nage > 3", "id:\n---\nage > 3",
    "\u{FEFF}age > 3\n",
  ])
  func `a file without a header is named after its file`(text: String) throws {
    let definition = try #require(try Self.definitions(text, name: "dir.d/Old one.pql").first)

    #expect(definition.id == Name("old-one"))
    #expect(definition.name == "old-one")
    #expect(definition.expression == "age > 3")
  }

  @Test func `a name that fits is kept as it is spelt`() throws {
    let definitions = try Self.definitions("name: N\r\n---\r\ntrue", name: "Old.One_2.pql")

    #expect(definitions.map(\.id) == [Name("Old.One_2")])
    #expect(definitions.map(\.name) == ["N"])
  }

  @Test func `a JSON file holds one object or an array`() throws {
    let one = #"{"name": "A", "expression": {"value": "true"}}"#
    let many =
      #"[{"name": "A", "expression": {"value": "true"}}, "#
      + #"{"name": "B", "expression": {"value": "inSegment(\"a\")"}}]"#

    #expect(try Self.definitions(one, name: "x.json").map(\.id) == [Name("a")])
    #expect(try Self.definitions(many, name: "x.json").map(\.references) == [[], ["a"]])
    #expect(try DefinitionFile.documents(bytes: Array("[]".utf8), name: "x.json").isEmpty)
  }

  @Test(arguments: [
    (
      "x.pql", "id: b\n---\n\nage >\n  ",
      "x.pql:4:6: definition 'b': expected a value, found the end"
    ),
    (
      "x.pql", "\r\nage > 3 +\r\n \"x\"",
      "x.pql:3:2: definition 'x': this is text, '+' needs a number"
    ),
    (
      "x.pql", "a and inSegment(b)",
      "x.pql:1:17: definition 'x': the segment of 'inSegment' must be written out; put its id in double quotes"
    ),
    (
      "x.pql", "id: b c\n---\ntrue",
      "x.pql: definition 'b c', 'id': 'b c' cannot be used; take 1 to 128 of the characters A-Z a-z 0-9 . _ -"
    ),
    (
      "日.pql", "true",
      "日.pql: definition '日', 'id': missing, and '日' has no letter or digit to make one of; give an 'id' of the characters A-Z a-z 0-9 . _ -"
    ),
    (
      "x.pql", "name: b\nage > 3\n---\ntrue",
      "x.pql:2:1: 'age > 3' is no line of the header; write 'name: …', and '---' before the PQL"
    ),
    (
      "x.pql", "name: b\ntimezone: UTC\n---\ntrue",
      "x.pql:2:1: the header knows no 'timezone'; did you mean 'timeZone'?"
    ),
    (
      "x.pql", "name: b\ncolour: red\n---\ntrue",
      "x.pql:2:1: the header knows no 'colour'; it has 'id', 'name', 'description', 'set', 'timeZone'"
    ),
    (
      "x.pql", "name: b\nname: c\n---\ntrue",
      "x.pql:2:1: 'name' stands twice in the header; keep one"
    ),
    (
      "x.pql", "name: b\n",
      "x.pql: the header does not end; put a line '---' between it and the PQL"
    ),
    (
      "x.pql", "name: b\n---\n \n",
      "x.pql: the file has no PQL; write the condition that members meet"
    ),
    ("x.pql", "", "x.pql: the file has no PQL; write the condition that members meet"),
    ("x.txt", "true", "x.txt: a file of definitions is named '.pql' or '.json'"),
    (
      "x.json", "true",
      "x.json: a boolean stands where an object or an array of objects is expected"
    ),
    ("x.json", "null", "x.json: null stands where an object or an array of objects is expected"),
    ("x.json", "[{\"name\":\n  oops}]", "x.json:2:3: 'o' at byte 12, a value expected"),
    (
      "x.json", #"[{"name": "A", "expression": {"value": "true"}}, 5]"#,
      "x.json: definition 2: a number stands where a definition's object is expected; write {\"name\": …, \"expression\": {\"value\": …}}"
    ),
    (
      "x.json", #"[{"name": "A", "expression": {"value": "true and"}}]"#,
      "x.json: definition 'A', 'expression.value' at 1:9: expected a value, found the end"
    ),
    (
      "x.json",
      #"[{"name": "A", "expression": {"value": "true"}}, {"name": "a", "expression": {"value": "true"}}]"#,
      "x.json: definition 2, 'id': the id 'a' is taken by definition 1 of x.json; give one of them another 'id'"
    ),
  ])
  func `what is wrong is named with its place in the file`(
    name: String,
    text: String,
    message: String
  ) {
    let error = #expect(throws: DefinitionError.self) {
      try Self.definitions(text, name: name)
    }

    #expect(error?.description == message)
  }

  @Test func `bytes that are no text are refused with their place`() {
    let error = #expect(throws: DefinitionError.self) {
      try DefinitionFile.documents(bytes: Array("a\nb".utf8) + [0xFF], name: "x.pql")
    }

    #expect(error?.description == "x.pql:2:2: the bytes here are not valid UTF-8")
  }

  @Test func `any bytes give definitions or an error`() {
    for seed in 0..<300 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      var bytes = Array("id: b\nname: c\n---\nxEvent.count() > 3 and \"é\" = a".utf8)
      for _ in 0...random.below(4) {
        bytes[random.below(bytes.count)] = UInt8(random.below(256))
      }
      for name in ["x.pql", "x.json"] {
        _ = try? DefinitionDocument.definitions(
          from: try DefinitionFile.sources(bytes: bytes, name: name),
          zones: .utcOnly
        )
      }
    }
  }
}
