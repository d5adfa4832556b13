package import Bytes
package import Domain

/// What is kept of a scoring.
package struct ScoringSummary: Hashable, Coded {
  package var instance: Name
  package var modelVersion: UInt64
  /// What the job calls `now`.
  package var asOf: Instant
  /// Drawn by the client: a request sent again under it is the same job.
  package var token: Text
  /// What the set's fields make doubtful in the scores.
  package var warnings: [Text]
  /// The newest try.
  package var attempt: UInt32
  /// Profiles that were given scores; known once the job is committed.
  package var scoredCount: UInt64 = 0

  package init(
    instance: Name,
    modelVersion: UInt64,
    asOf: Instant,
    token: Text,
    warnings: [Text] = [],
    attempt: UInt32
  ) {
    self.instance = instance
    self.modelVersion = modelVersion
    self.asOf = asOf
    self.token = token
    self.warnings = warnings
    self.attempt = attempt
  }

  package func encode(into writer: inout ByteWriter) {
    instance.encode(into: &writer)
    modelVersion.encode(into: &writer)
    asOf.encode(into: &writer)
    token.encode(into: &writer)
    warnings.encode(into: &writer)
    attempt.encode(into: &writer)
    scoredCount.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    instance = try Name(from: &reader)
    modelVersion = try UInt64(from: &reader)
    asOf = try Instant(from: &reader)
    token = try Text(from: &reader)
    warnings = try [Text](from: &reader)
    attempt = try UInt32(from: &reader)
    scoredCount = try UInt64(from: &reader)
  }
}
