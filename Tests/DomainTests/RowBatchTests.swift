import Bytes
import Domain
import Testing

@Suite struct RowBatchTests {
  private struct Written {
    var kind: RowKind
    var key: ProfileKey
    var object: ObjectValue
  }

  private func rows(seed: UInt64, count: Int) -> [Written] {
    var random = RandomValues(seed: seed)
    return (0..<count).map { number in
      Written(
        kind: random.random.oneIn(3) ? .attributes : .event,
        key: ProfileKey(Text("k\(number)é")),
        object: random.object()
      )
    }
  }

  private func batch(of rows: [Written]) -> [UInt8] {
    var writer = RowBatchWriter()
    for row in rows { writer.append(kind: row.kind, key: row.key, object: row.object) }
    return writer.take()
  }

  private func readAll(_ bytes: [UInt8]) throws(DecodingError) -> [(RowBatch.Row, ObjectValue)] {
    var reader = try RowBatchReader(bytes)
    var rows: [(RowBatch.Row, ObjectValue)] = []
    while let row = try reader.next() { rows.append((row, try reader.value(of: row))) }
    return rows
  }

  @Test(arguments: 0..<50 as Range<UInt64>)
  func `rows come back as they were written`(seed: UInt64) throws {
    let written = rows(seed: seed, count: 20)

    let read = try readAll(batch(of: written))

    #expect(read.map(\.0.kind) == written.map(\.kind))
    #expect(read.map(\.0.key) == written.map(\.key))
    #expect(read.map(\.1) == written.map(\.object))
  }

  @Test func `minus zero and whole doubles keep their bits and kinds`() throws {
    let object = ObjectValue([
      .init(name: "a", value: .double(-0.0)), .init(name: "b", value: .double(5)),
      .init(name: "c", value: .integer(5)),
    ])
    var writer = RowBatchWriter()
    writer.append(kind: .attributes, key: ProfileKey("p"), object: object)

    let read = try readAll(writer.take())

    guard case .double(let zero)? = read.first?.1["a"] else {
      Issue.record("the double is gone")
      return
    }
    #expect(zero.sign == .minus)
    #expect(read.first?.1["b"] == .double(5))
    #expect(read.first?.1["c"] == .integer(5))
  }

  @Test func `a row that is rewound leaves nothing behind`() throws {
    var writer = RowBatchWriter()
    writer.append(kind: .event, key: ProfileKey("a"), object: ObjectValue())
    let mark = writer.mark
    writer.beginRow(kind: .event, key: ProfileKey("b"))
    _ = writer.beginObject()
    writer.rewind(to: mark)

    let read = try readAll(writer.take())

    #expect(read.map(\.0.key) == [ProfileKey("a")])
  }

  @Test func `of fields named twice the last one counts`() throws {
    var writer = RowBatchWriter()
    writer.beginRow(kind: .attributes, key: ProfileKey("a"))
    let start = writer.beginObject()
    for number in 1...2 {
      writer.write(nameIndex: writer.index(of: "x"))
      writer.write(integer: Int64(number))
    }
    writer.endContainer(start, count: 2)

    let read = try readAll(writer.take())

    #expect(read.first?.1["x"] == .integer(2))
  }

  @Test func `a batch cut at any length is an error`() {
    let bytes = batch(of: rows(seed: 7, count: 5))

    for count in 0..<bytes.count {
      #expect(throws: DecodingError.self) { try readAll(Array(bytes[..<count])) }
    }
  }

  @Test func `flipped and random bytes give values or an error`() {
    let bytes = batch(of: rows(seed: 8, count: 8))
    var random = SeededRandom(seed: 9)

    for position in bytes.indices {
      var damaged = bytes
      damaged[position] ^= UInt8(1 << random.below(8))
      _ = try? readAll(damaged)
    }
    for _ in 0..<500 {
      _ = try? readAll(
        [RowBatch.version] + (0..<random.below(80)).map { _ in UInt8(random.below(256)) }
      )
    }
  }

  @Test func `nesting beyond the limit is refused`() {
    var value = Value.integer(1)
    for _ in 0...RowBatch.nestingMax { value = .array([value]) }
    var writer = RowBatchWriter()
    writer.append(
      kind: .attributes,
      key: ProfileKey("a"),
      object: ObjectValue([.init(name: "x", value: value)])
    )

    #expect(throws: DecodingError.self) { try readAll(writer.take()) }
  }

  @Test func `rows that are alike take few bytes`() {
    var writer = RowBatchWriter()
    for number in 0..<1_000 {
      let object: Value = .object([
        ("_id", .string(Text("C0000\(number % 50)-\(number)"))),
        ("eventType", .string("commerce.productViews")),
        ("timestamp", .string("2026-01-05T10:00:00.250Z")), ("price", .double(19.99)),
        ("sku", .string(Text("SKU-\(number % 100)"))),
      ])
      guard case .object(let fields) = object else { return }
      writer.append(kind: .event, key: ProfileKey(Text("C0000\(number % 50)")), object: fields)
    }

    #expect(writer.take().count < 26 * 1_000)
  }

  @Test func `rows of very many shapes come back`() throws {
    var random = SeededRandom(seed: 12)
    var written: [ObjectValue] = []
    var writer = RowBatchWriter()
    for number in 0..<5_000 {
      let element = ObjectValue([.init(name: Text("e\(number)"), value: .array([]))])
      let object = ObjectValue([
        .init(name: Text("n\(random.below(900))-\(number)"), value: .integer(1)),
        .init(name: "list", value: .array([.object(element), .boolean(true)])),
      ])
      written.append(object)
      writer.append(kind: .attributes, key: ProfileKey("key"), object: object)
    }

    #expect(try readAll(writer.take()).map(\.1) == written)
  }
}
