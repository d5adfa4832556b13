import Bytes
import Domain
import Propensity

/// What is found of a set before any tree grows: rows and outcomes, and what each feature tells.
struct TrainingFindings: Equatable, Sendable {
  struct CutOff: Equatable, Sendable {
    var instant: Instant
    var outcomes: OutcomeCounts
    var isOutOfTime: Bool
  }

  /// A feature that no tree uses.
  struct UnusedFeature: Equatable, Sendable {
    enum Reason: String, CaseIterable {
      /// All rows are alike.
      case constant
      case tooManyCategories
      /// Nearly all rows of the newest cut-off lie beyond the values learned from.
      case beyondLearned
    }

    var name: Text
    var reason: Reason
  }

  /// A date that lies after the cut-off, in so many rows.
  struct LateDate: Equatable, Sendable {
    var name: Text
    var rowCount: UInt64
  }

  var events: EventSpan?
  var cutOffs: [CutOff] = []
  var omitted: [OmittedFeature] = []
  var unused: [UnusedFeature] = []
  var remarks: [Text] = []
  var numericTexts: [NumericTexts] = []
  /// By the feature's name, what of a profile it is made of.
  var origins: [Text: FeatureOrigin] = [:]
  /// Days that the rule of the eligible population looks back; `nil` when it does not say.
  var lookBackDays: Int?
  var hasOutcomeWindow = false
  var lateDates: [LateDate] = []
  /// By feature, once labels were counted.
  var features: [LoneFeature] = []
  /// Why there can be no model, as far as is known.
  var problems: [ClusterError] = []

  /// Rows that are learned from or held out.
  var outcomes: OutcomeCounts {
    cutOffs.filter { !$0.isOutOfTime }.reduce(OutcomeCounts()) { $0.adding($1.outcomes) }
  }

  /// Features that by themselves nearly decide the label.
  var leaks: [LoneFeature] { features.filter(\.isLeak) }

  /// How many features are attributes of the profile, which are known as they are now only.
  var attributeCount: Int {
    features.count { if case .attribute = origins[$0.name] { true } else { false } }
  }

  /// Takes what labels say of each feature.
  mutating func take(_ features: [LoneFeature], isUseful: (Int) -> Bool) {
    self.features = features
    for (index, feature) in features.enumerated() where feature.isBeyondLearned && isUseful(index) {
      unused.append(UnusedFeature(name: feature.name, reason: .beyondLearned))
    }
  }

  /// The indices of features that tell the time rather than the row.
  var passedOver: Set<Int> { Set(features.indices.filter { features[$0].isBeyondLearned }) }

  /// What is to be learned from needs rows of either outcome.
  ///
  /// - Returns: why there can be no model of these rows, if so.
  func problemOfLabels(_ instance: PropensityInstance) -> ClusterError? {
    let needed = PropensityInstance.outcomeRowCountMin
    let (rowCount, positives) = (outcomes.rowCount, outcomes.positiveCount)
    guard rowCount > 0 else {
      return ClusterError(
        .notTrainable,
        "no profile is eligible at \(cutOffText), so there is nothing to learn from",
        next: remarks.first?.string ?? "widen 'eligible' of instance '\(instance.name)'"
      )
    }
    let negatives = outcomes.negativeCount
    guard positives < needed || negatives < needed else { return nil }
    let isConstant = positives == 0 || negatives == 0
    let found =
      positives == 0
      ? "the goal is reached by none of the \(rowCount) rows"
      : negatives == 0
        ? "the goal is reached by all of the \(rowCount) rows"
        : "the goal is reached by \(positives) of the \(rowCount) rows and not by \(negatives)"
    return ClusterError(
      .notTrainable,
      "\(found); at least \(needed) of either are needed",
      next: isConstant
        ? remarks.first?.string
          ?? "check the goal of instance '\(instance.name)': it has to tell profiles apart"
        : "widen 'eligible', lengthen 'outcomeWindowDays', raise 'cutOffs.count', or import more data"
    )
  }

  /// Why there can be no model where no feature is of use.
  var problemOfFeatures: ClusterError {
    let passedOver =
      unused.map { "'\($0.name)' (\($0.reason.rawValue))" }
      + omitted.map { "'\($0.name)' (\($0.reason))" }
    let named = passedOver.prefix(Self.namedCountMax).joined(separator: ", ")
    let rest = passedOver.count - Self.namedCountMax
    let more = rest > 0 ? " and \(rest) more" : ""
    return ClusterError(
      .notTrainable,
      "no feature tells the rows apart"
        + (passedOver.isEmpty ? "" : "; not used are \(named)\(more)"),
      next: FindingsReport.numericTextWarnings(of: self).first
        ?? "import more attributes or events, or leave out fewer of them"
    )
  }

  private static let namedCountMax = 10

  private var cutOffText: String {
    let learned = cutOffs.filter { !$0.isOutOfTime }
    let first = learned.first?.instant.clamped.iso ?? "any time"
    return learned.count > 1 ? "\(first) and \(learned.count - 1) cut-offs before" : first
  }
}
