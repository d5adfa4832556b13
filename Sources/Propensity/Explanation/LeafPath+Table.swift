extension LeafPath {
  /// Features of a path at most for which there is a table: the largest takes 8 KB.
  static let tableFeatureCountMax = 7

  /// The power of two of values that a pattern has in a table; those beyond the features are 0.
  var tableShift: Int {
    features.count < 2 ? 0 : Int.bitWidth - (features.count - 1).leadingZeroBitCount
  }

  /// The leaf's contributions to all its features for every pattern of conditions met, pattern after
  /// pattern.
  ///
  /// Bit j of a pattern is set when the row meets the conditions of feature j. Rows then need one
  /// look-up a feature, and those of one pattern lie together.
  ///
  /// - Parameter rule: with ⌈d/2⌉ points for d features.
  /// - Returns: 2^`tableShift` values a pattern.
  func table(_ rule: GaussLegendre) -> [Double] {
    let count = features.count
    precondition(count <= Self.tableFeatureCountMax, "\(count) features")
    let shift = tableShift
    var values = [Double](repeating: 0, count: 1 << (count + shift))
    for pattern in 0..<1 << count {
      func isMet(_ element: Int) -> Bool { pattern >> element & 1 == 1 }
      for (point, weight) in zip(rule.points, rule.weights) {
        let product = (0..<count).reduce(value * weight) {
          $0 * factor($1, isMet: isMet($1), point: point)
        }
        for element in 0..<count {
          let own = factor(element, isMet: isMet(element), point: point)
          values[pattern << shift + element] +=
            ((isMet(element) ? 1 : 0) - shares[element]) * (product / own)
        }
      }
    }
    return values
  }

  /// Whether `right` ends in the sibling of this path's leaf, by a feature that is tested nowhere else
  /// on the way.
  ///
  /// A row's patterns of the two then differ in that feature's bit alone, so one table can hold the
  /// sums of both.
  func isSibling(_ right: LeafPath) -> Bool {
    guard let own = conditions.last, let other = right.conditions.last else { return false }
    return own.node == other.node && own.isLeft && !other.isLeft
      && !conditions.dropLast().contains { $0.element == own.element }
  }
}
