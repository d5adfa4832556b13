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

    /// What the features that move a score are made of, each once, in the order of the features.
    var origins: [FeatureOrigin] {
      var seen: Set<FeatureOrigin> = []
      return zip(model.features, model.splitCounts).compactMap { feature, splitCount in
        guard splitCount > 0, let origin = findings.origins[feature.name] else { return nil }
        return seen.insert(origin).inserted ? origin : nil
      }
    }
  }

  /// What comes after a round.
  enum Step: Sendable {
    case round
    /// Answers to what parts were asked for are to come.
    case waiting
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
  private var rows: SurveyedRows
  private var findings = TrainingFindings()
  private var slotCount = 0
  /// Those that not all parts have answered, once rows are in bins.
  private var orders = [TrainingOrder.countLabels]

  init(_ instance: PropensityInstance, asOf: Instant, for purpose: Purpose = .model) {
    self.instance = instance
    self.asOf = asOf
    self.purpose = purpose
    rows = SurveyedRows(of: RowPlan(features: [], cutOffs: []), instance, for: purpose)
  }

  /// What a part does that has done, or is doing, all but the last so many of what is to be answered.
  func work(last count: Int) -> RoundWork {
    guard case .training = phase else { return workAnew }
    return .next(Array(orders.suffix(count)))
  }

  /// Answers of each part that are to be taken, at least one.
  var answerCount: Int { orders.count }

  /// What a part does that kept nothing of the rounds before; its answers are all that are to be taken.
  var workAnew: RoundWork {
    switch phase {
    case .exploring, .planning: .surveyData
    case .surveying: .surveyRows(rows.plan, feature: rows.bins.count)
    case .counting: .begin(rows.plan, bins: rows.bins, orders: orders, answerCount: 1)
    case .training(let trainer):
      .begin(
        rows.plan,
        bins: rows.bins,
        orders: trainer.replay.orders,
        answerCount: trainer.replay.answerCount
      )
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

  /// Takes the next answers of all parts, one of each part and of at least one.
  ///
  /// - Returns: what comes next.
  /// - Throws: why there can be no model; a check has that among its findings.
  mutating func take(_ answers: consuming [Answer]) throws(ClusterError) -> Step {
    do throws(ClusterError) { return try proceed(answers) } catch { return try end(error) }
  }

  /// Goes on with features that were planned from the surveys of the data.
  mutating func plan(_ features: PlannedFeatures) throws(ClusterError) -> Step {
    findings.hasOutcomeWindow = features.hasOutcomeWindow
    findings.omitted = features.omitted
    findings.remarks = features.remarks
    findings.numericTexts = features.numericTexts
    findings.origins = features.origins
    findings.lookBackDays = features.lookBackDays
    do throws(ClusterError) {
      let cutOffs =
        features.hasOutcomeWindow
        ? try CutOffs(for: instance, findings.events, asOf: asOf) : CutOffs(only: asOf)
      rows = SurveyedRows(
        of: RowPlan(
          features: features.plan,
          cutOffs: cutOffs.learned,
          outOfTime: cutOffs.outOfTime
        ),
        instance,
        for: purpose,
        origins: features.origins
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

  private mutating func proceed(_ answers: consuming [Answer]) throws(ClusterError) -> Step {
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
      guard try rows.take(surveys, &findings) else { return .round }
      slotCount = HistogramLayout(features: rows.bins).slotCount
      phase = .counting
    case .counting:
      let answer: TrainingAnswer
      do throws(TrainingError) { answer = try TrainingCourse.merge(answers) } catch {
        throw ClusterError(refusing: error)
      }
      guard answer.binLabels.slotCount == slotCount else { throw ClusterError.disagreement }
      let bins = rows.bins
      findings.take(LoneFeature.all(bins, answer.binLabels)) { bins[$0].isUseful }
      let passedOver = findings.passedOver
      guard bins.indices.contains(where: { bins[$0].isUseful && !passedOver.contains($0) }) else {
        throw findings.problemOfFeatures
      }
      if purpose == .check { return .checked(findings) }
      try begin()
    case .training(var trainer):
      // Nobody else holds the trainer meanwhile, so it is changed in its place.
      phase = .surveying
      orders.removeFirst()
      let step: TrainingStep
      do throws(TrainingError) {
        step = try trainer.handle(try TrainingCourse.merge(answers))
      } catch {
        throw ClusterError(refusing: error)
      }
      phase = .training(trainer)
      switch step {
      case .orders(let next): orders += next
      case .waiting: return .waiting
      case .finished(let forest): return .finished(result(forest))
      }
    }
    return .round
  }

  /// The sum of the answers of all parts.
  private static func merge(_ answers: consuming [Answer]) throws(TrainingError) -> TrainingAnswer {
    var own: [TrainingAnswer] = []
    // Out of one list into the other, so that nobody else holds what is then changed.
    while let answer = answers.popLast() {
      if case .training(let answer) = consume answer { own.append(answer) }
    }
    return try TrainingAnswer(merging: own)
  }

  private mutating func begin() throws(ClusterError) {
    do throws(TrainingError) {
      var trainer = try Trainer(
        features: rows.bins,
        labels: rows.labels,
        settings: instance.training,
        passedOver: findings.passedOver
      )
      orders = [trainer.start()]
      phase = .training(trainer)
    } catch {
      throw ClusterError(refusing: error)
    }
  }

  private func result(_ forest: TrainedForest) -> Result {
    Result(
      model: PropensityModel(
        forest: forest,
        features: rows.bins,
        window: findings.events.map { TrainingWindow(start: $0.first, end: $0.last) },
        settings: instance.training,
        trainingCounts: rows.binCounts
      ),
      rows: rows.plan,
      findings: findings
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

extension ClusterError {
  /// Why rows give no model.
  init(refusing error: TrainingError) {
    switch error {
    case .constantLabel:
      self.init(
        .notTrainable,
        error.description,
        next: "check the goal of the instance: it has to tell profiles apart"
      )
    case .noUsefulFeature:
      self.init(
        .notTrainable,
        error.description,
        next: "import more attributes or events, or leave out fewer of them"
      )
    case .setting: self.init(.badInstance, error.description)
    case .columns, .rowCount, .unexpectedAnswer, .unexpectedOrder:
      self.init(.failed, error.description)
    }
  }

  /// Answers of parts do not fit each other.
  static var disagreement: ClusterError {
    ClusterError(
      .failed,
      "workers find different features in the same plan; run one version of the program on all"
    )
  }
}
