import Bytes
import Domain
import Intake
import Testing

/// Rows that are written like others give what they give alone.
@Suite struct LineShapeTests {
  private func reading(_ path: String, _ chunkByteCount: Int) throws -> Loaded {
    let options = IntakeOptions {
      $0.limits.chunkByteCount = chunkByteCount
      $0.limits.shardChunkByteCount = chunkByteCount
    }
    return try load([.init(path, .event)], options)
  }

  /// Nothing is remembered from chunk to chunk, and of so few bytes each line is one.
  private func check(_ lines: [[UInt8]], _ seed: UInt64) throws {
    let scratch = Scratch()
    let path = scratch.write("rows.jsonl", Array(lines.joined(separator: [0x0A])))

    let together = try reading(path, 4 << 20)
    let alone = try reading(path, 1)

    let isSame = together.rows == alone.rows
    let place = zip(together.rows, alone.rows).enumerated().first { $1.0 != $1.1 }
    #expect(isSame, "seed \(seed), row \(place?.offset ?? -1)")
    #expect(together.report.rejects.listed == alone.report.rejects.listed, "seed \(seed)")
    #expect(together.report.schema.event == alone.report.schema.event, "seed \(seed)")
  }

  private func line(_ random: inout SeededRandom) -> String {
    var fields = ["\"_id\":\"key-\(random.below(9))\"", "\"n\":\(random.below(500))"]
    if random.below(2) == 0 { fields.append("\"price\":\(random.below(900)).5") }
    if random.below(2) == 0 { fields.append("\"is\":\(random.below(2) == 0)") }
    if random.below(3) == 0 { fields.append("\"web\":{\"page\":{\"name\":\"Zoë\"}}") }
    if random.below(3) == 0 { fields.append("\"none\":null") }
    if random.below(2) == 0 {
      let items = (0..<random.below(4)).map { _ in
        "{\"sku\":\"S-\(random.below(20))\",\"tags\":[\(random.below(3)),\"x\"]}"
      }
      fields.append("\"items\":[\(items.joined(separator: ","))]")
    }
    return "{\(fields.joined(separator: ","))}"
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `bytes that are wrong are wrong after good rows too`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var lines: [[UInt8]] = []
    for number in 0..<160 {
      var line = Array(line(&random).utf8)
      if number > 60, random.below(2) == 0 {
        let index = random.below(line.count)
        let bytes: [UInt8] = [
          0x22, 0x5C, 0x2C, 0x7D, 0x5D, 0x30, 0x2D, 0x2E, 0x20, 0x80, 0xC3, 0x01,
        ]
        line[index] = bytes[random.below(bytes.count)]
      }
      if number > 60, random.below(9) == 0 { line.remove(at: random.below(line.count)) }
      lines.append(line)
    }

    try check(lines, seed)
  }

  @Test(arguments: 10..<16 as Range<UInt64>)
  func `names come in any order, and twice`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var lines: [[UInt8]] = []
    for _ in 0..<160 {
      var fields = ["\"_id\":\"k\""]
      for _ in 0..<random.below(5) {
        let name = ["a", "b", "c"][random.below(3)]
        let value = ["1", "2.5", "\"x\"", "true", "null", "{\"a\":1}", "[]"][random.below(7)]
        fields.insert("\"\(name)\":\(value)", at: random.below(fields.count + 1))
      }
      lines.append(Array("{\(fields.joined(separator: ","))}".utf8))
    }

    try check(lines, seed)
  }

  /// Objects of many names become maps while rows of one shape are being read.
  @Test func `rows go on when an object has become a map`() throws {
    var lines: [[UInt8]] = []
    for number in 0..<200 {
      let name = number % 2 == 0 ? "same" : "name-\(number)"
      lines.append(Array("{\"_id\":\"k\",\"counts\":{\"\(name)\":{\"n\":\(number)}}}".utf8))
    }
    let scratch = Scratch()
    let path = scratch.write("rows.jsonl", Array(lines.joined(separator: [0x0A])))
    let options = IntakeOptions { $0.limits.mapFieldCountMin = 20 }

    let loaded = try load([.init(path, .event)], options)

    let counts = try #require(loaded.report.schema.event.fields["counts"])
    #expect(counts.isMap)
    #expect(counts.element.first?.fields["n"]?.count == 200)
    #expect(loaded.rows.count == 200)
  }

  @Test func `texts between values may be long`() throws {
    let names = (0..<12).map { "a rather long name of a field, number \($0)" }
    let nulls = names.map { "\"\($0)\":null" }.joined(separator: ", ")
    let lines = (0..<50).map { number in
      Array("{\"_id\":\"k\",\(nulls) , \"n\" :\t\(number) }\r".utf8)
    }

    try check(lines, 0)
  }
}
