package import Bytes
package import Domain

/// One durable step of the catalogue; a catalogue is what its records make of an empty one.
package enum CatalogueRecord: Hashable, Coded {
  case clusterCreated([UInt8])
  case epochRaised(Epoch)
  /// Numbers that jobs and sets have had and never have again.
  case numbersUsed(job: JobID, set: SetID)
  case workerSeen(Name, capacity: UInt32)
  /// A new set, or the whole state of one when the log is rewritten.
  case set(SetRecord)
  case setDropped(SetID)
  /// A new job, or the whole state of one when the log is rewritten.
  case job(JobRecord)
  case importAttempted(ImportAttempt)
  /// The point of no return of an import: what each shard holds with it, and its schema.
  case importCommitted(ImportAttempt, [ShardContents], ImportTotals, at: Instant)
  /// The point of no return of an evaluation: its results and costs over all shards.
  case evaluationCommitted(JobID, [DefinitionResult], at: Instant, [SharedCost])
  case jobEnded(JobID, JobState, ClusterError?, at: Instant)
  case segmentsChanged([SegmentDefinition], deleted: [Name])
  case instancesChanged([InstanceRecord], deleted: [Name])
  /// The point of no return of a training: its model is the instance's from now on.
  case trainingCommitted(ModelRecord)
  /// An instance's model, when the log is rewritten.
  case model(ModelRecord)
  /// The end of a check, with what it found.
  case checkEnded(JobID, Value, at: Instant)
  /// The point of no return of a scoring: what each shard holds with it, its fields, what it found, and
  /// what it adds to the history.
  case scoringCommitted(
    ImportAttempt,
    [ShardContents],
    ImportTotals,
    at: Instant,
    ScoringRecord,
    OutcomeNews
  )
  /// An instance's last scoring of a set, when the log is rewritten.
  case scoring(ScoringRecord)
  /// A scoring of an instance's history, when the log is rewritten.
  case pastScoring(Name, PastScoring)

  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .clusterCreated(let id):
      writer.write(1 as UInt8)
      writer.write(id)
    case .epochRaised(let epoch):
      writer.write(2 as UInt8)
      epoch.encode(into: &writer)
    case .numbersUsed(let job, let set):
      writer.write(3 as UInt8)
      job.encode(into: &writer)
      set.encode(into: &writer)
    case .workerSeen(let name, let capacity):
      writer.write(4 as UInt8)
      name.encode(into: &writer)
      capacity.encode(into: &writer)
    case .set(let record):
      writer.write(5 as UInt8)
      record.encode(into: &writer)
    case .setDropped(let set):
      writer.write(6 as UInt8)
      set.encode(into: &writer)
    case .job(let record):
      writer.write(7 as UInt8)
      record.encode(into: &writer)
    case .importAttempted(let attempt):
      writer.write(8 as UInt8)
      attempt.encode(into: &writer)
    case .importCommitted(let attempt, let contents, let totals, let at):
      writer.write(9 as UInt8)
      attempt.encode(into: &writer)
      contents.encode(into: &writer)
      totals.encode(into: &writer)
      at.encode(into: &writer)
    case .evaluationCommitted(let job, let results, let at, let costs):
      writer.write(10 as UInt8)
      job.encode(into: &writer)
      results.encode(into: &writer)
      at.encode(into: &writer)
      costs.encode(into: &writer)
    case .jobEnded(let job, let state, let failure, let at):
      writer.write(11 as UInt8)
      job.encode(into: &writer)
      state.encode(into: &writer)
      failure.encode(into: &writer)
      at.encode(into: &writer)
    case .segmentsChanged(let definitions, let deleted):
      writer.write(12 as UInt8)
      definitions.encode(into: &writer)
      deleted.encode(into: &writer)
    case .instancesChanged(let instances, let deleted):
      writer.write(13 as UInt8)
      instances.encode(into: &writer)
      deleted.encode(into: &writer)
    case .trainingCommitted(let model):
      writer.write(14 as UInt8)
      model.encode(into: &writer)
    case .model(let model):
      writer.write(15 as UInt8)
      model.encode(into: &writer)
    case .checkEnded(let job, let report, let at):
      writer.write(17 as UInt8)
      job.encode(into: &writer)
      report.encode(into: &writer)
      at.encode(into: &writer)
    case .scoringCommitted(let attempt, let contents, let totals, let at, let scoring, let news):
      writer.write(20 as UInt8)
      attempt.encode(into: &writer)
      contents.encode(into: &writer)
      totals.encode(into: &writer)
      at.encode(into: &writer)
      scoring.encode(into: &writer)
      news.encode(into: &writer)
    case .scoring(let scoring):
      writer.write(21 as UInt8)
      scoring.encode(into: &writer)
    case .pastScoring(let instance, let scoring):
      writer.write(22 as UInt8)
      instance.encode(into: &writer)
      scoring.encode(into: &writer)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .clusterCreated(try reader.readBytes())
    case 2: self = .epochRaised(try Epoch(from: &reader))
    case 3: self = .numbersUsed(job: try JobID(from: &reader), set: try SetID(from: &reader))
    case 4: self = .workerSeen(try Name(from: &reader), capacity: try UInt32(from: &reader))
    case 5: self = .set(try SetRecord(from: &reader))
    case 6: self = .setDropped(try SetID(from: &reader))
    case 7: self = .job(try JobRecord(from: &reader))
    case 8: self = .importAttempted(try ImportAttempt(from: &reader))
    case 9:
      self = .importCommitted(
        try ImportAttempt(from: &reader),
        try [ShardContents](from: &reader),
        try ImportTotals(from: &reader),
        at: try Instant(from: &reader)
      )
    case 10:
      self = .evaluationCommitted(
        try JobID(from: &reader),
        try [DefinitionResult](from: &reader),
        at: try Instant(from: &reader),
        try [SharedCost](from: &reader)
      )
    case 11:
      self = .jobEnded(
        try JobID(from: &reader),
        try JobState(from: &reader),
        try ClusterError?(from: &reader),
        at: try Instant(from: &reader)
      )
    case 12:
      self = .segmentsChanged(
        try [SegmentDefinition](from: &reader),
        deleted: try [Name](from: &reader)
      )
    case 13:
      self = .instancesChanged(
        try [InstanceRecord](from: &reader),
        deleted: try [Name](from: &reader)
      )
    case 14: self = .trainingCommitted(try ModelRecord(from: &reader))
    case 15: self = .model(try ModelRecord(from: &reader))
    case 17:
      self = .checkEnded(
        try JobID(from: &reader),
        try Value(from: &reader),
        at: try Instant(from: &reader)
      )
    case 20:
      self = .scoringCommitted(
        try ImportAttempt(from: &reader),
        try [ShardContents](from: &reader),
        try ImportTotals(from: &reader),
        at: try Instant(from: &reader),
        try ScoringRecord(from: &reader),
        try OutcomeNews(from: &reader)
      )
    case 21: self = .scoring(try ScoringRecord(from: &reader))
    case 22: self = .pastScoring(try Name(from: &reader), try PastScoring(from: &reader))
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "catalogue record")
    }
  }
}
