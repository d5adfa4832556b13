package import Bytes
package import Domain
package import Propensity

/// An instance's last scoring of a set and what it found; kept beside the model, in some 260 KB at most.
package struct ScoringRecord: Hashable, Coded {
  package var instance: Name
  package var modelVersion: UInt64
  package var job: JobID
  package var setName: Name
  /// What the job called `now`.
  package var asOf: Instant
  /// The end of the outcome window; `nil` for a goal over attributes alone.
  package var windowEnd: Instant?
  package var scoredAt: Instant
  /// Profiles of the set, eligible or not.
  package var profileCount: UInt64
  /// Where the scored profiles stand, a `MarginCounts`.
  package var margins: [UInt8]
  /// What they look like, a `ScoringCensus`.
  package var census: [UInt8]

  package init(
    instance: Name,
    modelVersion: UInt64,
    job: JobID,
    setName: Name,
    asOf: Instant,
    windowEnd: Instant?,
    scoredAt: Instant,
    profileCount: UInt64,
    margins: [UInt8],
    census: [UInt8]
  ) {
    self.instance = instance
    self.modelVersion = modelVersion
    self.job = job
    self.setName = setName
    self.asOf = asOf
    self.windowEnd = windowEnd
    self.scoredAt = scoredAt
    self.profileCount = profileCount
    self.margins = margins
    self.census = census
  }

  package func encode(into writer: inout ByteWriter) {
    instance.encode(into: &writer)
    modelVersion.encode(into: &writer)
    job.encode(into: &writer)
    setName.encode(into: &writer)
    asOf.encode(into: &writer)
    windowEnd.encode(into: &writer)
    scoredAt.encode(into: &writer)
    profileCount.encode(into: &writer)
    writer.write(margins)
    writer.write(census)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    instance = try Name(from: &reader)
    modelVersion = try UInt64(from: &reader)
    job = try JobID(from: &reader)
    setName = try Name(from: &reader)
    asOf = try Instant(from: &reader)
    windowEnd = try Instant?(from: &reader)
    scoredAt = try Instant(from: &reader)
    profileCount = try UInt64(from: &reader)
    margins = try reader.readBytes()
    census = try reader.readBytes()
  }

  /// Profiles that were given scores; `nil` when the margins cannot be read.
  package var scoredCount: UInt64? {
    var reader = ByteReader(margins)
    return try? MarginCounts(from: &reader).rowCount
  }

  /// What was found, read; `nil` when it cannot be.
  package var findings: ScoringFindings? {
    do throws(DecodingError) {
      var reader = ByteReader(margins)
      let margins = try MarginCounts(from: &reader)
      reader = ByteReader(census)
      return ScoringFindings(margins: margins, census: try ScoringCensus(from: &reader))
    } catch {
      return nil
    }
  }
}
