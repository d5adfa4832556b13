/// What each feature adds to the margins of some rows.
package struct Contributions: Equatable, Sendable {
  package let featureCount: Int
  /// In log-odds; of row r and feature f at r · featureCount + f.
  package let values: [Double]

  /// The contributions of one row, a value a feature.
  package func row(_ index: Int) -> ArraySlice<Double> {
    values[index * featureCount..<(index + 1) * featureCount]
  }
}

/// Explains margins by exact Shapley values of the path-dependent kind (TreeSHAP).
///
/// A row's contributions and `baseMargin` add up to its margin, up to rounding. What is computed once a
/// tree is: the contributions of each leaf for every pattern of conditions that a row may meet.
/// Immutable; threads share one and give it parts of the rows.
package struct Explainer: Sendable {
  private struct ExplainedTree: Sendable {
    var nodes: [BlockTree.Node]
    var tables: [PathTable]
    var deep: [DeepPath]
  }

  private let features: [FeatureBins]
  private let trees: [ExplainedTree]
  private let nodeCountMax: Int
  /// The mean margin of the training rows: what is expected when no feature is known.
  package let baseMargin: Double

  package init(_ model: PropensityModel) {
    features = model.features
    var rules: [Int: GaussLegendre] = [:]
    func rule(_ featureCount: Int) -> GaussLegendre {
      let count = max(1, (featureCount + 1) / 2)
      if let rule = rules[count] { return rule }
      let rule = GaussLegendre(count: count)
      rules[count] = rule
      return rule
    }
    var base = model.initialMargin
    trees = model.trees.map { tree in
      let rows = tree.leaves.reduce(0.0) { $0 + Double($1.cover) }
      base += tree.leaves.reduce(0.0) { $0 + $1.value * (Double($1.cover) / rows) }
      let paths = LeafPath.all(tree).filter { !$0.features.isEmpty }
      let isShort = { (path: LeafPath) in path.features.count <= PathTable.featureCountMax }
      return ExplainedTree(
        nodes: BlockTree.nodes(of: tree),
        tables: paths.filter(isShort).map { PathTable($0, rule: rule($0.features.count)) },
        deep: paths.filter { !isShort($0) }.map { DeepPath($0, rule: rule($0.features.count)) }
      )
    }
    baseMargin = base
    nodeCountMax = model.trees.map(\.nodes.count).max() ?? 0
  }

  /// The contributions of every row.
  ///
  /// - Parameter columns: one a feature of the model, in its order.
  /// - Returns: a value a row and feature.
  /// - Throws: when the columns are not the model's.
  package func explain(_ columns: [FeatureColumn]) throws(ColumnError) -> Contributions {
    let binner = try Binner(features: features, columns: columns)
    let block = ExplanationBlock(featureCount: features.count, nodeCountMax: nodeCountMax)
    var values = [Double](repeating: 0, count: binner.rowCount * features.count)
    for first in stride(from: 0, to: binner.rowCount, by: BlockScratch.lanes) {
      let rows = first..<min(first + BlockScratch.lanes, binner.rowCount)
      block.begin(rows, from: binner)
      for tree in trees {
        block.scratch.compare(tree.nodes)
        for table in tree.tables { block.add(table) }
        for path in tree.deep { block.add(path) }
      }
      block.write(to: &values, at: first * features.count)
    }
    return Contributions(featureCount: features.count, values: values)
  }
}
