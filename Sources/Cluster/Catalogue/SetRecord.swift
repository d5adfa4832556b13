package import Bytes
package import Domain

/// An audience of a set after the last run that evaluated it.
package struct AudienceRecord: Hashable, Coded {
  package var definitionVersion: UInt64
  package var job: JobID
  package var asOf: Instant
  package var memberCount: UInt64
  package var realizedCount: UInt64
  package var exitedCount: UInt64
  /// Profiles of the set at that run.
  package var profileCount: UInt64
  /// The newest import that the run saw.
  package var lastImport: JobID?

  package init(
    definitionVersion: UInt64,
    job: JobID,
    asOf: Instant,
    memberCount: UInt64,
    realizedCount: UInt64,
    exitedCount: UInt64,
    profileCount: UInt64,
    lastImport: JobID? = nil
  ) {
    self.definitionVersion = definitionVersion
    self.job = job
    self.asOf = asOf
    self.memberCount = memberCount
    self.realizedCount = realizedCount
    self.exitedCount = exitedCount
    self.profileCount = profileCount
    self.lastImport = lastImport
  }

  package func encode(into writer: inout ByteWriter) {
    definitionVersion.encode(into: &writer)
    job.encode(into: &writer)
    asOf.encode(into: &writer)
    memberCount.encode(into: &writer)
    realizedCount.encode(into: &writer)
    exitedCount.encode(into: &writer)
    profileCount.encode(into: &writer)
    lastImport.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    definitionVersion = try UInt64(from: &reader)
    job = try JobID(from: &reader)
    asOf = try Instant(from: &reader)
    memberCount = try UInt64(from: &reader)
    realizedCount = try UInt64(from: &reader)
    exitedCount = try UInt64(from: &reader)
    profileCount = try UInt64(from: &reader)
    lastImport = try JobID?(from: &reader)
  }
}

/// A profile set as the catalogue keeps it.
package struct SetRecord: Hashable, Coded {
  package var id: SetID
  package var name: Name
  package var description: Text
  package var createdAt: Instant
  /// The worker that holds each shard, by shard index.
  package var owners: [Name]
  /// What each shard holds, by shard index.
  package var contents: [ShardContents]
  package var schema = Schema()
  /// Committed imports by import id, with the job that did each.
  package var imports: [Text: ImportAttempt] = [:]
  /// The newest committed import; all earlier ones are committed on every shard.
  package var lastImport: ImportAttempt?
  /// The newest committed evaluation.
  package var lastEvaluation: JobID?
  package var audiences: [Name: AudienceRecord] = [:]

  package init(
    id: SetID,
    name: Name,
    description: Text,
    createdAt: Instant,
    owners: [Name]
  ) {
    self.id = id
    self.name = name
    self.description = description
    self.createdAt = createdAt
    self.owners = owners
    contents = owners.map { _ in ShardContents() }
  }

  package var shardCount: Int { owners.count }

  package var profileCount: UInt64 { contents.reduce(0) { $0 &+ $1.profileCount } }

  package var eventCount: UInt64 { contents.reduce(0) { $0 &+ $1.eventCount } }

  package func encode(into writer: inout ByteWriter) {
    id.encode(into: &writer)
    name.encode(into: &writer)
    description.encode(into: &writer)
    createdAt.encode(into: &writer)
    owners.encode(into: &writer)
    contents.encode(into: &writer)
    schema.encode(into: &writer)
    writer.writeVarint(imports.count)
    for (importID, attempt) in imports.sorted(by: { $0.key < $1.key }) {
      importID.encode(into: &writer)
      attempt.encode(into: &writer)
    }
    lastImport.encode(into: &writer)
    lastEvaluation.encode(into: &writer)
    writer.writeVarint(audiences.count)
    for (segment, audience) in audiences.sorted(by: { $0.key < $1.key }) {
      segment.encode(into: &writer)
      audience.encode(into: &writer)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    id = try SetID(from: &reader)
    name = try Name(from: &reader)
    description = try Text(from: &reader)
    createdAt = try Instant(from: &reader)
    owners = try [Name](from: &reader)
    let at = reader.offset
    contents = try [ShardContents](from: &reader)
    guard contents.count == owners.count, !owners.isEmpty else {
      throw .invalidValue(at: at, what: "contents of \(contents.count) of \(owners.count) shards")
    }
    schema = try Schema(from: &reader)
    for _ in 0..<(try reader.readCount()) {
      let importID = try Text(from: &reader)
      imports[importID] = try ImportAttempt(from: &reader)
    }
    lastImport = try ImportAttempt?(from: &reader)
    lastEvaluation = try JobID?(from: &reader)
    for _ in 0..<(try reader.readCount()) {
      let segment = try Name(from: &reader)
      audiences[segment] = try AudienceRecord(from: &reader)
    }
  }
}
