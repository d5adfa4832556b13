import Bytes
import Domain
import Propensity

/// How a training goes from round to round: what all parts do next, from what all have answered.
///
/// ```
/// survey of the data ─► features are planned ─► survey of the rows, until all features are told
///   ─► labels are counted by bin ─► findings: the end of a check
///                                └► begin ─► next, as the trainer orders ─► a model
/// ```
///
/// Answers are whole numbers, or sets in which order has no place, so the model is the same for any
/// parts. Reads neither clock nor disk.
struct TrainingCourse: Sendable {
  enum Purpose: Sendable {
    case model
    /// Only tells what a training would find before its first tree.
    case check
  }

  /// What one part answered to the work of the round.
  enum Answer: Equatable, Sendable {
    case data(DataSurvey)
    case rows(RowSurvey)
    case training(TrainingAnswer)
  }

  struct Result: Sendable {
    var model: PropensityModel
    var rows: RowPlan
    var findings: TrainingFindings
  }

  /// What comes after a round.
  enum Step: Sendable {
    case round
    /// Features are to be planned from these surveys of the data; then `plan` goes on.
    case plan(surveys: [[UInt8]])
    case finished(Result)
    case checked(TrainingFindings)
  }

  private enum Phase: Sendable {
    case exploring
    case planning
    case surveying
    case counting
    case training(Trainer)
  }

  let instance: PropensityInstance
  let asOf: Instant
  let purpose: Purpose
  private var phase = Phase.exploring
  private var rows = RowPlan(features: [], cutOffs: [])
  private var findings = TrainingFindings()
  private var ages: Set<Text> = []
  private var labels = LabelCounts()
  private var bins: [FeatureBins] = []
  /// By feature, rows of each bin.
  private var binCounts: [[UInt64]] = []
  private var slotCount = 0
  /// Of the round, once rows are in bins.
  private var order = TrainingOrder.countLabels

  init(_ instance: PropensityInstance, asOf: Instant, for purpose: Purpose = .model) {
    self.instance = instance
    self.asOf = asOf
    self.purpose = purpose
  }

  /// What a part does that has done all rounds before.
  var work: RoundWork {
    guard case .training = phase else { return workAnew }
    return .next(order)
  }

  /// What a part does that kept nothing of the rounds before.
  var workAnew: RoundWork {
    switch phase {
    case .exploring, .planning: .surveyData
    case .surveying: .surveyRows(rows, feature: bins.count)
    case .counting: .begin(rows, bins: bins, orders: [order])
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
    case .counting, .training:
      return .training(try TrainingAnswer(from: &reader, slotCount: slotCount))
    }
  }

  /// Takes the answers of all parts, at least one.
  ///
  /// - Returns: what comes next.
  /// - Throws: why there can be no model; a check has that among its findings.
  mutating func take(_ answers: [Answer]) throws(ClusterError) -> Step {
    do throws(ClusterError) { return try proceed(answers) } catch { return try end(error) }
  }

  /// Goes on with features that were planned from the surveys of the data.
  mutating func plan(_ features: PlannedFeatures) throws(ClusterError) -> Step {
    findings.hasOutcomeWindow = features.hasOutcomeWindow
    findings.omitted = features.omitted
    findings.remarks = features.remarks
    findings.attributes = features.attributes
    findings.lookBackDays = features.lookBackDays
    ages = features.ages
    do throws(ClusterError) {
      let cutOffs =
        features.hasOutcomeWindow
        ? try CutOffs(for: instance, findings.events, asOf: asOf) : CutOffs(only: asOf)
      rows = RowPlan(
        features: features.plan,
        cutOffs: cutOffs.learned,
        outOfTime: cutOffs.outOfTime
      )
      phase = .surveying
      return .round
    } catch {
      return try end(error)
    }
  }

  /// What becomes of a reason why there is no model.
  private mutating func end(_ error: ClusterError) throws(ClusterError) -> Step {
    guard purpose == .check, error.code == .notTrainable else { throw error }
    findings.problems.append(error)
    return .checked(findings)
  }

  private mutating func proceed(_ answers: [Answer]) throws(ClusterError) -> Step {
    switch phase {
    case .exploring, .planning:
      var surveys: [DataSurvey] = []
      for case .data(let survey) in answers { surveys.append(survey) }
      findings.events = surveys.compactMap(\.events).reduce(nil) { union, span in
        union?.union(span) ?? span
      }
      phase = .planning
      return .plan(surveys: surveys.map(\.features))
    case .surveying:
      var surveys: [RowSurvey] = []
      for case .rows(let survey) in answers { surveys.append(survey) }
      try take(surveys)
    case .counting:
      let answer: TrainingAnswer
      do throws(TrainingError) { answer = try TrainingCourse.merge(answers) } catch {
        throw TrainingCourse.refusal(error)
      }
      guard answer.binLabels.slotCount == slotCount else { throw TrainingCourse.disagreement }
      let bins = self.bins
      findings.take(LoneFeature.all(bins, answer.binLabels)) { bins[$0].isUseful }
      let passedOver = findings.passedOver
      guard bins.indices.contains(where: { bins[$0].isUseful && !passedOver.contains($0) }) else {
        throw TrainingCourse.refusal(.noUsefulFeature)
      }
      if purpose == .check { return .checked(findings) }
      try begin()
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
      try takeOutcomes(surveys)
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
    guard bins.contains(where: \.isUseful) else { throw TrainingCourse.refusal(.noUsefulFeature) }
    slotCount = HistogramLayout(features: bins).slotCount
    phase = .counting
  }

  /// Sees that there are enough rows of either outcome to learn from.
  private mutating func takeOutcomes(_ surveys: [RowSurvey]) throws(ClusterError) {
    let cutOffs =
      rows.cutOffs.map { ($0, false) } + (rows.outOfTime.map { [($0, true)] } ?? [])
    for survey in surveys where survey.outcomes.count != cutOffs.count {
      throw TrainingCourse.disagreement
    }
    findings.cutOffs = cutOffs.enumerated().map { index, cutOff in
      TrainingFindings.CutOff(
        instant: cutOff.0,
        outcomes: surveys.reduce(OutcomeCounts()) { $0.adding($1.outcomes[index]) },
        isOutOfTime: cutOff.1
      )
    }
    guard let problem = findings.problemOfLabels(instance) else { return }
    // A check goes on as long as there is something to tell of features.
    let outcomes = findings.outcomes
    guard purpose == .check, outcomes.positiveCount > 0, outcomes.negativeCount > 0 else {
      throw problem
    }
    findings.problems.append(problem)
  }

  private mutating func add(_ name: Text, _ summary: FeatureSummary) {
    if ages.contains(name), findings.hasOutcomeWindow, case .numeric(let days) = summary,
      days.negativeCount > 0
    {
      findings.lateDates.append(
        TrainingFindings.LateDate(name: name, rowCount: days.negativeCount)
      )
    }
    let feature = BinFinder.bins(
      name: name,
      summary: summary,
      binCountMax: instance.training.binCountMax
    )
    bins.append(feature)
    binCounts.append(feature.counts(of: summary))
    guard !feature.isUseful else { return }
    let isOverfull =
      if case .categorical(let categories) = summary {
        (categories.counts?.count ?? .max) > 1
      } else {
        false
      }
    findings.unused.append(
      TrainingFindings.UnusedFeature(
        name: name,
        reason: isOverfull ? .tooManyCategories : .constant
      )
    )
  }

  private mutating func begin() throws(ClusterError) {
    do throws(TrainingError) {
      var trainer = try Trainer(
        features: bins,
        labels: labels,
        settings: instance.training,
        passedOver: findings.passedOver
      )
      order = trainer.start()
      phase = .training(trainer)
    } catch {
      throw TrainingCourse.refusal(error)
    }
  }

  private func result(_ forest: TrainedForest) -> Result {
    Result(
      model: PropensityModel(
        forest: forest,
        features: bins,
        window: findings.events.map { TrainingWindow(start: $0.first, end: $0.last) },
        settings: instance.training,
        trainingCounts: binCounts
      ),
      rows: rows,
      findings: findings
    )
  }

  private static func refusal(_ error: TrainingError) -> ClusterError {
    switch error {
    case .constantLabel:
      ClusterError(
        .notTrainable,
        error.description,
        next: "check the goal of the instance: it has to tell profiles apart"
      )
    case .noUsefulFeature:
      ClusterError(
        .notTrainable,
        error.description,
        next: "import more attributes or events, or leave out fewer of them"
      )
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
    case .counting: Progress(phase: "counting")
    case .training(let trainer):
      Progress(
        phase: "training",
        treeCount: trainer.treeCount,
        holdOutLoss: trainer.latestHoldOutLoss
      )
    }
  }
}
