package import Bytes

/// Reads a batch row by row, also one of columns; total over any bytes.
package struct RowBatchReader: Sendable {
  package let names: [Text]
  package let rowCount: Int
  private let texts: [Text]
  private let shapes: [ArraySlice<UInt8>]
  private let keys: [Text]
  private var rowsLeft: Int
  private var eventsLeft: Int
  private var reader: ByteReader

  package init(_ bytes: [UInt8]) throws(DecodingError) {
    if bytes.first == TableBatch.version {
      try self.init(rows: TableRows.rowBatch(bytes))
    } else {
      try self.init(rows: bytes)
    }
  }

  private init(rows bytes: [UInt8]) throws(DecodingError) {
    var reader = ByteReader(bytes)
    let version = try reader.read(UInt8.self)
    guard version == RowBatch.version else {
      throw .unknownTag(at: 0, tag: UInt64(version), of: "version of a row batch")
    }
    names = try RowBatchReader.readTexts(&reader)
    texts = try RowBatchReader.readTexts(&reader)
    var shapes: [ArraySlice<UInt8>] = []
    for _ in 0..<(try reader.readCount()) {
      shapes.append(try reader.readRaw(try reader.readCount()))
    }
    self.shapes = shapes
    keys = try RowBatchReader.readTexts(&reader)
    eventsLeft = try reader.readCount(elementByteCount: 3)
    rowCount = try reader.readCount(elementByteCount: 3)
    rowsLeft = rowCount
    self.reader = reader
  }

  private static func readTexts(_ reader: inout ByteReader) throws(DecodingError) -> [Text] {
    let count = try reader.readCount()
    var texts: [Text] = []
    texts.reserveCapacity(count)
    for _ in 0..<count { texts.append(try reader.readText()) }
    return texts
  }

  /// The next row, or `nil` after the last; bytes behind the last row are an error.
  package mutating func next() throws(DecodingError) -> RowBatch.Row? {
    guard rowsLeft > 0 else {
      try reader.finish()
      guard eventsLeft == 0 else { throw .invalidValue(at: 0, what: "a wrong count of events") }
      return nil
    }
    rowsLeft -= 1
    let at = reader.offset
    let head = try reader.readVarint()
    if head & 1 == 1 {
      guard eventsLeft > 0 else { throw .invalidValue(at: at, what: "one event too many") }
      eventsLeft -= 1
    }
    let shape = try shape(head >> 1, &reader)
    let key = try reader.readVarint()
    guard key < UInt64(keys.count) else {
      throw .invalidValue(at: at, what: "a key of number \(key) of \(keys.count)")
    }
    let values = try reader.readRaw(try reader.readCount())
    return RowBatch.Row(
      kind: head & 1 == 1 ? .event : .attributes,
      key: ProfileKey(keys[Int(key)]),
      shape: shape,
      values: values
    )
  }

  /// The value of a row of this batch.
  package func value(of row: RowBatch.Row) throws(DecodingError) -> ObjectValue {
    var shape = ByteReader(row.shape)
    var values = ByteReader(row.values)
    let value = try readValue(&shape, &values, row.key, depth: 0)
    try shape.finish()
    try values.finish()
    guard case .object(let object) = value else {
      throw .invalidValue(at: 0, what: "a row that is no object")
    }
    return object
  }

  /// The shape of a number less one; where it is 0 the shape follows.
  private func shape(
    _ number: UInt64,
    _ reader: inout ByteReader
  ) throws(DecodingError) -> ArraySlice<UInt8> {
    if number == 0 { return try reader.readRaw(try reader.readCount()) }
    guard number <= UInt64(shapes.count) else {
      throw .invalidValue(at: reader.offset, what: "a shape of number \(number)")
    }
    return shapes[Int(number) - 1]
  }

  private func readValue(
    _ shape: inout ByteReader,
    _ values: inout ByteReader,
    _ key: ProfileKey,
    depth: Int
  ) throws(DecodingError) -> Value {
    guard depth <= RowBatch.nestingMax else {
      throw .nestingTooDeep(at: shape.offset, limit: RowBatch.nestingMax)
    }
    let at = shape.offset
    let kind = try shape.read(UInt8.self)
    switch kind {
    case RowBatch.Shape.boolean: return .boolean(try values.readBool())
    case RowBatch.Shape.integer: return .integer(try values.readSignedVarint())
    case RowBatch.Shape.double: return .double(try readDouble(&values))
    case RowBatch.Shape.string: return .string(try readString(&values))
    case RowBatch.Shape.key: return .string(Text(key.text.string + (try values.readString())))
    case RowBatch.Shape.array:
      var elements: [Value] = []
      while true {
        let number = try values.readVarint()
        if number == 0 { return .array(elements) }
        var element = ByteReader(try self.shape(number - 1, &values))
        elements.append(try readValue(&element, &values, key, depth: depth + 1))
        try element.finish()
      }
    case RowBatch.Shape.object:
      var fields: [ObjectValue.Field] = []
      while true {
        let number = try shape.readVarint()
        if number == 0 {
          if fields.isEmpty, try values.read(UInt8.self) != 0 {
            throw .invalidValue(at: at, what: "an empty object that is none")
          }
          return .object(ObjectValue(fields))
        }
        guard number <= UInt64(names.count) else {
          throw .invalidValue(at: at, what: "a field name of number \(number) of \(names.count)")
        }
        let value = try readValue(&shape, &values, key, depth: depth + 1)
        fields.append(ObjectValue.Field(name: names[Int(number) - 1], value: value))
      }
    default:
      guard let style = RowBatch.Shape.style(kind) else {
        throw .unknownTag(at: at, tag: UInt64(kind), of: "value kind")
      }
      let count = try values.readSignedVarint() &+ RowBatch.epoch(style)
      return .string(style.text(of: count))
    }
  }

  private func readDouble(_ values: inout ByteReader) throws(DecodingError) -> Double {
    let at = values.offset
    let number = try values.readVarint()
    let scale = Int(number & 7)
    if number == RowBatch.rawDouble { return try values.readDouble() }
    guard scale <= Decimal.scaleMax else {
      throw .invalidValue(at: at, what: "a decimal of scale \(scale)")
    }
    let zigzag = number >> 3
    let whole = Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1)
    return Decimal(scale: scale, number: whole).value
  }

  private func readString(_ values: inout ByteReader) throws(DecodingError) -> Text {
    let at = values.offset
    let number = try values.readVarint()
    if number & 1 == 1 {
      guard number >> 1 <= UInt64(values.remaining) else {
        throw .truncated(at: at, needed: Int(number >> 1), available: values.remaining)
      }
      guard let text = Text(utf8: try values.readRaw(Int(number >> 1))) else {
        throw .invalidUTF8(at: at)
      }
      return text
    }
    guard number >> 1 < UInt64(texts.count) else {
      throw .invalidValue(at: at, what: "a text of number \(number >> 1) of \(texts.count)")
    }
    return texts[Int(number >> 1)]
  }
}
