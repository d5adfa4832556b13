import Domain

/// What a shard's log says of its imports.
///
/// ```
/// nothing → open → prepared → committed
///             └───────┴→ aborted → open with a later attempt
/// ```
///
/// One import at most is prepared: so the order of commits is the order of preparing, and what is
/// prepared says what the shard will hold.
struct ImportLedger {
  /// Where a batch's rows are in the log.
  struct Batch: Equatable {
    var offset: Int
    var byteCount: Int
    /// CRC-32C of the rows.
    var checksum: UInt32
  }

  struct Open {
    var attempt: UInt32
    var batches: [UInt32: Batch] = [:]
    /// Set when the import is prepared: what the shard holds once it is committed.
    var contents: StoreContents?
  }

  struct Committed {
    var attempt: StoredImport
    var contents: StoreContents
    /// In the order of their sequence numbers.
    var batches: [Batch]
  }

  /// Why a record does not follow from those before it.
  struct Contradiction: Error {
    var reason: String
  }

  private(set) var open: [JobID: Open] = [:]
  /// In the order of their commits.
  private(set) var committed: [Committed] = []
  /// Indices into `committed`.
  private var committedJobs: [JobID: Int] = [:]
  /// The last void attempt of aborted jobs.
  private var aborted: [JobID: UInt32] = [:]

  /// What the shard holds.
  var contents: StoreContents { committed.last?.contents ?? StoreContents() }

  var prepared: StoredImport? {
    open.first { $0.value.contents != nil }.map {
      StoredImport(job: $0.key, attempt: $0.value.attempt)
    }
  }

  func commit(of job: JobID) -> Committed? { committedJobs[job].map { committed[$0] } }

  /// Whether a later attempt of the job is known, or its attempts up to this one were aborted.
  func isVoid(_ attempt: StoredImport) -> Bool {
    if let last = aborted[attempt.job], attempt.attempt <= last { return true }
    if let open = open[attempt.job] { return attempt.attempt < open.attempt }
    return false
  }

  /// The attempt's batches, if it is the job's present one.
  func open(_ attempt: StoredImport) -> Open? {
    open[attempt.job].flatMap { $0.attempt == attempt.attempt ? $0 : nil }
  }

  /// Follows a record; a batch lies at `batch`.
  mutating func apply(_ record: LogRecord, batch: Batch?) throws(Contradiction) {
    switch record {
    case .batch(let attempt, let sequence):
      guard let batch, commit(of: attempt.job) == nil, !isVoid(attempt) else { return }
      var current = open(attempt) ?? Open(attempt: attempt.attempt)
      guard current.contents == nil else {
        throw Contradiction(reason: "a batch of \(attempt) follows after it was prepared")
      }
      current.batches[sequence] = batch
      open[attempt.job] = current
    case .prepared(let attempt, let batchCount, let contents):
      guard commit(of: attempt.job) == nil, !isVoid(attempt) else {
        throw Contradiction(reason: "\(attempt) is prepared though it is void or committed")
      }
      guard prepared == nil || prepared?.job == attempt.job else {
        throw Contradiction(reason: "\(attempt) is prepared while another import is")
      }
      var current = open(attempt) ?? Open(attempt: attempt.attempt)
      guard current.batches.count == Int(batchCount),
        current.batches.keys.allSatisfy({ $0 < batchCount })
      else { throw Contradiction(reason: "\(attempt) is prepared without all its batches") }
      guard contents.lsn > self.contents.lsn else {
        throw Contradiction(reason: "\(attempt) is prepared with a position of the past")
      }
      current.contents = contents
      open[attempt.job] = current
    case .committed(let attempt):
      guard let current = open(attempt), let contents = current.contents else {
        throw Contradiction(reason: "\(attempt) is committed without having been prepared")
      }
      let batches = current.batches.sorted { $0.key < $1.key }.map(\.value)
      open[attempt.job] = nil
      committedJobs[attempt.job] = committed.count
      committed.append(Committed(attempt: attempt, contents: contents, batches: batches))
    case .aborted(let attempt):
      guard commit(of: attempt.job) == nil else {
        throw Contradiction(reason: "\(attempt) is aborted though its job is committed")
      }
      open[attempt.job] = nil
      aborted[attempt.job] = max(aborted[attempt.job] ?? 0, attempt.attempt)
    }
  }
}
