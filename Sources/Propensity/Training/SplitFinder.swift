/// The best way found to split a leaf.
struct SplitCandidate: Equatable {
  let rule: SplitRule
  /// How much the objective falls: ½[G_L²/(H_L+λ) + G_R²/(H_R+λ) − G²/(H+λ)].
  let gain: Double
  /// Of the left child's rows.
  let left: LeafHistogram.Sums
}

/// Finds the split of a leaf that lowers the second-order objective most.
///
/// Source: T. Chen, C. Guestrin, "XGBoost", KDD 2016, section 2. Missing rows are tried on both
/// sides (their section 3.4). Equal gains are decided by order: lowest feature, lowest bin, missing on
/// the left. Works on whole numbers made doubles in one place, so every host finds the same.
struct SplitFinder {
  let layout: HistogramLayout
  let features: [FeatureBins]
  let settings: TrainingSettings
  let unit: HistogramUnit

  /// The better of what each feature offers.
  ///
  /// - Parameters:
  ///   - histogram: of the leaf's rows.
  ///   - rowCount: how many they are.
  ///   - isAllowed: for each feature, whether this tree may use it.
  /// - Returns: `nil` when no split meets the settings.
  func best(
    _ histogram: LeafHistogram,
    rowCount: UInt64,
    isAllowed: [Bool]
  ) -> SplitCandidate? {
    let scan = LeafScan(
      settings: settings,
      unit: unit.value,
      totals: totals(histogram),
      rowCount: rowCount
    )
    guard scan.mayBeSplit else { return nil }
    var best: SplitCandidate?
    unsafe histogram.sums.withUnsafeBufferPointer { sums in
      for feature in features.indices where isAllowed[feature] {
        let offset = layout.offsets[feature]
        let slots = unsafe UnsafeBufferPointer(
          rebasing: sums[2 * offset..<2 * layout.offsets[feature + 1]]
        )
        let found =
          switch features[feature].kind {
          case .numeric: unsafe scan.numeric(slots, feature: feature, above: best?.gain ?? 0)
          case .categorical: unsafe scan.categorical(slots, feature: feature)
          }
        if let found, found.gain > best?.gain ?? 0 { best = found }
      }
    }
    return best
  }

  /// Every feature's slots hold all rows, so the first feature's add up to the leaf.
  func totals(_ histogram: LeafHistogram) -> LeafHistogram.Sums {
    var totals = LeafHistogram.Sums()
    for slot in 0..<(layout.binCounts.first ?? 0) {
      totals.gradient &+= histogram.sums[2 * slot]
      totals.hessian &+= histogram.sums[2 * slot + 1]
    }
    return totals
  }
}
