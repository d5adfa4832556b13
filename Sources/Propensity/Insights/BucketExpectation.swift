package import Bytes

/// What a model expects of the rows of one bucket, in whole numbers.
package struct BucketExpectation: Hashable, Sendable {
  package let rowCount: UInt64
  /// Their probabilities, in units of `ScoringCensus.probabilityUnit`.
  package let probabilitySum: UInt64

  package init(rowCount: UInt64, probabilitySum: UInt64) {
    self.rowCount = rowCount
    self.probabilitySum = probabilitySum
  }

  /// The share of the rows that is expected to reach the goal.
  ///
  /// - Returns: `nil` without rows.
  package var rate: Double? {
    rowCount == 0
      ? nil : Double(probabilitySum) * ScoringCensus.probabilityUnit / Double(rowCount)
  }

  package func adding(_ other: BucketExpectation) -> BucketExpectation {
    BucketExpectation(
      rowCount: rowCount &+ other.rowCount,
      probabilitySum: probabilitySum &+ other.probabilitySum
    )
  }
}

// Two varints.
extension BucketExpectation {
  package func encode(into writer: inout ByteWriter) {
    writer.writeVarint(rowCount)
    writer.writeVarint(probabilitySum)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    rowCount = try reader.readVarint()
    probabilitySum = try reader.readVarint()
    guard rowCount | probabilitySum < 1 << 62 else {
      throw .invalidValue(at: at, what: "an expectation that cannot be")
    }
  }
}
