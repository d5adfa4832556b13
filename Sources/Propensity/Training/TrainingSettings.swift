/// How trees are grown; part of a model, and the same for all who train it.
package struct TrainingSettings: Equatable, Sendable {
  /// Trees at most, 1…10,000.
  package var treeCountMax = 400
  /// Part of its best value that a leaf adds, above 0 and up to 1.
  package var learningRate = 0.05
  /// Leaves of a tree at most, 2…256.
  package var leafCountMax = 31
  /// Splits from the root to a leaf at most, 1…32.
  package var depthMax = 6
  /// Splits under way at a time, 1…256; the best leaves by gain are split first.
  package var leavesPerRound = 8
  /// Rows a child needs, estimated from its share of the leaf's hessian.
  package var childRowCountMin = 20
  /// Sum of p(1 − p) a child needs; above 0.
  package var childHessianMin = 1e-3
  /// λ: added to the hessian of a leaf, 0 or more.
  package var l2 = 5.0
  /// α: taken from the absolute gradient of a leaf, 0 or more.
  package var l1 = 0.0
  /// γ: improvement of the objective that a split needs, 0 or more.
  package var splitGainMin = 0.0
  /// Added to λ where categories are split, as each order of categories is fitted to the rows.
  package var categoryL2 = 10.0
  /// Added to a category's hessian before categories are put in order.
  package var categorySmoothing = 10.0
  /// Share of the rows that a tree sees, above 0 and up to 1; drawn by hash.
  package var rowShare = 1.0
  /// Share of the features that a tree sees, above 0 and up to 1; drawn by hash.
  package var featureShare = 0.8
  /// Share of the rows that no tree sees, 0…0.5; drawn by hash of the row's key.
  package var holdOutShare = 0.15
  /// Trees without a lower hold-out loss after which training ends; 0 grows all trees.
  package var patience = 30
  /// Bins of a feature at most, 3…255.
  package var binCountMax = 255
  package var seed: UInt64 = 1

  package init() {}

  /// The first setting that is out of its range, if any.
  package var problem: TrainingError? {
    func isPositiveShare(_ value: Double) -> Bool { value > 0 && value <= 1 }
    func isPenalty(_ value: Double) -> Bool { value >= 0 && value.isFinite }
    let checks: [(name: String, isValid: Bool)] = [
      ("treeCountMax", (1...10_000).contains(treeCountMax)),
      ("learningRate", isPositiveShare(learningRate)),
      ("leafCountMax", (2...256).contains(leafCountMax)),
      ("depthMax", (1...32).contains(depthMax)),
      ("leavesPerRound", (1...256).contains(leavesPerRound)),
      ("childRowCountMin", (0...1 << 40).contains(childRowCountMin)),
      ("childHessianMin", childHessianMin > 0 && childHessianMin.isFinite),
      ("l2", isPenalty(l2)),
      ("l1", isPenalty(l1)),
      ("splitGainMin", isPenalty(splitGainMin)),
      ("categoryL2", isPenalty(categoryL2)),
      ("categorySmoothing", isPenalty(categorySmoothing)),
      ("rowShare", isPositiveShare(rowShare)),
      ("featureShare", isPositiveShare(featureShare)),
      ("holdOutShare", holdOutShare >= 0 && holdOutShare <= 0.5),
      ("patience", (0...10_000).contains(patience)),
      ("binCountMax", (3...FeatureBins.binCountMax).contains(binCountMax)),
    ]
    return checks.first { !$0.isValid }.map { .setting(name: $0.name) }
  }
}
