import Bytes
import Domain

/// What a worker does with what the coordinator says.
extension Worker {
  mutating func take(
    _ message: CoordinatorMessage,
    from peer: PeerID,
    at now: Moment
  ) -> [WorkerEffect] {
    switch (link, message) {
    case (.greeting, .welcome(let epoch)): return join(epoch, peer, at: now)
    case (_, .refuse(let reason)):
      let effects = leave(reason: reason, at: now)
      return [.disconnect(peer, reason: "the coordinator refused the worker")] + effects
    case (.joined(_, _, let heartbeatAt), _):
      link = .joined(peer, heardAt: now.monotonic, heartbeatAt: heartbeatAt)
      return obey(message, from: peer)
    // Orders before the welcome have no epoch, so nobody can tell whether they still hold.
    default: return []
    }
  }

  private mutating func join(_ epoch: Epoch, _ peer: PeerID, at now: Moment) -> [WorkerEffect] {
    guard self.epoch <= epoch else {
      let reason = Text(
        "the coordinator's epoch \(epoch.number) is over; \(self.epoch.number) was seen"
      )
      return [.disconnect(peer, reason: reason)] + leave(reason: reason, at: now)
    }
    var effects: [WorkerEffect] = []
    if self.epoch < epoch { effects.append(.perform(.rememberEpoch(epoch))) }
    self.epoch = epoch
    backoff.reset()
    link = .joined(peer, heardAt: now.monotonic, heartbeatAt: now.monotonic)
    effects.append(.log(.info, event: "joined", fields: [LogField("epoch", epoch.number)]))
    // The job may be over: then the coordinator says so, and nothing stays staged.
    for task in unreported {
      guard let result = staged[TaskKey(task)]?.result else { continue }
      effects.append(.send(peer, finished(task, result)))
    }
    unreported = []
    return effects
  }

  private mutating func obey(
    _ message: CoordinatorMessage,
    from peer: PeerID
  ) -> [WorkerEffect] {
    switch message {
    case .welcome, .refuse, .heartbeat: return []
    case .dropSet(let set):
      forget(set)
      return [.perform(.dropSet(set))]
    case .storeBatch(let attempt, let place, let sequence, let rows):
      let reception = Reception(job: attempt.job, place: place)
      receptions[reception] = max(receptions[reception] ?? 0, attempt.attempt)
      return [.perform(.storeBatch(attempt, place, sequence: sequence, rows: rows))]
    case .prepareImport(let attempt, let place, let batchCount):
      let step = ImportStep(attempt: attempt, place: place, isCommit: false)
      guard importSteps.insert(step).inserted else { return [] }
      return [.perform(.prepareImport(attempt, place, batchCount: batchCount))]
    case .commitImport(let attempt, let place):
      scoringPlans[attempt.job] = nil
      let step = ImportStep(attempt: attempt, place: place, isCommit: true)
      guard importSteps.insert(step).inserted else { return [] }
      return [.perform(.commitImport(attempt, place))]
    case .abortImport(let job, let place):
      receptions[Reception(job: job, place: place)] = nil
      scoringPlans[job] = nil
      return [.perform(.abortImport(job, place))]
    case .planJob(let plan):
      // Plans and tasks keep their order, so nothing of the set's earlier jobs is still to come.
      ended = ended.filter { $0.value != plan.set || $0.key == plan.job }
      if ended[plan.job] == nil { plans[plan.job] = plan }
      return []
    case .runTask(let task): return ended[task.job] == nil ? run(task, for: peer) : []
    case .commitJob(let job, let place): return commit(job, place, for: peer)
    case .abortJob(let job, let set): return discard(job, of: set)
    case .query(let id, let place, let contents, let query):
      queryCount += 1
      queries[queryCount] = (peer, id)
      return [.perform(.answer(queryCount, place, contents, query))]
    case .planRounds(let plan):
      roundPlans[plan.job] = plan
      return []
    case .runRound(let task, let work): return run(task, work, for: peer)
    case .endRounds(let job):
      roundPlans[job] = nil
      rounds[job] = nil
      return [.perform(.endRounds(job))]
    case .planScoring(let plan):
      scoringPlans[plan.job] = plan
      return []
    case .scoreShard(let scoring): return score(scoring, for: peer)
    }
  }

  private mutating func score(_ scoring: ShardScoring, for peer: PeerID) -> [WorkerEffect] {
    let attempt = scoring.attempt
    guard let plan = scoringPlans[attempt.job] else {
      return [.send(peer, .importFailed(attempt, scoring.place, noPlan(of: attempt.job)))]
    }
    if !scoring.percentiles.isEmpty {
      let reception = Reception(job: attempt.job, place: scoring.place)
      receptions[reception] = max(receptions[reception] ?? 0, attempt.attempt)
    }
    return [.perform(.scoreShard(plan, scoring))]
  }

  private mutating func run(
    _ task: RoundTask,
    _ work: [UInt8],
    for peer: PeerID
  ) -> [WorkerEffect] {
    guard let plan = roundPlans[task.job], plan.set == task.set else {
      return [.send(peer, .roundFailed(task, noPlan(of: task.job)))]
    }
    if rounds[task.job]?.first?.attempt != task.attempt { rounds[task.job] = [] }
    rounds[task.job, default: []].append(task)
    return [.perform(.runRound(plan, task, work: work))]
  }

  private func noPlan(of job: JobID) -> WorkFailure {
    WorkFailure(
      code: "NO_PLAN",
      message: Text("the worker was told no plan of \(job)"),
      isRetryable: true
    )
  }

  /// Starts a task, unless it is under way or done: then only its attempt is a new one.
  private mutating func run(_ task: TaskAttempt, for peer: PeerID) -> [WorkerEffect] {
    let key = TaskKey(task)
    if let staged = staged[key], staged.contents == task.contents {
      return [.send(peer, finished(task, staged.result))]
    }
    if let current = running[key], current.contents == task.contents {
      running[key] = task
      return []
    }
    guard let plan = plans[task.job] else {
      return [.send(peer, .taskFailed(task, noPlan(of: task.job)))]
    }
    running[key] = task
    staged[key] = nil
    return [.perform(.evaluate(plan, task))]
  }

  private mutating func commit(
    _ job: JobID,
    _ place: ShardPlace,
    for peer: PeerID
  ) -> [WorkerEffect] {
    ended[job] = place.set
    staged[TaskKey(job, place)] = nil
    if !staged.keys.contains(where: { $0.job == job }) {
      plans[job] = nil
      namedParts[job] = nil
    }
    if replicas[place]?.membershipJob == job { return [.send(peer, .jobCommitted(job, place))] }
    return [.perform(.commitJob(job, place))]
  }

  private mutating func discard(_ job: JobID, of set: SetID) -> [WorkerEffect] {
    ended[job] = set
    plans[job] = nil
    namedParts[job] = nil
    running = running.filter { $0.key.job != job }
    staged = staged.filter { $0.key.job != job }
    return [.perform(.discardJob(job, set))]
  }

  /// Drops what is known of a set's shards.
  mutating func forget(_ set: SetID) {
    replicas = replicas.filter { $0.key.set != set }
    running = running.filter { $0.key.place.set != set }
    receptions = receptions.filter { $0.key.place.set != set }
    staged = staged.filter { $0.key.place.set != set }
    for plan in plans.values where plan.set == set { namedParts[plan.job] = nil }
    plans = plans.filter { $0.value.set != set }
    ended = ended.filter { $0.value != set }
    roundPlans = roundPlans.filter { $0.value.set != set }
    rounds = rounds.filter { $0.value.allSatisfy { $0.set != set } }
  }
}
