/// A leaf's contributions for paths with too many features for a table, computed for each row.
struct DeepPath: Sendable {
  private struct Condition: Sendable {
    var rule: SplitRule
    var isLeft: Bool
    /// Which of `features` the rule tests.
    var element: Int
  }

  let features: [Int]
  private let conditions: [Condition]
  private let pointCount: Int
  private let shares: [Double]
  /// Weight times the leaf's value, of each point.
  private let weights: [Double]
  /// Factors at every point: of each feature when its conditions are not met, then when they are.
  private let factors: [Double]
  private let inverses: [Double]

  init(_ path: LeafPath, of tree: Tree, rule: GaussLegendre) {
    features = path.features
    conditions = path.conditions.map {
      Condition(rule: tree.nodes[$0.node].rule, isLeft: $0.isLeft, element: $0.element)
    }
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
  ///   - bin: the row's bin in a feature.
  ///   - add: takes a feature and what it contributes.
  func contribute(bin: (_ feature: Int) -> Int, add: (_ feature: Int, _ value: Double) -> Void) {
    unsafe withUnsafeTemporaryAllocation(of: Bool.self, capacity: features.count) { isMet in
      unsafe isMet.initialize(repeating: true)
      for condition in conditions
      where condition.rule.goesLeft(bin(condition.rule.feature)) != condition.isLeft {
        unsafe isMet[condition.element] = false
      }
      unsafe withUnsafeTemporaryAllocation(of: Double.self, capacity: pointCount) { products in
        for point in 0..<pointCount { unsafe products[point] = weights[point] }
        for element in features.indices {
          let start = unsafe (2 &* element &+ (isMet[element] ? 1 : 0)) &* pointCount
          for point in 0..<pointCount { unsafe products[point] *= factors[start &+ point] }
        }
        for element in features.indices {
          let met = unsafe isMet[element]
          let start = (2 &* element &+ (met ? 1 : 0)) &* pointCount
          var sum = 0.0
          for point in 0..<pointCount { unsafe sum += products[point] * inverses[start &+ point] }
          add(features[element], ((met ? 1 : 0) - shares[element]) * sum)
        }
      }
    }
  }
}
