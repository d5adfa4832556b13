import Bytes
import Domain
import Intake
import Testing

@Suite struct SchemaTests {
  @Test func `the schema says types, counts and samples`() throws {
    let report = try load(
      """
      {"_id":"a","n":1,"m":1,"at":"2026-01-01T00:00:00Z","day":"2026-01-01","s":"x","b":true,"v":1}
      {"_id":"b","n":2,"m":1.5,"at":"2026-01-01","day":"2026-01-02","s":"2026-01-01","v":"t"}
      {"_id":"c","list":[{"q":1},{"q":2,"r":"z"}],"o":{"p":1}}
      """
    ).report
    let fields = report.schema.profile.fields
    #expect(fields["n"]?.typeName == "integer")
    #expect(fields["m"]?.typeName == "double")
    #expect(fields["at"]?.typeName == "instant")
    #expect(fields["day"]?.typeName == "date")
    #expect(fields["s"]?.typeName == "string")
    #expect(fields["b"]?.typeName == "boolean")
    #expect(fields["v"]?.typeName == "variant")
    #expect(report.warnings == ["'v' has values of several kinds: integer, string"])
    let table = SchemaTable(report.schema.profile)
    let lines = table.rows.map { row in
      "\(row.depth) \(row.path) \(row.typeName) \(row.count) \(Int(row.fillRate * 100)) \(row.samples.map(\.string).joined(separator: "|"))"
    }
    #expect(
      lines.filter { !$0.contains("_id") && !$0.contains(" m ") } == [
        "0 at instant 2 66 2026-01-01T00:00:00Z|2026-01-01", "0 b boolean 1 33 true",
        "0 day date 2 66 2026-01-01|2026-01-02", "0 list array 1 33 ",
        "1 list[] object 2 100 ", "2 list[].q integer 2 100 1|2", "2 list[].r string 1 50 z",
        "0 n integer 2 66 1|2", "0 o object 1 33 ", "1 o.p integer 1 100 1",
        "0 s string 2 66 x|2026-01-01", "0 v variant 2 66 1|t",
      ]
    )
  }

  @Test func `identities, memberships and objects of many names are maps`() throws {
    var wide: [String] = []
    for number in 0..<30 { wide.append("\"k\(number)\":{\"n\":\(number)}") }
    let options = IntakeOptions { $0.limits.mapFieldCountMin = 20 }
    let report = try load(
      """
      {"identityMap":{"ECID":[{"id":"a"}]},"segmentMembership":{"ups":{"s1":{"status":"realized"}}},"w":{\(wide.joined(separator: ","))},"o":{"x":1}}
      """,
      options: options
    ).report
    let fields = report.schema.profile.fields
    #expect(fields["identityMap"]?.typeName == "map")
    #expect(fields["identityMap"]?.element.first?.typeName == "array")
    #expect(fields["segmentMembership"]?.typeName == "map")
    #expect(fields["segmentMembership"]?.element.first?.typeName == "map")
    #expect(fields["w"]?.typeName == "map")
    #expect(fields["w"]?.element.first?.fields["n"]?.count == 30)
    #expect(fields["o"]?.typeName == "object")
  }

  @Test func `blanks among numbers are missing, and among anything else texts`() throws {
    let loaded = try load(
      "_id,total,count,flag,note,empty\na,29.5,1, ,x, \nb, ,  ,true, ,\nc,7,3,false,y,  \n",
      as: "rows.csv"
    )

    let fields = loaded.report.schema.profile.fields
    #expect(fields["total"]?.typeName == "double")
    #expect(fields["total"]?.count == 2)
    #expect(fields["total"]?.samples == ["29.5", "7"])
    #expect(fields["count"]?.typeName == "integer")
    #expect(fields["flag"]?.typeName == "string")
    #expect(fields["note"]?.typeName == "string")
    #expect(fields["note"]?.count == 3)
    #expect(fields["empty"]?.typeName == "string")
    let second = loaded.rows.first { $0.key == "b" }?.value
    #expect(second?["total"] == nil)
    #expect(second?["count"] == nil)
    #expect(second?["note"] == .string(" "))
  }

  @Test func `a schema without end is refused`() throws {
    let options = IntakeOptions { $0.limits.fieldCountMax = 50 }
    var row = "{\"_id\":\"a\""
    for number in 0..<60 { row += ",\"f\(number)\":1" }
    #expect(throws: IntakeError.tooManyFields(limit: 50)) {
      _ = try load(row + "}", options: options)
    }
  }

  @Test func `a column has the type that every cell has`() throws {
    let loaded = try load(
      """
      _id,i,d,zip,b,at,day,t,none,person.name.first,person.age
      1,1,1,00001,TRUE,2026-01-01T00:00,2026-01-01,1,,Zoë,7
      2,-5,2.5,12345,false,2026-01-02,2026-01-02,x,,,
      """,
      as: "x.csv"
    )
    #expect(
      loaded.profiles == [
        #"1 {"_id":1,"at":"2026-01-01T00:00","b":true,"d":1.0,"day":"2026-01-01","i":1,"person":{"age":7,"name":{"first":"Zoë"}},"t":"1","zip":"00001"}"#,
        #"2 {"_id":2,"at":"2026-01-02","b":false,"d":2.5,"day":"2026-01-02","i":-5,"t":"x","zip":"12345"}"#,
      ]
    )
    let fields = loaded.report.schema.profile.fields
    let types = ["_id", "i", "d", "zip", "b", "at", "day", "t"].map { fields[Text($0)]?.typeName }
    #expect(
      types == ["integer", "integer", "double", "string", "boolean", "instant", "date", "string"]
    )
    #expect(fields["person"]?.fields["age"]?.typeName == "integer")
    #expect(fields["none"] == nil)
    #expect(fields["person"]?.count == 1)
  }

  @Test func `a column is decided over all files`() throws {
    let scratch = Scratch()
    let loaded = try load([
      .init(scratch.write("a.csv", "_id,x\n1,1\n"), .attributes),
      .init(scratch.write("b.csv", "x,_id\nA7,2\n"), .attributes),
      .init(scratch.write("c.csv", "x,_id\n5,3\n"), .event),
    ])
    #expect(loaded.profiles == [#"1 {"_id":1,"x":"1"}"#, #"2 {"_id":2,"x":"A7"}"#])
    #expect(loaded.events == [#"3 {"_id":3,"x":5}"#])
  }

  @Test func `numeric keys are short and others stay as they are`() throws {
    #expect(try load("_id\n17850.0\n12\n", as: "x.csv").rows.map(\.key) == ["17850", "12"])
    #expect(try load("_id\n00012\n12.0\n", as: "x.csv").rows.map(\.key) == ["00012", "12.0"])
    #expect(try load("_id\ntrue\nfalse\n", as: "x.csv").rows.map(\.key) == ["true", "false"])
  }

  @Test func `declared types decide, and what they refuse is rejected`() throws {
    let json = """
      {"zip":"string","n":"integer","score":"double","ok":"boolean","born":"date","at":"instant",
       "orders[].price":"double","a.b":"integer","m":"map","xEvent.when":"instant"}
      """
    let options = try IntakeOptions {
      $0.declared = try DeclaredTypes(json: Array(json.utf8), file: "schema.json")
    }
    let good = """
      {"_id":"1","zip":"1","n":1,"score":1,"ok":true,"born":"2026-01-01","at":"2026-01-01 10:00:00z","orders":[{"price":2}],"a":{"b":1},"m":{"x":1},"xEvent":[{"when":"2026-01-01t00:00:00Z"}]}
      """
    let bad = [
      ("{\"_id\":\"2\",\"zip\":1}", "zip"), ("{\"_id\":\"2\",\"n\":1.5}", "n"),
      ("{\"_id\":\"2\",\"score\":\"1\"}", "score"), ("{\"_id\":\"2\",\"ok\":0}", "ok"),
      ("{\"_id\":\"2\",\"born\":\"2026-01-01T00:00\"}", "born"),
      ("{\"_id\":\"2\",\"at\":\"soon\"}", "at"),
      ("{\"_id\":\"2\",\"orders\":{\"price\":2}}", "orders"),
      ("{\"_id\":\"2\",\"orders\":[{\"price\":2},{\"price\":\"x\"}]}", "orders[].price"),
      ("{\"_id\":\"2\",\"a\":1}", "a"), ("{\"_id\":\"2\",\"a\":{\"b\":[]}}", "a.b"),
      ("{\"_id\":\"2\",\"m\":[]}", "m"),
      ("{\"_id\":\"2\",\"xEvent\":[{\"when\":true}]}", "xEvent[].when"),
    ]
    let loaded = try load(([good] + bad.map(\.0)).joined(separator: "\n"), options: options)
    #expect(loaded.rows.map(\.key) == ["1", "1"])
    #expect(loaded.rows[0].value["at"] == .string("2026-01-01T10:00:00Z"))
    #expect(loaded.rows[1].value["when"] == .string("2026-01-01T00:00:00Z"))
    #expect(loaded.report.rejects.counts == [.wrongKind: UInt64(bad.count)])
    #expect(loaded.report.rejects.listed.map(\.field.string) == bad.map(\.1))
    let schema = loaded.report.schema
    #expect(schema.profile.fields["score"]?.typeName == "double")
    #expect(schema.profile.fields["at"]?.typeName == "instant")
    #expect(schema.profile.fields["m"]?.typeName == "map")
    #expect(schema.event.fields["when"]?.typeName == "instant")
    #expect(loaded.report.warnings.isEmpty)
  }

  @Test func `declared columns get their types`() throws {
    let options = try IntakeOptions {
      try $0.declared.add(list: "zip=string,n=double,at=instant,_id=string")
    }
    let loaded = try load(
      "_id,zip,n,at\n007,1,1,2026-01-01 10:00\n8,2,x,2026-01-01\n9,3,2,1700000000000\n",
      as: "x.csv",
      .attributes,
      options
    )
    #expect(
      loaded.profiles == [
        #"007 {"_id":"007","at":"2026-01-01T10:00","n":1.0,"zip":"1"}"#,
        #"9 {"_id":"9","at":1700000000000,"n":2.0,"zip":"3"}"#,
      ]
    )
    #expect(loaded.report.rejects.counts == [.wrongKind: 1])
  }

  @Test func `declarations that make no sense are refused`() {
    func declare(_ json: String) throws(IntakeError) {
      _ = try DeclaredTypes(json: Array(json.utf8), file: "s.json")
    }
    #expect(throws: IntakeError.unknownType(path: "a", name: "float")) {
      try declare(#"{"a":"float"}"#)
    }
    #expect(throws: IntakeError.unknownType(path: "a", name: "1")) { try declare(#"{"a":1}"#) }
    #expect(throws: IntakeError.conflictingTypes(path: "a.b")) {
      try declare(#"{"a":"string","a.b":"string"}"#)
    }
    #expect(throws: IntakeError.badPath(text: "a..b")) { try declare(#"{"a..b":"string"}"#) }
    #expect(throws: IntakeError.badPath(text: "xEvent")) { try declare(#"{"xEvent":"string"}"#) }
    #expect(throws: IntakeError.self) { try declare("[]") }
    #expect(throws: IntakeError.self) { try declare("{") }
    #expect(throws: IntakeError.badTypeList(text: "a")) {
      var types = DeclaredTypes()
      try types.add(list: "a")
    }
    #expect(
      IntakeError.unknownType(path: "a", name: "float").description
        == "unknown type 'float' of 'a'; the types are boolean, integer, double, string, instant, date, map"
    )
  }

  @Test(arguments: [
    ("_id,a,a\n", "the column 'a' comes twice, or lies within another"),
    ("_id,a.b,a\n", "the column 'a' comes twice, or lies within another"),
    ("_id,,a\n", "column 2 is named ''"), ("_id,a..b\n", "column 2 is named 'a..b'"),
    ("_id,\"a\n", "the quote opened in the record of line 1 never closes"),
  ])
  func `a header that cannot be used says why`(text: String, reason: String) throws {
    let scratch = Scratch()
    let file = scratch.write("x.csv", text)
    #expect(throws: IntakeError.badHeader(file: file, reason: reason)) {
      _ = try load([.init(file, .attributes)])
    }
  }
}
