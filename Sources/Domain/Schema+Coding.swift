package import Bytes

extension Schema {
  /// Deepest place that is read back.
  private static let depthMax = 80

  package func encode(into writer: inout ByteWriter) {
    Schema.encode(profile, into: &writer)
    Schema.encode(event, into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    profile = try Schema.decode(&reader, depth: 0)
    event = try Schema.decode(&reader, depth: 0)
  }

  private static func encode(_ node: SchemaNode, into writer: inout ByteWriter) {
    writer.write(node.kinds.rawValue)
    writer.write(node.textForm.rawValue)
    writer.writeVarint(node.count)
    writer.write(node.isMap)
    writer.writeVarint(node.samples.count)
    for sample in node.samples { writer.write(sample) }
    writer.writeVarint(node.fields.count)
    for (name, field) in node.fields.sorted(by: { $0.key < $1.key }) {
      writer.write(name)
      encode(field, into: &writer)
    }
    writer.writeVarint(node.element.count)
    for element in node.element { encode(element, into: &writer) }
  }

  private static func decode(
    _ reader: inout ByteReader,
    depth: Int
  ) throws(DecodingError) -> SchemaNode {
    guard depth <= depthMax else { throw .nestingTooDeep(at: reader.offset, limit: depthMax) }
    var node = SchemaNode()
    node.kinds = FieldKinds(rawValue: try reader.read(UInt8.self))
    let formAt = reader.offset
    let form = try reader.read(UInt8.self)
    guard let textForm = TextForm(rawValue: form) else {
      throw .unknownTag(at: formAt, tag: UInt64(form), of: "text form")
    }
    node.textForm = textForm
    node.count = try reader.readVarint()
    node.isMap = try reader.readBool()
    for _ in 0..<(try reader.readCount()) { node.samples.append(try reader.readText()) }
    for _ in 0..<(try reader.readCount(elementByteCount: 7)) {
      let name = try reader.readText()
      node.fields[name] = try decode(&reader, depth: depth + 1)
    }
    let elementAt = reader.offset
    let elementCount = try reader.readVarint()
    guard elementCount <= 1 else {
      throw .countTooLarge(at: elementAt, count: elementCount, limit: 1)
    }
    if elementCount == 1 { node.element = [try decode(&reader, depth: depth + 1)] }
    return node
  }
}
