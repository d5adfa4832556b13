package import Bytes

/// Counts what the rows look like that a model has scored; threads share it.
package struct CensusTaker: Sendable {
  /// Rows whose bins are found together.
  private static let blockRowCount = 1_024

  package let layout: CensusLayout
  private let model: PropensityModel
  private let tables: BinTables
  private let leaders: [Int]

  /// Prepares for the rows of one model.
  ///
  /// - Parameters:
  ///   - model: what scored them.
  ///   - behaviours: by feature, what it is about; features of one behaviour are one factor.
  package init(_ model: PropensityModel, behaviours: [Text]) {
    precondition(behaviours.count == model.features.count, "\(behaviours.count) behaviours")
    self.model = model
    layout = CensusLayout(model)
    tables = BinTables(features: model.features)
    var first: [Text: Int] = [:]
    leaders = layout.features.enumerated().map { place, feature in
      if let leader = first[behaviours[feature]] { return leader }
      first[behaviours[feature]] = place
      return place
    }
  }

  /// Counts rows.
  ///
  /// - Parameters:
  ///   - columns: one a feature of the model, in its order.
  ///   - explained: their margins, and what each feature added.
  /// - Returns: the census of these rows.
  /// - Throws: when the columns are not the model's.
  package func census(
    of columns: [FeatureColumn],
    _ explained: Contributions
  ) throws(ColumnError) -> ScoringCensus {
    let binner = try Binner(tables: tables, columns: columns)
    precondition(explained.margins.count == binner.rowCount, "\(binner.rowCount) rows")
    var census = ScoringCensus(leaders: leaders)
    let buckets = explained.margins.map { margin in
      let score = model.scoreMap.score(margin: margin)
      let bucket = ScoreBucket(score: score).index
      let probability = model.probability(margin: margin)
      census.scoreCounts[score] &+= 1
      census.probabilitySums[bucket] &+= UInt64(
        (min(1, max(0, probability)) / ScoringCensus.probabilityUnit).rounded()
      )
      return bucket
    }
    countValues(binner, buckets, &census)
    addContributions(explained, buckets, &census)
    return census
  }

  private func countValues(_ binner: Binner, _ buckets: [Int], _ census: inout ScoringCensus) {
    let block = RowBlock(
      featureCount: model.features.count,
      rowCount: binner.rowCount,
      limit: Self.blockRowCount
    )
    let bucketStride = layout.features.count * BinGroups.countMax
    for first in stride(from: 0, to: binner.rowCount, by: block.laneCountMax) {
      let rows = first..<min(first + block.laneCountMax, binner.rowCount)
      block.load(rows, from: binner)
      for (place, feature) in layout.features.enumerated() {
        let groupOfBin = layout.groups[place].groupOfBin
        let start = place * BinGroups.countMax
        for (lane, row) in rows.enumerated() {
          let group = groupOfBin[block.bin(row: lane, feature: feature)]
          census.groupCounts[buckets[row] * bucketStride + start + Int(group)] &+= 1
        }
      }
    }
  }

  private func addContributions(
    _ explained: Contributions,
    _ buckets: [Int],
    _ census: inout ScoringCensus
  ) {
    let count = layout.features.count
    var sums = [Double](repeating: 0, count: count)
    for (row, bucket) in buckets.enumerated() {
      let values = explained.row(row)
      for place in sums.indices { sums[place] = 0 }
      for place in 0..<count {
        let value = values[values.startIndex + layout.features[place]]
        sums[leaders[place]] += value
        census.featureSums[bucket * count + place] &+= Self.units(value)
      }
      // Added in a fixed order, so that the row is judged alike everywhere.
      let whole = sums.reduce(0) { $0 + abs($1) }
      for place in 0..<count where sums[place] != 0 {
        let (sum, index) = (sums[place], bucket * count + place)
        if abs(sum) > ScoringCensus.notedShare * whole { census.factorSums[index].notedCount &+= 1 }
        if sum > 0 {
          census.factorSums[index].raisedCount &+= 1
          census.factorSums[index].raising &+= Self.units(sum)
        } else {
          census.factorSums[index].lowering &+= Self.units(sum)
        }
      }
    }
  }

  /// A contribution as a whole number, without its sign.
  private static func units(_ value: Double) -> UInt64 {
    let size =
      abs(value) < ScoringCensus.contributionMax ? abs(value) : ScoringCensus.contributionMax
    return UInt64((size / ScoringCensus.contributionUnit).rounded())
  }
}
