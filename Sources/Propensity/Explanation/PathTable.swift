/// A leaf's contributions to all its features for every pattern of conditions met.
///
/// Bit j of a pattern is set when the row meets the conditions of feature j. Rows then need one
/// look-up a feature.
struct PathTable: Sendable {
  /// Features of a path at most: tables have d · 2^d entries, 7 KB for 7.
  static let featureCountMax = 7

  /// One node of the path, in the form in which blocks of rows are tested.
  struct Condition: Sendable {
    var node: Int
    /// Turns a mask of rows that go left into one of rows that follow the path.
    var flip: UInt8
    /// All bits but that of the node's feature.
    var others: UInt8
  }

  let conditions: [Condition]
  let features: [Int]
  /// For each feature, one value a pattern.
  let values: [Double]

  init(_ path: LeafPath, rule: GaussLegendre) {
    let count = path.features.count
    precondition(count <= Self.featureCountMax, "\(count) features")
    conditions = path.conditions.map {
      Condition(node: $0.node, flip: $0.isLeft ? 0 : 0xFF, others: ~(1 << UInt8($0.element)))
    }
    features = path.features
    var values = [Double](repeating: 0, count: count << count)
    for pattern in 0..<1 << count {
      func isMet(_ element: Int) -> Bool { pattern >> element & 1 == 1 }
      for (point, weight) in zip(rule.points, rule.weights) {
        let product = (0..<count).reduce(path.value * weight) {
          $0 * path.factor($1, isMet: isMet($1), point: point)
        }
        for element in 0..<count {
          let own = path.factor(element, isMet: isMet(element), point: point)
          values[element << count + pattern] +=
            ((isMet(element) ? 1 : 0) - path.shares[element]) * (product / own)
        }
      }
    }
    self.values = values
  }
}
