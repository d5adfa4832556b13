/// The rows of one partition during training: holds bins and margins, and answers a trainer's orders
/// with whole numbers.
///
/// Two partitions answer, merged, what one with the rows of both would: so the trainer's decisions do
/// not depend on how rows are divided. Used by one thread at a time.
package final class TrainingPartition {
  let rows: TrainingRows
  /// Rows that are only measured by, of an out-of-time test.
  private let outOfTime: TrainingRows?
  private let settings: TrainingSettings
  private let layout: HistogramLayout
  private let builder: HistogramBuilder
  /// Rows of each leaf of the growing tree.
  ///
  /// Invariant: they divide 0..<participantCount.
  private var ranges: [Range<Int>] = []
  private var tree = Tree()
  private var treeIndex = 0
  private var unit = HistogramUnit(rowCount: 0, positiveCount: 0)
  /// Rows, from the first on, that the growing tree sees; the other training rows follow.
  private var participantCount = 0

  /// - Parameters:
  ///   - features: the bins of each column, the same for all partitions.
  ///   - columns: one a feature.
  ///   - labels: whether each row reached the goal.
  ///   - keys: a hash of each row's key; rows of one key share one, and with it their fate in draws.
  ///   - settings: the same for all partitions.
  ///   - outOfTime: rows that nothing is learned from, and that the trees are measured by.
  /// - Throws: when columns, labels or keys do not fit each other or the features.
  package init(
    features: [FeatureBins],
    columns: [FeatureColumn],
    labels: [Bool],
    keys: [UInt64],
    settings: TrainingSettings,
    outOfTime: LocalTraining.Part? = nil
  ) throws(TrainingError) {
    if let problem = settings.problem { throw problem }
    let tables = BinTables(features: features)
    rows = try TrainingRows(
      tables,
      LocalTraining.Part(columns: columns, labels: labels, keys: keys),
      settings
    )
    if let outOfTime {
      var unheld = settings
      unheld.holdOutShare = 0
      self.outOfTime = try TrainingRows(tables, outOfTime, unheld)
    } else {
      self.outOfTime = nil
    }
    layout = HistogramLayout(features: features)
    builder = HistogramBuilder(layout: layout, paddedFeatureCount: rows.paddedFeatureCount)
    self.settings = settings
  }

  /// How many rows there are to train on and hold out, and how many of them reached the goal.
  package var labelCounts: LabelCounts {
    var counts = LabelCounts()
    for row in 0..<rows.count {
      counts.add(isPositive: rows.label(row), isHeldOut: row >= rows.trainingCount)
    }
    return counts
  }

  /// Carries an order out.
  ///
  /// An order that does not fit what came before throws and changes nothing.
  package func answer(_ order: TrainingOrder) throws(TrainingError) -> TrainingAnswer {
    switch order {
    case .countLabels: return countLabels()
    case .begin(let initialMargin, let unit): return try resume(initialMargin, unit, trees: [])
    case .resume(let initialMargin, let unit, let trees):
      return try resume(initialMargin, unit, trees: trees)
    case .grow(let splits, let build):
      try check(splits)
      guard build.allSatisfy({ (0..<ranges.count + splits.count).contains($0) }) else {
        throw .unexpectedOrder(what: "a leaf to build is not in the tree")
      }
      return grow(splits, build: build)
    case .advance(let splits, let leafValues):
      try check(splits)
      let leafCount = ranges.count + splits.count
      guard leafValues.count == leafCount else {
        throw .unexpectedOrder(what: "\(leafValues.count) values for \(leafCount) leaves")
      }
      guard leafValues.allSatisfy(Self.isBounded) else {
        throw .unexpectedOrder(what: "a leaf's value is out of bounds")
      }
      return advance(splits, leafValues)
    case .evaluate(let initialMargin, let trees):
      try check(initialMargin, trees)
      return evaluate(initialMargin, trees: trees)
    }
  }

  /// Margins stay far from what doubles and their conversions cannot hold.
  private static func isBounded(_ value: Double) -> Bool { abs(value) <= 1e6 }

  private func check(_ initialMargin: Double, _ trees: [Tree]) throws(TrainingError) {
    let fits = trees.allSatisfy { tree in
      tree.leaves.allSatisfy { Self.isBounded($0.value) }
        && tree.nodes.allSatisfy { layout.binCounts.indices.contains($0.rule.feature) }
    }
    guard fits, Self.isBounded(initialMargin) else {
      throw .unexpectedOrder(what: "a tree tests a feature that is not there, or is out of bounds")
    }
  }

  private func check(_ splits: [LeafSplit]) throws(TrainingError) {
    guard !ranges.isEmpty else { throw .unexpectedOrder(what: "training has not begun") }
    for (index, split) in splits.enumerated() {
      guard (0..<ranges.count + index).contains(split.leaf),
        layout.binCounts.indices.contains(split.rule.feature)
      else { throw .unexpectedOrder(what: "a split names a leaf or feature that is not there") }
    }
  }

  private func resume(
    _ initialMargin: Double,
    _ unit: HistogramUnit,
    trees: [Tree]
  ) throws(TrainingError) -> TrainingAnswer {
    try check(initialMargin, trees)
    for row in 0..<rows.count {
      rows.setMargin(row, margin(row, of: rows, initialMargin, trees: trees))
    }
    treeIndex = trees.count
    self.unit = unit
    return beginTree()
  }

  /// The margin of a row, added up in the order of trees as `advance` does.
  private func margin(
    _ row: Int,
    of rows: TrainingRows,
    _ initialMargin: Double,
    trees: [Tree]
  ) -> Double {
    trees.reduce(initialMargin) { sum, tree in
      sum + tree.leaves[tree.leaf { rows.bin(row, feature: $0) }].value
    }
  }

  private func beginTree() -> TrainingAnswer {
    participantCount = rows.drawParticipants(settings: settings, treeIndex: treeIndex)
    ranges = [0..<participantCount]
    tree = Tree()
    var answer = TrainingAnswer()
    answer.rowSums = rows.updateGradients(
      ranges[0],
      unit,
      salt: Draw.salt(seed: settings.seed, .rounding, round: treeIndex)
    )
    answer.histograms = [histogram(ranges[0])]
    answer.holdOutLoss = rows.holdOutLoss()
    return answer
  }

  private func histogram(_ range: Range<Int>) -> LeafHistogram {
    builder.histogram(range, of: rows, in: unit)
  }

  private func grow(_ splits: [LeafSplit], build: [Int]) -> TrainingAnswer {
    var answer = TrainingAnswer()
    answer.childRowCounts = apply(splits)
    answer.histograms = build.map { histogram(ranges[$0]) }
    return answer
  }

  private func apply(_ splits: [LeafSplit]) -> [UInt64] {
    var counts: [UInt64] = []
    for split in splits {
      let range = ranges[split.leaf]
      let middle = rows.divide(
        range,
        byteOffset: TrainingRows.binsOffset + split.rule.feature,
        wanted: split.rule.table
      )
      ranges[split.leaf] = range.lowerBound..<middle
      ranges.append(middle..<range.upperBound)
      tree.split(leaf: split.leaf, by: split.rule)
      counts.append(UInt64(middle - range.lowerBound))
      counts.append(UInt64(range.upperBound - middle))
    }
    return counts
  }

  private func advance(_ splits: [LeafSplit], _ leafValues: [Double]) -> TrainingAnswer {
    let childRowCounts = apply(splits)
    for (leaf, range) in ranges.enumerated() { rows.addToMargins(range, leafValues[leaf]) }
    for row in participantCount..<rows.count {
      let leaf = tree.leaf { rows.bin(row, feature: $0) }
      rows.setMargin(row, rows.margin(row) + leafValues[leaf])
    }
    treeIndex += 1
    var answer = beginTree()
    answer.childRowCounts = childRowCounts
    return answer
  }

  private func evaluate(_ initialMargin: Double, trees: [Tree]) -> TrainingAnswer {
    var answer = TrainingAnswer()
    answer.margins = [MarginCounts(), MarginCounts(), MarginCounts()]
    for row in rows.trainingCount..<rows.count {
      let margin = margin(row, of: rows, initialMargin, trees: trees)
      answer.margins[rows.half(row)].add(margin: margin, isPositive: rows.label(row))
      answer.holdOutLoss.add(margin: margin, isPositive: rows.label(row))
    }
    if let outOfTime {
      for row in 0..<outOfTime.count {
        let margin = margin(row, of: outOfTime, initialMargin, trees: trees)
        answer.margins[2].add(margin: margin, isPositive: outOfTime.label(row))
      }
    }
    return answer
  }

  private func countLabels() -> TrainingAnswer {
    var answer = TrainingAnswer()
    answer.binLabels = BinLabels(slotCount: layout.slotCount)
    answer.binLabels.add(rows, layout)
    if let outOfTime { answer.binLabels.add(outOfTime: outOfTime, layout) }
    return answer
  }
}
