/// A leaf's contributions for paths with too many features for a table, computed for each row.
struct DeepPath: Sendable {
  struct Condition: Sendable {
    var node: Int
    /// Turns a mask of rows that go left into one of rows that follow the path.
    var flip: UInt8
    /// Which of `features` the node tests.
    var element: Int
  }

  let conditions: [Condition]
  let features: [Int]
  let pointCount: Int
  private let shares: [Double]
  /// Weight times the leaf's value, of each point.
  private let weights: [Double]
  /// Factors at every point: of each feature when its conditions are not met, then when they are.
  private let factors: [Double]
  private let inverses: [Double]

  init(_ path: LeafPath, rule: GaussLegendre) {
    conditions = path.conditions.map {
      Condition(node: $0.node, flip: $0.isLeft ? 0 : 0xFF, element: $0.element)
    }
    features = path.features
    shares = path.shares
    pointCount = rule.points.count
    weights = rule.weights.map { $0 * path.value }
    factors = path.features.indices.flatMap { element in
      [false, true].flatMap { isMet in
        rule.points.map { path.factor(element, isMet: isMet, point: $0) }
      }
    }
    inverses = factors.map { 1 / $0 }
  }

  /// Adds one row's contributions.
  ///
  /// - Parameters:
  ///   - isMet: for each feature of the path, whether the row meets its conditions.
  ///   - add: takes a feature and what it contributes.
  func contribute(isMet: (Int) -> Bool, add: (_ feature: Int, _ value: Double) -> Void) {
    var products = weights
    for element in features.indices {
      let start = (2 * element + (isMet(element) ? 1 : 0)) * pointCount
      for point in 0..<pointCount { products[point] *= factors[start + point] }
    }
    for element in features.indices {
      let met = isMet(element)
      let start = (2 * element + (met ? 1 : 0)) * pointCount
      var sum = 0.0
      for point in 0..<pointCount { sum += products[point] * inverses[start + point] }
      add(features[element], ((met ? 1 : 0) - shares[element]) * sum)
    }
  }
}
