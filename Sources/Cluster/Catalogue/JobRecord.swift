package import Bytes
package import Domain

/// How far a job is.
package enum JobState: UInt8, Sendable {
  case running = 1
  case succeeded = 2
  case failed = 3
  case cancelled = 4

  package var word: Text {
    switch self {
    case .running: "running"
    case .succeeded: "done"
    case .failed: "failed"
    case .cancelled: "cancelled"
    }
  }
}

/// What a job does.
package enum JobWork: Hashable, Coded {
  case importing(ImportSummary)
  case evaluating(JobPlan, token: Text, timeoutMilliseconds: UInt64?)
  case training(TrainingSummary)
  case scoring(ScoringSummary)
  case checking(CheckSummary)

  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .importing(let summary):
      writer.write(1 as UInt8)
      summary.encode(into: &writer)
    case .evaluating(let plan, let token, let timeout):
      writer.write(2 as UInt8)
      plan.encode(into: &writer)
      token.encode(into: &writer)
      timeout.encode(into: &writer)
    case .training(let summary):
      writer.write(3 as UInt8)
      summary.encode(into: &writer)
    case .scoring(let summary):
      writer.write(4 as UInt8)
      summary.encode(into: &writer)
    case .checking(let summary):
      writer.write(5 as UInt8)
      summary.encode(into: &writer)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .importing(try ImportSummary(from: &reader))
    case 2:
      self = .evaluating(
        try JobPlan(from: &reader),
        token: try Text(from: &reader),
        timeoutMilliseconds: try UInt64?(from: &reader)
      )
    case 3: self = .training(try TrainingSummary(from: &reader))
    case 4: self = .scoring(try ScoringSummary(from: &reader))
    case 5: self = .checking(try CheckSummary(from: &reader))
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "kind of job")
    }
  }
}

/// What is kept of an import.
package struct ImportSummary: Hashable, Coded {
  package var importID: Text
  /// The newest try.
  package var attempt: UInt32
  /// The numbers of rows are known once the import is committed.
  package var attributeRowCount: UInt64 = 0
  package var eventRowCount: UInt64 = 0
  package var byteCount: UInt64
  package var rejectedRowCount: UInt64 = 0
  package var sources: [Text]

  package init(_ specification: ImportSpecification, attempt: UInt32) {
    importID = specification.importID
    self.attempt = attempt
    byteCount = specification.byteCount
    sources = specification.sources
  }

  package func encode(into writer: inout ByteWriter) {
    importID.encode(into: &writer)
    attempt.encode(into: &writer)
    attributeRowCount.encode(into: &writer)
    eventRowCount.encode(into: &writer)
    byteCount.encode(into: &writer)
    rejectedRowCount.encode(into: &writer)
    sources.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    importID = try Text(from: &reader)
    attempt = try UInt32(from: &reader)
    attributeRowCount = try UInt64(from: &reader)
    eventRowCount = try UInt64(from: &reader)
    byteCount = try UInt64(from: &reader)
    rejectedRowCount = try UInt64(from: &reader)
    sources = try [Text](from: &reader)
  }
}

/// A job as the catalogue keeps it.
package struct JobRecord: Hashable, Coded {
  package var id: JobID
  package var set: SetID
  package var setName: Name
  package var work: JobWork
  package var state = JobState.running
  package var createdAt: Instant
  package var endedAt: Instant?
  /// Why it is not `done`, once it has ended otherwise.
  package var failure: ClusterError?
  /// An evaluation's results over all shards, in the order of its plan.
  package var results: [DefinitionResult] = []
  /// What the set held when the job was committed.
  package var profileCount: UInt64 = 0
  package var eventCount: UInt64 = 0
  /// What an evaluation's definitions share, the costliest parts first.
  package var sharedCosts: [SharedCost] = []
  /// What an import's rows are made of: the same for the same rows only.
  package var contentHash: [UInt8] = []

  package init(id: JobID, set: SetID, setName: Name, work: JobWork, createdAt: Instant) {
    self.id = id
    self.set = set
    self.setName = setName
    self.work = work
    self.createdAt = createdAt
  }

  /// Leaves of a job's plan what its results are shown by: a thousand jobs of thousands of rules each
  /// would be most of the catalogue.
  mutating func forgetRules() {
    switch work {
    case .importing, .scoring: return
    case .evaluating(var plan, let token, let timeout):
      plan.definitions = plan.definitions.map {
        PlannedDefinition(id: $0.id, version: $0.version, expression: "", timeZone: nil)
      }
      plan.retained = []
      work = .evaluating(plan, token: token, timeoutMilliseconds: timeout)
    case .training(var summary):
      summary.file = []
      work = .training(summary)
    case .checking(var summary):
      summary.training.file = []
      work = .checking(summary)
    }
  }

  package func encode(into writer: inout ByteWriter) {
    id.encode(into: &writer)
    set.encode(into: &writer)
    setName.encode(into: &writer)
    work.encode(into: &writer)
    writer.write(state.rawValue)
    createdAt.encode(into: &writer)
    endedAt.encode(into: &writer)
    failure.encode(into: &writer)
    results.encode(into: &writer)
    profileCount.encode(into: &writer)
    eventCount.encode(into: &writer)
    sharedCosts.encode(into: &writer)
    writer.write(contentHash)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    id = try JobID(from: &reader)
    set = try SetID(from: &reader)
    setName = try Name(from: &reader)
    work = try JobWork(from: &reader)
    state = try JobState(from: &reader)
    createdAt = try Instant(from: &reader)
    endedAt = try Instant?(from: &reader)
    failure = try ClusterError?(from: &reader)
    results = try [DefinitionResult](from: &reader)
    profileCount = try UInt64(from: &reader)
    eventCount = try UInt64(from: &reader)
    sharedCosts = try [SharedCost](from: &reader)
    contentHash = try reader.readBytes()
  }
}

extension JobState: Coded {
  package func encode(into writer: inout ByteWriter) { writer.write(rawValue) }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    let tag = try reader.read(UInt8.self)
    guard let state = JobState(rawValue: tag) else {
      throw .unknownTag(at: at, tag: UInt64(tag), of: "job state")
    }
    self = state
  }
}
