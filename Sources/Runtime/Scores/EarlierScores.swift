import Bytes
import Cluster
import Domain
import ProfileStore
import Propensity
import Segmentation

/// The scores that a shard's profiles had before, and what became of them.
///
/// A profile has its last score among its fields, and under `history` those of earlier scorings whose
/// outcomes are awaited too, `{scoreDate, score}` each. With the next scoring the last one becomes one
/// of them. Of each it is decided here: it is counted, with the outcome, when its scoring is judged; it
/// is kept while its scoring is awaited; else it is forgotten. Whether the profile is eligible now makes
/// no difference.
struct EarlierScores {
  /// What a profile has kept may have been written by anybody; more is not looked at.
  private static let entryCountMax = 2 * ScoringHistory.awaitedCountMax

  private struct Judgement {
    var place: Int
    /// Ordinals of the profiles that reached the goal.
    var positive: Bitmap
  }

  /// By `scoreDate`, as profiles have it.
  private var judgements: [Text: Judgement] = [:]
  private var awaited: Set<Text> = []
  /// One for each scoring that is judged, in the order in which they were asked for.
  private(set) var outcomes: [ScoredOutcomes]

  /// Decides who of a shard reached the goals of the scorings that are judged.
  ///
  /// - Parameters:
  ///   - plan: says which scorings are awaited.
  ///   - judged: those of them whose outcome windows have passed.
  ///   - snapshot: the shard.
  /// - Throws: when a goal cannot be read or judged.
  init(
    _ plan: ScoringPlan,
    judged: [Instant],
    in snapshot: ShardSnapshot
  ) throws(ScoringError) {
    outcomes = judged.map { _ in ScoredOutcomes() }
    for scoring in plan.earlier {
      guard let place = judged.firstIndex(of: scoring.asOf) else {
        awaited.insert(ScoreDocument.date(of: scoring.asOf))
        continue
      }
      judgements[ScoreDocument.date(of: scoring.asOf)] = Judgement(
        place: place,
        positive: try Self.positive(scoring, in: snapshot)
      )
    }
  }

  /// Who reached an earlier scoring's goal in its outcome window, by the labels of a training.
  private static func positive(
    _ scoring: EarlierScoring,
    in snapshot: ShardSnapshot
  ) throws(ScoringError) -> Bitmap {
    let plan: FeaturePlan
    do throws(DecodingError) {
      var reader = ByteReader(scoring.outcome)
      plan = try FeaturePlan(from: &reader)
    } catch {
      throw .undecodable(error)
    }
    do throws(FeatureError) {
      let extractor = try FeatureExtractor(
        plan,
        at: scoring.asOf,
        for: .training,
        zones: SystemZones.source
      )
      return try extractor.population(of: snapshot).positive ?? Bitmap()
    } catch {
      throw .features(error)
    }
  }

  /// Goes through a profile's earlier scores, counting what is judged.
  ///
  /// - Parameters:
  ///   - fields: what the profile has of the instance.
  ///   - ordinal: the profile's.
  /// - Returns: what stays under `history`, the oldest first.
  mutating func take(_ fields: Value, of ordinal: Int) -> [Value] {
    if judgements.isEmpty && awaited.isEmpty { return [] }
    var kept: [(date: Text, entry: Value)] = []
    var seen: Set<Text> = []
    let entries = [fields] + (fields["history"]?.elements ?? []).suffix(Self.entryCountMax)
    for entry in entries {
      guard let date = entry["scoreDate"]?.text,
        let score = entry["score"]?.integer, (0...100).contains(score),
        seen.insert(date).inserted
      else { continue }
      if let judgement = judgements[date] {
        outcomes[judgement.place].add(
          score: Int(score),
          isPositive: judgement.positive.contains(ordinal)
        )
      } else if awaited.contains(date) {
        kept.append(
          (date, .object([("scoreDate", .string(date)), ("score", .integer(score))]))
        )
      }
    }
    return kept.sorted { $0.date < $1.date }.map(\.entry)
  }
}

extension ShardSnapshot {
  /// When the last event of the shard happened; `nil` without events.
  func lastEvent() throws(StoreError) -> Instant? {
    var last: Instant?
    for index in 0..<blockCount {
      guard let span = try flatBlock(index).eventSpan else { continue }
      last = max(last ?? span.upperBound, span.upperBound)
    }
    return last
  }
}
