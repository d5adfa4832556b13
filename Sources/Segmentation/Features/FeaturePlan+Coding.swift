package import Bytes
import Domain
import Propensity

// A plan on the wire: a version byte, then the rules, the events, and varint counts of features and
// of omissions with each. Lists are a varint count and their elements; an optional text is whether it
// is there (UInt8) and the text; a path is a list of texts.
extension FeaturePlan {
  private static let version: UInt8 = 1

  package func encode(into writer: inout ByteWriter) {
    writer.write(Self.version)
    rules.encode(into: &writer)
    events.encode(into: &writer)
    writer.writeVarint(features.count)
    for feature in features { feature.encode(into: &writer) }
    writer.writeVarint(omissions.count)
    for omission in omissions {
      writer.write(omission.code)
      writer.write(omission.reason.rawValue)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let version = try reader.read(UInt8.self)
    guard version == Self.version else {
      throw .unknownTag(at: 0, tag: UInt64(version), of: "version of a feature plan")
    }
    let rules = try FeatureRules(from: &reader)
    let events = try EventSelection(from: &reader)
    let at = reader.offset
    let count = try reader.readCount(elementByteCount: 6)
    guard count <= Self.featureCountMax else {
      throw .countTooLarge(at: at, count: UInt64(count), limit: Self.featureCountMax)
    }
    var features: [FeatureDefinition] = []
    for _ in 0..<count { features.append(try FeatureDefinition(from: &reader, events)) }
    var omissions: [Omission] = []
    for _ in 0..<(try reader.readCount(elementByteCount: 2)) {
      let code = try reader.readText()
      omissions.append(Omission(code: code, reason: try reader.readTag("reason of an omission")))
    }
    self.init(features: features, rules: rules, events: events, omissions: omissions)
  }
}

extension FeatureRules {
  fileprivate func encode(into writer: inout ByteWriter) {
    writer.write(optional: eligible)
    goal.encode(into: &writer)
    writer.writeVarint(outcomeWindowDays)
    writer.write(texts: exclusions)
    writer.writeVarint(audiences.count)
    for audience in audiences {
      writer.write(audience.id.text)
      writer.writeVarint(audience.version)
      writer.write(audience.expression)
      writer.write(optional: audience.timeZone)
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
    let eligible = try reader.readOptionalText()
    let goal = try PropensityInstance.Goal(from: &reader)
    let at = reader.offset
    let days = try reader.readVarint()
    guard let window = Int(exactly: days),
      PropensityInstance.outcomeWindowDaysRange.contains(window)
    else { throw .invalidValue(at: at, what: "an outcome window of \(days) days") }
    let exclusions = try reader.readTexts()
    var audiences: [ProgramDefinition] = []
    for _ in 0..<(try reader.readCount(elementByteCount: 4)) {
      let nameAt = reader.offset
      guard let id = Name(try reader.readText()) else {
        throw .invalidValue(at: nameAt, what: "a text that is no name")
      }
      audiences.append(
        ProgramDefinition(
          id: id,
          version: try reader.readVarint(),
          expression: try reader.readText(),
          timeZone: try reader.readOptionalText()
        )
      )
    }
    self.init(
      eligible: eligible,
      goal: goal,
      outcomeWindowDays: window,
      exclusions: exclusions,
      audiences: audiences
    )
  }
}

extension PropensityInstance.Goal {
  fileprivate func encode(into writer: inout ByteWriter) {
    switch self {
    case .predicate(let text):
      writer.write(false)
      writer.write(text)
    case .events(let goal):
      writer.write(true)
      writer.write(goal.occurs)
      writer.write(goal.match == .any)
      writer.write(goal.scope == .withinWindow)
      writer.write(texts: goal.conditions)
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
    guard try reader.readBool() else {
      self = .predicate(try reader.readText())
      return
    }
    self = .events(
      PropensityInstance.EventGoal(
        occurs: try reader.readBool(),
        match: try reader.readBool() ? .any : .all,
        scope: try reader.readBool() ? .withinWindow : .sameEvent,
        conditions: try reader.readTexts()
      )
    )
  }
}

extension EventSelection {
  fileprivate func encode(into writer: inout ByteWriter) {
    writer.writeVarint(kinds.count)
    for kind in kinds {
      writer.write(kind.name)
      switch kind.meaning {
      case .any: writer.write(0 as UInt8)
      case .type(let type):
        writer.write(1 as UInt8)
        writer.write(type)
      case .custom(let condition):
        writer.write(2 as UInt8)
        writer.write(condition)
      }
    }
    for paths in [numbers, texts] {
      writer.writeVarint(paths.count)
      for path in paths { writer.write(texts: path) }
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    let count = try reader.readCount(elementByteCount: 2)
    guard count <= Self.kindCountMax else {
      throw .countTooLarge(at: at, count: UInt64(count), limit: Self.kindCountMax)
    }
    for _ in 0..<count {
      let name = try reader.readText()
      let tagAt = reader.offset
      let meaning: EventKind.Meaning
      switch try reader.read(UInt8.self) {
      case 0: meaning = .any
      case 1: meaning = .type(try reader.readText())
      case 2: meaning = .custom(condition: try reader.readText())
      case let tag: throw .unknownTag(at: tagAt, tag: UInt64(tag), of: "kind of events")
      }
      kinds.append(EventKind(name: name, meaning: meaning))
    }
    numbers = try reader.readPaths()
    texts = try reader.readPaths()
  }
}

// MARK: Pieces

extension ByteWriter {
  mutating func write(optional text: Text?) {
    write(text != nil)
    if let text { write(text) }
  }

  mutating func write(texts: [Text]) {
    writeVarint(texts.count)
    for text in texts { write(text) }
  }
}

extension ByteReader {
  mutating func readOptionalText() throws(DecodingError) -> Text? {
    try readBool() ? try readText() : nil
  }

  mutating func readTexts() throws(DecodingError) -> [Text] {
    var texts: [Text] = []
    for _ in 0..<(try readCount()) { texts.append(try readText()) }
    return texts
  }

  /// Reads a path to a field: at least one name, and not too many.
  mutating func readPath() throws(DecodingError) -> [Text] {
    let at = offset
    let names = try readTexts()
    guard 1...FieldProjection.nameCountMax ~= names.count else {
      throw .invalidValue(at: at, what: "a path of \(names.count) names")
    }
    return names
  }

  mutating func readPaths() throws(DecodingError) -> [[Text]] {
    var paths: [[Text]] = []
    for _ in 0..<(try readCount(elementByteCount: 2)) { paths.append(try readPath()) }
    return paths
  }

  /// Reads the number of a case.
  mutating func readTag<Tag: RawRepresentable<UInt8>>(
    _ what: String
  ) throws(DecodingError) -> Tag {
    let at = offset
    let number = try read(UInt8.self)
    guard let tag = Tag(rawValue: number) else {
      throw .unknownTag(at: at, tag: UInt64(number), of: what)
    }
    return tag
  }
}
