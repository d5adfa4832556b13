package import Bytes

/// An instant for each of many profiles, few of which differ: kept as codes of a byte or two.
package struct QualificationTimes: Hashable, Sendable {
  /// Each as wide as the number of instants asks for.
  private enum Codes: Hashable, Sendable {
    /// At most one instant.
    case none
    case bytes([UInt8])
    case shorts([UInt16])
    case words([UInt32])
  }

  package let count: Int
  /// Ascending, each once.
  private let instants: [Instant]
  private let codes: Codes

  /// No times.
  init() {
    count = 0
    instants = []
    codes = .none
  }

  /// Times as indices of instants.
  ///
  /// - Parameters:
  ///   - codes: each below the count of instants.
  ///   - instants: ascending, each once; those that no code names are left out.
  init(codes: [UInt32], of instants: [Instant]) {
    var isUsed = [Bool](repeating: false, count: instants.count)
    for code in codes { isUsed[Int(code)] = true }
    var next: UInt32 = 0
    let places = isUsed.map { isUsed in
      defer { if isUsed { next += 1 } }
      return next
    }
    let used = zip(instants, isUsed).filter(\.1).map(\.0)
    count = codes.count
    self.instants = used
    self.codes =
      switch QualificationTimes.codeByteCount(used.count) {
      case 0: .none
      case 1: .bytes(codes.map { UInt8(truncatingIfNeeded: places[Int($0)]) })
      case 2: .shorts(codes.map { UInt16(truncatingIfNeeded: places[Int($0)]) })
      default: .words(codes.map { places[Int($0)] })
      }
  }

  package subscript(position: Int) -> Instant { instants[code(at: position)] }

  /// The instants in use and one more, ascending; and where each of those in use is among them.
  func instants(with added: Instant) -> (all: [Instant], places: [UInt32]) {
    let all = Set(instants + [added]).sorted()
    var place = 0
    let places = instants.map { instant in
      while all[place] < instant { place += 1 }
      return UInt32(place)
    }
    return (all, places)
  }

  /// The index of a profile's instant among those in use.
  func code(at position: Int) -> Int {
    switch codes {
    case .none: 0
    case .bytes(let codes): Int(codes[position])
    case .shorts(let codes): Int(codes[position])
    case .words(let codes): Int(codes[position])
    }
  }

  private static func codeByteCount(_ instantCount: Int) -> Int {
    instantCount <= 1 ? 0 : instantCount <= 1 << 8 ? 1 : instantCount <= 1 << 16 ? 2 : 4
  }
}

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
    self.count = count
    self.instants = instants
    let codesAt = reader.offset
    let largest: Int
    switch QualificationTimes.codeByteCount(instants.count) {
    case 0:
      codes = .none
      return
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
    guard largest < instants.count else {
      throw .countTooLarge(at: codesAt, count: UInt64(largest), limit: instants.count - 1)
    }
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
