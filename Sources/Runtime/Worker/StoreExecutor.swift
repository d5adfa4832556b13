import Bytes
import Cluster
import Domain
import Platform
import ProfileStore
import Synchronization

/// Performs the store operations of a worker beside its loop.
///
/// Operations of one shard go through its lane in order. An evaluation leaves the lane with a
/// snapshot, so that later operations need not wait for it, and comes back to stage its result.
final class StoreExecutor: Sendable {
  /// How an operation ended, and what its message held back.
  struct Finished: Sendable {
    var completion: StoreCompletion
    var credit: StoreCredit?
  }

  let shelf: StoreShelf
  let lanes: ShardLanes
  let pool: EvaluationPool
  let programs = ProgramCache()
  let evaluations = RunningEvaluations()
  let trainings = TrainingSessions()
  let scorers = ScorerCache()
  /// Lanes of a training, each worked on by one thread at a time.
  let laneCount: Int
  /// That of the first lane's thread, the others' follow; `nil` leaves them to the system.
  let laneProcessor: Int?
  private let disk: any Disk
  private let places: Mutex<Set<ShardPlace>>
  /// Shards whose memberships are in many files.
  private let scattered = Mutex<Set<ShardPlace>>([])
  private let notify: @Sendable (Finished) -> Void

  /// Starts the threads.
  ///
  /// - Parameters:
  ///   - options: threads, budget and bounds.
  ///   - disk: where the shards are.
  ///   - notify: is told of each end, on the thread it happens on.
  /// - Throws: when the system gives no thread, or the folders cannot be listed.
  init(
    _ options: WorkerOptions,
    disk: any Disk,
    notify: @escaping @Sendable (Finished) -> Void
  ) throws {
    let shelf = StoreShelf(
      disk: disk,
      dataDirectory: options.dataDirectory,
      openCountMax: options.openStoreCountMax
    )
    let budget = options.memoryBudgetMebibytes << 20
    self.disk = disk
    self.shelf = shelf
    self.notify = notify
    laneProcessor = options.trainingProcessor
    laneCount = max(1, options.trainingThreadCount ?? options.threadCount)
    places = Mutex(Set(try shelf.places()))
    lanes = try ShardLanes(threadCount: max(2, options.threadCount))
    pool = try EvaluationPool(threadCount: options.threadCount) {
      guard ProcessStatus.anonymousByteCount > budget else { return false }
      shelf.closeIdle()
      return ProcessStatus.anonymousByteCount > budget
    }
  }

  /// Ends all threads; what is under way is given up as if the process had been killed.
  func close() {
    evaluations.cancelAll()
    trainings.endAll()
    pool.close()
    lanes.close()
  }

  /// Gives the system back the memory that is free, beside evaluations.
  func trimMemory() { pool.add { Allocator.trim() } }

  /// Puts the memberships of each shard into one file where they are in many, beside evaluations.
  func foldMemberships() {
    let due = scattered.withLock { scattered in
      defer { scattered = [] }
      return scattered
    }
    for place in due {
      lanes.add(
        {
          // Whoever waits for an evaluation need not wait for this as well.
          guard self.evaluations.isEmpty else { return self.noteScattered(place) }
          do throws(StoreError) {
            try self.shelf.use(place) { store throws(StoreError) in try store.fold() }
          } catch {
            guard error.isFatal else { return }
            self.finish(.storeFailed(reason: Text(error.description)))
          }
        },
        to: place
      )
    }
  }

  private func noteScattered(_ place: ShardPlace) {
    _ = scattered.withLock { $0.insert(place) }
  }

  /// What the disk holds, verified; shards that cannot be read are left out and named in the log.
  func inventory(log: Log) throws -> [ReplicaInventory] {
    let answers = BlockingQueue<Result<ReplicaInventory?, StoreError>>()
    let places = places.withLock { $0 }
    for place in places {
      lanes.add({ answers.push(self.inventory(of: place, log: log)) }, to: place)
    }
    var replicas: [ReplicaInventory] = []
    for _ in places {
      guard let answer = answers.pop() else { break }
      if let replica = try answer.get() { replicas.append(replica) }
    }
    return replicas.sorted { $0.place < $1.place }
  }

  private func inventory(
    of place: ShardPlace,
    log: Log
  ) -> Result<ReplicaInventory?, StoreError> {
    do throws(StoreError) {
      return .success(
        try shelf.use(place) { store throws(StoreError) in
          if store.isWorthFolding { noteScattered(place) }
          return ReplicaInventory(
            place: place,
            contents: ShardContents(store.contents),
            prepared: store.prepared.map {
              ImportAttempt(job: $0.job, attempt: $0.attempt)
            },
            membershipJob: store.membershipJob,
            stagedJobs: store.stagedJobs
          )
        }
      )
    } catch {
      if error.isFatal { return .failure(error) }
      log.error(
        "shard-damaged",
        [
          LogField("set", place.set), LogField("shard", place.shard),
          LogField("reason", error.description),
        ]
      )
      return .success(nil)
    }
  }

  /// Starts an operation; its end is told by `notify`.
  func perform(_ operation: StoreOperation, credit: StoreCredit?) {
    switch operation {
    // The loop does this itself, before anything later.
    case .rememberEpoch: break
    case .storeBatch(let attempt, let place, let sequence, let rows):
      write(place, credit) { store throws(StoreError) in
        try store.append(StoredImport(attempt), sequence: sequence, rows: rows)
        return .batchStored(attempt, place, sequence: sequence)
      } orElse: {
        .importFailed(attempt, place, WorkFailure($0))
      }
    case .prepareImport(let attempt, let place, let batchCount):
      write(place, credit) { store throws(StoreError) in
        let contents = try store.prepare(StoredImport(attempt), batchCount: batchCount)
        return .importPrepared(attempt, place, ShardContents(contents))
      } orElse: {
        .importFailed(attempt, place, WorkFailure($0))
      }
    case .commitImport(let attempt, let place):
      write(place, credit) { store throws(StoreError) in
        .importCommitted(attempt, place, ShardContents(try store.commit(StoredImport(attempt))))
      } orElse: {
        .storeFailed(reason: Text($0.description))
      }
    case .abortImport(let job, let place):
      guard isKnown(place) else { return finish(.importAborted(job, place), credit) }
      write(place, credit) { store throws(StoreError) in
        try store.abort(job)
        return .importAborted(job, place)
      } orElse: {
        .storeFailed(reason: Text($0.description))
      }
    case .evaluate(let plan, let task): evaluate(plan, task, credit)
    case .commitJob(let job, let place):
      write(place, credit) { store throws(StoreError) in
        try store.commitMemberships(job)
        if store.isWorthFolding { self.noteScattered(place) }
        return .jobCommitted(job, place)
      } orElse: {
        .storeFailed(reason: Text($0.description))
      }
    case .discardJob(let job, let set): discard(job, set, credit)
    case .answer(let number, let place, let contents, let query):
      lanes.add(
        { self.finish(.answered(number, self.answer(query, place, contents)), credit) },
        to: place
      )
    case .dropSet(let set): drop(set, credit)
    case .runRound(let plan, let task, let work): runRound(plan, task, work, credit)
    // At once: nothing of it is on disk.
    case .endRounds(let job): trainings.end(job)
    case .scoreShard(let plan, let scoring): score(plan, scoring, credit)
    }
  }

  func finish(_ completion: StoreCompletion, _ credit: StoreCredit? = nil) {
    notify(Finished(completion: completion, credit: credit))
  }

  /// Notes that the shard has something on disk from now on.
  func know(_ place: ShardPlace) { _ = places.withLock { $0.insert(place) } }

  private func isKnown(_ place: ShardPlace) -> Bool { places.withLock { $0.contains(place) } }

  private func places(of set: SetID) -> [ShardPlace] {
    places.withLock { places in places.filter { $0.set == set } }
  }

  /// Changes a shard in its lane; a fatal failure is `storeFailed` whatever was to be done.
  private func write(
    _ place: ShardPlace,
    _ credit: StoreCredit?,
    _ body: @escaping @Sendable (ShardStore) throws(StoreError) -> StoreCompletion,
    orElse failed: @escaping @Sendable (StoreError) -> StoreCompletion
  ) {
    know(place)
    lanes.add(
      {
        do throws(StoreError) {
          self.finish(try self.shelf.use(place, body), credit)
        } catch {
          let isFatal = error.isFatal
          self.finish(
            isFatal ? .storeFailed(reason: Text(error.description)) : failed(error),
            credit
          )
        }
      },
      to: place
    )
  }

  private func discard(_ job: JobID, _ set: SetID, _ credit: StoreCredit?) {
    evaluations.cancel { $0.job == job }
    let places = places(of: set)
    let rest = Countdown(places.count) { self.finish(.jobDiscarded(job, set), credit) }
    for place in places {
      lanes.add(
        {
          do throws(StoreError) {
            try self.shelf.use(place) { store throws(StoreError) in try store.discard(job) }
            rest.step()
          } catch {
            self.finish(.storeFailed(reason: Text(error.description)))
          }
        },
        to: place
      )
    }
  }

  private func drop(_ set: SetID, _ credit: StoreCredit?) {
    evaluations.cancel { $0.place.set == set }
    let places = places(of: set)
    let rest = Countdown(places.count) {
      do throws(DiskError) {
        try self.shelf.remove(set)
        self.finish(.setDropped(set), credit)
      } catch {
        self.finish(.storeFailed(reason: Text(error.description)), credit)
      }
    }
    for place in places {
      lanes.add(
        {
          do throws(DiskError) {
            try self.shelf.remove(place)
            _ = self.places.withLock { $0.remove(place) }
            _ = self.scattered.withLock { $0.remove(place) }
            rest.step()
          } catch {
            self.finish(.storeFailed(reason: Text(error.description)))
          }
        },
        to: place
      )
    }
  }
}

/// Calls a closure once after so many steps, at once when there are none.
private final class Countdown: Sendable {
  private let left: Mutex<Int>
  private let body: @Sendable () -> Void

  init(_ count: Int, _ body: @escaping @Sendable () -> Void) {
    left = Mutex(count)
    self.body = body
    if count == 0 { body() }
  }

  func step() {
    let isLast = left.withLock { left in
      left -= 1
      return left == 0
    }
    if isLast { body() }
  }
}

extension StoredImport {
  init(_ attempt: ImportAttempt) { self.init(job: attempt.job, attempt: attempt.attempt) }
}

extension ShardContents {
  init(_ contents: StoreContents) {
    self.init(
      lsn: contents.lsn,
      profileCount: contents.profileCount,
      eventCount: contents.eventCount
    )
  }
}

extension WorkFailure {
  init(_ error: StoreError) {
    self.init(
      code: Text(error.code),
      message: Text(error.description),
      isRetryable: error.isRetryable
    )
  }
}
