import Bytes

extension QualificationTimes {
  /// Appends the times, whose count the reader knows.
  ///
  /// ```
  /// instants   varint count, then Int64 each, ascending
  /// codes      for each time the index of its instant in 1, 2 or 4 bytes, the least that hold all;
  ///            none when there is at most one instant
  /// ```
  func encode(into writer: inout ByteWriter) {
    writer.writeVarint(instants.count)
    for instant in instants { writer.write(instant) }
    switch codes {
    case .none: break
    case .bytes(let codes): writer.writeRaw(codes)
    case .shorts(let codes): for code in codes { writer.write(code) }
    case .words(let codes): for code in codes { writer.write(code) }
    }
  }

  /// Reads `count` times, each of which takes no memory that the bytes do not.
  init(from reader: inout ByteReader, count: Int) throws(DecodingError) {
    let at = reader.offset
    var instants: [Instant] = []
    for _ in 0..<(try reader.readCount(elementByteCount: 8)) {
      let instant = try reader.readInstant()
      if let last = instants.last, instant <= last {
        throw .invalidValue(at: at, what: "instants that do not ascend")
      }
      instants.append(instant)
    }
    guard instants.count > 1 || instants.count == min(count, 1) else {
      throw .invalidValue(at: at, what: "\(instants.count) instants for \(count)")
    }
    let codesAt = reader.offset
    let codes: Codes
    let largest: Int
    switch QualificationTimes.codeByteCount(instants.count) {
    case 0:
      codes = .none
      largest = 0
    case 1:
      let read = Array(try reader.readRaw(count))
      largest = Int(read.max() ?? 0)
      codes = .bytes(read)
    case 2:
      let read = try QualificationTimes.readCodes(UInt16.self, count, from: &reader)
      largest = Int(read.max() ?? 0)
      codes = .shorts(read)
    default:
      let read = try QualificationTimes.readCodes(UInt32.self, count, from: &reader)
      largest = Int(read.max() ?? 0)
      codes = .words(read)
    }
    guard instants.isEmpty || largest < instants.count else {
      throw .countTooLarge(at: codesAt, count: UInt64(largest), limit: instants.count - 1)
    }
    self.init(count: count, instants: instants, codes: codes)
  }

  private static func readCodes<Code: FixedWidthInteger & BitwiseCopyable>(
    _ type: Code.Type,
    _ count: Int,
    from reader: inout ByteReader
  ) throws(DecodingError) -> [Code] {
    var codes: [Code] = []
    for _ in 0..<count { codes.append(try reader.read(type)) }
    return codes
  }
}
