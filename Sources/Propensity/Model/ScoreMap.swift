/// Turns margins into scores 0…100 that stand for a rank among the hold-out rows at training time.
///
/// Fixed with the model, so scoring needs no ranking of all rows, and scores move when the population
/// does.
package struct ScoreMap: Equatable, Sendable {
  /// 100 margins that do not descend: a row's score is how many of them are at or below its margin.
  package let cuts: [Double]

  /// - Returns: `nil` unless there are 100 finite cuts that do not descend.
  package init?(cuts: [Double]) {
    guard cuts.count == 100, cuts.allSatisfy(\.isFinite),
      zip(cuts, cuts.dropFirst()).allSatisfy({ $0 <= $1 })
    else { return nil }
    self.cuts = cuts
  }

  /// The map under which score s begins where a share (s − ½)/100 of the rows lies below.
  ///
  /// Without rows it is `logistic`.
  package init(margins: MarginCounts) {
    let rowCount = margins.rowCount
    guard rowCount > 0 else {
      self = .logistic
      return
    }
    var cuts: [Double] = []
    var below: UInt64 = 0
    for bucket in 0..<MarginCounts.bucketCount {
      let rows = margins.positives[bucket] &+ margins.negatives[bucket]
      if rows == 0 { continue }
      // A cut inside the bucket is put where it would be if its rows were spread evenly.
      while cuts.count < 100 {
        let wanted = (Double(cuts.count) + 0.5) / 100 * Double(rowCount)
        guard wanted <= Double(below + rows) else { break }
        let inside = (wanted - Double(below)) / Double(rows)
        cuts.append(MarginCounts.lowerEnd(of: bucket) + inside * MarginCounts.bucketWidth)
      }
      below += rows
    }
    self.init(checked: cuts)
  }

  /// The map from log-odds to per cent, for models whose training rows are not known.
  package static let logistic = ScoreMap(
    checked: (1...100).map { score in
      let share = (Double(score) - 0.5) / 100
      return naturalLogarithm(share / (1 - share))
    }
  )

  private init(checked cuts: [Double]) { self.cuts = cuts }

  package func score(margin: Double) -> Int {
    var (low, high) = (0, cuts.count)
    while low < high {
      let middle = (low + high) / 2
      if cuts[middle] <= margin { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
