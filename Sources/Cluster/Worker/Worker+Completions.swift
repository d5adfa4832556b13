import Bytes
import Domain

/// What a worker does when its own work has ended.
///
/// The inventory follows what is on disk, whoever is connected; reports go to the coordinator of the
/// moment and are lost without one. The next coordinator asks again, knowing the inventory.
extension Worker {
  mutating func conclude(_ completion: StoreCompletion) -> [WorkerEffect] {
    switch completion {
    case .batchStored(let attempt, let place, let sequence):
      return report(.batchStored(attempt, place, sequence: sequence))
    case .importPrepared(let attempt, let place, let contents):
      notePrepared(attempt, place)
      return report(.importPrepared(attempt, place, contents))
    case .scoresPrepared(let attempt, let place, let contents, let findings):
      notePrepared(attempt, place)
      return report(.scoresPrepared(attempt, place, contents, findings))
    case .importCommitted(let attempt, let place, let contents):
      importSteps.remove(ImportStep(attempt: attempt, place: place, isCommit: true))
      change(place) { replica in
        replica.prepared.removeAll { $0.job == attempt.job }
        replica.contents = contents
      }
      return report(.importCommitted(attempt, place, contents))
    case .importFailed(let attempt, let place, let failure):
      importSteps.remove(ImportStep(attempt: attempt, place: place, isCommit: false))
      return report(.importFailed(attempt, place, failure))
    case .importAborted(let job, let place):
      replicas[place]?.prepared.removeAll { $0.job == job }
      return []
    case .taskFinished(let task, let result): return finish(task, result)
    case .taskFailed(let task, let failure):
      guard let current = running[TaskKey(task)], current.contents == task.contents else {
        return []
      }
      running[TaskKey(task)] = nil
      return report(.taskFailed(current, failure))
    case .jobCommitted(let job, let place):
      change(place) { replica in
        replica.membershipJob = job
        replica.stagedJobs.removeAll { $0 == job }
      }
      return report(.jobCommitted(job, place))
    case .jobDiscarded(let job, let set):
      for place in replicas.keys where place.set == set {
        replicas[place]?.stagedJobs.removeAll { $0 == job }
      }
      return []
    case .answered(let number, let answer):
      guard let query = queries.removeValue(forKey: number), query.peer == peer else { return [] }
      return [.send(query.peer, .answer(query.id, answer))]
    case .setDropped(let set):
      forget(set)
      return []
    case .roundAnswer(let task, let index, let answer):
      guard rounds[task.job]?.contains(task) == true else { return [] }
      return report(.roundAnswer(task, index: index, answer: answer))
    case .roundDone(let task, let answer):
      guard rounds[task.job]?.contains(task) == true else { return [] }
      rounds[task.job]?.removeAll { $0 == task }
      return report(.roundDone(task, answer: answer))
    case .marginsCounted(let attempt, let place, let measure):
      return report(.marginsCounted(attempt, place, measure))
    case .roundFailed(let task, let failure):
      guard rounds[task.job]?.contains(task) == true else { return [] }
      // What was asked for after it has no meaning.
      rounds[task.job] = nil
      return report(.roundFailed(task, failure))
    case .storeFailed(let reason):
      return [
        .log(.error, event: "store-failed", fields: [LogField("reason", reason)]),
        .exit(reason: reason),
      ]
    }
  }

  private mutating func notePrepared(_ attempt: ImportAttempt, _ place: ShardPlace) {
    importSteps.remove(ImportStep(attempt: attempt, place: place, isCommit: false))
    let reception = Reception(job: attempt.job, place: place)
    if receptions[reception] == attempt.attempt { receptions[reception] = nil }
    change(place) { replica in
      replica.prepared.removeAll { $0.job == attempt.job }
      replica.prepared.append(attempt)
    }
  }

  private mutating func finish(_ task: TaskAttempt, _ result: TaskResult) -> [WorkerEffect] {
    let key = TaskKey(task)
    guard let current = running[key] else {
      // The job was given up after the shell had staged its memberships.
      return [.perform(.discardJob(task.job, task.place.set))]
    }
    // A task over other contents was asked for meanwhile; its own end is still to come.
    guard current.contents == task.contents else { return [] }
    running[key] = nil
    staged[key] = StagedResult(contents: task.contents, result: result)
    change(task.place) { replica in
      if !replica.stagedJobs.contains(task.job) { replica.stagedJobs.append(task.job) }
    }
    if case .greeting = link { unreported.append(current) }
    guard isJoined, let peer else { return [] }
    return [.send(peer, finished(current, result))]
  }

  /// What the coordinator is told of a result, on the present connection.
  mutating func finished(_ task: TaskAttempt, _ result: TaskResult) -> WorkerMessage {
    .taskFinished(task, namedParts[task.job, default: NamedParts()].shortened(result))
  }

  private mutating func change(_ place: ShardPlace, _ body: (inout ReplicaInventory) -> Void) {
    body(
      &replicas[
        place,
        default: ReplicaInventory(
          place: place,
          contents: ShardContents(),
          prepared: [],
          membershipJob: nil,
          stagedJobs: []
        )
      ]
    )
  }

  private func report(_ message: WorkerMessage) -> [WorkerEffect] {
    guard isJoined, let peer else { return [] }
    return [.send(peer, message)]
  }
}
