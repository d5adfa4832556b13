/// The margins of some rows, and what each feature adds to them.
package struct Contributions: Equatable, Sendable {
  package let featureCount: Int
  /// One a row, the same bits as a `Scorer`'s.
  package let margins: [Double]
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
  private let scorer: Scorer
  private let explained: ExplainedForest
  /// The mean margin of the training rows: what is expected when no feature is known.
  package let baseMargin: Double

  package init(_ model: PropensityModel) {
    scorer = Scorer(model)
    explained = ExplainedForest(model.trees, forest: scorer.forest)
    baseMargin = model.trees.reduce(model.initialMargin) { sum, tree in
      let rows = tree.leaves.reduce(0.0) { $0 + Double($1.cover) }
      return sum + tree.leaves.reduce(0.0) { $0 + $1.value * (Double($1.cover) / rows) }
    }
  }

  /// The margins and contributions of all rows.
  ///
  /// - Parameter columns: one a feature of the model, in its order.
  /// - Returns: a margin a row, and a value a row and feature.
  /// - Throws: when the columns are not the model's.
  package func explain(_ columns: [FeatureColumn]) throws(ColumnError) -> Contributions {
    let binner = try Binner(tables: scorer.tables, columns: columns)
    let featureCount = explained.forest.featureCount
    let block = ExplanationBlock(explained, rowCount: binner.rowCount)
    let selection = LeafSelection(scorer.forest, rowCount: block.rows.laneCountMax)
    var margins = [Double](repeating: scorer.initialMargin, count: binner.rowCount)
    var values = [Double](repeating: 0, count: binner.rowCount * featureCount)
    for first in stride(from: 0, to: binner.rowCount, by: block.rows.laneCountMax) {
      let rows = first..<min(first + block.rows.laneCountMax, binner.rowCount)
      block.explain(rows, from: binner)
      block.write(to: &values, at: first * featureCount)
      unsafe margins.withUnsafeMutableBufferPointer { margins in
        let own = unsafe UnsafeMutableBufferPointer(rebasing: margins[rows])
        unsafe scorer.add(block.rows, selection, to: own)
      }
    }
    return Contributions(featureCount: featureCount, margins: margins, values: values)
  }
}
