package import Bytes
package import Domain

/// What the scoring wrote that was committed last for an instance, of the set its model is of.
package struct LastScoring: Hashable, Coded {
  package var instance: Name
  package var modelVersion: UInt64
  package var job: JobID
  package var setName: Name
  /// What the scores call `now`.
  package var asOf: Instant
  package var scoredAt: Instant
  /// Profiles that were given scores.
  package var scoredCount: UInt64

  package init(
    instance: Name,
    modelVersion: UInt64,
    job: JobID,
    setName: Name,
    asOf: Instant,
    scoredAt: Instant,
    scoredCount: UInt64
  ) {
    self.instance = instance
    self.modelVersion = modelVersion
    self.job = job
    self.setName = setName
    self.asOf = asOf
    self.scoredAt = scoredAt
    self.scoredCount = scoredCount
  }

  package func encode(into writer: inout ByteWriter) {
    instance.encode(into: &writer)
    modelVersion.encode(into: &writer)
    job.encode(into: &writer)
    setName.encode(into: &writer)
    asOf.encode(into: &writer)
    scoredAt.encode(into: &writer)
    scoredCount.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    instance = try Name(from: &reader)
    modelVersion = try UInt64(from: &reader)
    job = try JobID(from: &reader)
    setName = try Name(from: &reader)
    asOf = try Instant(from: &reader)
    scoredAt = try Instant(from: &reader)
    scoredCount = try UInt64(from: &reader)
  }
}
