package import Bytes
package import Domain

/// Work that a worker's shell does beside the loop.
///
/// Operations of one shard that write are performed one after the other in the order they were
/// given; `evaluate` and `answer` see all writes given before them and none given after. Operations
/// of different shards run at the same time. Each ends with one `StoreCompletion`, save where it
/// says otherwise, and each may be given again after it succeeded, to the same effect.
package enum StoreOperation: Hashable, Sendable {
  /// Keep the epoch on disk: orders of lower ones are refused even after a restart. No completion.
  case rememberEpoch(Epoch)
  /// Keep the rows beside the shard until the import is prepared; batches of earlier attempts of
  /// the same job are forgotten. Ends with `batchStored` or `importFailed`.
  case storeBatch(ImportAttempt, ShardPlace, sequence: UInt32, rows: [UInt8])
  /// Make the attempt's batches durable in the order of their numbers, `0..<batchCount`, without
  /// showing them. Ends with `importPrepared` or `importFailed`.
  case prepareImport(ImportAttempt, ShardPlace, batchCount: UInt32)
  /// Show the prepared rows. Ends with `importCommitted`; a failure is `storeFailed`.
  case commitImport(ImportAttempt, ShardPlace)
  /// Forget the job's batches, prepared or not. Ends with `importAborted`.
  case abortImport(JobID, ShardPlace)
  /// Evaluate the plan on the shard and stage the memberships durably. A shard whose contents are
  /// not the task's is a failure `MISSING_DATA`. Ends with `taskFinished` or `taskFailed`.
  case evaluate(JobPlan, TaskAttempt)
  /// Make the job's staged memberships the shard's. Ends with `jobCommitted`; a failure is
  /// `storeFailed`.
  case commitJob(JobID, ShardPlace)
  /// Stop evaluations of the job and forget what it staged in the set's shards. Ends with
  /// `jobDiscarded`, after which nothing of the job is staged any more.
  case discardJob(JobID, SetID)
  /// Answer a query on a shard, if it holds these contents; ends with `answered` of the same number.
  case answer(UInt64, ShardPlace, ShardContents, Query)
  /// Remove all the shards of the set from disk. Ends with `setDropped`.
  case dropSet(SetID)
  /// Do a part of a round; those of one job are done in the order in which they are given. Ends with
  /// `roundDone` or `roundFailed`, and tells answers before the last one by `roundAnswer`.
  case runRound(RoundPlan, RoundTask, work: [UInt8])
  /// Count the margins of the shard's eligible profiles, or, with percentiles, make their scores, judge
  /// what became of earlier ones, and prepare them as the attempt's only batches. Ends with `marginsCounted`, `scoresPrepared` or
  /// `importFailed`.
  case scoreShard(ScoringPlan, ShardScoring)
  /// Stop the rounds of the job and forget what is kept for them. No completion.
  case endRounds(JobID)
}

/// How a store operation ended.
package enum StoreCompletion: Hashable, Sendable {
  case batchStored(ImportAttempt, ShardPlace, sequence: UInt32)
  case importPrepared(ImportAttempt, ShardPlace, ShardContents)
  case importCommitted(ImportAttempt, ShardPlace, ShardContents)
  case importFailed(ImportAttempt, ShardPlace, WorkFailure)
  case importAborted(JobID, ShardPlace)
  case taskFinished(TaskAttempt, TaskResult)
  case taskFailed(TaskAttempt, WorkFailure)
  case jobCommitted(JobID, ShardPlace)
  case jobDiscarded(JobID, SetID)
  case answered(UInt64, QueryAnswer)
  case setDropped(SetID)
  /// The part goes on.
  case roundAnswer(RoundTask, index: UInt32, answer: [UInt8])
  case roundDone(RoundTask, answer: [UInt8])
  case roundFailed(RoundTask, WorkFailure)
  case marginsCounted(ImportAttempt, ShardPlace, ShardMeasure)
  case scoresPrepared(ImportAttempt, ShardPlace, ShardContents, ShardFindings)
  /// The disk failed where nothing may be lost: the process has to end and to recover from what is
  /// verified on disk.
  case storeFailed(reason: Text)
}
