package import Bytes

/// Which of the kinds of events that a model looks at happened to the profiles that are scored.
///
/// The fields of a set do not tell: events of other types have the same `timestamp` and `eventType`.
package struct MetEvents: Hashable, Sendable {
  package struct Kind: Hashable, Sendable {
    /// As it stands in the names of features.
    package var name: Text
    /// Whether it is of a type or a condition; otherwise all events are meant.
    package var isNamed: Bool
    /// Whether a profile had such an event.
    package var isMet: Bool

    package init(name: Text, isNamed: Bool, isMet: Bool) {
      self.name = name
      self.isNamed = isNamed
      self.isMet = isMet
    }
  }

  /// Later events do not count.
  package let instant: Instant
  /// In the order of the plan of features; the same for all shards but for what was met.
  package private(set) var kinds: [Kind]

  package init(before instant: Instant, kinds: [Kind]) {
    self.instant = instant
    self.kinds = kinds
  }

  /// Adds what happened to other profiles.
  ///
  /// - Returns: whether it tells of the same kinds and time; otherwise nothing is added.
  package mutating func add(_ other: MetEvents) -> Bool {
    guard instant == other.instant, kinds.count == other.kinds.count,
      zip(kinds, other.kinds).allSatisfy({ $0.name == $1.name && $0.isNamed == $1.isNamed })
    else { return false }
    for index in kinds.indices where other.kinds[index].isMet { kinds[index].isMet = true }
    return true
  }

  /// What happened to any of some profiles; `nil` where there are none.
  package static func sum(of parts: some Sequence<MetEvents>) -> MetEvents? {
    var sum: MetEvents?
    for part in parts where sum?.add(part) == nil { sum = part }
    return sum
  }

  /// Whether anything of what the model looks at happened.
  ///
  /// Where it tells kinds apart, events of none of them are other events than it learned from.
  var isAnythingMet: Bool {
    kinds.contains { $0.isMet && $0.isNamed }
      || !kinds.contains(where: \.isNamed) && kinds.contains(where: \.isMet)
  }

  /// What did not happen: the names of kinds, or just `events`; `nil` where all did.
  var missing: String? {
    let names = kinds.filter { $0.isNamed && !$0.isMet }.map { "'\($0.name)'" }
    guard names.isEmpty else { return "\(FieldFit.list(names)) events" }
    return kinds.isEmpty || isAnythingMet ? nil : "events"
  }
}
