package import Bytes
package import Domain

/// What a worker has of one shard.
package struct ReplicaInventory: Hashable, Coded {
  package var place: ShardPlace
  package var contents: ShardContents
  /// Imports that are ready and wait for the word to commit or to abort.
  package var prepared: [ImportAttempt]
  /// The evaluation whose memberships the shard has.
  package var membershipJob: JobID?
  /// Evaluations whose memberships are staged.
  package var stagedJobs: [JobID]

  package init(
    place: ShardPlace,
    contents: ShardContents,
    prepared: [ImportAttempt],
    membershipJob: JobID?,
    stagedJobs: [JobID]
  ) {
    self.place = place
    self.contents = contents
    self.prepared = prepared
    self.membershipJob = membershipJob
    self.stagedJobs = stagedJobs
  }

  package func encode(into writer: inout ByteWriter) {
    place.encode(into: &writer)
    contents.encode(into: &writer)
    prepared.encode(into: &writer)
    membershipJob.encode(into: &writer)
    stagedJobs.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    place = try ShardPlace(from: &reader)
    contents = try ShardContents(from: &reader)
    prepared = try [ImportAttempt](from: &reader)
    membershipJob = try JobID?(from: &reader)
    stagedJobs = try [JobID](from: &reader)
  }
}

/// A worker's first words on a connection.
package struct WorkerHello: Hashable, Coded {
  package var name: Name
  /// Drawn at random when the process starts: the higher of two under one name is the newer.
  package var incarnation: UInt64
  /// The share of shards it can take, relative to other workers; at least 1.
  package var capacity: UInt32
  /// Tasks it runs at a time.
  package var threadCount: UInt32
  package var version: Text
  package var replicas: [ReplicaInventory]

  package init(
    name: Name,
    incarnation: UInt64,
    capacity: UInt32,
    threadCount: UInt32,
    version: Text,
    replicas: [ReplicaInventory]
  ) {
    self.name = name
    self.incarnation = incarnation
    self.capacity = capacity
    self.threadCount = threadCount
    self.version = version
    self.replicas = replicas
  }

  package func encode(into writer: inout ByteWriter) {
    name.encode(into: &writer)
    incarnation.encode(into: &writer)
    capacity.encode(into: &writer)
    threadCount.encode(into: &writer)
    version.encode(into: &writer)
    replicas.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    name = try Name(from: &reader)
    incarnation = try UInt64(from: &reader)
    capacity = try UInt32(from: &reader)
    threadCount = try UInt32(from: &reader)
    version = try Text(from: &reader)
    replicas = try [ReplicaInventory](from: &reader)
  }
}

/// How a worker stands, sent with each heartbeat.
package struct WorkerVitals: Hashable, Coded {
  package var residentByteCount: UInt64
  package var memoryByteLimit: UInt64
  package var diskFreeByteCount: UInt64
  package var runningCount: UInt32
  package var queuedCount: UInt32

  package init(
    residentByteCount: UInt64,
    memoryByteLimit: UInt64,
    diskFreeByteCount: UInt64,
    runningCount: UInt32,
    queuedCount: UInt32
  ) {
    self.residentByteCount = residentByteCount
    self.memoryByteLimit = memoryByteLimit
    self.diskFreeByteCount = diskFreeByteCount
    self.runningCount = runningCount
    self.queuedCount = queuedCount
  }

  package func encode(into writer: inout ByteWriter) {
    residentByteCount.encode(into: &writer)
    memoryByteLimit.encode(into: &writer)
    diskFreeByteCount.encode(into: &writer)
    runningCount.encode(into: &writer)
    queuedCount.encode(into: &writer)
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    residentByteCount = try UInt64(from: &reader)
    memoryByteLimit = try UInt64(from: &reader)
    diskFreeByteCount = try UInt64(from: &reader)
    runningCount = try UInt32(from: &reader)
    queuedCount = try UInt32(from: &reader)
  }
}

/// What a worker tells the coordinator.
package enum WorkerMessage: Hashable, Coded {
  case hello(WorkerHello)
  case heartbeat(WorkerVitals)
  /// The batch is taken; it is durable only once the import is prepared.
  case batchStored(ImportAttempt, ShardPlace, sequence: UInt32)
  case importPrepared(ImportAttempt, ShardPlace, ShardContents)
  case importCommitted(ImportAttempt, ShardPlace, ShardContents)
  case importFailed(ImportAttempt, ShardPlace, WorkFailure)
  case taskFinished(TaskAttempt, TaskResult)
  case taskFailed(TaskAttempt, WorkFailure)
  case jobCommitted(JobID, ShardPlace)
  case answer(UInt64, QueryAnswer)
  /// A part of a round is done; what the bytes of its only or last answer are, its work says.
  case roundDone(RoundTask, answer: [UInt8])
  case roundFailed(RoundTask, WorkFailure)
  /// A shard's margins of a scoring are counted.
  case marginsCounted(ImportAttempt, ShardPlace, ShardMeasure)
  /// A shard's scores are durable, as the rows of an import that is prepared.
  case scoresPrepared(ImportAttempt, ShardPlace, ShardContents, ShardFindings)
  /// One of a part's answers that come before its last one, counted from 0.
  case roundAnswer(RoundTask, index: UInt32, answer: [UInt8])

  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .hello(let hello):
      writer.write(1 as UInt8)
      hello.encode(into: &writer)
    case .heartbeat(let vitals):
      writer.write(2 as UInt8)
      vitals.encode(into: &writer)
    case .batchStored(let attempt, let place, let sequence):
      writer.write(3 as UInt8)
      attempt.encode(into: &writer)
      place.encode(into: &writer)
      sequence.encode(into: &writer)
    case .importPrepared(let attempt, let place, let contents):
      writer.write(4 as UInt8)
      attempt.encode(into: &writer)
      place.encode(into: &writer)
      contents.encode(into: &writer)
    case .importCommitted(let attempt, let place, let contents):
      writer.write(5 as UInt8)
      attempt.encode(into: &writer)
      place.encode(into: &writer)
      contents.encode(into: &writer)
    case .importFailed(let attempt, let place, let failure):
      writer.write(6 as UInt8)
      attempt.encode(into: &writer)
      place.encode(into: &writer)
      failure.encode(into: &writer)
    case .taskFinished(let task, let result):
      writer.write(7 as UInt8)
      task.encode(into: &writer)
      result.encode(into: &writer)
    case .taskFailed(let task, let failure):
      writer.write(8 as UInt8)
      task.encode(into: &writer)
      failure.encode(into: &writer)
    case .jobCommitted(let job, let place):
      writer.write(9 as UInt8)
      job.encode(into: &writer)
      place.encode(into: &writer)
    case .answer(let id, let answer):
      writer.write(10 as UInt8)
      id.encode(into: &writer)
      answer.encode(into: &writer)
    case .roundDone(let task, let answer):
      writer.write(11 as UInt8)
      task.encode(into: &writer)
      writer.write(answer)
    case .roundFailed(let task, let failure):
      writer.write(12 as UInt8)
      task.encode(into: &writer)
      failure.encode(into: &writer)
    case .marginsCounted(let attempt, let place, let measure):
      writer.write(13 as UInt8)
      attempt.encode(into: &writer)
      place.encode(into: &writer)
      measure.encode(into: &writer)
    case .scoresPrepared(let attempt, let place, let contents, let findings):
      writer.write(14 as UInt8)
      attempt.encode(into: &writer)
      place.encode(into: &writer)
      contents.encode(into: &writer)
      findings.encode(into: &writer)
    case .roundAnswer(let task, let index, let answer):
      writer.write(15 as UInt8)
      task.encode(into: &writer)
      index.encode(into: &writer)
      writer.write(answer)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    let at = reader.offset
    switch try reader.read(UInt8.self) {
    case 1: self = .hello(try WorkerHello(from: &reader))
    case 2: self = .heartbeat(try WorkerVitals(from: &reader))
    case 3:
      self = .batchStored(
        try ImportAttempt(from: &reader),
        try ShardPlace(from: &reader),
        sequence: try UInt32(from: &reader)
      )
    case 4:
      self = .importPrepared(
        try ImportAttempt(from: &reader),
        try ShardPlace(from: &reader),
        try ShardContents(from: &reader)
      )
    case 5:
      self = .importCommitted(
        try ImportAttempt(from: &reader),
        try ShardPlace(from: &reader),
        try ShardContents(from: &reader)
      )
    case 6:
      self = .importFailed(
        try ImportAttempt(from: &reader),
        try ShardPlace(from: &reader),
        try WorkFailure(from: &reader)
      )
    case 7:
      self = .taskFinished(try TaskAttempt(from: &reader), try TaskResult(from: &reader))
    case 8: self = .taskFailed(try TaskAttempt(from: &reader), try WorkFailure(from: &reader))
    case 9: self = .jobCommitted(try JobID(from: &reader), try ShardPlace(from: &reader))
    case 10: self = .answer(try UInt64(from: &reader), try QueryAnswer(from: &reader))
    case 11: self = .roundDone(try RoundTask(from: &reader), answer: try reader.readBytes())
    case 12: self = .roundFailed(try RoundTask(from: &reader), try WorkFailure(from: &reader))
    case 13:
      self = .marginsCounted(
        try ImportAttempt(from: &reader),
        try ShardPlace(from: &reader),
        try ShardMeasure(from: &reader)
      )
    case 14:
      self = .scoresPrepared(
        try ImportAttempt(from: &reader),
        try ShardPlace(from: &reader),
        try ShardContents(from: &reader),
        try ShardFindings(from: &reader)
      )
    case 15:
      self = .roundAnswer(
        try RoundTask(from: &reader),
        index: try UInt32(from: &reader),
        answer: try reader.readBytes()
      )
    case let tag: throw .unknownTag(at: at, tag: UInt64(tag), of: "worker message")
    }
  }

  /// Whether the message carries data in bulk, to be overtaken by all others.
  package var isBulk: Bool {
    switch self {
    case .answer, .roundAnswer, .roundDone, .scoresPrepared: true
    case .hello, .heartbeat, .batchStored, .importPrepared, .importCommitted, .importFailed,
      .taskFinished, .taskFailed, .jobCommitted, .roundFailed, .marginsCounted:
      false
    }
  }
}
