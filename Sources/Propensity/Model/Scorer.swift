/// Computes margins of rows with a model's trees.
///
/// Immutable; threads share one and give it parts of the rows.
package struct Scorer: Sendable {
  private let features: [FeatureBins]
  private let initialMargin: Double
  private let trees: [Stage]

  private enum Stage: Sendable {
    case block(BlockTree)
    /// A tree with too many leaves for a block: rows walk down it.
    case walk(Tree)
  }

  package init(_ model: PropensityModel) {
    features = model.features
    initialMargin = model.initialMargin
    trees = model.trees.map { tree in BlockTree(tree).map { .block($0) } ?? .walk(tree) }
  }

  /// The margins of all rows, in log-odds before calibration.
  ///
  /// Leaf values are added in the order of the trees, so a row's margin is the same bits in any
  /// company.
  ///
  /// - Parameter columns: one a feature of the model, in its order.
  /// - Returns: one a row.
  /// - Throws: when the columns are not the model's.
  package func margins(_ columns: [FeatureColumn]) throws(ColumnError) -> [Double] {
    let binner = try Binner(features: features, columns: columns)
    return margins(binner, rows: 0..<binner.rowCount)
  }

  private func margins(_ binner: Binner, rows: Range<Int>) -> [Double] {
    let scratch = BlockScratch(featureCount: features.count)
    var margins = [Double](repeating: initialMargin, count: rows.count)
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: BlockScratch.lanes) {
      let block = first..<min(first + BlockScratch.lanes, rows.upperBound)
      scratch.load(block, from: binner)
      unsafe margins.withUnsafeMutableBufferPointer { all in
        let sums = unsafe UnsafeMutableBufferPointer(
          rebasing: all[block.lowerBound - rows.lowerBound..<block.upperBound - rows.lowerBound]
        )
        for tree in trees { unsafe add(tree, scratch, to: sums) }
      }
    }
    return margins
  }

  private func add(
    _ stage: Stage,
    _ scratch: BlockScratch,
    to sums: UnsafeMutableBufferPointer<Double>
  ) {
    switch stage {
    case .block(let tree):
      scratch.compare(tree.nodes)
      let leaves = unsafe scratch.leaves(of: tree)
      unsafe tree.values.withUnsafeBufferPointer { values in
        for lane in 0..<sums.count { unsafe sums[lane] += values[Int(leaves[lane])] }
      }
    case .walk(let tree):
      for lane in 0..<sums.count {
        let leaf = tree.leaf { scratch.bin(lane: lane, feature: $0) }
        unsafe sums[lane] += tree.leaves[leaf].value
      }
    }
  }
}
