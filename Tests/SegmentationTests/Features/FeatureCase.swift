import Bytes
import Domain
import PQL
import ProfileStore
import Propensity
import Segmentation
import Testing

/// Profiles on some shards, and their schema.
struct FeatureCase {
  static let cutOff = Instant(milliseconds: 1_770_000_000_000)
  static let day: Int64 = 86_400_000

  /// Profiles by key, with their events as they came.
  let profiles: [(key: Text, profile: Value)]
  let schema: Schema
  let snapshots: [ShardSnapshot]

  init(_ profiles: [(key: Text, profile: Value)], shardCount: Int = 1) throws {
    self.profiles = profiles
    var set = try ShardSet(count: shardCount)
    var rows: [Customers.Row] = []
    var schema = Schema()
    for (key, profile) in profiles {
      guard case .object(var object) = profile else { continue }
      let events = object[.xEvent]?.elements ?? []
      object[.xEvent] = nil
      schema.profile.merge(SchemaNode(of: .object(object)))
      rows.append(Customers.Row(key: ProfileKey(key), kind: .attributes, object: object))
      for case .object(let event) in events {
        schema.event.merge(SchemaNode(of: .object(event)))
        rows.append(Customers.Row(key: ProfileKey(key), kind: .event, object: event))
      }
    }
    self.schema = schema
    try set.store(rows)
    snapshots = try set.shards.map { try $0.snapshot() }
  }

  /// Profiles of attributes alone, in a short form: a name, then its fields.
  static func attributes(_ profiles: [(Text, [(Text, Value)])]) -> [(key: Text, profile: Value)] {
    profiles.map { ($0.0, .object($0.1)) }
  }

  func survey() throws -> FeatureSurvey {
    try snapshots.reduce(FeatureSurvey()) { $0.merging(try FeatureSurvey(of: $1)) }
  }

  func plan(
    _ instance: PropensityInstance,
    audiences: [ProgramDefinition] = []
  ) throws -> FeaturePlan {
    try FeaturePlan(instance, schema: schema, survey: try survey(), audiences: audiences)
  }

  /// The rows of all shards by key: what was measured, and the label.
  func rows(
    _ plan: FeaturePlan,
    at cutOff: Instant = cutOff,
    for purpose: FeatureExtractor.Purpose = .training
  ) throws -> [Text: Row] {
    let extractor = try FeatureExtractor(
      plan,
      at: cutOff,
      for: purpose,
      zones: DefinitionDocumentTests.zones
    )
    var found: [Text: Row] = [:]
    for snapshot in snapshots {
      let rows = try extractor.rows(of: snapshot)
      for row in 0..<rows.count {
        let key = try snapshot.key(of: Int(rows.ordinals[row])).text
        #expect(rows.keyHashes[row] == shardHash(key.utf8))
        let label = rows.labels.isEmpty ? nil : rows.labels[row]
        #expect(found[key] == nil, "\(key) has two rows")
        found[key] = Row(values: NaiveFeatures.row(row, of: rows), label: label)
      }
    }
    return found
  }

  /// The kinds of events that some row of some shard has, a bit each.
  func metKinds(_ plan: FeaturePlan) throws -> UInt64 {
    let extractor = try FeatureExtractor(
      plan,
      at: Self.cutOff,
      for: .scoring,
      zones: DefinitionDocumentTests.zones
    )
    return try snapshots.reduce(0) { $0 | (try extractor.rows(of: $1).metKinds) }
  }

  struct Row: Equatable {
    var values: [NaiveFeatures.Measured]
    var label: Bool?
  }
}

extension SchemaNode {
  /// The schema of one value.
  init(of value: Value) {
    self.init()
    count = 1
    switch value {
    case .boolean: kinds = .boolean
    case .integer: kinds = .integer
    case .double: kinds = .double
    case .string(let text):
      kinds = .string
      textForm = TimeText(text).map { $0.isDateOnly ? .date : .instant } ?? .any
    case .array(let elements):
      kinds = .array
      for node in elements.map(SchemaNode.init(of:)) {
        if element.isEmpty { element = [node] } else { element[0].merge(node) }
      }
    case .object(let object):
      kinds = .object
      for field in object.fields { fields[field.name] = SchemaNode(of: field.value) }
    }
  }
}
