package import Bytes
import Cluster
package import Domain
package import ProfileStore
package import Propensity
package import Segmentation

/// Why profiles cannot be scored.
package enum ScoringError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The plan of features cannot be read.
  case undecodable(DecodingError)
  case features(FeatureError)
  /// The model and the plan do not belong together.
  case otherFeatures(model: Int, plan: Int)
  case columns(ColumnError)
  case store(StoreError)

  package var description: String {
    switch self {
    case .undecodable(let error): "the plan of features cannot be read: \(error)"
    case .features(let error): error.description
    case .otherFeatures(let model, let plan):
      "the \(plan) features that are measured are not the \(model) that the model was trained on"
    case .columns(let error): error.description
    case .store(let error): error.description
    }
  }
}

/// The scored profiles of one shard.
package struct ScoredProfiles: Sendable {
  /// All of the shard, eligible or not.
  package var profileCount: UInt64 = 0
  /// Ascending.
  package var keys: [ProfileKey] = []
  /// By row of the columns: each key's row.
  package var rows: [Int] = []
  package var margins: [Double] = []
  package var columns: [FeatureColumn] = []
  /// By row; `nil` unless it was asked for.
  package var contributions: Contributions?
  /// Which kinds of events that the model looks at they have; `nil` where nobody is scored.
  package var met: MetEvents?

  /// How many rows stand where.
  package var marginCounts: MarginCounts {
    var counts = MarginCounts()
    for margin in margins { counts.add(margin: margin, isPositive: false) }
    return counts
  }
}

/// Scores the eligible profiles of shards with one model; threads share it.
package struct ProfileScorer: Sendable {
  package let model: PropensityModel
  /// What each column of the model is.
  package let features: [FeatureDefinition]
  /// By the feature's name, what of a profile it is made of.
  private let origins: [Text: FeatureOrigin]
  /// The goal that scores are about; `nil` for one over attributes alone.
  let outcome: PredictedOutcome?
  let extractor: FeatureExtractor
  private let scorer: Scorer
  let explainer: Explainer?
  let censusTaker: CensusTaker?
  /// The kinds of events that features which move a score are about, by their numbers in the plan.
  private let kinds: [(number: Int, kind: EventKind)]

  /// - Parameters:
  ///   - model: as it was trained.
  ///   - plan: of the features it was trained on, as bytes.
  ///   - asOf: the cut-off; features come from events before it.
  ///   - explains: whether contributions are wanted.
  /// - Throws: when the plan cannot be read or its rules be made ready.
  package init(
    _ model: PropensityModel,
    plan: [UInt8],
    asOf: Instant,
    explains: Bool
  ) throws(ScoringError) {
    let features: FeaturePlan
    do throws(DecodingError) {
      var reader = ByteReader(plan)
      features = try FeaturePlan(from: &reader)
    } catch {
      throw .undecodable(error)
    }
    do throws(FeatureError) {
      extractor = try FeatureExtractor(
        features,
        at: asOf,
        for: .scoring,
        zones: SystemZones.source
      )
    } catch {
      throw .features(error)
    }
    self.features = features.features
    origins = features.origins
    outcome = features.outcome.map { PredictedOutcome($0) }
    guard self.features.map(\.name) == model.features.map(\.name) else {
      throw .otherFeatures(model: model.features.count, plan: self.features.count)
    }
    self.model = model
    kinds = features.kinds(of: zip(self.features, model.splitCounts).filter { $1 > 0 }.map { $0.0 })
    scorer = Scorer(model)
    explainer = explains ? Explainer(model) : nil
    censusTaker =
      explains ? CensusTaker(model, behaviours: self.features.map(\.group)) : nil
  }

  /// The mean margin, from which contributions lead to a row's own.
  package var baseMargin: Double? { explainer?.baseMargin }

  private func rows(of snapshot: ShardSnapshot) throws(ScoringError) -> FeatureRows {
    do throws(FeatureError) {
      return try extractor.rows(of: try extractor.population(of: snapshot))
    } catch {
      throw .features(error)
    }
  }

  /// How the fields of a set suit the features that move a score.
  ///
  /// - Parameters:
  ///   - schema: of the set.
  ///   - met: what events those that are scored have; `nil` where that is not known yet.
  /// - Returns: what is there, and what is not.
  package func fit(in schema: Schema, met: MetEvents? = nil) -> FieldFit {
    let moving = zip(model.features, model.splitCounts).filter { $0.1 > 0 }
    return FieldFit(moving.compactMap { origins[$0.0.name] }, in: schema, met: met)
  }

  /// Which kinds of events some rows have; `nil` without rows.
  private func met(_ rows: FeatureRows) -> MetEvents? {
    if rows.count == 0 { return nil }
    return MetEvents(
      before: extractor.instant,
      kinds: kinds.map { number, kind in
        MetEvents.Kind(
          name: kind.name,
          isNamed: kind.meaning != .any,
          isMet: rows.metKinds >> UInt64(number) & 1 == 1
        )
      }
    )
  }

  /// Finds out where a shard's eligible profiles stand and what events they have, and nothing else.
  package func measure(_ snapshot: ShardSnapshot) throws(ScoringError) -> ScoredProfiles {
    var scored = ScoredProfiles()
    let rows = try rows(of: snapshot)
    scored.profileCount = snapshot.contents.profileCount
    scored.met = met(rows)
    do throws(ColumnError) {
      scored.margins = try scorer.margins(rows.columns)
    } catch {
      throw .columns(error)
    }
    return scored
  }

  /// Scores a shard.
  package func score(_ snapshot: ShardSnapshot) throws(ScoringError) -> ScoredProfiles {
    let rows = try rows(of: snapshot)
    var scored = ScoredProfiles()
    scored.profileCount = snapshot.contents.profileCount
    do throws(ColumnError) {
      scored.margins = try scorer.margins(rows.columns)
      scored.contributions = try explainer?.explain(rows.columns)
    } catch {
      throw .columns(error)
    }
    scored.columns = rows.columns
    scored.met = met(rows)
    let rowOf = Dictionary(
      zip(rows.ordinals.map { Int($0) }, rows.ordinals.indices),
      uniquingKeysWith: { first, _ in first }
    )
    do throws(StoreError) {
      let order = try snapshot.ordinalsInKeyOrder()
      for position in order.indices {
        guard let row = rowOf[order[position]] else { continue }
        scored.keys.append(order.key(at: position))
        scored.rows.append(row)
      }
    } catch {
      throw .store(error)
    }
    return scored
  }
}

extension PredictedOutcome {
  /// - Parameter plan: judges the goal.
  fileprivate init(_ plan: FeaturePlan) {
    var writer = ByteWriter()
    plan.encode(into: &writer)
    self.init(windowDays: UInt32(clamping: plan.rules.outcomeWindowDays), plan: writer.bytes)
  }
}
