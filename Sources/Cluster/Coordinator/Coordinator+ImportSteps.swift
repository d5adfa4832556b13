import Bytes
import Domain

/// How imports go on with what workers say, and with time.
extension Coordinator {
  mutating func noteStored(
    _ attempt: ImportAttempt,
    _ place: ShardPlace,
    sequence: UInt32,
    by worker: Name
  ) {
    let batch = ActiveImport.Batch(shard: place.shard, sequence: sequence)
    guard isCurrent(attempt, place, by: worker),
      let waiter = imports[attempt.job]?.pending.removeValue(forKey: batch)
    else { return forgetStray(attempt, place, by: worker) }
    imports[attempt.job]?.storedBatchCount += 1
    release(waiter, .stored)
    touch(attempt.job)
  }

  mutating func notePrepared(
    _ attempt: ImportAttempt,
    _ place: ShardPlace,
    _ contents: ShardContents,
    by worker: Name
  ) {
    guard isCurrent(attempt, place, by: worker), let running = imports[attempt.job],
      case .preparing = running.phase
    else { return forgetStray(attempt, place, by: worker) }
    let before = self.contents(of: place)
    guard before.profileCount <= contents.profileCount, before.eventCount <= contents.eventCount,
      before.lsn <= contents.lsn
    else {
      return interrupt(
        attempt.job,
        reason: Text(
          "shard \(place.shard) on '\(worker)' would hold less than before: \(contents.summary)"
        )
      )
    }
    imports[attempt.job]?.prepared[Int(place.shard.number)] = contents
    touch(attempt.job)
    guard let all = imports[attempt.job]?.prepared, !all.contains(nil) else { return }
    imports[attempt.job]?.phase = .ready
    commitIfReady(attempt.job)
  }

  mutating func noteImportFailed(
    _ attempt: ImportAttempt,
    _ place: ShardPlace,
    _ failure: WorkFailure,
    by worker: Name
  ) {
    guard isCurrent(attempt, place, by: worker) else {
      return forgetStray(attempt, place, by: worker)
    }
    let reason = Text("shard \(place.shard) on '\(worker)': \(failure.message) (\(failure.code))")
    if imports[attempt.job]?.scoring != nil {
      noteScoringFailed(attempt.job, failure, reason: reason)
    } else if failure.isRetryable {
      interrupt(attempt.job, reason: reason)
    } else {
      endImport(attempt.job, .failed, ClusterError(.failed, reason.string))
    }
  }

  /// Commits a ready import unless a job reads the data as they are.
  mutating func commitIfReady(_ job: JobID) {
    guard let running = imports[job], running.phase == .ready,
      !isRead(running.set),
      let set = catalogue.sets[running.set]
    else { return }
    let contents = running.prepared.compactMap(\.self)
    imports[job] = nil
    persist([commitRecord(running, contents, of: set)])
    log(
      .info,
      "import-committed",
      [LogField("job", job), LogField("attempt", running.attempt.attempt)]
    )
    for (place, owner) in zip(set.places, set.owners) {
      tell(owner, .commitImport(running.attempt, place))
    }
    if let finishing = running.finishing {
      release(finishing, .document(importDocument(job, nil, isRepeated: false)))
    }
    touch(job)
  }

  /// Whether a job needs the set to stay as it is.
  func isRead(_ set: SetID) -> Bool {
    evaluations.values.contains { $0.plan.set == set }
      || trainings.values.contains { $0.plan.set == set }
  }

  /// Ends an import's attempt: rows sent so far count for nothing, the client may begin again.
  mutating func interrupt(_ job: JobID, reason: Text) {
    guard var running = imports[job], running.phase != .idle else { return }
    let waiters = running.takeWaiters()
    running.phase = .idle
    running.client = nil
    running.clientHeardAt = now.monotonic
    running.interruption = reason
    imports[job] = running
    // Workers forget a scoring's plan with its rows.
    if running.scoring != nil {
      for name in nodes.keys { nodes[name]?.session?.plannedJobs.remove(job) }
    }
    log(
      .warning,
      "import-interrupted",
      [
        LogField("job", job), LogField("attempt", running.attempt.attempt),
        LogField("reason", reason),
      ]
    )
    forgetRows(of: job, in: running.set)
    let error = ClusterError(
      .importInterrupted,
      "attempt \(running.attempt.attempt) of \(job) was interrupted: \(reason)",
      next: "begin the import again"
    )
    for waiter in waiters { release(waiter, .failed(error)) }
    touch(job)
  }

  /// Ends an import that is not committed.
  mutating func endImport(_ job: JobID, _ state: JobState, _ failure: ClusterError) {
    guard var running = imports.removeValue(forKey: job) else { return }
    end(job, state, failure)
    forgetRows(of: job, in: running.set)
    for waiter in running.takeWaiters() { release(waiter, .failed(failure)) }
  }

  /// A worker is away: what it was taking is void.
  mutating func interruptImports(of worker: Name, reason: Text) {
    for job in imports.keys.sorted() {
      guard let running = imports[job], running.phase != .ready,
        catalogue.sets[running.set]?.owners.contains(worker) == true
      else { continue }
      interrupt(job, reason: Text("worker '\(worker)' went away: \(reason)"))
    }
  }

  /// A client is gone: what it was sending cannot go on, what it had sent does.
  mutating func forgetClient(_ peer: PeerID) {
    for job in imports.keys.sorted() where imports[job]?.client == peer {
      imports[job]?.client = nil
      if imports[job]?.phase == .receiving { interrupt(job, reason: "its client went away") }
    }
  }

  mutating func endOverdueImports() {
    for job in imports.keys.sorted() {
      guard let running = imports[job], let deadline = running.nextDeadline,
        deadline <= now.monotonic
      else { continue }
      switch running.phase {
      case .idle where (running.scoring?.notBefore ?? .min) > running.clientHeardAt: continue
      case .measuring, .preparing:
        let limit =
          running.scoring == nil
          ? Coordinator.prepareMilliseconds : Coordinator.scoringMilliseconds
        interrupt(job, reason: Text("the shards did not make it durable within \(limit / 1_000) s"))
      case .idle, .receiving, .ready:
        let seconds = Coordinator.importGraceMilliseconds / 1_000
        endImport(
          job,
          .failed,
          ClusterError(
            .failed,
            running.scoring == nil
              ? "its client did not come back within \(seconds) s"
              : "not all shards could be asked within \(seconds) s"
          )
        )
      }
    }
  }

  private func isCurrent(_ attempt: ImportAttempt, _ place: ShardPlace, by worker: Name) -> Bool {
    guard let running = imports[attempt.job] else { return false }
    return running.attempt == attempt && running.phase != .idle && running.set == place.set
      && owner(of: place) == worker
  }

  /// A worker reports on an attempt that is over: it may have missed the end.
  private mutating func forgetStray(
    _ attempt: ImportAttempt,
    _ place: ShardPlace,
    by worker: Name
  ) {
    // Of a dropped set everything goes, and what is committed stays.
    guard let set = catalogue.sets[place.set], !set.imports.values.contains(attempt) else { return }
    // Rows of a later attempt replace those of the earlier ones by themselves.
    if let running = imports[attempt.job], running.phase != .idle { return }
    tell(worker, .abortImport(attempt.job, place))
  }

  private mutating func forgetRows(of job: JobID, in id: SetID) {
    guard let set = catalogue.sets[id] else { return }
    for (place, owner) in zip(set.places, set.owners) { tell(owner, .abortImport(job, place)) }
  }
}
