import Bytes
import Domain

/// Who evaluates which shard when, and what comes of it.
extension Coordinator {
  /// Gives every worker as many tasks as keep its threads busy, the oldest job's first.
  mutating func assignTasks() {
    for job in evaluations.keys.sorted() {
      guard let evaluation = evaluations[job],
        let owners = catalogue.sets[evaluation.plan.set]?.owners
      else { continue }
      for (shard, owner) in owners.enumerated() where shard < evaluation.tasks.count {
        guard case .waiting(let notBefore) = evaluation.tasks[shard].state,
          notBefore <= now.monotonic, let node = nodes[owner], node.state == .ok,
          let session = node.session, session.taskCount < session.taskCountMax
        else { continue }
        ask(session, of: owner, for: shard, of: evaluation)
      }
    }
  }

  private mutating func ask(
    _ session: Node.Session,
    of owner: Name,
    for shard: Int,
    of evaluation: ActiveEvaluation
  ) {
    let plan = evaluation.plan
    tellPlan(plan, to: owner)
    let attempt = evaluation.tasks[shard].attempt &+ 1
    evaluations[plan.job]?.tasks[shard].attempt = attempt
    evaluations[plan.job]?.tasks[shard].state = .running
    nodes[owner]?.session?.taskCount += 1
    let task = TaskAttempt(
      job: plan.job,
      place: ShardPlace(set: plan.set, shard: ShardIndex(UInt32(shard))),
      attempt: attempt,
      contents: evaluation.contents[shard]
    )
    send(session.peer, .runTask(task))
  }

  /// Sends a worker a job's plan, once on each connection.
  mutating func tellPlan(_ plan: JobPlan, to worker: Name) {
    guard let session = nodes[worker]?.session, !session.plannedJobs.contains(plan.job) else {
      return
    }
    nodes[worker]?.session?.plannedJobs.insert(plan.job)
    send(session.peer, .planJob(plan))
  }

  mutating func noteFinished(_ task: TaskAttempt, _ result: TaskResult, by worker: Name) {
    evaluations[task.job]?.noteParts(of: result, by: worker)
    guard takeEnd(of: task, by: worker) else { return }
    if let problem = objection(to: result, of: task, by: worker) {
      return noteFailure(of: task, reason: problem, isRetryable: true, by: worker)
    }
    let shard = Int(task.place.shard.number)
    if let first = evaluations[task.job]?.tasks[shard].digest, first != result.digest {
      return endEvaluation(
        task.job,
        .failed,
        ClusterError(
          .failed,
          "shard \(shard) on worker '\(worker)' gave two different answers"
            + " (digests \(first) and \(result.digest)); its memory or disk may be faulty"
        )
      )
    }
    evaluations[task.job]?.take(result, of: shard, by: worker)
    concludeIfDone(task.job)
    if evaluations[task.job] != nil { noteProgress(of: task.job) }
    assignTasks()
  }

  mutating func noteTaskFailed(_ task: TaskAttempt, _ failure: WorkFailure, by worker: Name) {
    guard takeEnd(of: task, by: worker) else { return }
    noteFailure(
      of: task,
      reason: Text("\(failure.message) (\(failure.code))"),
      isRetryable: failure.isRetryable,
      by: worker
    )
  }

  private mutating func noteFailure(
    of task: TaskAttempt,
    reason: Text,
    isRetryable: Bool,
    by worker: Name
  ) {
    let shard = Int(task.place.shard.number)
    let count = (evaluations[task.job]?.tasks[shard].failureCount ?? 0) + 1
    evaluations[task.job]?.tasks[shard].failureCount = count
    evaluations[task.job]?.tasks[shard].state = .waiting(
      notBefore: now.monotonic + Coordinator.taskRetryMilliseconds
    )
    log(
      .warning,
      "task-failed",
      [
        LogField("job", task.job), LogField("shard", shard), LogField("worker", worker),
        LogField("attempt", task.attempt), LogField("reason", reason),
      ]
    )
    touch(task.job)
    if !isRetryable || count >= Coordinator.taskFailureCountMax {
      endEvaluation(
        task.job,
        .failed,
        ClusterError(
          .failed,
          "shard \(shard) on worker '\(worker)' failed\(count > 1 ? " \(count) times" : ""):"
            + " \(reason)"
        )
      )
    }
    assignTasks()
  }

  /// Whether a report is the end of the task that was asked for last; a late one is told so.
  private mutating func takeEnd(of task: TaskAttempt, by worker: Name) -> Bool {
    guard let evaluation = evaluations[task.job] else {
      // The job has ended. What it committed stays; else nothing of it may stay behind.
      if let set = catalogue.sets[task.place.set], set.lastEvaluation != task.job {
        tell(worker, .abortJob(task.job, set.id))
      }
      return false
    }
    let shard = Int(task.place.shard.number)
    guard evaluation.plan.set == task.place.set, owner(of: task.place) == worker,
      shard < evaluation.tasks.count, evaluation.tasks[shard].isRunning,
      evaluation.tasks[shard].attempt == task.attempt,
      evaluation.contents[shard] == task.contents
    else { return false }
    noteEnd(of: task.place)
    return true
  }

  /// One task less runs on the shard's owner.
  mutating func noteEnd(of place: ShardPlace) {
    guard let owner = owner(of: place), let count = nodes[owner]?.session?.taskCount, count > 0
    else { return }
    nodes[owner]?.session?.taskCount = count - 1
  }

  /// What is wrong with a result; `nil` when it may be counted.
  private func objection(
    to result: TaskResult,
    of task: TaskAttempt,
    by worker: Name
  ) -> Text? {
    let contents = task.contents
    let wantedCount = evaluations[task.job]?.plan.definitions.count ?? 0
    guard result.definitions.count == wantedCount else {
      return Text("it answered \(result.definitions.count) of \(wantedCount) segments")
    }
    guard result.profileCount == contents.profileCount, result.eventCount == contents.eventCount
    else {
      return Text(
        "it read \(result.profileCount) profiles and \(result.eventCount) events"
          + " where \(contents.profileCount) and \(contents.eventCount) are"
      )
    }
    let partCount = evaluations[task.job]?.namedPartCount(of: worker) ?? 0
    if let strange = result.namedCosts.first(where: { $0.number >= partCount }) {
      return Text("it told the cost of part \(strange.number), of which it named \(partCount)")
    }
    let isTooMany = result.definitions.contains { definition in
      max(definition.memberCount, definition.realizedCount, definition.exitedCount)
        > contents.profileCount
    }
    return isTooMany ? "it counted more members than the shard has profiles" : nil
  }

  /// A worker is away: what ran there is asked for again when it is back.
  mutating func releaseTasks(of worker: Name) {
    for job in evaluations.keys.sorted() {
      guard let evaluation = evaluations[job] else { continue }
      for (shard, task) in evaluation.tasks.enumerated() where task.isRunning {
        let place = ShardPlace(set: evaluation.plan.set, shard: ShardIndex(UInt32(shard)))
        guard owner(of: place) == worker else { continue }
        evaluations[job]?.tasks[shard].state = .waiting(notBefore: .min)
      }
      touch(job)
    }
  }

  /// Shards of a job that are to be asked and cannot be, with their owner and why.
  func blockedShards(
    of evaluation: ActiveEvaluation
  ) -> [(shard: Int, worker: Name, reason: Text)] {
    guard let owners = catalogue.sets[evaluation.plan.set]?.owners else { return [] }
    var absences: [Name: Text?] = [:]
    return zip(evaluation.tasks, owners).enumerated().compactMap { shard, pair in
      let (task, owner) = pair
      guard !task.isDone else { return nil }
      let absence = absences[owner] ?? self.absence(of: owner)
      absences[owner] = .some(absence)
      guard let absence else { return nil }
      return (shard, owner, absence)
    }
  }

  /// Sees which jobs wait for somebody.
  mutating func noteWaits() {
    for job in evaluations.keys.sorted() {
      guard let evaluation = evaluations[job] else { continue }
      let isBlocked = !blockedShards(of: evaluation).isEmpty
      guard isBlocked != (evaluation.waitingSince != nil) else { continue }
      evaluations[job]?.waitingSince = isBlocked ? now.monotonic : nil
      touch(job)
    }
    noteTrainingWaits()
  }

  mutating func endOverdueEvaluations() {
    for job in evaluations.keys.sorted() {
      guard let evaluation = evaluations[job], let deadline = evaluation.waitDeadline,
        deadline <= now.monotonic, let first = blockedShards(of: evaluation).first
      else { continue }
      let seconds = (now.monotonic - (evaluation.waitingSince ?? now.monotonic)) / 1_000
      let place = ShardPlace(
        set: evaluation.plan.set,
        shard: ShardIndex(UInt32(first.shard))
      )
      var error = noCopy(place, first.worker, first.reason)
      error.message = Text("the job waited \(seconds) s: \(error.message)")
      endEvaluation(job, .failed, error)
    }
  }

  /// A job over a shard whose data are gone cannot give a whole answer.
  mutating func failDamagedJobs() {
    for (place, reason) in damage.sorted(by: { $0.key < $1.key }) {
      guard let owner = owner(of: place) else {
        damage[place] = nil
        continue
      }
      for job in evaluations.keys.sorted() where evaluations[job]?.plan.set == place.set {
        endEvaluation(job, .failed, noCopy(place, owner, reason))
      }
      for job in trainings.keys.sorted() where trainings[job]?.plan.set == place.set {
        endTraining(job, .failed, noCopy(place, owner, reason))
      }
    }
  }
}
