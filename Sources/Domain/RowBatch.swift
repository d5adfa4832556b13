package import Bytes

/// What a row of a batch says about a profile.
package enum RowKind: UInt8, Sendable {
  /// Attributes: each top-level field replaces the profile's field of that name.
  case attributes = 1
  /// One event more.
  case event = 2
}

/// Rows of profiles and events as bytes, the form in which they travel and lie in a shard's log.
///
/// ```
/// version   1 byte    1
/// names     varint count, then each: varint byte count, UTF-8
/// rows      varint count, then each:
///             kind    1 byte    1 attributes, 2 event
///             key     varint byte count, UTF-8
///             value   a packed object
///
/// packed value = tag byte, then
///   1 false   2 true
///   3 integer   zigzag varint
///   4 double    8 bytes, IEEE 754 bits, little-endian
///   5 string    varint byte count, UTF-8
///   6 array     UInt32 byte count of the rest, varint count, packed values
///   7 object    UInt32 byte count of the rest, varint count, then (varint index into names, packed value) each
/// ```
///
/// Objects may name a field twice; the last one counts. Nothing is ever null.
package enum RowBatch {
  package static let version: UInt8 = 1
  /// The deepest nesting of arrays and objects in a value.
  package static let nestingMax = 64

  package enum Tag {
    package static let no: UInt8 = 1
    package static let yes: UInt8 = 2
    package static let integer: UInt8 = 3
    package static let double: UInt8 = 4
    package static let string: UInt8 = 5
    package static let array: UInt8 = 6
    package static let object: UInt8 = 7
  }

  /// One row, its value still packed: `value` decodes it.
  package struct Row: Sendable {
    package var kind: RowKind
    package var key: ProfileKey
    package var packed: ArraySlice<UInt8>
  }
}

/// Writes one batch of rows.
///
/// A row is written either from a `Value` or piece by piece: `beginRow`, then the calls for one
/// object (`beginObject`, `name`, a value …, `endContainer`). Every array and object that is begun
/// is ended with the number of its elements.
package struct RowBatchWriter: Sendable {
  private var indices: [Text: Int] = [:]
  private var names: [Text] = []
  private var rows = ByteWriter()
  package private(set) var rowCount = 0

  package init() {}

  /// Bytes of the rows so far, without the table of names.
  package var byteCount: Int { rows.count }

  package var isEmpty: Bool { rowCount == 0 }

  package mutating func append(kind: RowKind, key: ProfileKey, object: ObjectValue) {
    beginRow(kind: kind, key: key)
    write(.object(object))
  }

  package mutating func beginRow(kind: RowKind, key: ProfileKey) {
    rows.write(kind.rawValue)
    rows.write(key.text)
    rowCount += 1
  }

  /// Begins a row whose key is given by its valid UTF-8.
  package mutating func beginRow(kind: RowKind, keyUTF8: UnsafeBufferPointer<UInt8>) {
    rows.write(kind.rawValue)
    rows.writeVarint(keyUTF8.count)
    unsafe rows.bytes.append(contentsOf: keyUTF8)
    rowCount += 1
  }

  /// Forgets a row that was begun at `mark` and turned out to be bad.
  package mutating func rewind(to mark: Mark) {
    rows.bytes.removeLast(rows.count - mark.byteCount)
    rowCount = mark.rowCount
  }

  package struct Mark: Sendable {
    fileprivate var byteCount: Int
    fileprivate var rowCount: Int
  }

  package var mark: Mark { Mark(byteCount: rows.count, rowCount: rowCount) }

  /// The index of a field name in this batch's table.
  package mutating func index(of name: Text) -> Int {
    if let index = indices[name] { return index }
    indices[name] = names.count
    names.append(name)
    return names.count - 1
  }

  package mutating func write(_ value: Value) {
    switch value {
    case .boolean(let value): rows.write(value ? RowBatch.Tag.yes : RowBatch.Tag.no)
    case .integer(let value): write(integer: value)
    case .double(let value): write(double: value)
    case .string(let text):
      rows.write(RowBatch.Tag.string)
      rows.write(text)
    case .array(let elements):
      let start = beginArray()
      for element in elements { write(element) }
      endContainer(start, count: elements.count)
    case .object(let object):
      let start = beginObject()
      for field in object.fields {
        write(nameIndex: index(of: field.name))
        write(field.value)
      }
      endContainer(start, count: object.fields.count)
    }
  }

  package mutating func write(boolean: Bool) {
    rows.write(boolean ? RowBatch.Tag.yes : RowBatch.Tag.no)
  }

  package mutating func write(integer: Int64) {
    rows.write(RowBatch.Tag.integer)
    rows.writeSignedVarint(integer)
  }

  package mutating func write(double: Double) {
    rows.write(RowBatch.Tag.double)
    rows.write(double)
  }

  /// Writes a string of bytes that are known to be valid UTF-8.
  package mutating func write(utf8: some Collection<UInt8>) {
    rows.write(RowBatch.Tag.string)
    rows.writeVarint(utf8.count)
    rows.writeRaw(utf8)
  }

  /// The same for bytes in memory: in a module of its own a generic one is slow on each string.
  package mutating func write(utf8: UnsafeBufferPointer<UInt8>) {
    rows.write(RowBatch.Tag.string)
    rows.writeVarint(utf8.count)
    unsafe rows.bytes.append(contentsOf: utf8)
  }

  package mutating func write(nameIndex: Int) { rows.writeVarint(nameIndex) }

  package mutating func beginArray() -> Int { begin(RowBatch.Tag.array) }

  package mutating func beginObject() -> Int { begin(RowBatch.Tag.object) }

  /// Ends the array or object that `begin…` gave `start` for.
  ///
  /// The count's varint is written in five bytes, so that it fits in the place kept for it.
  package mutating func endContainer(_ start: Int, count: Int) {
    let byteCount = UInt32(rows.count - start - 4)
    for index in 0..<4 {
      rows.bytes[start + index] = UInt8(truncatingIfNeeded: byteCount >> (8 * index))
    }
    for index in 0..<5 {
      let seven = UInt8(truncatingIfNeeded: count >> (7 * index)) & 0x7F
      rows.bytes[start + 4 + index] = index < 4 ? seven | 0x80 : seven
    }
  }

  private mutating func begin(_ tag: UInt8) -> Int {
    rows.write(tag)
    let start = rows.count
    rows.writeRaw(repeatElement(0, count: 9))
    return start
  }

  /// The whole batch; the writer is empty afterwards.
  package mutating func take() -> [UInt8] {
    var batch = ByteWriter(capacity: rows.count + 64 * names.count + 16)
    batch.write(RowBatch.version)
    batch.writeVarint(names.count)
    for name in names { batch.write(name) }
    batch.writeVarint(rowCount)
    batch.writeRaw(rows.bytes)
    self = RowBatchWriter()
    return batch.bytes
  }
}

/// Reads a batch row by row; total over any bytes.
package struct RowBatchReader: Sendable {
  package let names: [Text]
  package let rowCount: Int
  private var rowsLeft: Int
  private var reader: ByteReader

  package init(_ bytes: [UInt8]) throws(DecodingError) {
    var reader = ByteReader(bytes)
    let version = try reader.read(UInt8.self)
    guard version == RowBatch.version else {
      throw .unknownTag(at: 0, tag: UInt64(version), of: "version of a row batch")
    }
    var names: [Text] = []
    let nameCount = try reader.readCount()
    names.reserveCapacity(nameCount)
    for _ in 0..<nameCount { names.append(try reader.readText()) }
    rowCount = try reader.readCount(elementByteCount: 3)
    rowsLeft = rowCount
    self.names = names
    self.reader = reader
  }

  /// The next row, or `nil` after the last; bytes behind the last row are an error.
  package mutating func next() throws(DecodingError) -> RowBatch.Row? {
    guard rowsLeft > 0 else {
      try reader.finish()
      return nil
    }
    rowsLeft -= 1
    let at = reader.offset
    let tag = try reader.read(UInt8.self)
    guard let kind = RowKind(rawValue: tag) else {
      throw .unknownTag(at: at, tag: UInt64(tag), of: "row kind")
    }
    let key = ProfileKey(try reader.readText())
    let start = reader.position
    var value = reader
    let objectTag = try value.read(UInt8.self)
    guard objectTag == RowBatch.Tag.object else {
      throw .unknownTag(at: reader.offset, tag: UInt64(objectTag), of: "row value")
    }
    _ = try value.readRaw(Int(try value.read(UInt32.self)))
    reader = value
    return RowBatch.Row(kind: kind, key: key, packed: reader.bytes[start..<reader.position])
  }

  /// The value of a row of this batch.
  package func value(of row: RowBatch.Row) throws(DecodingError) -> ObjectValue {
    var reader = ByteReader(row.packed)
    let value = try readValue(&reader, depth: 0)
    try reader.finish()
    guard case .object(let object) = value else {
      throw .invalidValue(at: 0, what: "a row that is no object")
    }
    return object
  }

  private func readValue(_ reader: inout ByteReader, depth: Int) throws(DecodingError) -> Value {
    guard depth <= RowBatch.nestingMax else {
      throw .nestingTooDeep(at: reader.offset, limit: RowBatch.nestingMax)
    }
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case RowBatch.Tag.no: return .boolean(false)
    case RowBatch.Tag.yes: return .boolean(true)
    case RowBatch.Tag.integer: return .integer(try reader.readSignedVarint())
    case RowBatch.Tag.double: return .double(try reader.readDouble())
    case RowBatch.Tag.string: return .string(try reader.readText())
    case RowBatch.Tag.array:
      var inner = ByteReader(try reader.readRaw(Int(try reader.read(UInt32.self))))
      let count = try inner.readCount()
      var elements: [Value] = []
      elements.reserveCapacity(count)
      for _ in 0..<count { elements.append(try readValue(&inner, depth: depth + 1)) }
      try inner.finish()
      return .array(elements)
    case RowBatch.Tag.object:
      var inner = ByteReader(try reader.readRaw(Int(try reader.read(UInt32.self))))
      let count = try inner.readCount(elementByteCount: 2)
      var fields: [ObjectValue.Field] = []
      fields.reserveCapacity(count)
      for _ in 0..<count {
        let nameAt = inner.offset
        let index = try inner.readVarint()
        guard index < UInt64(names.count) else {
          throw .invalidValue(at: nameAt, what: "a field name of number \(index) of \(names.count)")
        }
        let value = try readValue(&inner, depth: depth + 1)
        fields.append(ObjectValue.Field(name: names[Int(index)], value: value))
      }
      try inner.finish()
      return .object(ObjectValue(fields))
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "value kind")
    }
  }
}
