/// What was predicted beside what happened, for groups of rows in the order of their margins.
package struct ReliabilityTable: Equatable, Sendable {
  package struct Group: Equatable, Sendable {
    package var rowCount: UInt64
    package var positiveCount: UInt64
    /// Mean calibrated probability of the rows, 0…1.
    package var meanProbability: Double

    package var actualRate: Double { Double(positiveCount) / Double(rowCount) }
  }

  /// Ascending; each with at least one row.
  package let groups: [Group]

  /// - Parameters:
  ///   - margins: the rows.
  ///   - calibration: the model's.
  ///   - groupCount: how many groups of about equally many rows; rows of one bucket stay together.
  package init(margins: MarginCounts, calibration: Calibration, groupCount: Int = 10) {
    precondition(groupCount > 0, "\(groupCount) groups")
    let rowCount = Double(margins.rowCount)
    var groups: [Group] = []
    var group = Group(rowCount: 0, positiveCount: 0, meanProbability: 0)
    var before = 0.0
    for bucket in margins.positives.indices {
      let rows = margins.positives[bucket] &+ margins.negatives[bucket]
      if rows == 0 { continue }
      let probability = calibration.probability(margin: MarginCounts.margin(of: bucket))
      group.rowCount &+= rows
      group.positiveCount &+= margins.positives[bucket]
      group.meanProbability += probability * Double(rows)
      // The next group begins when this one reaches the end of its equal share.
      let isFull =
        before + Double(group.rowCount)
        >= Double(groups.count + 1) * rowCount / Double(groupCount)
      if isFull || before + Double(group.rowCount) == rowCount {
        before += Double(group.rowCount)
        group.meanProbability /= Double(group.rowCount)
        groups.append(group)
        group = Group(rowCount: 0, positiveCount: 0, meanProbability: 0)
      }
    }
    self.groups = groups
  }

  /// Expected calibration error: mean over rows of |predicted − actual rate| of their group.
  ///
  /// Source: M. P. Naeini, G. F. Cooper, M. Hauskrecht, AAAI 2015; with groups of equal size.
  package var expectedError: Double {
    let rows = groups.reduce(0.0) { $0 + Double($1.rowCount) }
    guard rows > 0 else { return 0 }
    return groups.reduce(0.0) {
      $0 + Double($1.rowCount) * abs($1.meanProbability - $1.actualRate)
    } / rows
  }
}
