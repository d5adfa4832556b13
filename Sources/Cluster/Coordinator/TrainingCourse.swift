import Bytes
import Domain
import Propensity

/// How a training goes from round to round: what all parts do next, from what all have answered.
///
/// ```
/// survey of the data ─► features are planned ─► survey of the rows, until all features are told
///   ─► begin ─► next, as the trainer orders ─► a model
/// ```
///
/// Answers are whole numbers, or sets in which order has no place, so the model is the same for any
/// parts. Reads neither clock nor disk.
struct TrainingCourse: Sendable {
  /// What one part answered to the work of the round.
  enum Answer: Equatable, Sendable {
    case data(DataSurvey)
    case rows(RowSurvey)
    case training(TrainingAnswer)
  }

  /// A feature that no tree uses, for it tells no rows apart.
  struct UnusedFeature: Equatable, Sendable {
    enum Reason: String {
      case constant
      case tooManyCategories
    }

    var name: Text
    var reason: Reason
  }

  struct Result: Sendable {
    var model: PropensityModel
    var rows: RowPlan
    var unused: [UnusedFeature]
    var omitted: [OmittedFeature]
    var remarks: [Text]
  }

  /// What comes after a round.
  enum Step: Sendable {
    case round
    /// Features are to be planned from these surveys of the data; then `plan` goes on.
    case plan(surveys: [[UInt8]])
    case finished(Result)
  }

  private enum Phase: Sendable {
    case exploring
    case planning
    case surveying
    case training(Trainer)
  }

  let instance: PropensityInstance
  let asOf: Instant
  private var phase = Phase.exploring
  private var events: EventSpan?
  private var rows = RowPlan(features: [], cutOffs: [])
  private var omitted: [OmittedFeature] = []
  private var remarks: [Text] = []
  private var labels = LabelCounts()
  private var bins: [FeatureBins] = []
  private var unused: [UnusedFeature] = []
  private var slotCount = 0
  /// Of the round, once there is a trainer.
  private var order: TrainingOrder?

  init(_ instance: PropensityInstance, asOf: Instant) {
    self.instance = instance
    self.asOf = asOf
  }

  /// What a part does that has done all rounds before.
  var work: RoundWork {
    guard case .training = phase, let order else { return workAnew }
    if case .begin = order { return workAnew }
    return .next(order)
  }

  /// What a part does that kept nothing of the rounds before.
  var workAnew: RoundWork {
    switch phase {
    case .exploring, .planning: .surveyData
    case .surveying: .surveyRows(rows, feature: bins.count)
    case .training(let trainer): .begin(rows, bins: bins, orders: trainer.replay)
    }
  }

  /// Reads what a part answered.
  ///
  /// - Throws: when the bytes are no answer to the round's work.
  func answer(_ bytes: [UInt8]) throws(DecodingError) -> Answer {
    var reader = ByteReader(bytes)
    switch phase {
    case .exploring, .planning: return .data(try DataSurvey(from: &reader))
    case .surveying: return .rows(try RowSurvey(from: &reader))
    case .training: return .training(try TrainingAnswer(from: &reader, slotCount: slotCount))
    }
  }

  /// Takes the answers of all parts, at least one.
  ///
  /// - Returns: what comes next.
  /// - Throws: why there can be no model.
  mutating func take(_ answers: [Answer]) throws(ClusterError) -> Step {
    switch phase {
    case .exploring, .planning:
      var surveys: [DataSurvey] = []
      for case .data(let survey) in answers { surveys.append(survey) }
      events = surveys.compactMap(\.events).reduce(nil) { union, span in
        union?.union(span) ?? span
      }
      phase = .planning
      return .plan(surveys: surveys.map(\.features))
    case .surveying:
      var surveys: [RowSurvey] = []
      for case .rows(let survey) in answers { surveys.append(survey) }
      try take(surveys)
    case .training(var trainer):
      // Nobody else holds the trainer meanwhile, so it is changed in its place.
      phase = .surveying
      let step: TrainingStep
      do throws(TrainingError) {
        step = try trainer.handle(try TrainingCourse.merge(answers))
      } catch {
        throw TrainingCourse.refusal(error)
      }
      phase = .training(trainer)
      switch step {
      case .order(let next): order = next
      case .finished(let forest): return .finished(result(forest))
      }
    }
    return .round
  }

  /// Goes on with features that were planned from the surveys of the data.
  mutating func plan(_ features: PlannedFeatures) throws(ClusterError) {
    rows = RowPlan(
      features: features.plan,
      cutOffs: features.hasOutcomeWindow
        ? try CutOffChoice.cutOffs(for: instance, events, asOf: asOf) : [asOf]
    )
    omitted = features.omitted
    remarks = features.remarks
    phase = .surveying
  }

  private static func merge(_ answers: [Answer]) throws(TrainingError) -> TrainingAnswer {
    var merged: TrainingAnswer?
    for case .training(let answer) in answers {
      if merged == nil { merged = answer } else { try merged?.merge(answer) }
    }
    guard let merged else { throw .unexpectedAnswer(what: "nobody answered") }
    return merged
  }

  private mutating func take(_ surveys: [RowSurvey]) throws(ClusterError) {
    guard let first = surveys.first else { return }
    let told = surveys.map(\.features.count).min() ?? 0
    let known = bins.count
    for survey in surveys {
      guard survey.featureCount == first.featureCount,
        survey.features.prefix(told).map(\.name) == first.features.prefix(told).map(\.name)
      else { throw TrainingCourse.disagreement }
    }
    if known == 0 {
      labels = surveys.reduce(LabelCounts()) { $0.adding($1.labels) }
      try checkLabels()
    }
    guard told > 0 || first.featureCount == known else { throw TrainingCourse.disagreement }
    for index in 0..<told {
      var merged = first.features[index].summary
      for survey in surveys.dropFirst() {
        guard let sum = merged.merging(survey.features[index].summary) else {
          throw TrainingCourse.disagreement
        }
        merged = sum
      }
      add(first.features[index].name, merged)
    }
    guard bins.count >= first.featureCount else { return }
    try begin()
  }

  private mutating func add(_ name: Text, _ summary: FeatureSummary) {
    let feature = BinFinder.bins(
      name: name,
      summary: summary,
      binCountMax: instance.training.binCountMax
    )
    bins.append(feature)
    guard !feature.isUseful else { return }
    let isOverfull =
      if case .categorical(let categories) = summary {
        (categories.counts?.count ?? .max) > 1
      } else {
        false
      }
    unused.append(
      UnusedFeature(name: name, reason: isOverfull ? .tooManyCategories : .constant)
    )
  }

  private mutating func begin() throws(ClusterError) {
    slotCount = HistogramLayout(features: bins).slotCount
    do throws(TrainingError) {
      var trainer = try Trainer(features: bins, labels: labels, settings: instance.training)
      order = trainer.start()
      phase = .training(trainer)
    } catch {
      throw TrainingCourse.refusal(error)
    }
  }

  /// Sees that there are enough rows of either outcome to learn from.
  private func checkLabels() throws(ClusterError) {
    let needed = PropensityInstance.outcomeRowCountMin
    let (rowCount, positives) = (labels.rows, labels.positives)
    guard rowCount > 0 else {
      throw ClusterError(
        .notTrainable,
        "no profile is eligible at \(cutOffText), so there is nothing to learn from",
        next: remarks.first?.string ?? "widen 'eligible' of instance '\(instance.name)'"
      )
    }
    guard positives < needed || labels.negatives < needed else { return }
    let found =
      positives == 0
      ? "the goal is reached by none of the \(rowCount) rows"
      : labels.negatives == 0
        ? "the goal is reached by all of the \(rowCount) rows"
        : "the goal is reached by \(positives) of the \(rowCount) rows and not by \(labels.negatives)"
    throw ClusterError(
      .notTrainable,
      "\(found); at least \(needed) of either are needed",
      next: positives == 0 || labels.negatives == 0
        ? remarks.first?.string
          ?? "check the goal of instance '\(instance.name)': it has to tell profiles apart"
        : "widen 'eligible', lengthen 'outcomeWindowDays', raise 'cutOffs.count', or import more data"
    )
  }

  private var cutOffText: String {
    let first = rows.cutOffs.first?.clamped.iso ?? asOf.clamped.iso
    let others = rows.cutOffs.count - 1
    return others > 0 ? "\(first) and \(others) cut-offs before" : first
  }

  private func result(_ forest: TrainedForest) -> Result {
    Result(
      model: PropensityModel(
        forest: forest,
        features: bins,
        window: events.map { TrainingWindow(start: $0.first, end: $0.last) },
        settings: instance.training
      ),
      rows: rows,
      unused: unused,
      omitted: omitted,
      remarks: remarks
    )
  }

  private static func refusal(_ error: TrainingError) -> ClusterError {
    switch error {
    case .constantLabel, .noUsefulFeature:
      ClusterError(.notTrainable, error.description, next: "covey propensity show INSTANCE")
    case .setting: ClusterError(.badInstance, error.description)
    case .columns, .rowCount, .unexpectedAnswer, .unexpectedOrder:
      ClusterError(.failed, error.description)
    }
  }

  private static var disagreement: ClusterError {
    ClusterError(
      .failed,
      "workers find different features in the same plan; run one version of the program on all"
    )
  }
}

extension TrainingCourse {
  /// How far the course is, for people.
  struct Progress: Equatable {
    var phase: Text
    /// Trees, once they grow.
    var treeCount: Int?
    var holdOutLoss: Double?
  }

  var progress: Progress {
    switch phase {
    case .exploring, .planning: Progress(phase: "reading")
    case .surveying: Progress(phase: "surveying")
    case .training(let trainer):
      Progress(
        phase: "training",
        treeCount: trainer.treeCount,
        holdOutLoss: trainer.latestHoldOutLoss
      )
    }
  }
}
