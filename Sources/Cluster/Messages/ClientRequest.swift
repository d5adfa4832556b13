package import Bytes
package import Domain

/// What a client says of an import before it sends rows.
package struct ImportSpecification: Hashable, Coded {
  package var set: Name
  /// Shards of the set, should the import have to create it; `nil` when it must exist.
  package var shardCountIfNew: ShardCount?
  /// The content's hash, or the id the operator gave: an import of this id happens once.
  package var importID: Text
  /// The same for the same rows only, so that an id stands for one content.
  package var contentHash: [UInt8]
  package var byteCount: UInt64
  /// The files, as they are shown.
  package var sources: [Text]

  package init(
    set: Name,
    shardCountIfNew: ShardCount?,
    importID: Text,
    contentHash: [UInt8],
    byteCount: UInt64,
    sources: [Text]
  ) {
    self.set = set
    self.shardCountIfNew = shardCountIfNew
    self.importID = importID
    self.contentHash = contentHash
    self.byteCount = byteCount
    self.sources = sources
  }

  package func encode(into writer: inout ByteWriter) {
    set.encode(into: &writer)
    shardCountIfNew.encode(into: &writer)
    importID.encode(into: &writer)
    writer.write(contentHash)
    byteCount.encode(into: &writer)
    sources.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    set = try Name(from: &reader)
    shardCountIfNew = try ShardCount?(from: &reader)
    importID = try Text(from: &reader)
    contentHash = try reader.readBytes()
    byteCount = try UInt64(from: &reader)
    sources = try [Text](from: &reader)
  }
}

/// What a client says of an import once it has sent all rows.
package struct ImportTotals: Hashable, Coded {
  package var schema = Schema()
  package var attributeRowCount: UInt64 = 0
  package var eventRowCount: UInt64 = 0
  package var rejectedRowCount: UInt64 = 0

  package init(
    schema: Schema = Schema(),
    attributeRowCount: UInt64 = 0,
    eventRowCount: UInt64 = 0,
    rejectedRowCount: UInt64 = 0
  ) {
    self.schema = schema
    self.attributeRowCount = attributeRowCount
    self.eventRowCount = eventRowCount
    self.rejectedRowCount = rejectedRowCount
  }

  package func encode(into writer: inout ByteWriter) {
    schema.encode(into: &writer)
    attributeRowCount.encode(into: &writer)
    eventRowCount.encode(into: &writer)
    rejectedRowCount.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    schema = try Schema(from: &reader)
    attributeRowCount = try UInt64(from: &reader)
    eventRowCount = try UInt64(from: &reader)
    rejectedRowCount = try UInt64(from: &reader)
  }
}

/// What a client wants evaluated.
package struct EvaluationRequest: Hashable, Coded {
  package var set: Name
  /// `nil` for every definition of the set.
  package var segments: [Name]?
  /// `nil` takes the coordinator's clock at the time of acceptance.
  package var asOf: Instant?
  /// Drawn by the client: a request sent again under it is the same job.
  package var token: Text
  /// How long the job may wait for workers that are away; `nil` without end.
  package var timeoutMilliseconds: UInt64?

  package init(
    set: Name,
    segments: [Name]?,
    asOf: Instant?,
    token: Text,
    timeoutMilliseconds: UInt64?
  ) {
    self.set = set
    self.segments = segments
    self.asOf = asOf
    self.token = token
    self.timeoutMilliseconds = timeoutMilliseconds
  }

  package func encode(into writer: inout ByteWriter) {
    set.encode(into: &writer)
    segments.encode(into: &writer)
    asOf.encode(into: &writer)
    token.encode(into: &writer)
    timeoutMilliseconds.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    set = try Name(from: &reader)
    segments = try [Name]?(from: &reader)
    asOf = try Instant?(from: &reader)
    token = try Text(from: &reader)
    timeoutMilliseconds = try UInt64?(from: &reader)
  }
}

/// What a client wants trained, or checked before it is.
package struct TrainingRequest: Hashable, Coded {
  package var instance: Name
  package var set: Name
  /// `nil` takes the coordinator's clock at the time of acceptance.
  package var asOf: Instant?
  /// Drawn by the client: a request sent again under it is the same job.
  package var token: Text
  /// How long the job may wait for workers that are away; `nil` without end.
  package var timeoutMilliseconds: UInt64?

  package init(
    instance: Name,
    set: Name,
    asOf: Instant?,
    token: Text,
    timeoutMilliseconds: UInt64?
  ) {
    self.instance = instance
    self.set = set
    self.asOf = asOf
    self.token = token
    self.timeoutMilliseconds = timeoutMilliseconds
  }

  package func encode(into writer: inout ByteWriter) {
    instance.encode(into: &writer)
    set.encode(into: &writer)
    asOf.encode(into: &writer)
    token.encode(into: &writer)
    timeoutMilliseconds.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    instance = try Name(from: &reader)
    set = try Name(from: &reader)
    asOf = try Instant?(from: &reader)
    token = try Text(from: &reader)
    timeoutMilliseconds = try UInt64?(from: &reader)
  }
}

/// What a client asks of the coordinator; each request has one reply.
package enum ClientRequest: Hashable, Coded {
  case status
  case nodes
  case shards(set: Name)
  case jobs(countMax: UInt32)
  case job(JobID)
  /// Answered when the job's version is above the one seen, or after a second.
  case waitJob(JobID, seenVersion: UInt64)
  case cancelJob(JobID)
  case createSet(Name, shardCount: ShardCount, description: Text)
  case sets
  case set(Name)
  case schema(Name)
  case dropSet(Name)
  /// Begins an import or, after an interruption, begins it again; rows are sent on this connection.
  /// `busy` while the import is being committed or another client sends it: to be asked again.
  case beginImport(ImportSpecification)
  /// The n-th batch of a shard, from 0; at most `Coordinator.waitingRequestCountMax` at a time.
  case storeBatch(ImportAttempt, ShardIndex, sequence: UInt32, rows: [UInt8])
  /// What the rows were, and how many batches were sent to each shard, by shard index.
  case finishImport(ImportAttempt, ImportTotals, batchCounts: [UInt32])
  case abortImport(ImportAttempt, reason: Text)
  /// Adobe-shaped definition objects; the process that holds the coordinator checks them first.
  case applySegments([Value], set: Name?, isDryRun: Bool, removesOthers: Bool)
  case segments(set: Name?)
  case segment(Name)
  case deleteSegments([Name])
  case evaluate(EvaluationRequest)
  case audiences(set: Name?)
  case audience(set: Name, Name)
  case page(set: Name, PageQuery)
  case overlap(set: Name, [Name])
  case profile(set: Name, ProfileKey)
  case explain(set: Name, segment: Name, ProfileKey, asOf: Instant?)
  /// Files of propensity instances; the process that holds the coordinator checks them first.
  case applyInstances([[UInt8]], isDryRun: Bool)
  case instances
  case instance(Name)
  case deleteInstances([Name])
  case train(TrainingRequest)
  /// Find out what a training would find before its first tree.
  case check(TrainingRequest)
  /// The model of an instance.
  case model(Name)
  /// Score the profiles of a set with an instance's model, and write scores into them.
  case score(ScoringRequest)
  /// How good an instance's model is, and what its last scoring found.
  case insights(Name)
  /// Why a profile has the score that it has.
  case explainScore(set: Name, instance: Name, ProfileKey)

  /// Whether the request carries data in bulk, to be overtaken by all others.
  package var isBulk: Bool { if case .storeBatch = self { true } else { false } }
}
