import Bytes
import Domain
import Propensity
import Segmentation

/// What is told of a score: in lines of files, and in the fields of profiles.
struct ScoreDocument {
  let scorer: ProfileScorer
  /// By bucket of margins.
  let percentiles: [UInt8]

  /// The `scoreDate` of a scoring, by which profiles tell their scores apart.
  static func date(of asOf: Instant) -> Text { Text(asOf.clamped.iso) }

  func members(_ row: Int, _ scored: ScoredProfiles, hasFactors: Bool) -> [(Text, Value)] {
    let margin = scored.margins[row]
    let score = scorer.model.scoreMap.score(margin: margin)
    var members: [(Text, Value)] = [
      ("score", .integer(Int64(score))),
      ("probability", .double(scorer.model.probability(margin: margin))),
      ("percentile", .integer(Int64(percentiles[MarginCounts.bucket(of: margin)]))),
      ("bucket", .string(ScoreBucket(score: score).rawValue)),
    ]
    if hasFactors { members.append(("factors", .array(factors(of: row, scored)))) }
    return members
  }

  private func factors(of row: Int, _ scored: ScoredProfiles) -> [Value] {
    guard let contributions = scored.contributions?.row(row) else { return [] }
    let factors = Factor.strongest(Array(contributions), groups: scorer.features.map(\.group))
    return factors.map { .object(members(of: $0, row, scored)) }
  }

  func members(of factor: Factor, _ row: Int, _ scored: ScoredProfiles) -> [(Text, Value)] {
    var members: [(Text, Value)] = [
      ("code", .string(scorer.features[factor.feature].name)),
      ("importance", .string(factor.importance.rawValue)),
      ("direction", .string(factor.contribution > 0 ? "up" : "down")),
      ("shap", .double(factor.contribution)),
    ]
    if let value = scored.columns[factor.feature].shown(row) {
      members.append(("value", .string(value)))
    }
    return members
  }
}
