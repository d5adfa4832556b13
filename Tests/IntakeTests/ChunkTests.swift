import Bytes
import Domain
import Intake
import Testing

/// What comes of files does not depend on how they are cut and by how many threads they are read.
@Suite struct ChunkTests {
  /// Cuts after each line, in the middle of most, and not at all.
  private static let cuts = [(1, 1), (3, 2), (16, 3), (50, 1), (4 << 20, 2)]

  private func outcomes(
    _ bytes: [UInt8],
    as name: String,
    _ change: (inout IntakeOptions) -> Void
  ) -> [String] {
    let scratch = Scratch()
    let file = scratch.write(name, bytes)
    return ChunkTests.cuts.map { chunkByteCount, threadCount in
      let options = IntakeOptions {
        $0.limits.chunkByteCount = chunkByteCount
        $0.limits.shardChunkByteCount = 0
        $0.limits.threadCount = threadCount
        $0.limits.hashedByteCount = 100
        change(&$0)
      }
      do {
        let loaded = try load([.init(file, .attributes)], options, shardCount: 3)
        let rows = (0..<3).map { shard in
          loaded.rows.filter { $0.shard == shard }.map { "\($0.key)=\($0.json)" }
        }
        let report = loaded.report
        return "\(rows) \(report.rejects.counts.sorted { $0.key.rawValue < $1.key.rawValue }) "
          + "\(report.rejects.listed) \(report.importHash) \(report.profileRows) "
          + "\(shown(report.schema.profile))"
      } catch {
        return "\(error)"
      }
    }
  }

  private func shown(_ node: SchemaNode) -> String {
    let fields = node.fields.sorted { $0.key < $1.key }.map { "\($0.key):\(shown($0.value))" }
    let element = node.element.map { shown($0) }
    return "\(node.typeName) \(node.count) \(node.samples) \(node.isMap) \(fields) \(element)"
  }

  @Test func `random CSV gives the same however it is cut`() {
    var random = SeededRandom(seed: 7)
    let alphabet = Array("abc,,\"\"\n\n\r1é".utf8)
    for round in 0..<300 {
      let header = ["_id,n\n", "\n\n_id,n\r\n", "_id,\"n\"\r", "\u{FEFF}_id,n\n"][random.below(4)]
      var bytes = Array(header.utf8)
      for _ in 0..<random.below(80) { bytes.append(alphabet[random.below(alphabet.count)]) }
      let limit = random.below(2) == 0 ? 12 : 1_000
      let found = outcomes(bytes, as: "x.csv") { $0.limits.lineByteCountMax = limit }
      #expect(
        Set(found).count == 1,
        "seed 7, round \(round), limit \(limit): \(String(decoding: bytes, as: UTF8.self)) \(found)"
      )
    }
  }

  @Test func `random CSV gives what the scanner reads from the whole`() throws {
    var random = SeededRandom(seed: 11)
    let alphabet = Array("ab,,\"\"\n\r".utf8)
    for round in 0..<300 {
      var bytes = Array("_id,n\n".utf8)
      for _ in 0..<random.below(60) { bytes.append(alphabet[random.below(alphabet.count)]) }
      let limit = random.below(2) == 0 ? 9 : 1_000
      var expected: [String] = []
      var errors: [String] = []
      var scanner = CSVScanner(recordByteCountMax: limit)
      var start = 0
      var isEnded = false
      while !isEnded {
        do {
          if try !scanner.next(bytes, from: &start) { isEnded = try !scanner.finish() }
          if !isEnded, scanner.cellCount == 2, let key = scanner.text(0), key.byteCount > 0 {
            let n = scanner.text(1) ?? ""
            expected.append(n.byteCount > 0 ? "\(key)=\(n)" : "\(key)")
          }
        } catch {
          errors.append("\(error)")
        }
      }
      let scratch = Scratch()
      let options = try IntakeOptions {
        $0.limits.lineByteCountMax = limit
        $0.limits.chunkByteCount = 20
        try $0.declared.add(list: "_id=string,n=string")
      }
      let loaded = try load([.init(scratch.write("x.csv", bytes), .attributes)], options)
      let rows = loaded.rows.map { row in
        row.value["n"].map { "\(row.key)=\($0.text ?? "")" } ?? "\(row.key)"
      }
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(
        rows == Array(expected.dropFirst()),
        "seed 11, round \(round), limit \(limit): \(text)"
      )
      let malformed = loaded.report.rejects.listed.filter {
        $0.reason == .malformedCSV || $0.reason == .tooLong
      }
      #expect(malformed.map(\.detail) == errors, "seed 11, round \(round), limit \(limit): \(text)")
    }
  }

  @Test func `random JSON lines give the same however they are cut`() {
    var random = SeededRandom(seed: 5)
    let pieces = [
      #"{"_id":"a1","n":1}"#, #"{"_id":"b","n":2.5,"tags":["x","y"]}"#, "", "  \r",
      #"{"_id":"c\n","o":{"p":null,"q":true}}"#, #"{"_id":"d","n":"é"}"#, #"{"_id":"#,
      #"{"n":1}"#, #"{"_id":"e","_id":"f"}"#, "[1]", #"{"_id":"g","m":{"k1":1,"k2":2,"k3":3}}"#,
      String(repeating: "x", count: 90), #"{"_id":"h","n":1e3}"#, "\u{0}",
    ]
    for round in 0..<200 {
      var text = random.below(4) == 0 ? "\u{FEFF}" : ""
      for _ in 0..<random.below(12) { text += pieces[random.below(pieces.count)] + "\n" }
      if random.below(2) == 0 { text += pieces[random.below(pieces.count)] }
      let found = outcomes(Array(text.utf8), as: "x.jsonl") {
        $0.limits.lineByteCountMax = 60
        $0.limits.mapFieldCountMin = 2
      }
      #expect(Set(found).count == 1, "seed 5, round \(round): \(text) \(found)")
    }
  }

  @Test func `samples are those of the first thousand values`() throws {
    // Two thousand rows of one value, then others: too late for a sample.
    var text = ""
    for number in 0..<3_000 { text += "{\"_id\":\"k\",\"n\":\(number < 2_000 ? 1 : number)}\n" }
    text += "{\"_id\":\"k\",\"late\":1}\n{\"_id\":\"k\",\"late\":2}\n"
    let scratch = Scratch()
    let file = scratch.write("rows.jsonl", text)
    let options = IntakeOptions { $0.limits.chunkByteCount = 1_000 }
    let schema = try load([.init(file, .attributes)], options).report.schema.profile
    #expect(schema.fields["n"]?.samples == ["1"])
    #expect(schema.fields["late"]?.samples == ["1", "2"])
    #expect(schema.fields["_id"]?.count == 3_002)
  }

  @Test func `32 bytes at once answer as one by one`() {
    var random = SeededRandom(seed: 3)
    let alphabet = Array("a \n\r\",\\".utf8) + [0, 0x1F, 0x80, 0xFF]
    for _ in 0..<500 {
      let bytes = (0..<32).map { _ in alphabet[random.below(alphabet.count)] }
      let other = (0..<32).map { _ in alphabet[random.below(alphabet.count)] }
      bytes.withUnsafeBufferPointer { buffer in
        guard let place = buffer.baseAddress else { return }
        #expect(ByteLanes.unplain(place) == PlainLanes.unplain(place))
        let comma = UInt8(ascii: ",")
        #expect(
          ByteLanes.structural(place, separator: comma)
            == PlainLanes.structural(place, separator: comma)
        )
        #expect(
          ByteLanes.marks(place, separator: comma) == PlainLanes.marks(place, separator: comma)
        )
        other.withUnsafeBufferPointer { buffer in
          guard let second = buffer.baseAddress else { return }
          #expect(ByteLanes.equal(place, second) == PlainLanes.equal(place, second))
        }
      }
    }
  }

  @Test func `eight cells at once are filled as one by one`() {
    var random = SeededRandom(seed: 4)
    for count in 0...64 {
      // Offsets in the lower half, byte counts in the upper one, and whatever behind them.
      let cells = (0..<count + ByteLanes.cellCount).map { _ in
        UInt32(random.below(0x1_0000)) | UInt32(random.below(3)) << 16
      }
      cells.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else { return }
        #expect(ByteLanes.filled(start, count) == PlainLanes.filled(start, count))
      }
    }
  }
}
