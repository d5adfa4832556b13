package import Bytes

/// Chooses bins from a feature's summary.
package enum BinFinder {
  /// Rows a category needs for a bin of its own; estimates from fewer are noise.
  static let categoryRowCountMin: UInt64 = 10
  /// Rows a numeric bin needs, as in LightGBM's `min_data_in_bin`.
  static let binRowCountMin: UInt64 = 3

  /// The bins of one feature.
  ///
  /// - Parameters:
  ///   - name: the feature's name.
  ///   - summary: of all rows that are trained on.
  ///   - binCountMax: 3…255, the bin for missing included.
  /// - Returns: bins without edges or categories when all rows are alike or there are too many
  ///   categories; `isUseful` is then false.
  package static func bins(
    name: Text,
    summary: FeatureSummary,
    binCountMax: Int = FeatureBins.binCountMax
  ) -> FeatureBins {
    precondition((3...FeatureBins.binCountMax).contains(binCountMax), "\(binCountMax) bins")
    switch summary {
    case .numeric(let sketch):
      let edges = edges(sketch, binCountMax: binCountMax - 1)
      // A feature that is there or is not tells rows apart too: one edge above all values.
      let presence = edges.isEmpty && sketch.missingCount > 0 && !sketch.keys.isEmpty
      return FeatureBins(
        name: name,
        cut: .edges(presence ? [sketch.highest(sketch.keys.count - 1)] : edges)
      )
    case .categorical(let categories):
      return FeatureBins(
        name: name,
        cut: .categories(frequent(categories, binCountMax: binCountMax - 2))
      )
    }
  }

  /// The most frequent categories, in that order; ties by name.
  private static func frequent(_ categories: CategoryCounts, binCountMax: Int) -> [Text] {
    guard let counts = categories.counts else { return [] }
    let ranked = counts.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
    let kept = ranked.prefix(binCountMax).prefix { $0.value >= categoryRowCountMin }
    let isAlike = counts.count == 1 && categories.missingCount == 0
    return isAlike ? [] : kept.map(\.key)
  }

  /// Upper ends of at most `binCountMax` bins with about equally many rows.
  ///
  /// Cells with more rows than an equal share get a bin of their own, and the share is counted anew
  /// for the rest (the rule of LightGBM's `GreedyFindBin`). An edge lies midway between cells.
  private static func edges(_ sketch: NumericSketch, binCountMax: Int) -> [Double] {
    let counts = sketch.counts
    let total = sketch.presentCount
    let fitsAll = counts.count <= binCountMax
    let share = Double(total) / Double(binCountMax)
    let isLarge = counts.map { !fitsAll && Double($0) >= share }
    var restBins = binCountMax - isLarge.count { $0 }
    var restRows = zip(counts, isLarge).reduce(0 as UInt64) { $0 &+ ($1.1 ? 0 : $1.0) }
    var restShare = Double(restRows) / Double(max(1, restBins))
    var edges: [Double] = []
    var rows: UInt64 = 0
    for cell in counts.indices.dropLast() where edges.count < binCountMax - 1 {
      rows &+= counts[cell]
      if !isLarge[cell] { restRows &-= counts[cell] }
      let isFull =
        fitsAll
        ? rows >= binRowCountMin
        : isLarge[cell] || Double(rows) >= restShare
          || (isLarge[cell + 1] && Double(rows) >= max(1, restShare / 2))
      guard isFull else { continue }
      edges.append(between(sketch.highest(cell), sketch.lowest(cell + 1)))
      rows = 0
      if !isLarge[cell] {
        restBins -= 1
        restShare = Double(restRows) / Double(max(1, restBins))
      }
    }
    return edges
  }

  /// A value from `low` to below `high`, midway where doubles allow.
  private static func between(_ low: Double, _ high: Double) -> Double {
    let middle = low * 0.5 + high * 0.5
    return middle >= low && middle < high ? middle : low
  }
}
