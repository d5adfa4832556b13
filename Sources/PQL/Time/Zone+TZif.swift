package import Bytes

/// Why bytes are no zone file.
package enum ZoneFileError: Error, Equatable, Sendable {
  case notAZoneFile
  case unsupportedVersion(UInt8)
  case truncated(byteCount: Int, needed: Int)
  case noLocalTimeTypes
  case leapSeconds(count: Int)
  case transitionsNotAscending(index: Int)
  case unknownLocalTimeType(Int, count: Int)
  case offsetOutOfRange(seconds: Int)
  case badRule
}

extension ZoneFileError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notAZoneFile: "the file does not start with 'TZif'"
    case .unsupportedVersion(let version): "zone file version \(version) is none of 1 to 4"
    case .truncated(let count, let needed): "the zone file has \(count) bytes and needs \(needed)"
    case .noLocalTimeTypes: "the zone file names no local time"
    case .leapSeconds(let count): "the zone file counts \(count) leap seconds; use one without"
    case .transitionsNotAscending(let index): "transition \(index) is not after the one before it"
    case .unknownLocalTimeType(let type, let count):
      "a transition names local time \(type) of \(count)"
    case .offsetOutOfRange(let seconds): "an offset of \(seconds) seconds is out of range"
    case .badRule: "the rule at the end of the zone file cannot be read"
    }
  }
}

extension Zone {
  /// Reads a compiled zone file (RFC 8536, "TZif").
  ///
  /// ```
  /// header  "TZif" version(1) reserved(15) isutcnt isstdcnt leapcnt timecnt typecnt charcnt (4 each)
  /// data    times[timecnt] types[timecnt] (offset(4) isdst(1) name(1))[typecnt] chars leaps isstd isut
  /// ```
  ///
  /// Version 1 is one header with data of 4-byte times. Later versions have a second header with data
  /// of 8-byte times, then a line feed, the rule for later times, and a line feed; only these are
  /// read. Without a rule, the last offset stays for ever.
  package init(name: Text, tzif bytes: [UInt8]) throws(ZoneFileError) {
    var block = try ZoneFileBlock(bytes, at: 0, timeByteCount: 4)
    let isLong = block.version > 1
    if isLong { block = try ZoneFileBlock(bytes, at: block.end, timeByteCount: 8) }
    let (initialOffset, transitions) = try block.transitions(in: bytes)
    var rule: ZoneRule?
    if isLong {
      let footer = bytes[block.end...]
      guard footer.first == UInt8(ascii: "\n"),
        let end = footer.dropFirst().firstIndex(of: UInt8(ascii: "\n"))
      else { throw .badRule }
      let text = bytes[block.end + 1..<end]
      if !text.isEmpty {
        rule = ZoneRule(text)
        if rule == nil { throw .badRule }
      }
    }
    self.init(name: name, initialOffset: initialOffset, transitions: transitions, rule: rule)
  }
}

/// A header of a zone file with the places of the data behind it.
private struct ZoneFileBlock {
  static let headerByteCount = 44

  let version: UInt8
  let timeByteCount: Int
  let timeCount: Int
  let typeCount: Int
  let leapCount: Int
  let dataStart: Int
  let end: Int

  init(_ bytes: [UInt8], at start: Int, timeByteCount: Int) throws(ZoneFileError) {
    let dataStart = start + Self.headerByteCount
    guard bytes.count >= dataStart else {
      throw .truncated(byteCount: bytes.count, needed: dataStart)
    }
    guard bytes[start..<start + 4].elementsEqual("TZif".utf8) else { throw .notAZoneFile }
    switch bytes[start + 4] {
    case 0: version = 1
    case UInt8(ascii: "2")...UInt8(ascii: "4"): version = bytes[start + 4] - UInt8(ascii: "0")
    default: throw .unsupportedVersion(bytes[start + 4])
    }
    let counts = (0..<6).map { index in
      Int(UInt32(truncatingIfNeeded: bytes.integer(at: start + 20 + index * 4, byteCount: 4)))
    }
    self.timeByteCount = timeByteCount
    self.dataStart = dataStart
    (leapCount, timeCount, typeCount) = (counts[2], counts[3], counts[4])
    end =
      dataStart + timeCount * (timeByteCount + 1) + typeCount * 6 + counts[5]
      + leapCount * (timeByteCount + 4) + counts[1] + counts[0]
    guard bytes.count >= end else { throw .truncated(byteCount: bytes.count, needed: end) }
  }

  func transitions(
    in bytes: [UInt8]
  ) throws(ZoneFileError) -> (initialOffset: Int, [Zone.Transition]) {
    if leapCount > 0 { throw .leapSeconds(count: leapCount) }
    if typeCount == 0 { throw .noLocalTimeTypes }
    let typeIndexStart = dataStart + timeCount * timeByteCount
    let typeStart = typeIndexStart + timeCount
    var offsets: [Int] = []
    for type in 0..<typeCount {
      let offset = Int(bytes.integer(at: typeStart + type * 6, byteCount: 4))
      guard abs(offset) < Zone.offsetSecondsMax else { throw .offsetOutOfRange(seconds: offset) }
      offsets.append(offset)
    }
    var initialOffset = offsets[0]
    var transitions: [Zone.Transition] = []
    var previous: Int64?
    for index in 0..<timeCount {
      let seconds = bytes.integer(
        at: dataStart + index * timeByteCount,
        byteCount: timeByteCount
      )
      let type = Int(bytes[typeIndexStart + index])
      guard type < typeCount else { throw .unknownLocalTimeType(type, count: typeCount) }
      if let previous, previous >= seconds { throw .transitionsNotAscending(index: index) }
      previous = seconds
      if seconds < Zone.secondsRange.lowerBound {
        initialOffset = offsets[type]
      } else if seconds <= Zone.secondsRange.upperBound {
        transitions.append(Zone.Transition(seconds: seconds, offset: offsets[type]))
      }
    }
    return (initialOffset, transitions)
  }
}

extension [UInt8] {
  /// A signed big-endian integer; the caller has checked that it lies within the array.
  fileprivate func integer(at start: Int, byteCount: Int) -> Int64 {
    var value: Int64 = self[start] >= 0x80 ? -1 : 0
    for index in start..<start + byteCount { value = value << 8 | Int64(self[index]) }
    return value
  }
}
