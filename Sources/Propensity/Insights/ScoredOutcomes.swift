package import Bytes

/// What became of rows that were scored, by the score that they had: whole numbers that add up over
/// parts of the rows in any order.
package struct ScoredOutcomes: Hashable, Sendable {
  /// Scores go from 0 to 100.
  package static let scoreCount = 101

  /// Rows of each score.
  package private(set) var rowCounts = [UInt64](repeating: 0, count: Self.scoreCount)
  /// Those of them that reached the goal.
  ///
  /// Invariant: at most as many as there are rows.
  package private(set) var positiveCounts = [UInt64](repeating: 0, count: Self.scoreCount)

  /// Outcomes of no rows.
  package init() {}

  /// Counts a row.
  ///
  /// - Parameters:
  ///   - score: 0…100.
  ///   - isPositive: whether the goal was reached.
  package mutating func add(score: Int, isPositive: Bool) {
    rowCounts[score] &+= 1
    if isPositive { positiveCounts[score] &+= 1 }
  }

  package mutating func add(_ other: ScoredOutcomes) {
    for score in rowCounts.indices {
      rowCounts[score] &+= other.rowCounts[score]
      positiveCounts[score] &+= other.positiveCounts[score]
    }
  }
}

// What it tells.
extension ScoredOutcomes {
  package var rowCount: UInt64 { rowCounts.reduce(0, &+) }
  package var positiveCount: UInt64 { positiveCounts.reduce(0, &+) }

  package func rowCount(of bucket: ScoreBucket) -> UInt64 {
    rowCounts[bucket.scores].reduce(0, &+)
  }

  package func positiveCount(of bucket: ScoreBucket) -> UInt64 {
    positiveCounts[bucket.scores].reduce(0, &+)
  }

  /// How well the scores told the outcomes apart; rows of one score are ties.
  ///
  /// - Returns: 0…1; `nil` when one outcome is missing.
  package var areaUnderCurve: Double? {
    QualityFigures.areaUnderCurve(
      positives: positiveCounts,
      negatives: zip(rowCounts, positiveCounts).map { $0 &- $1 }
    )
  }
}

// Two varints a score, rows and those that reached the goal.
extension ScoredOutcomes {
  package func encode(into writer: inout ByteWriter) {
    for (rows, positives) in zip(rowCounts, positiveCounts) {
      writer.writeVarint(rows)
      writer.writeVarint(positives)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    for score in 0..<Self.scoreCount {
      let at = reader.offset
      rowCounts[score] = try reader.readVarint()
      positiveCounts[score] = try reader.readVarint()
      // Counts this small cannot overflow when they are added up.
      guard rowCounts[score] < 1 << 48, positiveCounts[score] <= rowCounts[score] else {
        throw .invalidValue(at: at, what: "outcomes of more rows than there can be")
      }
    }
  }
}
