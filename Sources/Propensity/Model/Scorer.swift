/// Computes margins of rows with a model's trees.
///
/// Immutable; threads share one and give it parts of the rows.
package struct Scorer: Sendable {
  /// Rows whose bins are found together: enough for long reads of each column, and few enough for
  /// the second cache.
  private static let blockRowCount = 1_024

  let tables: BinTables
  let forest: BlockForest
  let initialMargin: Double
  /// Trees with too many leaves for a block, through which rows walk one by one.
  private let walked: [Int: Tree]

  package init(_ model: PropensityModel) {
    tables = BinTables(features: model.features)
    forest = BlockForest(model.trees, featureCount: model.features.count)
    initialMargin = model.initialMargin
    var walked: [Int: Tree] = [:]
    for (index, tree) in model.trees.enumerated()
    where tree.leaves.count > LeafSelection.leafCountMax { walked[index] = tree }
    self.walked = walked
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
    let binner = try Binner(tables: tables, columns: columns)
    let rowCount = binner.rowCount
    let block = RowBlock(
      featureCount: forest.featureCount,
      rowCount: rowCount,
      limit: Self.blockRowCount
    )
    let selection = LeafSelection(forest, rowCount: rowCount)
    var margins = [Double](repeating: initialMargin, count: rowCount)
    for first in stride(from: 0, to: rowCount, by: block.laneCountMax) {
      let rows = first..<min(first + block.laneCountMax, rowCount)
      block.load(rows, from: binner)
      unsafe margins.withUnsafeMutableBufferPointer { margins in
        unsafe add(block, selection, to: UnsafeMutableBufferPointer(rebasing: margins[rows]))
      }
    }
    return margins
  }

  /// Adds the values of the leaves that a block's rows reach.
  ///
  /// - Parameters:
  ///   - block: rows of the model's features.
  ///   - selection: made for the forest and as many rows.
  ///   - sums: one a row of the block.
  func add(
    _ block: RowBlock,
    _ selection: LeafSelection,
    to sums: UnsafeMutableBufferPointer<Double>
  ) {
    for first in stride(from: 0, to: block.rowCount, by: LeafSelection.laneCount) {
      let rows = first..<min(first + LeafSelection.laneCount, block.rowCount)
      unsafe add(rows, of: block, selection, to: UnsafeMutableBufferPointer(rebasing: sums[rows]))
    }
  }

  private func add(
    _ rows: Range<Int>,
    of block: RowBlock,
    _ selection: LeafSelection,
    to sums: UnsafeMutableBufferPointer<Double>
  ) {
    unsafe forest.nodes.withUnsafeBufferPointer { nodes in
      unsafe forest.tables.withUnsafeBufferPointer { tables in
        unsafe forest.values.withUnsafeBufferPointer { values in
          guard let nodes = nodes.baseAddress, let tables = tables.baseAddress,
            let values = values.baseAddress, let start = sums.baseAddress
          else { return }
          for index in forest.trees.indices {
            let place = forest.trees[index]
            if place.values.count > LeafSelection.leafCountMax {
              unsafe walk(walked[index], rows, of: block, to: sums)
              continue
            }
            unsafe selection.add(
              nodes + place.nodes.lowerBound,
              count: place.nodes.count,
              tables: tables,
              values: values + place.values.lowerBound,
              of: block,
              rows: rows,
              to: start
            )
          }
        }
      }
    }
  }

  private func walk(
    _ tree: Tree?,
    _ rows: Range<Int>,
    of block: RowBlock,
    to sums: UnsafeMutableBufferPointer<Double>
  ) {
    guard let tree else { return }
    for (index, row) in rows.enumerated() {
      let leaf = tree.leaf { block.bin(row: row, feature: $0) }
      unsafe sums[index] += tree.leaves[leaf].value
    }
  }
}
