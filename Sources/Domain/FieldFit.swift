package import Bytes

/// How the fields and events of a profile set suit what a model learned from.
///
/// What a set does not have is missing for every profile, and so is a field whose values are all of
/// kinds that the model does not read; of events that are all of other types nothing is counted. Scores
/// would mean nothing, and nobody would see why.
package struct FieldFit: Equatable, Sendable {
  /// A field with values that the model does not read.
  package struct Unsuited: Equatable, Sendable {
    /// As it is told.
    package var field: Text
    /// What the model makes of it.
    package var reading: FieldReading
    /// The type that it has.
    package var typeName: String
  }

  /// Fields of which there is nothing that the model reads, in the order of the origins.
  package private(set) var unsuited: [Unsuited] = []
  /// Fields some values of which may be none that the model reads, in the order of the origins.
  package private(set) var mixed: [Unsuited] = []
  /// What there is nothing of, as it is told, in the order of the origins.
  package private(set) var missing: [Text] = []
  /// Events that happened to nobody, with the instant that is meant, as it is told.
  package private(set) var missingEvents: String?
  /// Whether there is nothing of all that the model learned from.
  package let isUnrelated: Bool

  /// Most names of missing fields in a sentence.
  private static let namedCountMax = 10

  /// Compares what features are made of with a schema.
  ///
  /// - Parameters:
  ///   - origins: of the features that move a score; each may come several times.
  ///   - schema: of the profiles that are to be scored.
  ///   - met: what events those that are scored have; `nil` where that is not known yet.
  package init(
    _ origins: some Sequence<FeatureOrigin>,
    in schema: Schema,
    met: MetEvents? = nil
  ) {
    var readings: [Place: [FieldReading]] = [:]
    var places: [Place] = []
    var isThere = false
    for origin in origins {
      guard let (place, reading) = Place.of(origin) else {
        isThere = true
        continue
      }
      if readings[place] == nil { places.append(place) }
      readings[place, default: []] += [reading].compactMap { $0 }
    }
    let lacksEvents = schema.event.count == 0 && places.contains(where: \.isOfEvents)
    let areOthers = met.map { !$0.isAnythingMet } ?? false
    for place in places where !(lacksEvents && place.isOfEvents) {
      guard let node = place.node(in: schema) else {
        missing.append(place.text)
        continue
      }
      if !(areOthers && place.isOfEvents) { isThere = true }
      guard let all = readings[place], let first = all.first else { continue }
      let field = Unsuited(field: place.text, reading: first, typeName: node.typeName)
      if !all.contains(where: { $0.suits(node.kinds) }) {
        unsuited.append(field)
      } else if all.count == 1, !first.suitsAll(of: node) {
        mixed.append(field)
      }
    }
    if lacksEvents {
      missing.append("events")
    } else if let met, let events = met.missing {
      missingEvents = "\(events) of eligible profiles before \(met.instant.clamped.iso)"
    }
    isUnrelated = !isThere && !(missing.isEmpty && missingEvents == nil)
  }

  /// Why the profiles cannot be scored.
  ///
  /// - Parameter subject: who has the fields, with the verb: `the files have`.
  /// - Returns: `nil` where they can.
  package func objection(_ subject: String) -> String? {
    if let first = unsuited.first {
      let told = "'\(first.field)' as \(first.typeName)"
      return "\(subject) \(told), and the model learned from \(first.reading.word)"
    }
    guard isUnrelated else { return nil }
    let rest = "and the model uses nothing else"
    guard let first = missing.first else {
      return missingEvents.map { "\(subject) no \($0), \(rest)" }
    }
    guard missing.count == 1 else {
      let events = missingEvents.map { ", and no \($0)" } ?? ""
      return "\(subject) none of the \(missing.count) fields that the model uses, such as "
        + "'\(first)'\(events)"
    }
    let events = missingEvents.map { " and no \($0)" } ?? ""
    return "\(subject) no '\(first)'\(events), \(rest)"
  }

  /// What is said of scores that are made all the same.
  ///
  /// - Parameter subject: who has the fields, with the verb: `the files have`.
  /// - Returns: sentences; none where all is as it was learned from.
  package func warnings(_ subject: String) -> [String] {
    var warnings: [String] = []
    if !missing.isEmpty {
      let names = Self.list(missing.map { "'\($0)'" })
      warnings.append("\(subject) no \(names); the model takes what is not there as missing")
    }
    if let missingEvents {
      warnings.append("\(subject) no \(missingEvents); the model takes them as never happened")
    }
    if !mixed.isEmpty {
      let names = Self.list(mixed.map { "'\($0.field)' that are no \($0.reading.word)" })
      warnings.append("\(subject) values in \(names); the model takes them as missing")
    }
    return warnings
  }

  /// Names in a sentence, as many as can be read.
  static func list(_ names: [String]) -> String {
    let rest = names.count - namedCountMax
    let more = rest > 0 ? " and \(rest) more" : ""
    return names.prefix(namedCountMax).joined(separator: ", ") + more
  }
}

extension FieldFit {
  /// Where values of features are.
  private enum Place: Hashable {
    case attribute([Text])
    case events
    case eventField([Text])

    /// `nil` for what is made of no field.
    static func of(_ origin: FeatureOrigin) -> (Place, FieldReading?)? {
      switch origin {
      case .attribute(let path, let reading): (.attribute(path), reading)
      case .events: (.events, nil)
      case .eventField(let path, let reading): (.eventField(path), reading)
      case .audience: nil
      }
    }

    var isOfEvents: Bool { if case .attribute = self { false } else { true } }

    var text: Text {
      switch self {
      case .attribute(let path): Text(path: path)
      case .events: "events"
      case .eventField(let path): Text("xEvent.\(Text(path: path))")
      }
    }

    /// `nil` where there are no values.
    func node(in schema: Schema) -> SchemaNode? {
      switch self {
      case .attribute(let path): schema.profile.node(at: path)
      case .events: schema.event
      case .eventField(let path): schema.event.node(at: path)
      }
    }
  }
}

extension SchemaNode {
  /// The field at the end of a path, if it has values.
  fileprivate func node(at path: [Text]) -> SchemaNode? {
    var node = self
    for name in path {
      guard let field = node.fields[name] else { return nil }
      node = field
    }
    return node.kinds.isEmpty ? nil : node
  }
}
