/// What a trainer wants next.
package enum TrainingStep: Equatable, Sendable {
  /// Every partition has to carry these out, one after the other, after the orders it has; the merged
  /// answer to each goes to `Trainer.handle`, in the order of the orders.
  case orders([TrainingOrder])
  /// Answers to orders that partitions have are to come.
  case waiting
  case finished(TrainedForest)
}

/// Trees as they come from training, and what was seen of them on the way.
package struct TrainedForest: Equatable, Sendable {
  package var initialMargin: Double
  package var trees: [Tree]
  package var labels: LabelCounts
  /// Mean hold-out loss before the first tree and after each one grown; empty without hold-out rows.
  package var holdOutLosses: [Double]
  /// Margins of the hold-out rows under `trees`, of either half of them.
  package var margins: [MarginCounts]
  /// Margins of the rows of an out-of-time test under `trees`; `nil` without any.
  package var outOfTimeMargins: MarginCounts?
  /// The mean hold-out loss under `trees`, uncalibrated; `nil` without hold-out rows.
  package var holdOutLoss: Double?
}

/// Decides a training, order by order, from the merged answers of all partitions.
///
/// Pure: it knows sums of whole numbers only, so what it decides depends neither on how many
/// partitions there are nor on how rows are divided among them.
///
///     start ─► opening ─► growing ─► opening ─► growing … ─► evaluating ─► finished
package struct Trainer: Sendable {
  private enum Phase {
    case starting
    /// Waits for the histogram of all rows, and for what is to come of the tree before.
    case opening(TreeGrowth?)
    case growing(TreeGrowth)
    case evaluating
    case finished
  }

  private let finder: SplitFinder
  private let labels: LabelCounts
  private let initialMargin: Double
  /// By feature: whether trees may use it.
  private let isUsed: [Bool]
  private var phase = Phase.starting
  private var trees: [Tree] = []
  private var losses: [Double] = []
  /// Orders since all partitions answered to the trees so far.
  private var ordersSinceTree: [TrainingOrder] = []
  /// Orders that were not answered yet.
  private var openOrderCount = 0

  /// - Parameters:
  ///   - features: the bins that all partitions use.
  ///   - labels: counts merged over all partitions.
  ///   - settings: those of all partitions.
  ///   - passedOver: indices of features that no tree uses though they tell rows apart.
  /// - Throws: when the labels are all alike, no feature is useful, or a setting is out of range.
  package init(
    features: [FeatureBins],
    labels: LabelCounts,
    settings: TrainingSettings,
    passedOver: Set<Int> = []
  ) throws(TrainingError) {
    if let problem = settings.problem { throw problem }
    let positives = labels.trainingPositives
    guard positives > 0, positives < labels.trainingRows else {
      throw .constantLabel(rows: labels.trainingRows, positives: positives)
    }
    isUsed = features.indices.map { features[$0].isUseful && !passedOver.contains($0) }
    guard isUsed.contains(true) else { throw .noUsefulFeature }
    self.labels = labels
    let odds = Double(positives) / Double(labels.trainingRows - positives)
    initialMargin = naturalLogarithm(odds)
    finder = SplitFinder(
      layout: HistogramLayout(features: features),
      features: features,
      settings: settings,
      unit: HistogramUnit(rowCount: labels.trainingRows, positiveCount: positives)
    )
  }

  /// Trees grown so far, for progress.
  package var treeCount: Int { trees.count }

  /// The hold-out loss after the last tree, if there are hold-out rows.
  package var latestHoldOutLoss: Double? { losses.last }

  /// The order with which a new partition catches up to the trees so far.
  package var resumption: TrainingOrder {
    .resume(initialMargin: initialMargin, unit: finder.unit, trees: trees)
  }

  /// What a new partition carries out, one order after the other, in the place of those that were not
  /// answered yet, and how many of these orders, at the end, take their place.
  ///
  /// Its answers to those are what a partition that has been there from the start gives.
  package var replay: (orders: [TrainingOrder], answerCount: Int) {
    if case .evaluating = phase { return (ordersSinceTree, openOrderCount) }
    return ([resumption] + ordersSinceTree, openOrderCount)
  }

  /// The first order.
  package mutating func start() -> TrainingOrder {
    phase = .opening(nil)
    openOrderCount = 1
    return .begin(initialMargin: initialMargin, unit: finder.unit)
  }

  /// Takes the merged answer to the first order that was not answered yet.
  package mutating func handle(_ answer: TrainingAnswer) throws(TrainingError) -> TrainingStep {
    let step = try decide(answer)
    openOrderCount -= 1
    guard case .orders(let orders) = step else { return step }
    openOrderCount += orders.count
    ordersSinceTree += orders
    return step
  }

  private mutating func decide(_ answer: TrainingAnswer) throws(TrainingError) -> TrainingStep {
    switch phase {
    case .starting, .finished: throw .unexpectedAnswer(what: "none was asked for")
    case .opening(var growth?) where growth.hasOpenSplits:
      phase = .starting
      try growth.take(answer)
      phase = .opening(growth)
      return .waiting
    case .opening(var growth):
      guard let histogram = answer.histograms.first,
        histogram.sums.count == 2 * finder.layout.slotCount
      else { throw .unexpectedAnswer(what: "a histogram of all rows is missing") }
      if let tree = try growth?.end(answer) { trees.append(tree) }
      ordersSinceTree = []
      if let loss = answer.holdOutLoss.mean { losses.append(loss) }
      if isDone { return evaluation() }
      return grow(
        TreeGrowth(
          finder: finder,
          histogram: histogram,
          sums: answer.rowSums,
          isAllowed: allowedFeatures()
        )
      )
    case .growing(var growth):
      // Nobody else holds the growth meanwhile, so its histograms are changed in their place.
      phase = .starting
      try growth.take(answer)
      return grow(growth)
    case .evaluating:
      guard answer.margins.count == 3 else {
        throw .unexpectedAnswer(what: "\(answer.margins.count) counts of margins")
      }
      phase = .finished
      return .finished(
        TrainedForest(
          initialMargin: initialMargin,
          trees: trees,
          labels: labels,
          holdOutLosses: losses,
          margins: Array(answer.margins.prefix(2)),
          outOfTimeMargins: answer.margins[2].rowCount > 0 ? answer.margins[2] : nil,
          holdOutLoss: answer.holdOutLoss.mean
        )
      )
    }
  }

  /// The features that the next tree may use; at least one useful one.
  private func allowedFeatures() -> [Bool] {
    guard finder.settings.featureShare < 1 else { return isUsed }
    let salt = Draw.salt(seed: finder.settings.seed, .feature, round: trees.count)
    let ranked = isUsed.indices.filter { isUsed[$0] }
      .sorted { Draw.mix(UInt64($0) ^ salt) < Draw.mix(UInt64($1) ^ salt) }
    let count = max(1, Int(Double(ranked.count) * finder.settings.featureShare))
    var allowed = [Bool](repeating: false, count: isUsed.count)
    for feature in ranked.prefix(count) { allowed[feature] = true }
    return allowed
  }

  private mutating func grow(_ growth: consuming TreeGrowth) -> TrainingStep {
    let next = growth.next()
    guard next.isLast else {
      phase = .growing(growth)
      let orders = next.orders.map {
        TrainingOrder.grow(splits: $0.splits, build: $0.build.map { [$0] } ?? [])
      }
      return orders.isEmpty ? .waiting : .orders(orders)
    }
    let values = growth.leafValues
    // A tree that found nothing to split ends training: the next one would find nothing either,
    // unless it sees other rows or features.
    let settings = finder.settings
    if values.count == 1 && settings.rowShare == 1 && settings.featureShare == 1 {
      return evaluation()
    }
    phase = .opening(growth)
    return .orders([.advance(splits: next.orders.flatMap(\.splits), leafValues: values)])
  }

  /// The number of trees with the lowest hold-out loss, the first of equal ones.
  private var bestTreeCount: Int {
    guard let lowest = losses.min(), finder.settings.patience > 0 else { return trees.count }
    return losses.firstIndex(of: lowest) ?? trees.count
  }

  private var isDone: Bool {
    let settings = finder.settings
    if trees.count >= settings.treeCountMax { return true }
    return settings.patience > 0 && !losses.isEmpty
      && trees.count - bestTreeCount >= settings.patience
  }

  private mutating func evaluation() -> TrainingStep {
    trees.removeLast(trees.count - min(trees.count, bestTreeCount))
    phase = .evaluating
    // It tells all trees itself.
    ordersSinceTree = []
    return .orders([.evaluate(initialMargin: initialMargin, trees: trees)])
  }
}
