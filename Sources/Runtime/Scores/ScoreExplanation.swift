import Bytes
import Cluster
import Domain
import ProfileStore
import Propensity
import Segmentation

/// Why one profile has its score: everything that moved it, and what the last scoring wrote.
///
/// ```
/// {key, isEligible, stored?,
///  score, probability, percentile, bucket, margin, base,
///  factors: [{code, value?, direction, importance, shap, share, features: [{code, value?, shap}]}]}
/// ```
///
/// What follows `stored` is there for an eligible profile only. Contributions (`shap`) are in log-odds;
/// those of all factors and the base add up to the margin.
struct ScoreExplanation {
  let question: ScoreQuestion

  /// - Returns: `nil` when the shard has no such profile.
  /// - Throws: why there is no answer.
  func document(in snapshot: ShardSnapshot) throws(RoundProblem) -> Value? {
    let found: (ordinal: Int, stored: Value?)?
    do throws(StoreError) { found = try stored(in: snapshot) } catch { throw .store(error) }
    guard let (ordinal, stored) = found else { return nil }
    let model: PropensityModel
    do throws(ModelError) { model = try PropensityModel(decoding: question.model) } catch {
      throw .model(error)
    }
    guard question.percentiles.count == MarginCounts.bucketCount else {
      throw .undecodable(.invalidValue(at: 0, what: "percentiles of other buckets"))
    }
    var members: [(Text, Value)] = [("key", .string(question.key.text))]
    do throws(ScoringError) {
      let scorer = try ProfileScorer(
        model,
        plan: question.features,
        asOf: question.asOf,
        explains: true
      )
      let scored = try scorer.score(question.key, at: ordinal, in: snapshot)
      members.append(("isEligible", .boolean(scored != nil)))
      if let stored { members.append(("stored", stored)) }
      if let scored { members += self.members(of: scored, scorer) }
    } catch {
      throw .scoring(error)
    }
    return .object(members)
  }

  /// Where the profile is, and what it has of the instance.
  private func stored(
    in snapshot: ShardSnapshot
  ) throws(StoreError) -> (ordinal: Int, stored: Value?)? {
    guard let ordinal = try snapshot.ordinal(of: question.key) else { return nil }
    let (index, row) = snapshot.locate(ordinal)
    let fields = Value.object(try snapshot.block(index).attributes(row))
    let stored = fields["covey"]?["propensity"]?[question.instance.text]
    // Who is not eligible any more may have kept scores of before, and has none now.
    return (ordinal, stored?["score"] == nil ? nil : stored)
  }

  private func members(of scored: ScoredProfiles, _ scorer: ProfileScorer) -> [(Text, Value)] {
    let document = ScoreDocument(scorer: scorer, percentiles: question.percentiles)
    var members = document.members(0, scored, hasFactors: false)
    members.append(("margin", .double(scored.margins[0])))
    if let base = scorer.baseMargin { members.append(("base", .double(base))) }
    if let contributions = scored.contributions?.row(0) {
      members.append(("factors", .array(factors(of: scored, Array(contributions), scorer))))
    }
    return members
  }

  private func factors(
    of scored: ScoredProfiles,
    _ contributions: [Double],
    _ scorer: ProfileScorer
  ) -> [Value] {
    let groups = scorer.features.map(\.group)
    let order = contributions.indices.filter { contributions[$0] != 0 }.sorted {
      let (a, b) = (abs(contributions[$0]), abs(contributions[$1]))
      return a != b ? a > b : $0 < $1
    }
    return Factor.strongest(contributions, groups: groups, countMax: .max).map { factor in
      let document = ScoreDocument(scorer: scorer, percentiles: question.percentiles)
      let own = order.filter { groups[$0] == groups[factor.feature] }
      return .object(
        document.members(of: factor, 0, scored) + [
          ("share", .double(factor.share)),
          (
            "features",
            .array(
              own.map { feature in
                var members: [(Text, Value)] = [("code", .string(scorer.features[feature].name))]
                if let value = scored.columns[feature].shown(0) {
                  members.append(("value", .string(Text(value))))
                }
                return .object(members + [("shap", .double(contributions[feature]))])
              }
            )
          ),
        ]
      )
    }
  }
}

extension StoreExecutor {
  /// Explains a profile's score; called in the shard's lane.
  func explain(_ question: ScoreQuestion, in store: ShardStore) throws(StoreError) -> QueryAnswer {
    let snapshot = try store.snapshot()
    do throws(RoundProblem) {
      return .document(try ScoreExplanation(question: question).document(in: snapshot))
    } catch {
      if case .store(let error) = error { throw error }
      return .failed(error.failure)
    }
  }
}
