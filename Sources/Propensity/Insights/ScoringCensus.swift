/// What scored rows look like, as whole numbers that add up over parts of the rows in any order.
///
/// Of each bucket of scores it has the values of every feature that the model's trees test, and what
/// moved the rows' margins. Features of one behaviour are one factor; their contributions are added
/// row by row, and the sums stand at the first of them, the factor's *leader*. Features are named by
/// their place in the model's `CensusLayout`.
package struct ScoringCensus: Equatable, Sendable {
  /// What one factor did to the rows of a bucket.
  package struct Factor: Equatable, Sendable {
    /// Rows of which it moved the margin by more than `notedShare` of all that moved it.
    package internal(set) var notedCount: UInt64 = 0
    /// Rows whose margin it raised.
    package internal(set) var raisedCount: UInt64 = 0
    /// How much it raised margins, in units of `contributionUnit`.
    package internal(set) var raising: UInt64 = 0
    /// How much it lowered margins, in the same unit.
    package internal(set) var lowering: UInt64 = 0
  }

  /// A factor below this share of all that moved a row's margin is of low importance for it.
  package static let notedShare = 0.05
  /// Contributions are rounded to it, in log-odds; 2³³ rows of `contributionMax` fit in a sum.
  package static let contributionUnit = 0x1p-20
  static let contributionMax = 1_024.0
  /// Probabilities are rounded to it.
  package static let probabilityUnit = 0x1p-30

  /// By place, the place of the factor's first feature; that one's is its own.
  package let leaders: [Int]
  /// Rows of each score, 0…100.
  package internal(set) var scoreCounts = [UInt64](repeating: 0, count: 101)
  /// By bucket, in units of `probabilityUnit`.
  var probabilitySums = [UInt64](repeating: 0, count: Self.bucketCount)
  /// `BinGroups.countMax` of each feature of each bucket.
  var groupCounts: [UInt64]
  /// By bucket and feature, what it contributed without regard to signs, in `contributionUnit`.
  var featureSums: [UInt64]
  /// By bucket and leader; unused at other features.
  var factorSums: [Factor]

  static let bucketCount = ScoreBucket.allCases.count

  /// A census of no rows.
  ///
  /// - Parameter leaders: by place, the place of the first feature of the same behaviour.
  package init(leaders: [Int]) {
    self.leaders = leaders
    let places = Self.bucketCount * leaders.count
    groupCounts = [UInt64](repeating: 0, count: places * BinGroups.countMax)
    featureSums = [UInt64](repeating: 0, count: places)
    factorSums = [Factor](repeating: Factor(), count: places)
  }

  /// Adds the rows of another census.
  ///
  /// - Returns: whether both are of one model; otherwise nothing changes.
  package mutating func add(_ other: ScoringCensus) -> Bool {
    guard leaders == other.leaders else { return false }
    for index in scoreCounts.indices { scoreCounts[index] &+= other.scoreCounts[index] }
    for index in probabilitySums.indices {
      probabilitySums[index] &+= other.probabilitySums[index]
    }
    for index in groupCounts.indices { groupCounts[index] &+= other.groupCounts[index] }
    for index in featureSums.indices { featureSums[index] &+= other.featureSums[index] }
    for index in factorSums.indices {
      factorSums[index].notedCount &+= other.factorSums[index].notedCount
      factorSums[index].raisedCount &+= other.factorSums[index].raisedCount
      factorSums[index].raising &+= other.factorSums[index].raising
      factorSums[index].lowering &+= other.factorSums[index].lowering
    }
    return true
  }
}

// What it tells.
extension ScoringCensus {
  package var rowCount: UInt64 { scoreCounts.reduce(0, &+) }

  package func rowCount(of bucket: ScoreBucket) -> UInt64 {
    scoreCounts.enumerated().reduce(0) { sum, score in
      ScoreBucket(score: score.offset) == bucket ? sum &+ score.element : sum
    }
  }

  /// The mean probability of a bucket's rows: the share of them that is expected to reach the goal.
  ///
  /// - Returns: `nil` without rows.
  package func expectedRate(of bucket: ScoreBucket) -> Double? { expectation(of: bucket).rate }

  package func expectation(of bucket: ScoreBucket) -> BucketExpectation {
    BucketExpectation(
      rowCount: rowCount(of: bucket),
      probabilitySum: probabilitySums[bucket.index]
    )
  }

  /// Rows of a bucket in each group of a feature's values.
  package func valueCounts(of place: Int, in bucket: ScoreBucket) -> ArraySlice<UInt64> {
    let first = (bucket.index * leaders.count + place) * BinGroups.countMax
    return groupCounts[first..<first + BinGroups.countMax]
  }

  /// All rows in each group of a feature's values.
  package func valueCounts(of place: Int) -> [UInt64] {
    ScoreBucket.allCases.reduce([UInt64](repeating: 0, count: BinGroups.countMax)) { sums, bucket in
      zip(sums, valueCounts(of: place, in: bucket)).map { $0 &+ $1 }
    }
  }

  /// The factors that moved a bucket's margins at all, those that moved them most first.
  ///
  /// - Returns: by the mean of contributions without their signs; `feature` is the place of the one
  ///   that contributed most of the factor's features.
  package func factors(of bucket: ScoreBucket) -> [(feature: Int, factor: Factor)] {
    let first = bucket.index * leaders.count
    var strongest: [Int: Int] = [:]
    for place in leaders.indices {
      guard let known = strongest[leaders[place]] else {
        strongest[leaders[place]] = place
        continue
      }
      if featureSums[first + place] > featureSums[first + known] {
        strongest[leaders[place]] = place
      }
    }
    return strongest.map { (feature: $0.value, factor: factorSums[first + $0.key]) }
      .filter { $0.factor.size > 0 }
      .sorted {
        $0.factor.size != $1.factor.size
          ? $0.factor.size > $1.factor.size : $0.feature < $1.feature
      }
  }
}

extension ScoringCensus.Factor {
  /// How much it moved margins, in either direction.
  package var size: UInt64 { raising &+ lowering }
}

extension ScoreBucket {
  /// 0 is low.
  var index: Int {
    switch self {
    case .low: 0
    case .medium: 1
    case .high: 2
    }
  }
}
