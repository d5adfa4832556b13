package import Bytes

/// A named rule over one profile, in the shape of the Segmentation Service's definition object.
package struct SegmentDefinition: Hashable, Sendable {
  package var id: Name
  package var name: Text
  /// The rule as PQL text.
  package var expression: Text
  /// IANA zone of the rule's days; `nil` is UTC.
  package var timeZone: Text?
  /// The one profile set the rule is for; `nil` for every set.
  package var set: Name?
  /// Raised each time the definition is changed.
  package var version: UInt64
  /// Ids that the rule names in `inSegment`, ascending, each once.
  package var references: [Text]
  /// The whole object as it was applied, members unknown here included.
  package var document: Value

  package init(
    id: Name,
    name: Text,
    expression: Text,
    timeZone: Text?,
    set: Name?,
    version: UInt64,
    references: [Text],
    document: Value
  ) {
    self.id = id
    self.name = name
    self.expression = expression
    self.timeZone = timeZone
    self.set = set
    self.version = version
    self.references = references
    self.document = document
  }
}

/// Whether a profile is in an audience, or was.
package enum MembershipStatus: UInt8, Sendable {
  case realized = 1
  case exited = 2
}
