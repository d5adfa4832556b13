package import Bytes
package import Domain

/// A definition as workers evaluate it.
package struct PlannedDefinition: Hashable, Coded {
  package var id: Name
  package var version: UInt64
  package var expression: Text
  package var timeZone: Text?

  package init(id: Name, version: UInt64, expression: Text, timeZone: Text?) {
    self.id = id
    self.version = version
    self.expression = expression
    self.timeZone = timeZone
  }

  package init(_ definition: SegmentDefinition) {
    self.init(
      id: definition.id,
      version: definition.version,
      expression: definition.expression,
      timeZone: definition.timeZone
    )
  }

  package func encode(into writer: inout ByteWriter) {
    id.encode(into: &writer)
    version.encode(into: &writer)
    expression.encode(into: &writer)
    timeZone.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    id = try Name(from: &reader)
    version = try UInt64(from: &reader)
    expression = try Text(from: &reader)
    timeZone = try Text?(from: &reader)
  }
}

/// What every task of an evaluation has in common.
package struct JobPlan: Hashable, Coded {
  package var job: JobID
  package var set: SetID
  /// What the job calls `now`.
  package var asOf: Instant
  /// Each after those it refers to.
  package var definitions: [PlannedDefinition]
  /// Audiences that go on: those that the job evaluates from their memberships, others unchanged.
  ///
  /// Of any other audience a shard forgets what it has; one that is evaluated begins anew. So an id
  /// that was deleted and defined again has no past.
  package var retained: [Name]

  package init(
    job: JobID,
    set: SetID,
    asOf: Instant,
    definitions: [PlannedDefinition],
    retained: [Name]
  ) {
    self.job = job
    self.set = set
    self.asOf = asOf
    self.definitions = definitions
    self.retained = retained
  }

  package func encode(into writer: inout ByteWriter) {
    job.encode(into: &writer)
    set.encode(into: &writer)
    asOf.encode(into: &writer)
    definitions.encode(into: &writer)
    retained.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    job = try JobID(from: &reader)
    set = try SetID(from: &reader)
    asOf = try Instant(from: &reader)
    definitions = try [PlannedDefinition](from: &reader)
    retained = try [Name](from: &reader)
  }
}

/// A definition that could not be answered for a profile, the smallest such key of a shard.
package struct DefinitionFailure: Hashable, Coded {
  package var key: ProfileKey
  package var message: Text

  package init(key: ProfileKey, message: Text) {
    self.key = key
    self.message = message
  }

  package func encode(into writer: inout ByteWriter) {
    key.encode(into: &writer)
    message.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    key = try ProfileKey(from: &reader)
    message = try Text(from: &reader)
  }
}

/// One definition's counts in one shard.
package struct DefinitionResult: Hashable, Coded {
  package var memberCount: UInt64
  /// Profiles that entered with this run.
  package var realizedCount: UInt64
  /// Profiles that left with this run.
  package var exitedCount: UInt64
  /// What was spent on it alone.
  package var own: WorkCost
  /// Its part of what it shares with others; known once all shards are done.
  package var share: WorkCost
  package var failure: DefinitionFailure?

  package init(
    memberCount: UInt64,
    realizedCount: UInt64,
    exitedCount: UInt64,
    own: WorkCost = WorkCost(),
    share: WorkCost = WorkCost(),
    failure: DefinitionFailure? = nil
  ) {
    self.memberCount = memberCount
    self.realizedCount = realizedCount
    self.exitedCount = exitedCount
    self.own = own
    self.share = share
    self.failure = failure
  }

  package func encode(into writer: inout ByteWriter) {
    memberCount.encode(into: &writer)
    realizedCount.encode(into: &writer)
    exitedCount.encode(into: &writer)
    own.encode(into: &writer)
    share.encode(into: &writer)
    failure.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    memberCount = try UInt64(from: &reader)
    realizedCount = try UInt64(from: &reader)
    exitedCount = try UInt64(from: &reader)
    own = try WorkCost(from: &reader)
    share = try WorkCost(from: &reader)
    failure = try DefinitionFailure?(from: &reader)
  }
}

/// One shard's part of an evaluation, its memberships staged on the worker's disk.
package struct TaskResult: Hashable, Coded {
  package var profileCount: UInt64
  package var eventCount: UInt64
  /// In the order of the plan.
  package var definitions: [DefinitionResult]
  /// CRC-32C of the staged memberships.
  package var digest: UInt32
  /// What the definitions share, each part once.
  package var sharedCosts: [SharedCost]
  /// Of parts that earlier results of the job named on the same connection, instead of naming them
  /// again; see `NamedParts`.
  package var namedCosts: [NamedCost]

  package init(
    profileCount: UInt64,
    eventCount: UInt64,
    definitions: [DefinitionResult],
    digest: UInt32,
    sharedCosts: [SharedCost] = [],
    namedCosts: [NamedCost] = []
  ) {
    self.profileCount = profileCount
    self.eventCount = eventCount
    self.definitions = definitions
    self.digest = digest
    self.sharedCosts = sharedCosts
    self.namedCosts = namedCosts
  }

  package func encode(into writer: inout ByteWriter) {
    profileCount.encode(into: &writer)
    eventCount.encode(into: &writer)
    definitions.encode(into: &writer)
    digest.encode(into: &writer)
    sharedCosts.encode(into: &writer)
    namedCosts.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    profileCount = try UInt64(from: &reader)
    eventCount = try UInt64(from: &reader)
    definitions = try [DefinitionResult](from: &reader)
    digest = try UInt32(from: &reader)
    sharedCosts = try [SharedCost](from: &reader)
    namedCosts = try [NamedCost](from: &reader)
  }
}
