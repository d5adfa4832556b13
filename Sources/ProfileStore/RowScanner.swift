import Bytes
import Domain

/// Reads a batch row by row and writes each value in the form that columns are made from.
///
/// Total over any bytes. Stricter than `RowBatchReader` in what only a broken sender writes: numbers
/// that are not finite, and attributes named as the profile's events are.
///
/// ```
/// value = tag byte of RowBatch, then
///   3 integer   Int64            4 double   its 8 bytes
///   5 string    UInt32 byte count, UTF-8
///   6 array     UInt32 byte count of the rest, UInt32 count, values
///   7 object    UInt32 byte count of the rest, UInt32 count, then (UInt32 number of the name, value)
///               each, every name once: of equal ones the last
/// ```
struct RowScanner {
  struct Row {
    var kind: RowKind
    /// Where the key is in the batch.
    var key: Range<Int>
    /// Bytes of the value in the batch.
    var valueByteCount = 0
  }

  /// The profile's events; no attribute has this name.
  static let eventsField: Text = "xEvent"

  private var reader: PackedReader
  private var rowsLeft: Int
  /// Numbers of the batch's names in the table that was given.
  private var nameNumbers: [UInt32] = []
  private let eventsNumber: UInt32?
  /// For each name of the batch the first index of the same text.
  private var places: [Int] = []
  /// For each name the object that was last found to name it.
  private var lastObjects: [Int]
  private var objectCount = 0
  /// Places of the fields of the objects that are being read, the innermost one's last.
  private var fields: [Int] = []

  /// Reads the batch's names into a table.
  init(_ bytes: [UInt8], names: inout NameTable) throws(DecodingError) {
    reader = PackedReader(bytes)
    let version = try reader.readByte()
    guard version == RowBatch.version else {
      throw .unknownTag(at: 0, tag: UInt64(version), of: "version of a row batch")
    }
    let nameCount = try reader.readCount(elementByteCount: 1)
    nameNumbers.reserveCapacity(nameCount)
    places.reserveCapacity(nameCount)
    var firstIndices: [UInt32: Int] = [:]
    for index in 0..<nameCount {
      let range = try reader.readText()
      guard let name = Text(utf8: bytes[range]) else {
        throw .invalidUTF8(at: range.lowerBound)
      }
      let number = names.number(of: name)
      nameNumbers.append(number)
      places.append(firstIndices[number] ?? index)
      if places[index] == index { firstIndices[number] = index }
    }
    eventsNumber = names.existingNumber(of: RowScanner.eventsField)
    lastObjects = Array(repeating: 0, count: nameCount)
    rowsLeft = try reader.readCount(elementByteCount: 3)
  }

  /// Checks a whole batch.
  static func check(_ bytes: [UInt8]) throws(DecodingError) {
    var names = NameTable()
    var scanner = try RowScanner(bytes, names: &names)
    var scratch: [UInt8] = []
    while try scanner.next(into: &scratch) != nil { scratch.removeAll(keepingCapacity: true) }
  }

  var bytes: [UInt8] { reader.bytes }

  /// Reads the next row and appends its value; `nil` after the last one, with nothing behind it.
  mutating func next(into output: inout [UInt8]) throws(DecodingError) -> Row? {
    guard let row = try beginRow() else { return nil }
    let at = reader.position
    let tag = try reader.readByte()
    guard tag == RowBatch.Tag.object else {
      throw .unknownTag(at: at, tag: UInt64(tag), of: "row value")
    }
    try readObject(into: &output, depth: 0, isAttributes: row.kind == .attributes)
    return row
  }

  /// Reads the next row and passes over its value unseen.
  mutating func nextKey() throws(DecodingError) -> Row? {
    guard var row = try beginRow() else { return nil }
    _ = try reader.readByte()
    row.valueByteCount = try reader.skip(Int(try reader.readFixed(byteCount: 4))).count
    return row
  }

  private mutating func beginRow() throws(DecodingError) -> Row? {
    guard rowsLeft > 0 else {
      guard reader.remaining == 0 else {
        throw .trailingBytes(at: reader.position, count: reader.remaining)
      }
      return nil
    }
    rowsLeft -= 1
    let at = reader.position
    let tag = try reader.readByte()
    guard let kind = RowKind(rawValue: tag) else {
      throw .unknownTag(at: at, tag: UInt64(tag), of: "row kind")
    }
    return Row(kind: kind, key: try reader.readText())
  }

  private mutating func readValue(
    into output: inout [UInt8],
    depth: Int
  ) throws(DecodingError) {
    let at = reader.position
    guard depth <= RowBatch.nestingMax else {
      throw .nestingTooDeep(at: at, limit: RowBatch.nestingMax)
    }
    let tag = try reader.readByte()
    switch tag {
    case RowBatch.Tag.no, RowBatch.Tag.yes: output.append(tag)
    case RowBatch.Tag.integer:
      let raw = try reader.readVarint()
      output.append(tag)
      output.append(fixed: (raw >> 1) ^ (0 &- (raw & 1)))
    case RowBatch.Tag.double:
      let bits = try reader.readFixed(byteCount: 8)
      guard Double(bitPattern: bits).isFinite else {
        throw .invalidValue(at: at, what: "a number that is not finite")
      }
      output.append(tag)
      output.append(fixed: bits)
    case RowBatch.Tag.string:
      let range = try reader.readText()
      output.append(tag)
      output.append(fixed: UInt32(range.count))
      output.append(contentsOf: reader.bytes[range])
    case RowBatch.Tag.array: try readArray(into: &output, depth: depth)
    case RowBatch.Tag.object: try readObject(into: &output, depth: depth, isAttributes: false)
    default: throw .unknownTag(at: at, tag: UInt64(tag), of: "value kind")
    }
  }

  private mutating func readArray(
    into output: inout [UInt8],
    depth: Int
  ) throws(DecodingError) {
    let outer = try reader.enter()
    let count = try reader.readCount(elementByteCount: 1)
    let start = output.beginContainer(RowBatch.Tag.array)
    for _ in 0..<count { try readValue(into: &output, depth: depth + 1) }
    output.endContainer(start, count: count)
    try reader.leave(outer)
  }

  private mutating func readObject(
    into output: inout [UInt8],
    depth: Int,
    isAttributes: Bool
  ) throws(DecodingError) {
    let outer = try reader.enter()
    let count = try reader.readCount(elementByteCount: 2)
    let start = output.beginContainer(RowBatch.Tag.object)
    let base = fields.count
    for _ in 0..<count {
      let at = reader.position
      let index = try reader.readVarint()
      guard index < UInt64(nameNumbers.count) else {
        throw .invalidValue(
          at: at,
          what: "a field name of number \(index) of \(nameNumbers.count)"
        )
      }
      let number = nameNumbers[Int(index)]
      if isAttributes, number == eventsNumber {
        throw .invalidValue(at: at, what: "an attribute named \(RowScanner.eventsField)")
      }
      fields.append(places[Int(index)])
      output.append(fixed: number)
      try readValue(into: &output, depth: depth + 1)
    }
    output.endContainer(start, count: count)
    if repeats(from: base) { LooseValue.dropRepeatedFields(&output, from: start) }
    fields.removeLast(fields.count - base)
    try reader.leave(outer)
  }

  /// Whether the object whose fields begin at `base` names one twice.
  private mutating func repeats(from base: Int) -> Bool {
    objectCount += 1
    for field in fields[base...] {
      if lastObjects[field] == objectCount { return true }
      lastObjects[field] = objectCount
    }
    return false
  }
}
