import Bytes
import Domain
import Intake
import Testing

@Suite struct RejectTests {
  @Test(arguments: [
    ("{\"_id\":\"a\"", RejectReason.malformedJSON), ("not json", .malformedJSON),
    ("[1]", .notAnObject),
    ("\"text\"", .notAnObject), ("null", .notAnObject), ("12", .notAnObject), ("{}", .missingKey),
    (#"{"_id":""}"#, .emptyKey), (#"{"_id":true}"#, .unusableKey), (#"{"_id":{}}"#, .unusableKey),
    (#"{"_id":[]}"#, .unusableKey), (#"{"_id":"a","xEvent":{}}"#, .wrongKind),
    (#"{"_id":"a","xEvent":[1]}"#, .wrongKind), (#"{"_id":"a","\ud800":1}"#, .malformedJSON),
    (
      "{\"_id\":\"a\",\"x\":" + String(repeating: "[", count: 64)
        + String(repeating: "]", count: 64) + "}", .tooDeep
    ),
    (#"{"_id":"a"}{"_id":"b"}"#, .malformedJSON),
    (#"{"_id":"\#(String(repeating: "k", count: 5_000))"}"#, .unusableKey),
    (#"{"identityMap":{"ECID":[{"id":""}]}}"#, .emptyKey), (#"{"identityMap":[]}"#, .missingKey),
    (#"{"_id":"a","x":1e999}"#, .malformedJSON),
  ])
  func `a bad line costs itself alone`(line: String, reason: RejectReason) throws {
    let loaded = try load("{\"_id\":\"first\"}\n\(line)\n{\"_id\":\"last\"}")
    #expect(loaded.rows.map(\.key) == ["first", "last"])
    #expect(loaded.report.rejects.counts == [reason: 1])
    let reject = try #require(loaded.report.rejects.listed.first)
    #expect(reject.line == 2)
    #expect(reject.value.byteCount <= Reject.valueByteCountMax + 3)
    #expect(!reject.detail.isEmpty)
  }

  @Test(arguments: [
    ("id;name\n1;x\n", "id", "its only column is 'id;name': does ';' separate the cells?"),
    ("id\tname\n", "id", "its only column is 'id\\tname': does 'tab' separate the cells?"),
    ("id,name\n1,x\n", "key", "its columns are id, name"),
  ])
  func `a header without the key's column is told at once`(
    text: String,
    key: String,
    advice: String
  ) throws {
    let options = try IntakeOptions { $0.profileKey = try KeyRule(Text(key)) }
    let error = #expect(throws: IntakeError.self) {
      try load(text, as: "rows.csv", .attributes, options)
    }
    #expect(
      error?.description.hasSuffix(
        "it has no column '\(key)' with the profile's key; \(advice)"
      ) == true,
      "\(String(describing: error))"
    )
    #expect(throws: IntakeError.self) { try load("name\nx\n", as: "rows.csv") }
    #expect(throws: IntakeError.self) { try load(text, as: "rows.csv", .event) }
  }

  @Test func `bytes that are not UTF-8 are named so`() throws {
    let scratch = Scratch()
    let file = scratch.write(
      "rows.jsonl",
      Array("{\"_id\":\"".utf8) + [0xFF] + Array("\"}\n{\"_id\":\"a\"}\n".utf8)
    )
    let loaded = try load([.init(file, .attributes)])
    #expect(loaded.report.rejects.counts == [.invalidUTF8: 1])
    #expect(loaded.rows.count == 1)
  }

  @Test func `a line over the limit is dropped as it comes`() throws {
    let options = IntakeOptions { $0.limits.lineByteCountMax = 100 }
    let long = String(repeating: "x", count: 700_000)
    let loaded = try load(
      "{\"_id\":\"a\"}\n{\"_id\":\"\(long)\"}\n{\"_id\":\"b\"}\n{\"_id\":\"\(long)",
      options: options
    )
    #expect(loaded.rows.map(\.key) == ["a", "b"])
    #expect(loaded.report.rejects.counts == [.tooLong: 2])
    #expect(loaded.report.rejects.listed.map(\.line) == [2, 4])
    let record = try load("_id,x\na,\(long)\nb,1\n", as: "rows.csv", .attributes, options)
    #expect(record.rows.map(\.key) == ["b"])
    #expect(record.report.rejects.counts == [.tooLong: 1])
  }

  @Test func `a row of too many values is refused`() throws {
    let many = String(repeating: "0,", count: 1 << 20) + "0"
    let loaded = try load("{\"_id\":\"a\",\"x\":[\(many)]}\n{\"_id\":\"b\"}")
    #expect(loaded.rows.map(\.key) == ["b"])
    #expect(loaded.report.rejects.counts == [.tooManyFields: 1])
  }

  @Test(arguments: [
    ("a,\"b\"c", RejectReason.malformedCSV), ("a,b\"c", .malformedCSV), ("a", .wrongCellCount),
    ("a,b,c", .wrongCellCount), (",b", .missingKey), ("\"\",b", .missingKey),
  ])
  func `a bad record costs itself alone`(record: String, reason: RejectReason) throws {
    let loaded = try load("_id,x\nfirst,1\n\(record)\nlast,2\n", as: "rows.csv")
    #expect(loaded.rows.map(\.key) == ["first", "last"])
    #expect(loaded.report.rejects.counts == [reason: 1])
    #expect(loaded.report.rejects.listed.map(\.line) == [3])
  }

  @Test func `an unclosed quote is reported where its record starts`() throws {
    let loaded = try load("_id,x\na,1\nb,\"2\nc,3\n", as: "rows.csv")
    #expect(loaded.rows.map(\.key) == ["a"])
    #expect(loaded.report.rejects.listed.map(\.line) == [3])
  }

  @Test func `all rejects are counted, the first hundred listed`() throws {
    let loaded = try load(String(repeating: "x\n", count: 250))
    #expect(loaded.report.rejects.count == 250)
    #expect(loaded.report.rejects.listed.count == 100)
  }

  @Test func `values are shown on one line and short`() {
    let text = Printable.text(Array("a\nb\u{1B}[31m\u{202E}é\u{7F}".utf8), byteCountMax: 80)
    #expect(text == "a\\nb\\u{1b}[31m\\u{202e}é\\u{7f}")
    #expect(Printable.text(Array(repeating: 0x61, count: 200), byteCountMax: 10) == "aaaaaaaaaa…")
    #expect(Printable.text(Array("ééééé".utf8), byteCountMax: 5) == "éé…")
  }

  @Test func `garbage gives rejects, never a crash`() throws {
    var random = SeededRandom(seed: 17)
    let bytes = (0..<300_000).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    let scratch = Scratch()
    let lines = try load([.init(scratch.write("rows.jsonl", bytes), .attributes)])
    #expect(lines.rows.isEmpty)
    #expect(lines.report.rejects.count > 100)
    let options = IntakeOptions { $0.format = .csv }
    let records = try load(
      [.init(scratch.write("rows.bin", Array("_id,x\n".utf8) + bytes), .attributes)],
      options
    )
    #expect(records.report.rejects.count > 100)
  }

  @Test(arguments: [
    (
      "rows.jsonl",
      #"{"_id":"a","n":[1,2.5,{"x":"\u00e9"}],"t":"2026-01-01T00:00:00Z","b":true,"z":null}"# + "\n"
        + #"{"_id":"b","xEvent":[{"timestamp":"2026-01-02","v":1}]}"# + "\n"
    ),
    ("rows.csv", "_id,a.b,a.c,t\r\nk1,\"x, \"\"y\"\"\",1.5,2026-01-01\r\nk2,,é,\r\n"),
  ])
  func `a damaged file gives rows and rejects, or an error, the same in both passes`(
    name: String,
    text: String
  ) {
    let bytes = Array(text.utf8)
    let scratch = Scratch()
    func read(_ damaged: [UInt8]) {
      let path = scratch.write(name, damaged)
      do {
        let loaded = try load([.init(path, .attributes)])
        #expect(
          UInt64(loaded.rows.count) == loaded.report.profileRows + loaded.report.eventRows,
          "\(damaged)"
        )
      } catch let error as IntakeError {
        #expect(error != .changed(file: path), "\(damaged)")
      } catch {
        Issue.record("\(error): \(damaged)")
      }
    }

    for count in bytes.indices { read(Array(bytes[..<count])) }
    for position in bytes.indices {
      for mask: UInt8 in [0x01, 0x04, 0x20, 0x80, 0xFF] {
        var damaged = bytes
        damaged[position] ^= mask
        read(damaged)
      }
    }
  }
}
