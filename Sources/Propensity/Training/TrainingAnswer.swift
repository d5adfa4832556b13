/// What some rows add up to; answers of several partitions are merged by adding.
package struct TrainingAnswer: Equatable, Sendable {
  /// Exact sums of rows: gradients in units of 2⁻³⁰, hessians of 2⁻³².
  package struct RowSums: Equatable, Sendable {
    package var rowCount: UInt64 = 0
    package var gradient: Int64 = 0
    package var hessian: Int64 = 0

    mutating func add(_ other: RowSums) {
      rowCount &+= other.rowCount
      gradient &+= other.gradient
      hessian &+= other.hessian
    }
  }

  /// Hold-out rows and the sum of their losses in units of 2⁻²⁴.
  package struct HoldOutLoss: Equatable, Sendable {
    package var rowCount: UInt64 = 0
    package var sum: UInt64 = 0

    package var mean: Double? {
      rowCount == 0 ? nil : Double(sum) / FixedPoint.lossScale / Double(rowCount)
    }
  }

  /// One of each leaf that was to be built, or that of all rows.
  package var histograms: [LeafHistogram] = []
  /// Rows of the left and the right child of each split, alternating.
  package var childRowCounts: [UInt64] = []
  /// Of all rows that the tree to come sees.
  package var rowSums = RowSums()
  package var holdOutLoss = HoldOutLoss()
  /// Margins of either half of the hold-out rows, and of the rows of the out-of-time test.
  package var margins: [MarginCounts] = []
  /// Empty unless they were to be counted.
  package var binLabels = BinLabels()

  package init() {}

  /// Adds up the answers of several partitions to the same order.
  ///
  /// - Parameter answers: at least one; their histograms are changed in their place where nobody else
  ///   holds them.
  /// - Throws: when their shapes differ, or there are none.
  package init(merging answers: consuming [TrainingAnswer]) throws(TrainingError) {
    guard let last = answers.popLast() else { throw .unexpectedAnswer(what: "nobody answered") }
    self = last
    for answer in answers { try merge(answer) }
  }

  /// Adds what other rows answered to the same order.
  package mutating func merge(_ other: TrainingAnswer) throws(TrainingError) {
    guard histograms.map(\.sums.count) == other.histograms.map(\.sums.count),
      childRowCounts.count == other.childRowCounts.count,
      margins.count == other.margins.count,
      binLabels.slotCount == other.binLabels.slotCount
    else { throw .unexpectedAnswer(what: "partitions answered with different shapes") }
    for index in histograms.indices { histograms[index].add(other.histograms[index]) }
    for index in childRowCounts.indices { childRowCounts[index] &+= other.childRowCounts[index] }
    rowSums.add(other.rowSums)
    holdOutLoss.rowCount &+= other.holdOutLoss.rowCount
    holdOutLoss.sum &+= other.holdOutLoss.sum
    for index in margins.indices { margins[index].add(other.margins[index]) }
    binLabels.add(other.binLabels)
  }
}
