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
  /// What a shard has told before its scores are made.
  struct Measure: Sendable {
    var counts: MarginCounts
    var lastEvent: Instant?
    var outcome: PredictedOutcome?
    var met: MetEvents?
  }

  /// What a shard has told once its scores were made.
  struct Findings: Sendable {
    var census: ScoringCensus
    /// One for each of `judged`.
    var outcomes: [ScoredOutcomes]
  }

  let plan: ScoringPlan
  /// What the features that move a score are made of.
  let origins: [FeatureOrigin]
  /// The name of the set that the model learned from.
  let modelSet: Name
  /// By shard index.
  var measures: [Measure?] = []
  /// Earlier scorings that are judged with this one.
  var judged: [Instant] = []
  /// By shard index.
  var shardFindings: [Findings?] = []
  /// Attempts that failed other than by a worker's leaving.
  var failureCount = 0
  /// Not before this monotonic millisecond another attempt is made.
  var notBefore = Int64.min

  /// What all shards have told before their scores are made; `nil` while a shard's word is missing.
  var measure: Measure? {
    guard var sum = measures.first ?? nil else { return nil }
    for measure in measures.dropFirst() {
      guard let measure else { return nil }
      sum.counts.add(measure.counts)
      sum.lastEvent = [sum.lastEvent, measure.lastEvent].compactMap(\.self).max()
    }
    sum.met = .sum(of: measures.compactMap { $0?.met })
    return sum
  }

  /// What the scoring found in the whole set; `nil` where a shard has not told, or of another model.
  var findings: ScoringFindings? {
    guard let measure, let first = shardFindings.first ?? nil else { return nil }
    var sum = first.census
    for findings in shardFindings.dropFirst() {
      guard let findings, sum.add(findings.census) else { return nil }
    }
    return ScoringFindings(margins: measure.counts, census: sum)
  }

  /// What became of the profiles of the earlier scorings that are judged.
  var known: [OutcomeNews.Known] {
    judged.enumerated().map { index, asOf in
      var sum = ScoredOutcomes()
      for case let findings? in shardFindings where findings.outcomes.indices.contains(index) {
        sum.add(findings.outcomes[index])
      }
      return OutcomeNews.Known(asOf: asOf, outcomes: sum)
    }
  }
}

/// The fields that scores become.
enum ScoreSchema {
  /// What is added to a set's schema when `count` profiles get scores of an instance.
  ///
  /// - Parameters:
  ///   - instance: gives the scores their name.
  ///   - count: profiles.
  ///   - hasHistory: whether they keep scores of before too, whose outcomes are awaited.
  /// - Returns: fields to be merged with those that are there.
  static func schema(of instance: Name, count: UInt64, hasHistory: Bool) -> Schema {
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
    let factor = object([
      "code": node(.string, count), "value": node(.string, count),
      "importance": node(.string, count), "direction": node(.string, count),
      "shap": node(.double, count),
    ])
    func list(_ element: SchemaNode) -> SchemaNode {
      var list = node(.array, count)
      list.element = [element]
      return list
    }
    var date = node(.string, count)
    date.textForm = .instant
    var fields: [Text: SchemaNode] = [
      "score": node(.integer, count), "probability": node(.double, count),
      "percentile": node(.integer, count), "bucket": node(.string, count),
      "scoreDate": date, "modelVersion": node(.integer, count), "factors": list(factor),
    ]
    if hasHistory {
      fields["history"] = list(object(["scoreDate": date, "score": node(.integer, count)]))
    }
    var schema = Schema()
    schema.profile.fields["covey"] = object([
      "propensity": object([instance.text: object(fields)])
    ])
    return schema
  }
}
