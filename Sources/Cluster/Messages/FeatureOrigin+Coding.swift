package import Bytes
package import Domain

// A tag, then a path (texts) and a reading (UInt8) where there is a field:
// 0 attribute   path, reading
// 1 events
// 2 event field path, reading
// 3 audience
extension FeatureOrigin: Coded {
  package func encode(into writer: inout ByteWriter) {
    func write(_ tag: UInt8, _ path: [Text], _ reading: FieldReading) {
      writer.write(tag)
      path.encode(into: &writer)
      writer.write(reading.rawValue)
    }
    switch self {
    case .attribute(let path, let reading): write(0, path, reading)
    case .events: writer.write(1 as UInt8)
    case .eventField(let path, let reading): write(2, path, reading)
    case .audience: writer.write(3 as UInt8)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    func field() throws(DecodingError) -> (path: [Text], FieldReading) {
      let path = try [Text](from: &reader)
      let at = reader.offset
      let tag = try reader.read(UInt8.self)
      guard let reading = FieldReading(rawValue: tag) else {
        throw .unknownTag(at: at, tag: UInt64(tag), of: "reading of a field")
      }
      return (path, reading)
    }
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case 0:
      let (path, reading) = try field()
      self = .attribute(path: path, reading)
    case 1: self = .events
    case 2:
      let (path, reading) = try field()
      self = .eventField(path: path, reading)
    case 3: self = .audience
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "origin of a feature")
    }
  }
}
