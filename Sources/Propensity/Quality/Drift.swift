/// How far a distribution has moved, as an index and in a word.
package struct Drift: Equatable, Sendable {
  package enum Verdict: String, Sendable {
    case stable
    /// Above the threshold of `watch`, and no further than so few rows differ by chance.
    case chance
    case watch
    case shifted
  }

  /// Above it, distributions are to be watched.
  package static let watchMin = 0.1
  /// Above it, they have shifted.
  package static let shiftedMin = 0.25

  /// The population stability index.
  package let index: Double
  /// What the index stays below nineteen times in twenty when nothing has moved.
  package let chance: Double

  /// The drift of rows in groups; only groups with rows on either side count.
  ///
  /// - Returns: `nil` when there are no rows on either side.
  package init?(expected: [UInt64], actual: [UInt64]) {
    guard let index = PopulationStability.index(expected: expected, actual: actual),
      let chance = PopulationStability.chance(
        expectedCount: expected.reduce(0, &+),
        actualCount: actual.reduce(0, &+),
        groupCount: zip(expected, actual).count { $0 > 0 || $1 > 0 }
      )
    else { return nil }
    self.index = index
    self.chance = chance
  }

  /// The drift of margins, over ten groups of about equally many expected rows.
  package init?(expected: MarginCounts, actual: MarginCounts) {
    let groups = PopulationStability.groups(expected: expected, actual: actual)
    self.init(expected: groups.expected, actual: groups.actual)
  }

  package var verdict: Verdict {
    if index <= Self.watchMin { return .stable }
    if index <= chance { return .chance }
    return index > Self.shiftedMin ? .shifted : .watch
  }
}
