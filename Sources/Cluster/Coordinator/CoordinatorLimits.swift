/// Times and bounds of the coordinator's rules; times are milliseconds of the monotonic clock.
extension Coordinator {
  /// How often workers hear that the coordinator lives.
  package static let heartbeatMilliseconds: Int64 = 1_000
  /// A worker that was silent for this long gets no new work.
  package static let suspectMilliseconds: Int64 = 5_000
  /// A worker that was silent or away for this long is lost.
  package static let lostMilliseconds: Int64 = 15_000
  /// How long a connection of a worker may take to say who it is.
  package static let helloMilliseconds: Int64 = 5_000
  /// How long a query may take over all the shards it asks.
  package static let queryMilliseconds: Int64 = 30_000
  /// How long a client's wait for a job's next change is held.
  package static let watchMilliseconds: Int64 = 1_000
  /// How long such a wait is held at least when a job has only come further, so that a client need not
  /// be told of every shard.
  package static let progressMilliseconds: Int64 = 50
  /// How long all shards may take to make an import durable.
  package static let prepareMilliseconds: Int64 = 300_000
  /// How long an import waits for its client before it fails.
  package static let importGraceMilliseconds: Int64 = 600_000
  /// A client that was silent for this long may be replaced by another one with the same import.
  package static let clientSilenceMilliseconds: Int64 = 15_000
  /// The pause before a shard's task that failed is tried again.
  package static let taskRetryMilliseconds: Int64 = 1_000
  /// Before an instance's routine that found the set busy is tried again.
  package static let routineRetryMilliseconds: Int64 = 60_000
  /// Before an instance's routine that was refused or has failed is tried again.
  package static let routinePauseMilliseconds: Int64 = 3_600_000
  /// A model that is older is trained anew before its instance's next scoring by schedule.
  package static let modelAgeMilliseconds: Int64 = 90 * 86_400_000

  /// Tasks asked of a worker for each of its threads: one computes while others read, write and
  /// travel.
  package static let taskCountOfThreadMax = 8
  /// Tries of a shard's task that may fail before the job does.
  package static let taskFailureCountMax = 3
  /// Tries of an import before it fails.
  package static let importAttemptCountMax: UInt32 = 1_000
  /// Requests of one connection that wait for their reply.
  package static let waitingRequestCountMax = 64
  package static let workerCountMax = 1_024
  package static let shardCountMax: UInt32 = 4_096
  package static let setCountMax = 10_000
  package static let segmentCountMax = 100_000
  package static let instanceCountMax = 1_000
  package static let runningJobCountMax = 1_000
  /// Bytes of an import id, a token or a description.
  package static let textByteCountMax = 4_096
  /// Files named by an import that are remembered.
  package static let sourceCountMax = 100
  /// Rows of one page of the whole set.
  package static let pageRowCountMax = 10_000
  /// Bytes of one page, well below the longest frame.
  package static let pageByteCountMax = 4 << 20
  /// Audiences in one overlap: the answer grows with the square.
  package static let overlapAudienceCountMax = 100
  /// Shards that a waiting job lists.
  static let listedShardCountMax = 100
}
