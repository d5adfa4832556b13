import Bytes
import Domain
import Intake
import Testing

/// A plain CSV file gives by the quick way what it gives by way of row objects.
@Suite struct PlainFileTests {
  private static let keys = [
    "a", "b-1", "1", "-0", "007", "2.50", "true", "", "\"q\"\"q\"", "é", "key-1", "key-12",
  ]
  private static let cells = [
    "", "", "1", "-0", " ", "12345678901234567890", "1.50", "\" \t\"", "1e3", "-2.25", "true",
    "FALSE",
    "2026-02-28", "2026-02-29", "2026-02-28T10:00:00Z", "2026-02-28T10:00:00.123Z",
    "2026-02-28 10:00", "\"x, y\"", "\"d\"\"q\"", "é", "text", "key-1", "key-12-3",
    "key-1 and more", "1.25", "99999999999999.5", "1e300", "-0.0", "0.00001",
  ]

  private func file(_ random: inout SeededRandom) -> String {
    let columns = ["_id", "a.b", "a.c.d", "t", "a.c.e", "n"]
    // Columns of few kinds of values have types.
    let pools = columns.map { column in
      let pool = column == "_id" ? PlainFileTests.keys : PlainFileTests.cells
      let start = random.below(pool.count)
      return Array(pool[start..<min(pool.count, start + 1 + random.below(4))])
    }
    var text = columns.joined(separator: ",") + "\n"
    for _ in 0..<random.below(30) {
      let count = random.below(20) == 0 ? 5 : 6
      text += (0..<count).map { pools[$0][random.below(pools[$0].count)] }.joined(separator: ",")
      text += "\n"
    }
    return text
  }

  @Test func `both ways give the same rows, rejects and schema`() throws {
    var random = SeededRandom(seed: 23)
    for round in 0..<300 {
      let text = file(&random)
      let scratch = Scratch()
      let path = scratch.write("rows.csv", text)
      let kind: RowKind = round % 2 == 0 ? .attributes : .event
      let quick = try load([.init(path, kind)], shardCount: 3)
      // A declaration, of a field that the file has not, is reason enough for the other way.
      let options = try IntakeOptions {
        try $0.declared.add(list: kind == .event ? "xEvent.zz=string" : "zz=string")
      }
      let thorough = try load([.init(path, kind)], options, shardCount: 3)

      for shard in 0..<3 as Range<UInt32> {
        #expect(
          quick.rows.filter { $0.shard == shard } == thorough.rows.filter { $0.shard == shard },
          "seed 23, round \(round), shard \(shard): \(text)"
        )
      }
      #expect(
        quick.report.rejects == thorough.report.rejects,
        "seed 23, round \(round): \(text)"
      )
      var expected = thorough.report.schema
      expected.profile.fields["zz"] = nil
      expected.event.fields["zz"] = nil
      if quick.rows.isEmpty { continue }
      #expect(quick.report.schema == expected, "seed 23, round \(round): \(text)")
    }
  }

  /// Blocks, batches and dictionaries are all smaller than this file.
  @Test(arguments: [1_000, 100_000, 4 << 20])
  func `long files give the same in both ways`(chunkByteCount: Int) throws {
    var random = SeededRandom(seed: 41)
    var text = "_id,type,unique,time,date,number,price,own,rare.a.b,rare.a.c,flag\n"
    for number in 0..<6_000 {
      let key = "profile-\(random.below(900))"
      let day = 10 + random.below(19)
      let odd = random.below(700) == 0
      let cells = [
        odd ? "\"\(key)\"" : key, "type \(random.below(7)) of things",
        "u\(number)-\(random.below(9))",
        "2026-03-\(day)T10:11:12.\(100 + random.below(900))Z", "2026-03-\(day)",
        "\(random.below(1 << 40))", "\(random.below(1_000)).\(random.below(10))5",
        odd
          ? "\"of \"\"\(key)\"\"\"" : "\(key)-\(number)\(number % 3 == 0 ? " and more of it" : "")",
        random.below(9) == 0 ? "é\(random.below(3))" : "", random.below(90) == 0 ? "x" : "",
        random.below(2) == 0 ? "true" : "false",
      ]
      text += cells.joined(separator: ",") + (odd ? "\r\n" : "\n")
    }
    let scratch = Scratch()
    let path = scratch.write("rows.csv", text)
    func loaded(_ declared: Text?) throws -> Loaded {
      let options = try IntakeOptions {
        $0.limits.chunkByteCount = chunkByteCount
        $0.limits.batchByteCount = 20_000
        if let declared { try $0.declared.add(list: declared) }
      }
      return try load([.init(path, .event)], options, shardCount: 3)
    }

    let quick = try loaded(nil)
    let thorough = try loaded("xEvent.zz=string")

    for shard in 0..<3 as Range<UInt32> {
      #expect(
        quick.rows.filter { $0.shard == shard } == thorough.rows.filter { $0.shard == shard },
        "shard \(shard)"
      )
    }
    #expect(quick.rows.count == 6_000)
    var expected = thorough.report.schema
    expected.event.fields["zz"] = nil
    #expect(quick.report.schema == expected)
  }

  @Test func `a column whose cells change their kind late is read again as what it is`() throws {
    var text = "_id,n\n"
    for number in 0..<500 { text += "k\(number % 7),\(number)\n" }
    text += "k1,late\n"
    let scratch = Scratch()
    let options = IntakeOptions {
      $0.limits.sampleByteCount = 100
      $0.limits.chunkByteCount = 300
    }
    let loaded = try load([.init(scratch.write("rows.csv", text), .attributes)], options)
    #expect(loaded.rows.count == 501)
    #expect(loaded.rows.allSatisfy { $0.value["n"]?.text != nil })
    #expect(loaded.report.schema.profile.fields["n"]?.typeName == "string")
  }
}
