package import Bytes

/// What a plan has to know of the data besides the schema: which events and texts there are.
///
/// A property of the profiles and events alone; surveys of shards merge to that of the set, whatever
/// the division into shards and the order of merging.
package struct FeatureSurvey: Equatable, Sendable {
  package internal(set) var profileCount: UInt64 = 0
  /// By path, the texts of attributes.
  package internal(set) var attributes: [[Text]: ValueCensus] = [:]
  /// By path, whether all numbers of an attribute are the keys of their profiles.
  package internal(set) var keyCopies: [[Text]: Bool] = [:]
  /// By `eventType`; events without one under the empty text.
  package internal(set) var eventTypes: [Text: EventTypeSurvey] = [:]

  package init() {}

  /// The survey of the profiles of both.
  package func merging(_ other: FeatureSurvey) -> FeatureSurvey {
    var merged = self
    merged.profileCount &+= other.profileCount
    merged.attributes.merge(other.attributes) { $0.merging($1) }
    merged.keyCopies.merge(other.keyCopies) { $0 && $1 }
    merged.eventTypes.merge(other.eventTypes) { $0.merging($1) }
    return merged
  }

  /// Whether an attribute's numbers are the keys of profiles.
  func repeatsKeys(_ path: [Text]) -> Bool { keyCopies[path] == true }

  /// Whether an attribute's texts are names or ids rather than categories.
  func tellsProfilesApart(_ path: [Text]) -> Bool {
    attributes[path].map(\.tellsRowsApart) ?? false
  }

  /// The events of all types together.
  var allEvents: EventTypeSurvey {
    eventTypes.values.reduce(EventTypeSurvey()) { $0.merging($1) }
  }
}

/// The events of one type.
package struct EventTypeSurvey: Equatable, Sendable {
  package internal(set) var eventCount: UInt64 = 0
  /// By path.
  package internal(set) var fields: [[Text]: EventFieldSurvey] = [:]

  package init() {}

  func merging(_ other: EventTypeSurvey) -> EventTypeSurvey {
    var merged = self
    merged.eventCount &+= other.eventCount
    merged.fields.merge(other.fields) { $0.merging($1) }
    return merged
  }
}

/// The values of one field of the events of one type.
package struct EventFieldSurvey: Equatable, Sendable {
  /// Numbers, and booleans as 0 and 1.
  package internal(set) var numbers = ValueCensus()
  package internal(set) var texts = ValueCensus()

  package init() {}

  func merging(_ other: EventFieldSurvey) -> EventFieldSurvey {
    var merged = self
    merged.numbers = numbers.merging(other.numbers)
    merged.texts = texts.merging(other.texts)
    return merged
  }
}
