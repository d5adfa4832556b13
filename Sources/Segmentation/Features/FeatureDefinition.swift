package import Bytes
package import Domain

/// One thing that is measured of each profile.
package struct FeatureDefinition: Hashable, Sendable {
  /// What its values are.
  package enum Kind: UInt8, CaseIterable, Sendable {
    case number = 0
    /// 0 or 1.
    case flag = 1
    /// Days from a date to the cut-off; negative where the date is still to come.
    case age = 2
    case category = 3
  }

  /// Where its values come from.
  package enum Source: Hashable, Sendable {
    case attribute(path: [Text], FieldReading)
    /// Whether the profile was in the audience at the cut-off.
    case membership(Name)
    /// A measure of the events of one kind, the index of an `EventKind` of the plan.
    case events(kind: Int, EventMeasure)
  }

  /// Identifies it for good: the same measure of the same field has the same code in every plan.
  package var code: Text
  /// As a person reads it: `days since last webVisit`.
  package var name: Text
  /// What it is about; features of one group tell of one behaviour or attribute.
  package var group: Text
  package var kind: Kind
  package var source: Source

  package init(code: Text, name: Text, group: Text, kind: Kind, source: Source) {
    self.code = code
    self.name = name
    self.group = group
    self.kind = kind
    self.source = source
  }

  package var isCategory: Bool { kind == .category }
}
