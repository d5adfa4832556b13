package import Bytes

/// A trained model: what turns a row into a margin, a probability and a score, and where it came from.
package struct PropensityModel: Equatable, Sendable {
  /// How each feature's values become bins, in the order of columns.
  package var features: [FeatureBins]
  /// The margin before the first tree, in log-odds.
  package var initialMargin: Double
  /// Their leaf values are added to the margin in this order.
  package var trees: [Tree]
  package var calibration: Calibration
  package var scoreMap: ScoreMap
  /// The span of data trained on; `nil` when it is not known, as for imported models.
  package var window: TrainingWindow?
  /// Rows trained on and held out.
  package var labels: LabelCounts
  /// Measured on the hold-out rows; `nil` without any.
  package var quality: ModelQuality?
  /// Measured on the rows of a later cut-off than all that was learned from; `nil` without any.
  package var outOfTime: ModelQuality?
  package var settings: TrainingSettings
  /// By feature, how many rows were in each bin at training, held-out ones too; empty when it is not
  /// known, as for imported models.
  package var trainingCounts: [[UInt64]]

  package init(
    features: [FeatureBins],
    initialMargin: Double,
    trees: [Tree],
    calibration: Calibration = .identity,
    scoreMap: ScoreMap = .logistic,
    window: TrainingWindow? = nil,
    labels: LabelCounts = LabelCounts(),
    quality: ModelQuality? = nil,
    outOfTime: ModelQuality? = nil,
    settings: TrainingSettings = TrainingSettings(),
    trainingCounts: [[UInt64]] = []
  ) {
    self.features = features
    self.initialMargin = initialMargin
    self.trees = trees
    self.calibration = calibration
    self.scoreMap = scoreMap
    self.window = window
    self.labels = labels
    self.quality = quality
    self.outOfTime = outOfTime
    self.settings = settings
    self.trainingCounts = trainingCounts
  }

  /// A model of trained trees: calibrated, mapped to scores and measured by its hold-out rows.
  ///
  /// - Parameters:
  ///   - forest: as a trainer finished it.
  ///   - features: the bins it was trained with.
  ///   - window: the span of data behind the rows.
  ///   - settings: those it was trained with.
  ///   - trainingCounts: by feature, rows of each bin; empty when nobody counted.
  package init(
    forest: TrainedForest,
    features: [FeatureBins],
    window: TrainingWindow?,
    settings: TrainingSettings,
    trainingCounts: [[UInt64]] = []
  ) {
    let calibration = CalibrationChoice.choose(halves: forest.margins)
    var heldOut = MarginCounts()
    for half in forest.margins { heldOut.add(half) }
    self.init(
      features: features,
      initialMargin: forest.initialMargin,
      trees: forest.trees,
      calibration: calibration,
      scoreMap: ScoreMap(margins: heldOut),
      window: window,
      labels: forest.labels,
      quality: ModelQuality(margins: heldOut, calibration: calibration),
      outOfTime: forest.outOfTimeMargins.flatMap {
        ModelQuality(margins: $0, calibration: calibration)
      },
      settings: settings,
      trainingCounts: trainingCounts
    )
  }

  /// By feature, how many splits of the trees test it; what none tests moves no score.
  package var splitCounts: [Int] {
    var counts = [Int](repeating: 0, count: features.count)
    for node in trees.flatMap(\.nodes) { counts[node.rule.feature] += 1 }
    return counts
  }

  /// What the model is sure of about a margin.
  package func probability(margin: Double) -> Double { calibration.probability(margin: margin) }
}

/// The span of data a model was trained on.
package struct TrainingWindow: Equatable, Sendable {
  package var start: Instant
  package var end: Instant

  package init(start: Instant, end: Instant) {
    self.start = start
    self.end = end
  }
}
