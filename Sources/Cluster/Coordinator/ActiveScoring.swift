import Bytes
import Domain
import Propensity

/// What an import that is a scoring has besides: its rows are made by the workers.
///
/// ```
/// idle ──all shards can be asked──▶ measuring ──all margins counted──▶ preparing ──▶ ready ──▶ committed
///   ▲                                   │                                  │
///   └────────a shard's owner is gone, or failed: another attempt───────────┘
/// ```
struct ActiveScoring: Sendable {
  let plan: ScoringPlan
  /// What each shard has counted, by shard index.
  var counts: [MarginCounts?] = []
  /// What each shard's scored profiles look like, by shard index.
  var censuses: [ScoringCensus?] = []
  /// Attempts that failed other than by a worker's leaving.
  var failureCount = 0
  /// Not before this monotonic millisecond another attempt is made.
  var notBefore = Int64.min

  /// The margins of the whole set; `nil` while a shard's are missing.
  var total: MarginCounts? {
    var sum = MarginCounts()
    for counts in counts {
      guard let counts else { return nil }
      sum.add(counts)
    }
    return sum
  }

  /// What the scoring found in the whole set; `nil` where a shard has not told, or of another model.
  var findings: ScoringFindings? {
    guard let total, let first = censuses.first, var sum = first else { return nil }
    for census in censuses.dropFirst() {
      guard let census, sum.add(census) else { return nil }
    }
    return ScoringFindings(margins: total, census: sum)
  }
}

/// The fields that scores become.
enum ScoreSchema {
  /// What is added to a set's schema when `count` profiles get scores of an instance.
  static func schema(of instance: Name, count: UInt64) -> Schema {
    func node(_ kinds: FieldKinds, _ count: UInt64) -> SchemaNode {
      var node = SchemaNode()
      node.kinds = kinds
      node.count = count
      if kinds.contains(.string) { node.textForm = .any }
      return node
    }
    func object(_ fields: [Text: SchemaNode]) -> SchemaNode {
      var object = node(.object, count)
      object.fields = fields
      return object
    }
    var factor = object([
      "code": node(.string, count), "value": node(.string, count),
      "importance": node(.string, count), "direction": node(.string, count),
      "shap": node(.double, count),
    ])
    factor.count = count
    var factors = node(.array, count)
    factors.element = [factor]
    var date = node(.string, count)
    date.textForm = .instant
    let scores = object([
      "score": node(.integer, count), "probability": node(.double, count),
      "percentile": node(.integer, count), "bucket": node(.string, count),
      "scoreDate": date, "modelVersion": node(.integer, count), "factors": factors,
    ])
    var schema = Schema()
    schema.profile.fields["covey"] = object([
      "propensity": object([instance.text: scores])
    ])
    return schema
  }
}
