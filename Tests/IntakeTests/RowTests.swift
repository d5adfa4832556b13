import Bytes
import Domain
import Intake
import Testing

@Suite struct RowTests {
  @Test func `profiles keep their nested fields and lose their nulls`() throws {
    let loaded = try load(
      """
      {"_id":"a","person":{"name":{"first":"Zoë"},"age":null},"tags":["x",null,"y"],"n":1.0}

      {"_id":"b","x":1,"x":2,"y":1,"y":null,"empty":{}}
      """
    )
    #expect(
      loaded.profiles == [
        #"a {"_id":"a","n":1.0,"person":{"name":{"first":"Zoë"}},"tags":["x","y"]}"#,
        #"b {"_id":"b","empty":{},"x":2}"#,
      ]
    )
    #expect(loaded.report.profileRows == 2)
    #expect(loaded.report.rejects.count == 0)
  }

  @Test func `inline events follow their profile`() throws {
    let loaded = try load(
      #"{"xEvent":[{"timestamp":"2026-01-01T00:00:00Z","k":1},null,{"k":2}],"_id":"a","n":3}"#
    )
    #expect(loaded.rows.map(\.kind) == [.attributes, .event, .event])
    #expect(loaded.profiles == [#"a {"_id":"a","n":3}"#])
    #expect(
      loaded.events == [#"a {"k":1,"timestamp":"2026-01-01T00:00:00Z"}"#, #"a {"k":2}"#]
    )
    #expect(loaded.report.eventRows == 2)
    #expect(loaded.report.schema.event.count == 2)
    #expect(loaded.report.schema.profile.fields["xEvent"] == nil)
  }

  @Test(arguments: [
    (#"{"_id":"a","profileID":"b"}"#, "a"), (#"{"profileID":17850}"#, "17850"),
    (#"{"_id":17850.0}"#, "17850"), (#"{"_id":1.5e300}"#, "1.5e+300"), (#"{"_id":-0}"#, "0"),
    (#"{"_id":null,"profileID":"b"}"#, "b"), (#"{"_id":["x","y"]}"#, "x"),
    (#"{"identityMap":{"Z":[{"id":"z"}],"ECID":[{"id":"e"},{"id":"f"}],"A":[],"B":[{}]}}"#, "e"),
    (#"{"identityMap":{"Email":[{"id":12}]},"x":{"_id":"no"}}"#, "12"),
  ])
  func `the standard key is found`(row: String, key: String) throws {
    #expect(try load(row).rows.map(\.key) == [Text(key)])
  }

  @Test func `a key has a path of its own, through arrays too`() throws {
    let options = try IntakeOptions { $0.profileKey = try KeyRule("ids.list.id") }
    let loaded = try load(
      #"{"_id":"x","ids":{"list":[null,{"id":"k1"},{"id":"k2"}]}}"#,
      options: options
    )
    #expect(loaded.rows.map(\.key) == ["k1"])
  }

  @Test func `rows are numbered over the files of their kind`() throws {
    let scratch = Scratch()
    let options = try IntakeOptions {
      $0.profileKey = try KeyRule("@row")
      $0.eventKey = try KeyRule("@row")
    }
    let loaded = try load(
      [
        .init(scratch.write("a.jsonl", "{\"n\":1}\n{bad\n{\"n\":2}\n"), .attributes),
        .init(scratch.write("e.jsonl", "{\"e\":1}\n"), .event),
        .init(scratch.write("b.csv", "n\n3\n"), .attributes),
      ],
      options
    )
    #expect(loaded.profiles == [#"1 {"n":1}"#, #"3 {"n":2}"#, #"4 {"n":3}"#])
    #expect(loaded.events == [#"1 {"e":1}"#])
  }

  @Test func `the event time becomes the timestamp and is spelled strictly`() throws {
    let options = try IntakeOptions {
      $0.eventKey = try KeyRule("user")
      $0.eventTime = FieldPath("when.at")
    }
    let loaded = try load(
      """
      {"user":"a","when":{"at":"2026-01-02 03:04:05","zone":1},"timestamp":"old"}
      {"user":"b","when":{"at":1700000000000}}
      {"user":"c","timestamp":"2026-01-01"}
      {"user":"d","when":{"at":"yesterday"}}
      """,
      .event,
      options
    )
    #expect(
      loaded.events == [
        #"a {"timestamp":"2026-01-02T03:04:05","user":"a","when":{"zone":1}}"#,
        #"b {"timestamp":1700000000000,"user":"b","when":{}}"#,
        #"c {"timestamp":"2026-01-01","user":"c"}"#,
      ]
    )
    #expect(
      loaded.report.rejects.listed.map(\.description).map { $0.split(separator: "/").last } == [
        "rows.jsonl:4: when.at: a time expected, such as 2026-03-15T12:00:00Z or epoch milliseconds ('yesterday')"
      ]
    )
  }

  @Test func `the event time of inline events is moved too`() throws {
    let options = IntakeOptions { $0.eventTime = FieldPath("t") }
    let loaded = try load(#"{"_id":"a","xEvent":[{"t":"2026-01-01","x":1}]}"#, options: options)
    #expect(loaded.events == [#"a {"timestamp":"2026-01-01","x":1}"#])
  }

  @Test func `rows go to the shard of their key, in order, whatever the sizes`() throws {
    var text = ""
    for number in 0..<2_000 { text += "{\"_id\":\"user-\(number % 300)\",\"n\":\(number)}\n" }
    let scratch = Scratch()
    let file = scratch.write("rows.jsonl", text)
    var expected: [UInt32: [Int64]] = [:]
    for number in 0..<2_000 {
      let key = ProfileKey(Text("user-\(number % 300)"))
      expected[key.shard(of: 7).number, default: []].append(Int64(number))
    }
    for (batch, chunk) in [(256 << 10, 4 << 20), (100, 4 << 20), (256 << 10, 2_000), (1, 1)] {
      let options = IntakeOptions {
        $0.limits.batchByteCount = batch
        $0.limits.chunkByteCount = chunk
        $0.limits.shardChunkByteCount = 0
      }
      let loaded = try load([.init(file, .attributes)], options, shardCount: 7)
      var found: [UInt32: [Int64]] = [:]
      for row in loaded.rows { found[row.shard, default: []].append(row.value["n"]?.integer ?? -1) }
      #expect(found == expected)
    }
  }

  @Test func `names that never end do not stay in memory and change nothing`() throws {
    var text = ""
    for number in 0..<600 {
      text += "{\"_id\":\"p\(number % 5)\",\"m\":{\"key-\(number)\":{\"v\":\(number)}},\"n\":1}\n"
    }
    let scratch = Scratch()
    let file = scratch.write("rows.jsonl", text)
    var results: [[Loaded.Row]] = []
    var schemas: [Schema] = []
    for limit in [16 << 20, 500] {
      let options = IntakeOptions {
        $0.limits.nameByteCountMax = limit
        $0.limits.mapFieldCountMin = 10
      }
      let loaded = try load([.init(file, .attributes)], options, shardCount: 2)
      results.append(loaded.rows)
      schemas.append(loaded.report.schema)
    }
    #expect(results[0].count == 600)
    for shard in 0..<2 as Range<UInt32> {
      #expect(
        results[0].filter { $0.shard == shard } == results[1].filter { $0.shard == shard }
      )
    }
    #expect(schemas[0] == schemas[1])
    let map = try #require(schemas[0].profile.fields["m"])
    #expect(map.isMap && map.fields.isEmpty && map.element.first?.count == 600)
  }

  @Test func `random documents give the rows that values give`() throws {
    var random = SeededRandom(seed: 99)
    var lines: [String] = []
    var expected: [String] = []
    for number in 0..<1_500 {
      var row = "{\"_id\":\"k\(number)\""
      for _ in 0..<random.below(6) { row += "," + Documents.member(&random, depth: 0) }
      row += "}"
      lines.append(row)
      let value = try Value.parse(json: Text(row))
      let id = try #require(value?["_id"])
      // A random member may have named the key again.
      if let key = id.text, !key.utf8.isEmpty {
        expected.append("\(key) \(String(decoding: value?.json() ?? [], as: UTF8.self))")
      }
    }
    let loaded = try load(lines.joined(separator: "\n"))
    #expect(loaded.profiles == expected, "seed 99")
  }
}

/// Random JSON with nulls, repeated names and escapes.
enum Documents {
  static func member(_ random: inout SeededRandom, depth: Int) -> String {
    let names = ["a", "b", "c", "d", "\\u0061", "é", "", "long field name"]
    return "\"\(names[random.below(names.count)])\":" + value(&random, depth: depth + 1)
  }

  static func value(_ random: inout SeededRandom, depth: Int) -> String {
    switch random.below(depth > 4 ? 6 : 8) {
    case 0: return "null"
    case 1: return random.oneIn(2) ? "true" : "false"
    case 2: return "\(Int64(bitPattern: random.next()) >> Int64(random.below(64)))"
    case 3: return "\(random.unit() * 1_000)"
    case 4: return ["\"\"", "\"x\"", "\"\\u00e9\\n\"", "\"2026-01-01\"", "\"東京\""][random.below(5)]
    case 5: return "\"\(random.next())\""
    case 6:
      return "["
        + (0..<random.below(4)).map { _ in value(&random, depth: depth + 1) }
        .joined(separator: ",") + "]"
    default:
      return "{"
        + (0..<random.below(5)).map { _ in member(&random, depth: depth) }
        .joined(separator: ",") + "}"
    }
  }
}

/// `load` with the options last.
func load(_ text: String, options: IntakeOptions) throws -> Loaded {
  try load(text, as: "rows.jsonl", .attributes, options)
}

func load(_ text: String, _ kind: RowKind, _ options: IntakeOptions) throws -> Loaded {
  try load(text, as: "rows.jsonl", kind, options)
}
