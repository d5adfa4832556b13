package import Bytes

extension Value {
  private enum Tag {
    static let no: UInt8 = 1
    static let yes: UInt8 = 2
    static let integer: UInt8 = 3
    static let double: UInt8 = 4
    static let string: UInt8 = 5
    static let array: UInt8 = 6
    static let object: UInt8 = 7
  }

  /// Appends the value with its field names in place: the form for messages and records.
  ///
  /// Rows of data travel in a `RowBatch`, which names each field once a batch.
  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .boolean(let value): writer.write(value ? Tag.yes : Tag.no)
    case .integer(let value):
      writer.write(Tag.integer)
      writer.writeSignedVarint(value)
    case .double(let value):
      writer.write(Tag.double)
      writer.write(value)
    case .string(let text):
      writer.write(Tag.string)
      writer.write(text)
    case .array(let elements):
      writer.write(Tag.array)
      writer.writeVarint(elements.count)
      for element in elements { element.encode(into: &writer) }
    case .object(let object):
      writer.write(Tag.object)
      writer.writeVarint(object.fields.count)
      for field in object.fields {
        writer.write(field.name)
        field.value.encode(into: &writer)
      }
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    self = try Value.decode(&reader, depth: 0)
  }

  private static func decode(
    _ reader: inout ByteReader,
    depth: Int
  ) throws(DecodingError) -> Value {
    guard depth <= RowBatch.nestingMax + 16 else {
      throw .nestingTooDeep(at: reader.offset, limit: RowBatch.nestingMax + 16)
    }
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case Tag.no: return .boolean(false)
    case Tag.yes: return .boolean(true)
    case Tag.integer: return .integer(try reader.readSignedVarint())
    case Tag.double: return .double(try reader.readDouble())
    case Tag.string: return .string(try reader.readText())
    case Tag.array:
      let count = try reader.readCount()
      var elements: [Value] = []
      for _ in 0..<count { elements.append(try decode(&reader, depth: depth + 1)) }
      return .array(elements)
    case Tag.object:
      let count = try reader.readCount(elementByteCount: 2)
      var fields: [ObjectValue.Field] = []
      fields.reserveCapacity(min(count, 16))
      for _ in 0..<count {
        let name = try reader.readText()
        fields.append(.init(name: name, value: try decode(&reader, depth: depth + 1)))
      }
      return .object(ObjectValue(fields))
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "value kind")
    }
  }
}
