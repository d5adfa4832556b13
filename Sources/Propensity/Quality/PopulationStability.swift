/// How far a distribution has moved from the one a model was trained on.
package enum PopulationStability {
  /// What stands in for the share of an empty group.
  private static let emptyShare = 1e-4

  /// The population stability index Σ (a − e) · ln(a/e) over groups with expected shares e and actual
  /// shares a.
  ///
  /// By convention under 0.1 is stable, above 0.25 shifted (E. M. Lewis, *An Introduction to Credit
  /// Scoring*, 1994); it grows with fewer rows (B. Yurdakul, J. Naranjo, Journal of Risk Model
  /// Validation 14, 2020). Groups that are empty count as a share of 0.0001.
  ///
  /// - Parameters:
  ///   - expected: rows of each group at training.
  ///   - actual: rows of each group now; as many groups.
  /// - Returns: 0 or more; `nil` when there are no rows on either side.
  package static func index(expected: [UInt64], actual: [UInt64]) -> Double? {
    precondition(expected.count == actual.count, "\(expected.count), \(actual.count) groups")
    let expectedCount = Double(expected.reduce(0, &+))
    let actualCount = Double(actual.reduce(0, &+))
    guard expectedCount > 0, actualCount > 0 else { return nil }
    var sum = 0.0
    for (before, now) in zip(expected, actual) where before > 0 || now > 0 {
      let e = max(Double(before) / expectedCount, emptyShare)
      let a = max(Double(now) / actualCount, emptyShare)
      sum += (a - e) * naturalLogarithm(a / e)
    }
    return sum
  }

  /// The index of margins, over ten groups of about equally many expected rows.
  package static func index(expected: MarginCounts, actual: MarginCounts) -> Double? {
    let groups = groups(expected: expected, actual: actual)
    return index(expected: groups.expected, actual: groups.actual)
  }

  /// Rows in ten groups of margins with about equally many expected rows.
  static func groups(
    expected: MarginCounts,
    actual: MarginCounts
  ) -> (expected: [UInt64], actual: [UInt64]) {
    let rowCount = Double(expected.rowCount)
    var groups: (expected: [UInt64], actual: [UInt64]) = ([0], [0])
    var below = 0.0
    for bucket in 0..<MarginCounts.bucketCount {
      let last = groups.expected.count - 1
      groups.expected[last] += expected.positives[bucket] + expected.negatives[bucket]
      groups.actual[last] += actual.positives[bucket] + actual.negatives[bucket]
      below += Double(expected.positives[bucket] + expected.negatives[bucket])
      if groups.expected.count < 10 && below >= Double(groups.expected.count) * rowCount / 10 {
        groups.expected.append(0)
        groups.actual.append(0)
      }
    }
    return groups
  }

  /// What the index stays below nineteen times in twenty when nothing has moved.
  ///
  /// For equal distributions it is about (1/n + 1/m) · χ² with one degree of freedom less than there
  /// are groups (B. Yurdakul, J. Naranjo 2020); the quantile is that of E. B. Wilson, M. M. Hilferty,
  /// Proceedings of the National Academy of Sciences 17 (1931), 684–688.
  ///
  /// - Returns: `nil` when there are no rows on either side.
  package static func chance(
    expectedCount: UInt64,
    actualCount: UInt64,
    groupCount: Int
  ) -> Double? {
    guard expectedCount > 0, actualCount > 0 else { return nil }
    let freedom = Double(groupCount - 1)
    guard freedom > 0 else { return 0 }
    let spread = 2 / (9 * freedom)
    let root = 1 - spread + 1.645 * spread.squareRoot()
    return freedom * root * root * root * (1 / Double(expectedCount) + 1 / Double(actualCount))
  }
}
