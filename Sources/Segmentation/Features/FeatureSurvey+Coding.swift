package import Bytes

// A survey on the wire: varint count of profiles, then the attributes of texts, those of numbers and
// the event types, each as a varint count and entries in ascending order.
//   of texts    path, census
//   of numbers  path, whether they are keys (bool)
//   event type  text, varint count of events, varint count of fields, for each path and two censuses
//   census      varint count of rows, varint count of hashes, the hashes (UInt64), ascending
extension FeatureSurvey {
  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(profileCount)
    writer.writeVarint(attributes.count)
    for (path, census) in attributes.sorted(by: { $0.key.precedes($1.key) }) {
      writer.write(texts: path)
      census.encode(into: &writer)
    }
    writer.writeVarint(keyCopies.count)
    for (path, areKeys) in keyCopies.sorted(by: { $0.key.precedes($1.key) }) {
      writer.write(texts: path)
      writer.write(areKeys)
    }
    writer.writeVarint(eventTypes.count)
    for (type, survey) in eventTypes.sorted(by: { $0.key < $1.key }) {
      writer.write(type)
      writer.writeVarint(survey.eventCount)
      writer.writeVarint(survey.fields.count)
      for (path, field) in survey.fields.sorted(by: { $0.key.precedes($1.key) }) {
        writer.write(texts: path)
        field.numbers.encode(into: &writer)
        field.texts.encode(into: &writer)
      }
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    self.init()
    profileCount = try reader.readVarint()
    for _ in 0..<(try reader.readCount(elementByteCount: 3)) {
      let path = try reader.readPath()
      attributes[path] = try ValueCensus(from: &reader)
    }
    for _ in 0..<(try reader.readCount(elementByteCount: 3)) {
      let path = try reader.readPath()
      keyCopies[path] = try reader.readBool()
    }
    for _ in 0..<(try reader.readCount(elementByteCount: 3)) {
      let type = try reader.readText()
      var survey = EventTypeSurvey()
      survey.eventCount = try reader.readVarint()
      for _ in 0..<(try reader.readCount(elementByteCount: 5)) {
        let path = try reader.readPath()
        var field = EventFieldSurvey()
        field.numbers = try ValueCensus(from: &reader)
        field.texts = try ValueCensus(from: &reader)
        survey.fields[path] = field
      }
      eventTypes[type] = survey
    }
  }
}

extension ValueCensus {
  fileprivate func encode(into writer: inout ByteWriter) {
    writer.writeVarint(rowCount)
    writer.writeVarint(hashes.count)
    for hash in hashes { writer.write(hash) }
  }

  fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
    let rowCount = try reader.readVarint()
    let at = reader.offset
    let count = try reader.readCount(elementByteCount: 8)
    guard count <= Self.hashCountMax else {
      throw .countTooLarge(at: at, count: UInt64(count), limit: Self.hashCountMax)
    }
    var hashes: [UInt64] = []
    for _ in 0..<count {
      let hash = try reader.read(UInt64.self)
      guard hashes.last.map({ $0 < hash }) ?? true else {
        throw .invalidValue(at: reader.offset, what: "hashes out of order")
      }
      hashes.append(hash)
    }
    self.init(rowCount: rowCount, hashes: hashes)
  }
}

extension [Text] {
  /// The order of paths: name by name.
  func precedes(_ other: [Text]) -> Bool { lexicographicallyPrecedes(other) }
}
