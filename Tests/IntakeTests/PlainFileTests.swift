import Bytes
import Domain
import Intake
import Testing

/// A plain CSV file gives by the quick way what it gives by way of row objects.
@Suite struct PlainFileTests {
  private static let keys = ["a", "b-1", "1", "-0", "007", "2.50", "true", "", "\"q\"\"q\"", "é"]
  private static let cells = [
    "", "", "1", "-0", "12345678901234567890", "1.50", "1e3", "-2.25", "true", "FALSE",
    "2026-02-28", "2026-02-29", "2026-02-28T10:00:00Z", "2026-02-28T10:00:00.123Z",
    "2026-02-28 10:00", "\"x, y\"", "\"d\"\"q\"", "é", "text",
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

      #expect(quick.rows == thorough.rows, "seed 23, round \(round): \(text)")
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
