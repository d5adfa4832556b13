import Bytes
import Domain

// A feature on the wire: code, name, group, kind (UInt8), then its source by a tag:
// 0 attribute     path, reading (UInt8)
// 1 membership    name of the audience
// 2 events        varint kind, measure
// A measure is a tag with its numbers: windows and parts of days are UInt8, fields, kinds and days
// varints.
extension FeatureDefinition {
  func encode(into writer: inout ByteWriter) {
    writer.write(code)
    writer.write(name)
    writer.write(group)
    writer.write(kind.rawValue)
    switch source {
    case .attribute(let path, let reading):
      writer.write(0 as UInt8)
      writer.write(texts: path)
      writer.write(reading.rawValue)
    case .membership(let audience):
      writer.write(1 as UInt8)
      writer.write(audience.text)
    case .events(let kind, let measure):
      writer.write(2 as UInt8)
      writer.writeVarint(kind)
      measure.encode(into: &writer)
    }
  }

  /// Reads a feature of a plan with these events.
  init(from reader: inout ByteReader, _ events: EventSelection) throws(DecodingError) {
    code = try reader.readText()
    name = try reader.readText()
    group = try reader.readText()
    kind = try reader.readTag("kind of feature")
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case 0:
      let path = try reader.readPath()
      source = .attribute(path: path, try reader.readTag("reading of an attribute"))
    case 1:
      let nameAt = reader.offset
      guard let audience = Name(try reader.readText()) else {
        throw .invalidValue(at: nameAt, what: "a text that is no name")
      }
      source = .membership(audience)
    case 2:
      let kind = try reader.readIndex(below: events.kinds.count, of: "kind of events")
      source = .events(kind: kind, try EventMeasure(from: &reader, events))
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "source of a feature")
    }
    guard isCategory == source.isCategory else {
      throw .invalidValue(at: at, what: "a feature of another kind than its values")
    }
  }
}

extension FeatureDefinition.Source {
  fileprivate var isCategory: Bool {
    switch self {
    case .attribute(_, .text), .events(_, .last): true
    case .attribute, .events, .membership: false
    }
  }
}

extension EventMeasure {
  fileprivate func encode(into writer: inout ByteWriter) {
    func write(_ tag: UInt8, _ numbers: [Int] = [], _ window: FeatureWindow? = nil) {
      writer.write(tag)
      for number in numbers { writer.writeVarint(number) }
      if let window { writer.write(window.rawValue) }
    }
    switch self {
    case .recency: write(0)
    case .tenure: write(1)
    case .count(let window): write(2, [], window)
    case .dayCount(let window): write(3, [], window)
    case .trend(let window): write(4, [], window)
    case .slope: write(5)
    case .gapMean: write(6)
    case .gapDeviation: write(7)
    case .gapRatio: write(8)
    case .hourShare(let quarter): write(9, [quarter])
    case .weekdayShare(let day): write(10, [day])
    case .sum(let field, let window): write(11, [field], window)
    case .mean(let field, let window): write(12, [field], window)
    case .largest(let field, let window): write(13, [field], window)
    case .variety(let field, let window): write(14, [field], window)
    case .last(let field): write(15, [field])
    case .follows(let kind, let days): write(16, [kind, days])
    }
  }

  fileprivate init(
    from reader: inout ByteReader,
    _ events: EventSelection
  ) throws(DecodingError) {
    func window() throws(DecodingError) -> FeatureWindow { try reader.readTag("window") }
    func number() throws(DecodingError) -> Int {
      try reader.readIndex(below: events.numbers.count, of: "field of numbers")
    }
    func text() throws(DecodingError) -> Int {
      try reader.readIndex(below: events.texts.count, of: "field of texts")
    }
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case 0: self = .recency
    case 1: self = .tenure
    case 2: self = .count(try window())
    case 3: self = .dayCount(try window())
    case 4:
      let window = try window()
      guard window != .all else { throw .invalidValue(at: at, what: "a trend of all the time") }
      self = .trend(window)
    case 5: self = .slope
    case 6: self = .gapMean
    case 7: self = .gapDeviation
    case 8: self = .gapRatio
    case 9: self = .hourShare(quarter: try reader.readIndex(below: 4, of: "quarter of a day"))
    case 10: self = .weekdayShare(day: try reader.readIndex(below: 7, of: "day of the week"))
    case 11: self = .sum(field: try number(), try window())
    case 12: self = .mean(field: try number(), try window())
    case 13: self = .largest(field: try number(), try window())
    case 14: self = .variety(field: try text(), try window())
    case 15: self = .last(field: try text())
    case 16:
      let kind = try reader.readIndex(below: events.kinds.count, of: "kind of events")
      self = .follows(kind: kind, days: try reader.readIndex(below: 366, of: "count of days"))
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "measure of events")
    }
  }
}

extension ByteReader {
  /// Reads a number below a bound.
  mutating func readIndex(below bound: Int, of what: String) throws(DecodingError) -> Int {
    let at = offset
    let number = try readVarint()
    guard number < UInt64(bound) else {
      throw .invalidValue(at: at, what: "a \(what) of number \(number)")
    }
    return Int(number)
  }
}
