import Bytes
import Domain
import Intake
import Testing

/// Lines that go as columns give the rows that they are, one by one.
@Suite struct LineTableTests {
  /// Writes random lines over few fields.
  private struct Lines {
    var random: SeededRandom
    /// Whether rows come that fit no table.
    var isWild: Bool
    private var rowNumber = 0

    init(seed: UInt64, isWild: Bool) {
      random = SeededRandom(seed: seed)
      self.isWild = isWild
    }

    mutating func oneIn(_ count: Int) -> Bool { random.below(count) == 0 }

    mutating func pick(_ choices: [String]) -> String { choices[random.below(choices.count)] }

    mutating func number() -> String {
      pick(["0", "-7", "12", "1.5", "20.25", "-0.0", "1e300", "0.00001", "9007199254740993"])
    }

    mutating func text(_ key: String) -> String {
      let long = String(repeating: "long ", count: 60)
      return pick([
        "x", "", "gold", "Zoë", #"a \"quoted\" \u00e9 text"#, "\(key)-1", "\(key) and what follows",
        "2026-02-28", "2026-02-28T10:00:00Z", "u\(random.below(5_000))", long, #"\n"# + long,
      ])
    }

    mutating func scalar(_ key: String) -> String {
      switch random.below(6) {
      case 0: pick(["true", "false"])
      case 1, 2: number()
      case 3: "null"
      default: "\"\(text(key))\""
      }
    }

    mutating func item(_ key: String) -> String {
      var fields = ["\"sku\":\"S-\(random.below(30))\""]
      if oneIn(2) { fields.append("\"price\":\(number())") }
      if oneIn(3) {
        fields.append("\"made\":{\"in\":\"\(text(key))\",\"year\":\(random.below(9))}")
      }
      if oneIn(4) { fields.append("\"tags\":[\(scalar(key)),\(scalar(key))]") }
      if isWild, oneIn(30) { fields.append(#""none":{}"#) }
      return "{\(fields.joined(separator: ","))}"
    }

    mutating func list(_ count: Int, _ element: (inout Lines) -> String) -> String {
      let elements = (0..<random.below(count)).map { _ in element(&self) }
      return "[\(elements.joined(separator: oneIn(5) ? " , " : ","))]"
    }

    mutating func line() -> String {
      rowNumber += 1
      let key = "key-\(random.below(40))" + (oneIn(6) ? "é" : "")
      var fields = ["\"_id\":\"\(key)\"", "\"n\":\(rowNumber)"]
      if !oneIn(4) { fields.append("\"when\":\"2026-03-1\(random.below(10))T10:11:12.000Z\"") }
      if oneIn(2) { fields.append("\"mixed\":\(scalar(key))") }
      if oneIn(2) { fields.append("\"own\":\"\(key)-\(rowNumber)\"") }
      if oneIn(2) {
        fields.append("\"a\":{\"b\":\(number()),\"c\":{\"d\":\"\(text(key))\",\"e\":true}}")
      }
      if oneIn(2) { fields.append("\"items\":\(list(4) { $0.item(key) })") }
      if oneIn(3) { fields.append("\"interests\":\(list(4) { $0.scalar(key) })") }
      if oneIn(5) {
        fields.append("\"deep\":\(list(3) { $0.list(3) { "[\($0.number())]" } })")
      }
      if isWild {
        if oneIn(40) { fields.append(#""a":{"b":{}}"#) }
        if oneIn(40) { fields.append(#""a":5"#) }
        if oneIn(40) { fields.append(#""when":["x",{"y":1}]"#) }
        if oneIn(40) { fields.append("\"f\(random.below(100))\":1") }
        if oneIn(60) { fields.append(#""xEvent":[{"k":1},{"k":"x"}]"#) }
        if oneIn(90) { return "{" + fields.joined() }
      }
      return "{\(fields.joined(separator: ","))}"
    }
  }

  /// What the good ones of some lines say, read one by one.
  private func expected(_ lines: [String], _ kind: RowKind) throws -> [Loaded.Row] {
    try lines.flatMap { line throws -> [Loaded.Row] in
      guard let value = try? Value.parse(json: Text(line)), case .object(var object) = value else {
        return []
      }
      let events = kind == .attributes ? object["xEvent"]?.elements ?? [] : []
      if kind == .attributes { object["xEvent"] = nil }
      let key = try #require(object["_id"]?.text)
      let rows: [(RowKind, ObjectValue)] =
        [(kind, object)]
        + events.map { event -> (RowKind, ObjectValue) in
          guard case .object(let object) = event else { return (.event, ObjectValue()) }
          return (.event, object)
        }
      return rows.map {
        Loaded.Row(shard: ProfileKey(key).shard(of: 3).number, kind: $0.0, key: key, value: $0.1)
      }
    }
  }

  private func check(
    seed: UInt64,
    isWild: Bool,
    lineCount: Int,
    _ change: (inout IntakeLimits) -> Void = { _ in }
  ) throws -> Loaded {
    var generator = Lines(seed: seed, isWild: isWild)
    let lines = (0..<lineCount).map { _ in generator.line() }
    let scratch = Scratch()
    let path = scratch.write("rows.jsonl", lines.joined(separator: "\n"))
    let kind: RowKind = seed % 2 == 0 ? .attributes : .event
    let options = IntakeOptions { change(&$0.limits) }

    let loaded = try load([.init(path, kind)], options, shardCount: 3)

    let expected = try expected(lines, kind)
    for shard in 0..<3 as Range<UInt32> {
      for kind in [RowKind.attributes, .event] {
        let found = loaded.rows.filter { $0.shard == shard && $0.kind == kind }.map(\.json)
        let wanted = expected.filter { $0.shard == shard && $0.kind == kind }.map(\.json)
        let place = found.indices.first { $0 >= wanted.count || found[$0] != wanted[$0] }
        #expect(
          found == wanted,
          """
          seed \(seed), shard \(shard), row \(place ?? -1): \(place.map { found[$0] } ?? "") is not \
          \(place.map { $0 < wanted.count ? wanted[$0] : "" } ?? "")
          """
        )
      }
    }
    #expect(loaded.rows.count == expected.count, "seed \(seed)")
    return loaded
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `rows that fit go as columns only`(seed: UInt64) throws {
    let loaded = try check(seed: seed, isWild: false, lineCount: 60)

    #expect(loaded.tableCount == loaded.batchByteCounts.count, "seed \(seed)")
  }

  @Test(arguments: 100..<140 as Range<UInt64>)
  func `rows that do not fit go as rows among them`(seed: UInt64) throws {
    _ = try check(seed: seed, isWild: true, lineCount: 60)
  }

  /// Batches, dictionaries and chunks are smaller than these files.
  @Test(arguments: [(200 as UInt64, false), (201, true), (202, false), (203, true)])
  func `long files give the same`(seed: UInt64, isWild: Bool) throws {
    let loaded = try check(seed: seed, isWild: isWild, lineCount: 2_500) {
      $0.batchByteCount = 9_000
      $0.chunkByteCount = seed < 202 ? 40_000 : 4 << 20
      $0.nameByteCountMax = 2_000
    }
    #expect(loaded.tableCount > 0, "seed \(seed)")
  }

  @Test func `more columns than a table has go as rows`() throws {
    let fields = (0..<70).map { "\"f\($0)\":\($0)" }.joined(separator: ",")
    let loaded = try load("{\"_id\":\"a\",\(fields)}\n{\"_id\":\"b\",\"f1\":2}")

    #expect(loaded.rows.map(\.key) == ["a", "b"])
    #expect(loaded.rows[0].value.fields.count == 71)
  }

  @Test func `rows that do not fit make no batch each`() throws {
    var text = ""
    for number in 0..<600 {
      text += "{\"_id\":\"k\",\"n\":\(number)\(number < 500 ? ",\"none\":{}" : "")}\n"
    }

    let loaded = try load(text)

    #expect(loaded.rows.map { $0.value["n"]?.integer } == (0..<600).map { Int64($0) })
    #expect(loaded.batchByteCounts.count <= 2)
  }
}
