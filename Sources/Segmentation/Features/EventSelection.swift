package import Bytes

/// The events that features are about: their kinds, and the fields that are looked at.
package struct EventSelection: Hashable, Sendable {
  /// Kinds at most: an event's kinds are the bits of a word.
  package static let kindCountMax = 64

  package internal(set) var kinds: [EventKind] = []
  /// Fields whose numbers are added up.
  package internal(set) var numbers: [[Text]] = []
  /// Fields whose texts are told apart.
  package internal(set) var texts: [[Text]] = []
}

/// Events that features speak of together.
package struct EventKind: Hashable, Sendable {
  package enum Meaning: Hashable, Sendable {
    case any
    /// Events of an `eventType`.
    case type(Text)
    /// Events that fulfil a condition, in PQL.
    case custom(condition: Text)
  }

  /// As it stands in the names of features.
  package var name: Text
  package var meaning: Meaning

  package init(name: Text, meaning: Meaning) {
    self.name = name
    self.meaning = meaning
  }

  /// As it stands in the codes of features.
  var code: String {
    switch meaning {
    case .any: "any"
    case .type(let type): "type/\(type)"
    case .custom: "custom/\(name)"
    }
  }
}
