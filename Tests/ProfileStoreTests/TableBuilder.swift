import Bytes
import Domain

/// Makes batches of columns of whole rows, simply.
enum TableBuilder {
  /// A kind of values at a place, and each row's one.
  private struct Column {
    var path: [Text]
    var values: [Value?]
  }

  /// The batch of some rows.
  ///
  /// - Parameters:
  ///   - kind: of all rows.
  ///   - rows: keys, and objects in which none is empty.
  /// - Returns: the batch.
  static func bytes(_ kind: RowKind, _ rows: [(key: Text, value: Value)]) -> [UInt8] {
    let keys = rows.reduce(into: [Text]()) { keys, row in
      if !keys.contains(row.key) { keys.append(row.key) }
    }
    let numbers = rows.map { row in UInt32(keys.firstIndex(of: row.key) ?? 0) }
    let columns = columns(of: rows.map(\.value))
    return withList(keys.map { Array($0.utf8) }) { list in
      numbers.withUnsafeBufferPointer { numbers -> [UInt8] in
        var writer = TableBatchWriter(
          kind: kind,
          rowCount: rows.count,
          columnCount: columns.count,
          keys: list,
          keyNumbers: numbers
        )
        write(columns, rows.map { Array($0.key.utf8) }, &writer)
        return writer.finish()
      }
    }
  }

  private static func columns(of rows: [Value]) -> [Column] {
    var columns: [Column] = []
    for (row, value) in rows.enumerated() {
      for (path, value) in leaves(value, []) {
        var at = columns.firstIndex {
          $0.path == path && $0.values.contains { $0.map { kind($0) == kind(value) } ?? false }
        }
        if at == nil {
          at = columns.count
          columns.append(Column(path: path, values: Array(repeating: nil, count: rows.count)))
        }
        if let at { columns[at].values[row] = value }
      }
    }
    return columns
  }

  private static func leaves(_ value: Value, _ path: [Text]) -> [([Text], Value)] {
    guard case .object(let object) = value else { return [(path, value)] }
    return object.fields.flatMap { leaves($0.value, path + [$0.name]) }
  }

  private static func kind(_ value: Value) -> Int {
    switch value {
    case .boolean: 0
    case .integer: 1
    case .double: 2
    case .string: 3
    case .array: 4
    case .object: 5
    }
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

  /// Writes columns; `keys` are those of rows, and none of elements.
  private static func write(
    _ columns: [Column],
    _ keys: [[UInt8]],
    _ writer: inout TableBatchWriter
  ) {
    for column in columns { write(column, keys, &writer) }
  }

  private static func write(
    _ column: Column,
    _ keys: [[UInt8]],
    _ writer: inout TableBatchWriter
  ) {
    var bits = [UInt8](repeating: 0, count: (column.values.count + 7) / 8)
    for (row, value) in column.values.enumerated() where value != nil {
      bits[row / 8] |= 1 << UInt8(row % 8)
    }
    let isWhole = column.values.allSatisfy { $0 != nil }
    bits.withUnsafeBufferPointer { writer.beginColumn(column.path, presence: isWhole ? nil : $0) }
    let values = column.values.compactMap { $0 }
    switch values.first {
    case .boolean: words(values).withUnsafeBufferPointer { writer.write(booleans: $0) }
    case .integer: words(values).withUnsafeBufferPointer { writer.write(integers: $0) }
    case .double: write(doubles: words(values), &writer)
    case .array:
      let elements = columns(of: values.flatMap { $0.elements ?? [] })
      words(values).withUnsafeBufferPointer {
        writer.write(arrays: $0, columnCount: elements.count)
      }
      write(elements, [], &writer)
    default:
      let rows = column.values.indices.filter { column.values[$0] != nil }
      let own = keys.isEmpty ? [] : rows.map { keys[$0] }
      write(values.compactMap { $0.text.map { Array($0.utf8) } }, own, &writer)
    }
  }

  private static func write(doubles: [UInt64], _ writer: inout TableBatchWriter) {
    let decimals = doubles.compactMap { bits -> UInt64? in
      let scaled = (Double(bitPattern: bits) * 100).rounded()
      let isExact = scaled.magnitude < 1e15 && scaled / 100 == Double(bitPattern: bits)
      return isExact && bits != (-0.0).bitPattern ? UInt64(bitPattern: Int64(scaled)) : nil
    }
    if decimals.count == doubles.count {
      decimals.withUnsafeBufferPointer { writer.write(decimals: $0, scale: 2) }
    } else {
      doubles.withUnsafeBufferPointer { writer.write(doubles: $0) }
    }
  }

  private static func words(_ values: [Value]) -> [UInt64] {
    values.map { value in
      switch value {
      case .boolean(let value): value ? 1 : 0
      case .integer(let value): UInt64(bitPattern: value)
      case .double(let value): value.bitPattern
      case .array(let elements): UInt64(elements.count)
      default: 0
      }
    }
  }

  private static func write(
    _ texts: [[UInt8]],
    _ keys: [[UInt8]],
    _ writer: inout TableBatchWriter
  ) {
    let instants = texts.compactMap { $0.withUnsafeBufferPointer { InstantStyle.read($0) } }
    if instants.count == texts.count, Set(instants.map(\.style)).count == 1 {
      let counts = instants.map { UInt64(bitPattern: $0.count) }
      return counts.withUnsafeBufferPointer { writer.write(instants: $0, instants[0].style) }
    }
    if keys.count == texts.count, zip(texts, keys).allSatisfy({ $0.starts(with: $1) }) {
      let rests = zip(texts, keys).map { Array($0.dropFirst($1.count)) }
      return withList(rests) { writer.write(afterKey: $0) }
    }
    let entries = texts.reduce(into: [[UInt8]]()) { entries, text in
      if !entries.contains(text) { entries.append(text) }
    }
    guard 2 * entries.count <= texts.count else {
      return withList(texts) { writer.write(texts: $0) }
    }
    let codes = texts.map { UInt64(entries.firstIndex(of: $0) ?? 0) }
    codes.withUnsafeBufferPointer { codes in
      withList(entries) { writer.write(codes: codes, of: $0) }
    }
  }
}
