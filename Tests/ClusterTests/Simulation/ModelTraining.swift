import Bytes
import Cluster
import Domain
import Propensity

/// How the simulated data become rows to learn from, and what is to come of them.
enum ModelTraining {
  static let names: [Text] = ["amount", "colour", "size", "nothing"]
  /// Rows of a profile: few profiles are then enough to learn from.
  private static let rowsOfProfile = 40

  /// The instance that is trained, with few and small trees.
  static func instance(_ name: Text) -> PropensityInstance {
    var instance = PropensityInstance(name: name, kind: .churn, goal: .predicate("isGone"))
    instance.training.treeCountMax = 5
    instance.training.leafCountMax = 7
    instance.training.leavesPerRound = 2
    instance.training.learningRate = 0.3
    instance.training.rowShare = 0.8
    return instance
  }

  static func record(_ instance: PropensityInstance) -> InstanceRecord? {
    Name(instance.name).map { InstanceRecord(name: $0, file: instance.json()) }
  }

  /// The rows of some profiles; they depend on what the shard holds of each, and on the cut-off.
  static func part(
    of profiles: ModelProfiles,
    at cutOffs: [Instant]
  ) -> LocalTraining.Part {
    var amounts: [Double] = []
    var colours: [UInt32] = []
    var sizes: [Double] = []
    var labels: [Bool] = []
    var keys: [UInt64] = []
    for cutOff in cutOffs {
      for (profile, count) in profiles.rowCounts.sorted(by: { $0.key < $1.key }) {
        for row in 0..<rowsOfProfile {
          let draw = mix(UInt64(profile) << 32 | UInt64(row) << 16 | UInt64(count))
          amounts.append(draw % 5 == 0 ? .nan : Double(draw >> 8 % 1_000) / 10)
          colours.append(UInt32(draw >> 20 % 4))
          sizes.append(Double(count) + Double(cutOff.milliseconds % 7))
          labels.append((draw >> 8 % 1_000) + (draw >> 30 % 700) + (draw >> 20 % 4) * 100 > 900)
          keys.append(mix(UInt64(profile)))
        }
      }
    }
    return LocalTraining.Part(
      columns: [
        .numeric(amounts), .categorical(codes: colours, names: ["red", "green", "blue"]),
        .numeric(sizes), .numeric(amounts.map { _ in 1 }),
      ],
      labels: labels,
      keys: keys
    )
  }

  static func dataSurvey(of profiles: ModelProfiles) -> DataSurvey {
    DataSurvey(
      events: profiles.eventCount == 0
        ? nil
        : EventSpan(first: Instant(milliseconds: 5), last: Instant(milliseconds: 90)),
      features: [1]
    )
  }

  /// The margins that a shard counts: one for each profile.
  static func counts(of profiles: [UInt16]) -> [UInt8] {
    var counts = MarginCounts()
    for profile in profiles { counts.add(margin: Double(profile) / 16, isPositive: false) }
    var writer = ByteWriter()
    counts.encode(into: &writer)
    return writer.bytes
  }

  /// What a shard tells before its scores are made.
  ///
  /// - Parameters:
  ///   - profiles: of the shard.
  ///   - lastEvent: `nil` without events.
  ///   - windowDays: of the goal; `nil` for one over attributes alone.
  ///   - met: what events its profiles have.
  /// - Returns: the same goal for all shards.
  static func measure(
    of profiles: ModelProfiles,
    lastEvent: Instant? = Instant(milliseconds: .max),
    windowDays: UInt32? = 0,
    met: MetEvents? = nil
  ) -> ShardMeasure {
    ShardMeasure(
      margins: counts(of: profiles.rowCounts.keys.sorted()),
      lastEvent: profiles.rowCounts.isEmpty ? nil : lastEvent,
      outcome: windowDays.map { PredictedOutcome(windowDays: $0, plan: Array("goal".utf8)) },
      met: met
    )
  }

  /// What became of earlier scores of all profiles of a shard.
  static func outcomes(of profiles: ModelProfiles, at judged: [Instant]) -> [ScoredOutcomes] {
    judged.map { asOf in
      var outcomes = ScoredOutcomes()
      for profile in profiles.rowCounts.keys {
        outcomes.add(
          score: Int(profile % 101),
          isPositive: (Int64(profile) &+ asOf.milliseconds) % 3 == 0
        )
      }
      return outcomes
    }
  }

  /// What a shard tells once its scores are made.
  static func findings(
    of profiles: ModelProfiles,
    by file: [UInt8],
    at asOf: Instant,
    judged: [Instant]
  ) -> ShardFindings {
    var writer = ByteWriter()
    for outcomes in outcomes(of: profiles, at: judged) { outcomes.encode(into: &writer) }
    return ShardFindings(
      census: census(of: profiles, by: file, at: asOf),
      outcomes: writer.bytes
    )
  }

  /// What a shard tells of its scores: the census of all its rows.
  ///
  /// - Parameters:
  ///   - profiles: of the shard.
  ///   - file: the model's.
  ///   - asOf: the cut-off.
  /// - Returns: a `ScoringCensus`; no bytes where the model cannot be read.
  static func census(of profiles: ModelProfiles, by file: [UInt8], at asOf: Instant) -> [UInt8] {
    let part = part(of: profiles, at: [asOf])
    guard let model = try? PropensityModel(decoding: file),
      let explained = try? Explainer(model).explain(part.columns),
      let census = try? CensusTaker(model, behaviours: names).census(of: part.columns, explained)
    else { return [] }
    var writer = ByteWriter()
    census.encode(into: &writer)
    return writer.bytes
  }

  /// Plans features as the shell of the coordinator does; `nil` where a survey is not as above.
  static func planned(_ order: FeatureOrder) -> PlannedFeatures? {
    guard order.surveys.allSatisfy({ $0 == [1] }) else { return nil }
    return PlannedFeatures(
      plan: Array("plan".utf8),
      hasOutcomeWindow: false,
      omitted: [OmittedFeature(name: "isGone", reason: "goalReadsIt")]
    )
  }

  /// The model of all the rows, made in one piece without any cluster; `nil` where there is none.
  static func model(
    of part: LocalTraining.Part,
    window: TrainingWindow?,
    _ instance: PropensityInstance
  ) throws(TrainingError) -> PropensityModel {
    let bins = try LocalTraining.bins(names: names, parts: [part], settings: instance.training)
    let forest = try LocalTraining.train(
      features: bins,
      parts: [part],
      settings: instance.training
    )
    return PropensityModel(
      forest: forest,
      features: bins,
      window: window,
      settings: instance.training,
      trainingCounts: zip(bins, part.columns).map { $0.counts(of: FeatureSummary(of: $1)) }
    )
  }

  /// The finalizer of SplitMix64.
  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// What a worker's process keeps for the rounds of one training, as the contract of `RoundWork` says.
final class ModelRounds {
  /// The set's rows of the part at some cut-offs.
  private let rows: ([Instant]) -> LocalTraining.Part
  private let data: DataSurvey
  private let instance: PropensityInstance
  private var partition: TrainingPartition?
  /// Features told in one survey, so that there are several.
  private static let surveyCount = 3

  init(
    _ plan: RoundPlan,
    data: DataSurvey,
    rows: @escaping ([Instant]) -> LocalTraining.Part
  ) throws {
    instance = try PropensityInstance(json: plan.instance)
    self.data = data
    self.rows = rows
  }

  /// Whether `next` can be done.
  var hasPartition: Bool { partition != nil }

  /// The answers to a round's work, at least one.
  func answers(_ work: RoundWork) throws -> [[UInt8]] {
    switch work {
    case .surveyData: return [data.encoded]
    case .surveyRows(let plan, let first): return [survey(plan, from: first).encoded]
    case .begin(let plan, let bins, let orders, let answerCount):
      let part = rows(plan.cutOffs)
      let partition = try TrainingPartition(
        features: bins,
        columns: part.columns,
        labels: part.labels,
        keys: part.keys,
        settings: instance.training,
        outOfTime: plan.outOfTime.map { rows([$0]) }
      )
      self.partition = partition
      let answers = try orders.map { try partition.answer($0) }
      return answers.suffix(answerCount).map(ModelRounds.encoded)
    case .next(let orders):
      guard let partition else { throw TrainingError.unexpectedOrder(what: "no partition is here") }
      return try orders.map { ModelRounds.encoded(try partition.answer($0)) }
    }
  }

  private func survey(_ plan: RowPlan, from first: Int) -> RowSurvey {
    let part = rows(plan.cutOffs)
    return RowSurvey(
      featureCount: part.columns.count,
      labels: LabelCounts(labels: part.labels, keys: part.keys, settings: instance.training),
      outcomes: (plan.cutOffs + (plan.outOfTime.map { [$0] } ?? [])).map {
        OutcomeCounts(labels: rows([$0]).labels)
      },
      features: part.columns.indices.dropFirst(first).prefix(ModelRounds.surveyCount).map {
        RowSurvey.Feature(
          name: ModelTraining.names[$0],
          summary: FeatureSummary(of: part.columns[$0])
        )
      }
    )
  }

  private static func encoded(_ answer: TrainingAnswer) -> [UInt8] {
    var writer = ByteWriter()
    answer.encode(into: &writer)
    return writer.bytes
  }
}
