import Bytes
import Domain
import Propensity

/// The rows of a training as surveys tell of them, feature by feature: labels, bins, and whether there
/// is enough to learn from.
struct SurveyedRows: Sendable {
  let plan: RowPlan
  private(set) var labels = LabelCounts()
  /// Of the features told so far.
  private(set) var bins: [FeatureBins] = []
  /// By feature, rows of each bin.
  private(set) var binCounts: [[UInt64]] = []
  private let instance: PropensityInstance
  private let purpose: TrainingCourse.Purpose
  private let origins: [Text: FeatureOrigin]

  /// Nothing is known of the rows at first.
  ///
  /// - Parameters:
  ///   - plan: which rows they are.
  ///   - instance: what is to be learned.
  ///   - purpose: a check goes on where a training ends.
  ///   - origins: by the feature's name, what of a profile it is made of.
  init(
    of plan: RowPlan,
    _ instance: PropensityInstance,
    for purpose: TrainingCourse.Purpose,
    origins: [Text: FeatureOrigin] = [:]
  ) {
    self.plan = plan
    self.instance = instance
    self.purpose = purpose
    self.origins = origins
  }

  /// Takes what all parts tell of the next features.
  ///
  /// - Parameters:
  ///   - surveys: of the parts, at least one.
  ///   - findings: get what is found of outcomes and features.
  /// - Returns: whether all features have been told.
  /// - Throws: why there can be no model of these rows.
  mutating func take(
    _ surveys: [RowSurvey],
    _ findings: inout TrainingFindings
  ) throws(ClusterError) -> Bool {
    guard let first = surveys.first else { return false }
    let told = surveys.map(\.features.count).min() ?? 0
    let known = bins.count
    for survey in surveys {
      guard survey.featureCount == first.featureCount,
        survey.features.prefix(told).map(\.name) == first.features.prefix(told).map(\.name)
      else { throw ClusterError.disagreement }
    }
    if known == 0 {
      labels = surveys.reduce(LabelCounts()) { $0.adding($1.labels) }
      try takeOutcomes(surveys, &findings)
    }
    guard told > 0 || first.featureCount == known else { throw ClusterError.disagreement }
    for index in 0..<told {
      var merged = first.features[index].summary
      for survey in surveys.dropFirst() {
        guard let sum = merged.merging(survey.features[index].summary) else {
          throw ClusterError.disagreement
        }
        merged = sum
      }
      add(first.features[index].name, merged, &findings)
    }
    guard bins.count >= first.featureCount else { return false }
    guard bins.contains(where: \.isUseful) else { throw findings.problemOfFeatures }
    return true
  }

  /// Sees that there are enough rows of either outcome to learn from.
  private func takeOutcomes(
    _ surveys: [RowSurvey],
    _ findings: inout TrainingFindings
  ) throws(ClusterError) {
    let cutOffs =
      plan.cutOffs.map { ($0, false) } + (plan.outOfTime.map { [($0, true)] } ?? [])
    for survey in surveys where survey.outcomes.count != cutOffs.count {
      throw ClusterError.disagreement
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

  private mutating func add(
    _ name: Text,
    _ summary: FeatureSummary,
    _ findings: inout TrainingFindings
  ) {
    if case .attribute(_, .age) = origins[name], findings.hasOutcomeWindow,
      case .numeric(let days) = summary, days.negativeCount > 0
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
}
