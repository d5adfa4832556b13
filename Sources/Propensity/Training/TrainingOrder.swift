/// One leaf of the growing tree and how it is split.
package struct LeafSplit: Equatable, Sendable {
  package let leaf: Int
  package let rule: SplitRule

  package init(leaf: Int, rule: SplitRule) {
    self.leaf = leaf
    self.rule = rule
  }
}

/// What a trainer asks of all partitions; each answers with a `TrainingAnswer`.
///
///     countLabels ─► begin ─► grow* ─► advance ─► grow* ─► advance ─► … ─► evaluate
///
/// A partition that replaces a lost one takes `resume` and then the orders since the last `advance`
/// that was answered (or `begin`), that one excluded; the answers to all but the last few were already
/// given.
package enum TrainingOrder: Equatable, Sendable {
  /// Answer with how often the goal was reached in each bin; of no account for what follows.
  case countLabels
  /// Set all margins, and answer with the sums and the histogram of all rows.
  case begin(initialMargin: Double, unit: HistogramUnit)
  /// Take these trees as grown, and answer with the sums and the histogram of all rows for the next one.
  case resume(initialMargin: Double, unit: HistogramUnit, trees: [Tree])
  /// Split leaves in this order, and answer with both children's row counts and with the histograms
  /// of the leaves to build.
  case grow(splits: [LeafSplit], build: [Int])
  /// Split leaves in this order, add each leaf's value to its rows, and answer with both children's row
  /// counts, the hold-out loss, and the sums and the histogram of all rows for the next tree.
  case advance(splits: [LeafSplit], leafValues: [Double])
  /// Answer with the margins of the rows that no tree has seen under these trees, counted by bucket.
  case evaluate(initialMargin: Double, trees: [Tree])
}
