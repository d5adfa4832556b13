import Bytes
import Domain
import Testing

@Suite struct TableBatchTests {
  /// Columns of random values, and the rows that they are.
  private struct Sample {
    var bytes: [UInt8]
    var kind: RowKind
    var keys: [Text]
    var rows: [ObjectValue]
  }

  /// What a column holds: a kind of `TableBatch`, and each row's value.
  private struct Column {
    var names: [Text]
    var kind: UInt8
    var values: [Value?]
  }

  private static func text(_ random: inout SeededRandom) -> String {
    let texts = ["", "a", "é", "shop", "2026-02-30", "longer than eight bytes", "日本語", "k1é"]
    return texts[random.below(texts.count)]
  }

  private static func value(_ kind: UInt8, _ key: Text, _ random: inout SeededRandom) -> Value {
    let number = Int64(bitPattern: random.next()) >> Int64(random.below(63))
    switch kind {
    case TableBatch.Kind.boolean: return .boolean(random.below(2) == 0)
    case TableBatch.Kind.integer: return .integer(number)
    case TableBatch.Kind.double:
      return .double(random.below(5) == 0 ? -0.0 : Double(number) / 3)
    case TableBatch.Kind.decimal: return .double(Double(number % (1 << 50)) / 100)
    case TableBatch.Kind.dictionary, TableBatch.Kind.text: return .string(Text(text(&random)))
    case TableBatch.Kind.afterKey: return .string(Text(key.string + text(&random)))
    case TableBatch.Kind.date: return .string(InstantStyle.date.text(of: number % 100_000))
    default: return .string(InstantStyle.millisecond.text(of: number % (1 << 44)))
    }
  }

  private static let paths: [[Text]] = [
    ["a"], ["b", "c"], ["b", "d", "e"], ["b", "d", "f"], ["g"], ["h", "i"], ["b", "j"], ["k"],
    ["h", "l"],
  ]

  private func sample(seed: UInt64) -> Sample {
    var random = SeededRandom(seed: seed)
    let rowCount = 1 + random.below(70)
    let keyTexts = (0..<1 + random.below(9)).map { Text("k\($0)é") }
    let numbers = (0..<rowCount).map { _ in UInt32(random.below(keyTexts.count)) }
    let kind: RowKind = random.below(2) == 0 ? .attributes : .event
    let kinds: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8, 10]
    var columns: [Column] = []
    for names in TableBatchTests.paths where random.below(5) > 0 {
      let kind = kinds[random.below(kinds.count)]
      let isWhole = random.below(3) == 0
      let values = numbers.map { number -> Value? in
        guard isWhole || random.below(3) > 0 else { return nil }
        return TableBatchTests.value(kind, keyTexts[Int(number)], &random)
      }
      columns.append(Column(names: names, kind: kind, values: values))
    }
    return Sample(
      bytes: TableBatchTests.batch(kind, keyTexts, numbers, columns),
      kind: kind,
      keys: numbers.map { keyTexts[Int($0)] },
      rows: (0..<rowCount).map { row in
        TableBatchTests.object(columns.map { ($0.names[...], $0.values[row]) })
      }
    )
  }

  /// The object of one row's values.
  private static func object(_ values: [(names: ArraySlice<Text>, value: Value?)]) -> ObjectValue {
    var fields: [ObjectValue.Field] = []
    for (names, value) in values {
      guard let name = names.first, value != nil, !fields.contains(where: { $0.name == name })
      else { continue }
      if let value, names.count == 1 {
        fields.append(.init(name: name, value: value))
      } else {
        let inside = values.filter { $0.names.first == name }
        let inner = object(inside.map { ($0.names.dropFirst(), $0.value) })
        fields.append(.init(name: name, value: .object(inner)))
      }
    }
    return ObjectValue(fields)
  }

  private static func withList<Result>(
    _ texts: [[UInt8]],
    _ body: (TextList) -> Result
  ) -> Result {
    let byteCounts = texts.map { UInt32($0.count) }
    let bytes = texts.flatMap { $0 }
    return byteCounts.withUnsafeBufferPointer { byteCounts in
      bytes.withUnsafeBufferPointer { body(TextList(byteCounts: byteCounts, bytes: $0)) }
    }
  }

  private static func batch(
    _ kind: RowKind,
    _ keys: [Text],
    _ numbers: [UInt32],
    _ columns: [Column]
  ) -> [UInt8] {
    withList(keys.map { Array($0.utf8) }) { list -> [UInt8] in
      numbers.withUnsafeBufferPointer { keyNumbers -> [UInt8] in
        var writer = TableBatchWriter(
          kind: kind,
          rowCount: numbers.count,
          columnCount: columns.count,
          keys: list,
          keyNumbers: keyNumbers
        )
        for column in columns { write(column, keys, numbers, &writer) }
        return writer.finish()
      }
    }
  }

  private static func write(
    _ column: Column,
    _ keys: [Text],
    _ numbers: [UInt32],
    _ writer: inout TableBatchWriter
  ) {
    var bits = [UInt8](repeating: 0, count: (numbers.count + 7) / 8)
    for (row, value) in column.values.enumerated() where value != nil {
      bits[row / 8] |= 1 << UInt8(row % 8)
    }
    let isWhole = column.values.allSatisfy { $0 != nil }
    bits.withUnsafeBufferPointer { writer.beginColumn(column.names, presence: isWhole ? nil : $0) }
    let texts = column.values.compactMap { value -> [UInt8]? in
      if case .string(let text) = value { Array(text.utf8) } else { nil }
    }
    let words = column.values.compactMap { value -> UInt64? in
      switch value {
      case .boolean(let value): return value ? 1 : 0
      case .integer(let value): return UInt64(bitPattern: value)
      case .double(let value):
        return column.kind == TableBatch.Kind.decimal
          ? UInt64(bitPattern: Int64(exactly: (value * 100).rounded()) ?? .max) : value.bitPattern
      case .string(let text):
        var string = text.string
        return string.withUTF8 { InstantStyle.read($0) }.map { UInt64(bitPattern: $0.count) }
      default: return nil
      }
    }
    words.withUnsafeBufferPointer { words in
      switch column.kind {
      case TableBatch.Kind.boolean: writer.write(booleans: words)
      case TableBatch.Kind.integer: writer.write(integers: words)
      case TableBatch.Kind.double: writer.write(doubles: words)
      case TableBatch.Kind.decimal: writer.write(decimals: words, scale: 2)
      case TableBatch.Kind.date: writer.write(instants: words, .date)
      case TableBatch.Kind.millisecond: writer.write(instants: words, .millisecond)
      default: break
      }
    }
    switch column.kind {
    case TableBatch.Kind.dictionary:
      let entries = texts.reduce(into: [[UInt8]]()) { list, text in
        if !list.contains(text) { list.append(text) }
      }
      let codes = texts.map { UInt64(entries.firstIndex(of: $0) ?? 0) }
      codes.withUnsafeBufferPointer { codes in
        withList(entries) { writer.write(codes: codes, of: $0) }
      }
    case TableBatch.Kind.text: withList(texts) { writer.write(texts: $0) }
    case TableBatch.Kind.afterKey:
      let rows = column.values.indices.filter { column.values[$0] != nil }
      let rests = zip(rows, texts).map { row, text in
        Array(text.dropFirst(keys[Int(numbers[row])].byteCount))
      }
      withList(rests) { writer.write(afterKey: $0) }
    default: break
    }
  }

  private func readAll(_ bytes: [UInt8]) throws(DecodingError) -> [(RowBatch.Row, ObjectValue)] {
    var reader = try RowBatchReader(bytes)
    var rows: [(RowBatch.Row, ObjectValue)] = []
    while let row = try reader.next() { rows.append((row, try reader.value(of: row))) }
    return rows
  }

  @Test(arguments: 0..<200 as Range<UInt64>)
  func `rows come back as their columns were written`(seed: UInt64) throws {
    let sample = sample(seed: seed)

    let read = try readAll(sample.bytes)

    #expect(read.map(\.0.kind) == sample.keys.map { _ in sample.kind })
    #expect(read.map(\.0.key.text) == sample.keys)
    #expect(read.map(\.1) == sample.rows)
  }

  @Test func `minus zero keeps its sign`() throws {
    let column = TableBatchTests.Column(
      names: ["a"],
      kind: TableBatch.Kind.double,
      values: [.double(-0.0)]
    )

    let read = try readAll(TableBatchTests.batch(.event, ["k"], [0], [column]))

    guard case .double(let zero)? = read.first?.1["a"] else {
      Issue.record("the double is gone")
      return
    }
    #expect(zero.sign == .minus)
  }

  @Test(arguments: 0..<5 as Range<UInt64>)
  func `a table cut at any length is an error`(seed: UInt64) {
    let bytes = sample(seed: seed).bytes

    for count in 0..<bytes.count {
      #expect(throws: DecodingError.self) { try readAll(Array(bytes[..<count])) }
    }
    #expect(throws: DecodingError.self) { try readAll(bytes + [0]) }
  }

  @Test func `flipped and random bytes give rows or an error`() {
    var random = SeededRandom(seed: 9)
    for seed in 0..<6 as Range<UInt64> {
      let bytes = sample(seed: seed).bytes
      for position in bytes.indices {
        var damaged = bytes
        damaged[position] ^= UInt8(1 << random.below(8))
        if random.below(4) == 0 { damaged[position] = 0xFF }
        _ = try? readAll(damaged)
      }
    }
    for _ in 0..<2_000 {
      _ = try? readAll(
        [TableBatch.version, 1, 1] + (0..<random.below(80)).map { _ in UInt8(random.below(256)) }
      )
    }
  }

  @Test(
    arguments: [
      ([["a"], ["a"]], "twice"), ([["a", "b"], ["a"]], "within"), ([["a"], ["a", "b"]], "around"),
    ] as [([[Text]], String)]
  )
  func `a column within another is refused`(paths: [[Text]], how: String) {
    let columns = paths.map {
      TableBatchTests.Column(names: $0, kind: TableBatch.Kind.integer, values: [.integer(1)])
    }
    let bytes = TableBatchTests.batch(.event, ["k"], [0], columns)

    #expect(throws: DecodingError.self, "\(how)") { try readAll(bytes) }
  }

  @Test func `what no column may hold is refused`() {
    func batch(_ kind: UInt8, _ value: Value) -> [UInt8] {
      let column = TableBatchTests.Column(names: ["a"], kind: kind, values: [value])
      return TableBatchTests.batch(.event, ["k"], [0], [column])
    }
    let long = Text(String(repeating: "x", count: TableBatch.entryByteCountMax + 1))
    for bytes in [
      batch(TableBatch.Kind.double, .double(.nan)),
      batch(TableBatch.Kind.double, .double(.infinity)),
      batch(TableBatch.Kind.decimal, .double(1e17)),
      batch(TableBatch.Kind.dictionary, .string(long)),
    ] {
      #expect(throws: DecodingError.self) { try readAll(bytes) }
    }
  }

  // MARK: Arrays

  /// Rows of one array each, whose elements have integers at some paths.
  private func arrays(
    _ counts: [UInt64],
    _ columns: [(names: [Text], values: [Int64?])]
  ) -> [UInt8] {
    TableBatchTests.withList([Array("k".utf8)]) { keys in
      let numbers = counts.map { _ in UInt32(0) }
      return numbers.withUnsafeBufferPointer { numbers in
        var writer = TableBatchWriter(
          kind: .event,
          rowCount: counts.count,
          columnCount: 1,
          keys: keys,
          keyNumbers: numbers
        )
        writer.beginColumn(["a", "b"], presence: nil)
        counts.withUnsafeBufferPointer { writer.write(arrays: $0, columnCount: columns.count) }
        for column in columns {
          let inner = TableBatchTests.Column(
            names: column.names,
            kind: TableBatch.Kind.integer,
            values: column.values.map { $0.map { .integer($0) } }
          )
          TableBatchTests.write(inner, [], column.values.map { _ in 0 }, &writer)
        }
        return writer.finish()
      }
    }
  }

  private func json(_ bytes: [UInt8]) throws -> [String] {
    try readAll(bytes).map { String(decoding: Value.object($0.1).json(), as: UTF8.self) }
  }

  @Test func `elements are objects or values, and arrays may be empty`() throws {
    let objects = arrays([2, 0, 1], [(["c", "d"], [1, nil, 2]), (["e"], [nil, 3, 4])])
    let values = arrays([0, 3], [([], [1, 2, 3])])

    #expect(
      try json(objects) == [
        #"{"a":{"b":[{"c":{"d":1}},{"e":3}]}}"#, #"{"a":{"b":[]}}"#,
        #"{"a":{"b":[{"c":{"d":2},"e":4}]}}"#,
      ]
    )
    #expect(try json(values) == [#"{"a":{"b":[]}}"#, #"{"a":{"b":[1,2,3]}}"#])
    #expect(try json(arrays([0], [])) == [#"{"a":{"b":[]}}"#])
  }

  @Test func `elements without a value are refused`() {
    for bytes in [
      arrays([1], []), arrays([1 << 60], []), arrays([1 << 63, 1 << 63], []),
      arrays([2], [(["c"], [1, nil])]), arrays([2], [(["c"], [1])]),
      arrays([2], [([], [1, 2]), (["c"], [1, 2])]),
    ] {
      #expect(throws: DecodingError.self) { try readAll(bytes) }
    }
  }

  @Test func `values of several kinds make one field`() throws {
    func column(_ kind: UInt8, _ values: [Value?]) -> Column {
      Column(names: ["a", "b"], kind: kind, values: values)
    }
    let numbers = column(TableBatch.Kind.integer, [.integer(1), nil, nil])
    let texts = column(TableBatch.Kind.text, [nil, .string("x"), nil])
    let more = column(TableBatch.Kind.boolean, [nil, .boolean(true), nil])

    let read = try json(TableBatchTests.batch(.event, ["k"], [0, 0, 0], [numbers, texts]))

    #expect(read == [#"{"a":{"b":1}}"#, #"{"a":{"b":"x"}}"#, "{}"])
    #expect(throws: DecodingError.self) {
      try readAll(TableBatchTests.batch(.event, ["k"], [0, 0, 0], [numbers, texts, more]))
    }
  }
}
