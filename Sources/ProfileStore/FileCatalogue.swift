import Bytes

/// What the blocks of a file share: names of fields, types of events, and which dictionaries and
/// maps there are.
///
/// ```
/// names          varint count, then texts, each once
/// event types    varint count, at most 62, then texts, each once
/// dictionaries   varint count, then each: path, varint entry count
/// maps           varint count, then each: path
/// path           UInt8 0 of attributes, 1 of events; varint step count, then for each varint
///                1 + index into names, or 0 for the elements of an array
/// zeros          512, so that a reader may look a little beyond the end of any block
/// ```
struct FileCatalogue: Equatable, Sendable {
  struct Dictionary: Equatable, Sendable {
    var path: FieldPath
    var entryCount: Int
  }

  /// At most so many types of events have a table: with the shared one they fit six bits.
  static let eventTypeCountMax = 62

  var names: [Text] = []
  var eventTypes: [Text] = []
  var dictionaries: [Dictionary] = []
  /// Where objects are written as maps.
  var maps: [FieldPath] = []

  init() {}

  init(_ bytes: [UInt8]) throws(DecodingError) {
    var reader = ByteReader(bytes)
    names = try FileCatalogue.readTexts(&reader)
    eventTypes = try FileCatalogue.readTexts(&reader)
    guard eventTypes.count <= FileCatalogue.eventTypeCountMax,
      Set(eventTypes).count == eventTypes.count, Set(names).count == names.count
    else { throw .invalidValue(at: 0, what: "names that stand twice") }
    for _ in 0..<(try reader.readCount()) {
      let path = try readPath(&reader)
      let entryCount = try reader.readVarint()
      guard entryCount <= UInt64(ColumnDictionary.entryCountMax) else {
        throw .invalidValue(at: reader.offset, what: "a dictionary of \(entryCount)")
      }
      dictionaries.append(Dictionary(path: path, entryCount: Int(entryCount)))
    }
    for _ in 0..<(try reader.readCount()) { maps.append(try readPath(&reader)) }
  }

  private static func readTexts(_ reader: inout ByteReader) throws(DecodingError) -> [Text] {
    var texts: [Text] = []
    for _ in 0..<(try reader.readCount()) { texts.append(try reader.readText()) }
    return texts
  }

  private func readPath(_ reader: inout ByteReader) throws(DecodingError) -> FieldPath {
    let root = try reader.readBool() ? FieldTree.events : FieldTree.attributes
    var steps: [Int32] = []
    for _ in 0..<(try reader.readCount()) {
      let step = try reader.readVarint()
      guard step <= UInt64(names.count) else {
        throw .invalidValue(at: reader.offset, what: "a name of number \(step)")
      }
      steps.append(Int32(truncatingIfNeeded: step) - 1)
    }
    return FieldPath(root: root, steps: steps)
  }

  var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.writeVarint(names.count)
    for name in names { writer.write(name) }
    writer.writeVarint(eventTypes.count)
    for type in eventTypes { writer.write(type) }
    writer.writeVarint(dictionaries.count)
    for dictionary in dictionaries {
      write(dictionary.path, into: &writer)
      writer.writeVarint(dictionary.entryCount)
    }
    writer.writeVarint(maps.count)
    for map in maps { write(map, into: &writer) }
    writer.writeRaw(repeatElement(0, count: BlockFileFormat.readAheadByteCount))
    return writer.bytes
  }

  private func write(_ path: FieldPath, into writer: inout ByteWriter) {
    writer.write(path.root == FieldTree.events)
    writer.writeVarint(path.steps.count)
    for step in path.steps { writer.writeVarint(UInt64(step + 1)) }
  }
}
