import Bytes
import Domain
import PQL
import Segmentation
import Testing

@Suite struct DefinitionDocumentTests {
  /// Knows Europe/Oslo, an hour ahead of UTC all year.
  static let zones = ZoneSource { name in
    guard name == "Europe/Oslo" else { return nil }
    let header = Array("TZif".utf8) + Array(repeating: 0, count: 16)
    let counts: [UInt8] = [0, 0, 0, 0] + [0, 0, 0, 0] + [0, 0, 0, 0] + [0, 0, 0, 0]
    let types: [UInt8] = [0, 0, 0, 1, 0, 0, 0, 4]
    return header + counts + types + [0, 0, 0x0E, 0x10, 0, 0] + Array("CET\0".utf8)
  }

  private static func value(_ json: String) throws -> Value {
    try #require(try Value.parse(json: Text(json)))
  }

  @Test func `a definition in Adobe's shape is read, its unknown members kept`() throws {
    let document = try Self.value(
      """
      {"id": "7d3c0f3e-7a8e-4a35-8f60-3d0b7b1d8e11", "name": "Canadian cart abandoners",
       "description": "", "profileInstanceId": "ups", "schema": {"name": "_xdm.context.profile"},
       "expression": {"type": "PQL", "format": "pql/text",
         "value": "inSegment(\\"b\\") and not inSegment(\\"a\\") and inSegment(\\"b\\")"},
       "mergePolicyId": "mp-default", "ttlInDays": 30, "set": "shop", "timeZone": "Europe/Oslo",
       "evaluationInfo": {"batch": {"enabled": true}}}
      """
    )

    let definition = try DefinitionDocument.definition(
      from: document,
      version: 3,
      zones: Self.zones
    )

    #expect(definition.id == Name("7d3c0f3e-7a8e-4a35-8f60-3d0b7b1d8e11"))
    #expect(definition.name == "Canadian cart abandoners")
    #expect(
      definition.expression == "inSegment(\"b\") and not inSegment(\"a\") and inSegment(\"b\")"
    )
    #expect(definition.timeZone == "Europe/Oslo")
    #expect(definition.set == Name("shop"))
    #expect(definition.version == 3)
    #expect(definition.references == ["a", "b"])
    #expect(definition.document == document)
    #expect(DefinitionDocument.document(of: definition) == document)
  }

  @Test func `the least object gets an id and its defaults`() throws {
    let document = try Self.value(
      #"{"name": "Big spenders, 2026!", "expression": {"value": "age > 3"}}"#
    )

    let definition = try DefinitionDocument.definition(from: document, zones: Self.zones)

    #expect(definition.id == Name("big-spenders-2026"))
    #expect(definition.timeZone == nil)
    #expect(definition.set == nil)
    #expect(definition.references.isEmpty)
    #expect(
      String(decoding: definition.document.json(), as: UTF8.self)
        == #"{"expression":{"format":"pql/text","type":"PQL","value":"age > 3"},"#
        + #""id":"big-spenders-2026","name":"Big spenders, 2026!"}"#
    )
    #expect(
      try DefinitionDocument.definition(from: definition.document, zones: Self.zones) == definition
    )
  }

  @Test(arguments: [true, false])
  func `a syntax tree is a rule, as an object and as the text of one`(isText: Bool) throws {
    let text: Text = "age > 3 and inSegment(\"a\")"
    let tree = try Query.parse(text).json
    let value = isText ? Value.string(try #require(Text(utf8: tree.json()))) : tree
    let expression: [(Text, Value)] = [
      ("type", .string("PQL")), ("format", .string("pql/json")), ("value", value),
    ]
    let members: [(Text, Value)] = [
      ("id", .string("x")), ("name", .string("x")), ("expression", .object(expression)),
    ]
    let document = Value.object(members)

    let definition = try DefinitionDocument.definition(from: document, zones: .utcOnly)

    #expect(definition.expression == text)
    #expect(definition.references == ["a"])
    #expect(definition.document == document)
  }

  @Test func `a definition moved to another set says so in its object`() throws {
    var definition = try DefinitionDocument.definition(
      from: try Self.value(#"{"name": "a", "expression": {"value": "true"}}"#),
      zones: .utcOnly
    )
    definition.set = Name("shop")

    let document = DefinitionDocument.document(of: definition)

    #expect(document["set"] == .string("shop"))
  }

  @Test(arguments: [
    (
      "[]",
      "definition 1: an array stands where a definition's object is expected; write {\"name\": …, \"expression\": {\"value\": …}}"
    ),
    ("{}", "definition 1, 'name': missing; give the segment a name"),
    (#"{"name": 5}"#, "definition 1, 'name': a number stands where text is expected"),
    (#"{"name": ""}"#, "definition 1, 'name': the text is empty; give the segment a name"),
    (
      #"{"name": "A b", "description": false}"#,
      "definition 'A b', 'description': a boolean stands where text is expected"
    ),
    (
      #"{"name": "A b", "id": "a b"}"#,
      "definition 'A b', 'id': 'a b' cannot be used; take 1 to 128 of the characters A-Z a-z 0-9 . _ -"
    ),
    (
      #"{"name": "日本"}"#,
      "definition '日本', 'id': missing, and '日本' has no letter or digit to make one of; give an 'id' of the characters A-Z a-z 0-9 . _ -"
    ),
    (
      #"{"name": "A b", "id": "ab"}"#,
      "definition 'ab', 'expression': missing; give {\"type\": \"PQL\", \"value\": \"…\"}"
    ),
    (
      #"{"name": "A b", "expression": "age > 3"}"#,
      "definition 'A b', 'expression': text stands where an object is expected"
    ),
    (
      #"{"name": "A b", "expression": {"type": "PQL"}}"#,
      "definition 'A b', 'expression.value': missing; give the rule in PQL"
    ),
    (
      #"{"name": "A b", "expression": {"type": "SQL", "value": "a"}}"#,
      "definition 'A b', 'expression.type': 'SQL' is no language known here; write \"PQL\""
    ),
    (
      #"{"name": "A b", "expression": {"format": "pql/xml", "value": "a"}}"#,
      "definition 'A b', 'expression.format': 'pql/xml' is no format known here; write \"pql/text\" or \"pql/json\""
    ),
    (
      #"{"name": "A b", "expression": {"format": {}, "value": "a"}}"#,
      "definition 'A b', 'expression.format': an object stands where text is expected"
    ),
    (
      #"{"name": "A b", "expression": {"value": 1.5}}"#,
      "definition 'A b', 'expression.value': a number stands where PQL as text is expected"
    ),
    (
      #"{"name": "A b", "set": "x y", "expression": {"value": "a"}}"#,
      "definition 'A b', 'set': 'x y' cannot be used; take 1 to 128 of the characters A-Z a-z 0-9 . _ -"
    ),
    (
      #"{"name": "A b", "timeZone": "europe/oslo", "expression": {"value": "a"}}"#,
      "definition 'A b', 'timeZone': this machine knows no time zone 'europe/oslo'; write a name of the IANA database such as \"Europe/Oslo\", or install tzdata"
    ),
    (
      #"{"name": "A b", "expression": {"value": "a =\n  \"x\" +"}}"#,
      "definition 'A b', 'expression.value' at 2:8: expected a value, found the end"
    ),
    (
      #"{"name": "A b", "expression": {"value": "a.strtsWith(\"x\")"}}"#,
      "definition 'A b', 'expression.value' at 1:3: no function is called 'strtsWith'; did you mean 'startsWith'?"
    ),
    (
      #"{"name": "A b", "expression": {"value": "a and\ninSegment(b) or inSegment(null)"}}"#,
      "definition 'A b', 'expression.value' at 2:11: the segment of 'inSegment' must be written out; put its id in double quotes"
    ),
    (
      #"{"name": "A b", "expression": {"format": "pql/json", "value": "{"}}"#,
      "definition 'A b', 'expression.value': this is no JSON text: the JSON text ends at byte 1, a name in quotes or '}' expected"
    ),
    (
      #"{"name": "A b", "expression": {"format": "pql/json", "value": {"nodeType": "fnAply"}}}"#,
      "definition 'A b', 'expression.value': the root: no node type is called \"fnAply\"; did you mean \"fnApply\"?"
    ),
    (
      #"{"name": "A b", "expression": {"format": "pql/json", "value": {"nodeType": "fnApply", "fnName": "inSegment", "params": [{"nodeType": "literal", "literalType": "Null", "value": null}]}}}"#,
      "definition 'A b', 'expression.value': as text, 1:11: the segment of 'inSegment' must be written out; put its id in double quotes"
    ),
  ])
  func `what is wrong is named with its place and its remedy`(
    json: String,
    message: String
  ) throws {
    let document = try Self.value(json)

    let error = #expect(throws: DefinitionError.self) {
      try DefinitionDocument.definitions(from: [document], zones: Self.zones)
    }

    #expect(error?.description == message)
  }

  @Test func `two definitions of one id are refused`() throws {
    let documents = try [
      #"{"name": "A", "expression": {"value": "true"}}"#,
      #"{"name": "x", "id": "b", "expression": {"value": "true"}}"#,
      #"{"name": "a", "expression": {"value": "false"}}"#,
    ].map(Self.value)

    let error = #expect(throws: DefinitionError.self) {
      try DefinitionDocument.definitions(from: documents, zones: .utcOnly)
    }

    #expect(
      error?.description
        == "definition 3, 'id': the id 'a' is taken by definition 1; give one of them another 'id'"
    )
  }

  @Test func `texts longer than their limits are refused`() throws {
    let name = String(repeating: "n", count: 513)
    let document = Value.object([("name", .string(name))])

    let error = #expect(throws: DefinitionError.self) {
      try DefinitionDocument.definition(from: document, zones: .utcOnly)
    }

    #expect(error?.reason == .textTooLong(byteCount: 513, limit: 512))
  }

  @Test(arguments: [
    ("Big spenders", "big-spenders"), ("  A--b  ", "a-b"), ("Überkäufer 7", "berk-ufer-7"),
    ("日本", nil), (String(repeating: "x", count: 200), String(repeating: "x", count: 128)),
  ])
  func `a name becomes an id`(name: String, id: String?) {
    #expect(DefinitionDocument.slug(of: Text(name))?.description == id)
  }

  @Test(arguments: ["", "/etc/passwd", "../zone", "Europe//Oslo", "Europe/", "a b", "Oslo.tab"])
  func `a zone's name never leads out of the zone folder`(name: String) {
    let zones = ZoneSource { name in
      Issue.record("asked for \(name)")
      return nil
    }

    #expect(zones.zone(named: Text(name)) == nil)
  }

  @Test func `UTC is known everywhere`() {
    #expect(ZoneSource.utcOnly.zone(named: "UTC") == .utc)
  }
}
