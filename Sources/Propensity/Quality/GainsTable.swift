/// How many of the positives are reached by the rows with the highest margins, decile by decile.
package struct GainsTable: Equatable, Sendable {
  package struct Decile: Equatable, Sendable {
    /// Rows of the decile; a tenth of all, so not always a whole number.
    package var rowCount: Double
    package var positiveCount: Double
    /// The decile's rate of positives over the rate of all.
    package var lift: Double
    /// Share of all positives in this and the deciles before, 0…1.
    package var cumulativeGain: Double
    /// Rate of positives in this and the deciles before over the rate of all.
    package var cumulativeLift: Double
  }

  /// Ten, the one with the highest margins first; empty without positives.
  package let deciles: [Decile]

  /// The table of rows counted by margin.
  ///
  /// Rows of one bucket are tied; where a decile ends inside a bucket, its positives are shared out
  /// evenly, which is what is expected of any order among them.
  package init(_ margins: MarginCounts) {
    let rows = Double(margins.rowCount)
    let positives = Double(margins.positiveCount)
    guard positives > 0 else {
      deciles = []
      return
    }
    let rate = positives / rows
    // Positives among the first d/10 of the rows, for d = 1…10.
    var reached: [Double] = []
    var (rowsAbove, positivesAbove) = (0.0, 0.0)
    for bucket in margins.positives.indices.reversed() {
      let bucketPositives = Double(margins.positives[bucket])
      let bucketRows = bucketPositives + Double(margins.negatives[bucket])
      guard bucketRows > 0 else { continue }
      while reached.count < 10 {
        let end = rows * Double(reached.count + 1) / 10
        guard end <= rowsAbove + bucketRows else { break }
        reached.append(positivesAbove + bucketPositives * (end - rowsAbove) / bucketRows)
      }
      rowsAbove += bucketRows
      positivesAbove += bucketPositives
    }
    deciles = reached.enumerated().map { index, sum in
      let own = sum - (index == 0 ? 0 : reached[index - 1])
      return Decile(
        rowCount: rows / 10,
        positiveCount: own,
        lift: own / (rows / 10) / rate,
        cumulativeGain: sum / positives,
        cumulativeLift: sum / (rows * Double(index + 1) / 10) / rate
      )
    }
  }
}
