package import Bytes
package import Domain

/// What the coordinator tells a worker.
package enum CoordinatorMessage: Hashable, Coded {
  /// The worker is known; orders of a lower epoch are to be refused from now on.
  case welcome(Epoch)
  /// The worker cannot join, for a reason in words.
  case refuse(Text)
  case heartbeat
  /// Forget a profile set with all its data.
  case dropSet(SetID)
  case storeBatch(ImportAttempt, ShardPlace, sequence: UInt32, rows: [UInt8])
  /// Make the import's batches durable and its contents ready to be seen.
  case prepareImport(ImportAttempt, ShardPlace, batchCount: UInt32)
  case commitImport(ImportAttempt, ShardPlace)
  case abortImport(JobID, ShardPlace)
  /// Sent before a job's first task.
  case planJob(JobPlan)
  case runTask(TaskAttempt)
  /// The staged memberships of the job are the shard's memberships from now on.
  case commitJob(JobID, ShardPlace)
  /// The job's staged memberships and plan are to be forgotten.
  case abortJob(JobID, SetID)
  case query(UInt64, ShardPlace, ShardContents, Query)
  /// Sent before a training's first round.
  case planRounds(RoundPlan)
  /// Do a part of a round; the work is a `RoundWork`.
  case runRound(RoundTask, work: [UInt8])
  /// The training is over: what is kept for its rounds is to be forgotten.
  case endRounds(JobID)
  /// Sent before a scoring's first shard.
  case planScoring(ScoringPlan)
  /// Count the shard's margins, or make its scores and prepare them as an import.
  case scoreShard(ShardScoring)

  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .welcome(let epoch):
      writer.write(1 as UInt8)
      epoch.encode(into: &writer)
    case .refuse(let reason):
      writer.write(2 as UInt8)
      reason.encode(into: &writer)
    case .heartbeat: writer.write(3 as UInt8)
    case .dropSet(let set):
      writer.write(4 as UInt8)
      set.encode(into: &writer)
    case .storeBatch(let attempt, let place, let sequence, let rows):
      writer.write(5 as UInt8)
      attempt.encode(into: &writer)
      place.encode(into: &writer)
      sequence.encode(into: &writer)
      writer.write(rows)
    case .prepareImport(let attempt, let place, let batchCount):
      writer.write(6 as UInt8)
      attempt.encode(into: &writer)
      place.encode(into: &writer)
      batchCount.encode(into: &writer)
    case .commitImport(let attempt, let place):
      writer.write(7 as UInt8)
      attempt.encode(into: &writer)
      place.encode(into: &writer)
    case .abortImport(let job, let place):
      writer.write(8 as UInt8)
      job.encode(into: &writer)
      place.encode(into: &writer)
    case .planJob(let plan):
      writer.write(9 as UInt8)
      plan.encode(into: &writer)
    case .runTask(let task):
      writer.write(10 as UInt8)
      task.encode(into: &writer)
    case .commitJob(let job, let place):
      writer.write(11 as UInt8)
      job.encode(into: &writer)
      place.encode(into: &writer)
    case .abortJob(let job, let set):
      writer.write(12 as UInt8)
      job.encode(into: &writer)
      set.encode(into: &writer)
    case .query(let id, let place, let contents, let query):
      writer.write(13 as UInt8)
      id.encode(into: &writer)
      place.encode(into: &writer)
      contents.encode(into: &writer)
      query.encode(into: &writer)
    case .planRounds(let plan):
      writer.write(14 as UInt8)
      plan.encode(into: &writer)
    case .runRound(let task, let work):
      writer.write(15 as UInt8)
      task.encode(into: &writer)
      writer.write(work)
    case .endRounds(let job):
      writer.write(16 as UInt8)
      job.encode(into: &writer)
    case .planScoring(let plan):
      writer.write(17 as UInt8)
      plan.encode(into: &writer)
    case .scoreShard(let scoring):
      writer.write(18 as UInt8)
      scoring.encode(into: &writer)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .welcome(try Epoch(from: &reader))
    case 2: self = .refuse(try Text(from: &reader))
    case 3: self = .heartbeat
    case 4: self = .dropSet(try SetID(from: &reader))
    case 5:
      self = .storeBatch(
        try ImportAttempt(from: &reader),
        try ShardPlace(from: &reader),
        sequence: try UInt32(from: &reader),
        rows: try reader.readBytes()
      )
    case 6:
      self = .prepareImport(
        try ImportAttempt(from: &reader),
        try ShardPlace(from: &reader),
        batchCount: try UInt32(from: &reader)
      )
    case 7:
      self = .commitImport(try ImportAttempt(from: &reader), try ShardPlace(from: &reader))
    case 8: self = .abortImport(try JobID(from: &reader), try ShardPlace(from: &reader))
    case 9: self = .planJob(try JobPlan(from: &reader))
    case 10: self = .runTask(try TaskAttempt(from: &reader))
    case 11: self = .commitJob(try JobID(from: &reader), try ShardPlace(from: &reader))
    case 12: self = .abortJob(try JobID(from: &reader), try SetID(from: &reader))
    case 13:
      self = .query(
        try UInt64(from: &reader),
        try ShardPlace(from: &reader),
        try ShardContents(from: &reader),
        try Query(from: &reader)
      )
    case 14: self = .planRounds(try RoundPlan(from: &reader))
    case 15: self = .runRound(try RoundTask(from: &reader), work: try reader.readBytes())
    case 16: self = .endRounds(try JobID(from: &reader))
    case 17: self = .planScoring(try ScoringPlan(from: &reader))
    case 18: self = .scoreShard(try ShardScoring(from: &reader))
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "coordinator message")
    }
  }

  /// Whether the message may be overtaken by all that are not.
  ///
  /// A plan comes before its tasks, and a batch before those of later attempts, because they are of
  /// one class. Words that end something overtake: what they end may come after them. A worker passes
  /// over evaluations that have ended; whoever reports on anything else is told again.
  package var isBulk: Bool {
    switch self {
    case .storeBatch, .planJob, .runTask, .query, .planRounds, .runRound, .planScoring, .scoreShard:
      true
    case .welcome, .refuse, .heartbeat, .dropSet, .prepareImport, .commitImport, .abortImport,
      .commitJob, .abortJob, .endRounds:
      false
    }
  }
}
