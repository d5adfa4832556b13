import Bytes
import Domain

/// Evaluation jobs from their acceptance to their commit.
extension Coordinator {
  mutating func evaluate(_ request: EvaluationRequest) throws(ClusterError) -> ClientReply {
    try checkText(request.token, of: "a token", byteCountMin: 0)
    let set = try self.set(request.set)
    if let job = try job(ofToken: request.token, on: set) { return .accepted(job) }
    if let running = evaluations.values.first(where: { $0.plan.set == set.id }) {
      throw ClusterError(
        .busy,
        "\(running.plan.job) is evaluating set '\(set.name)'; one evaluation at a time",
        next: "covey jobs \(running.plan.job)"
      )
    }
    try requireReadable(set)
    let definitions = try plannedDefinitions(request.segments, for: set.name)
    let job = try nextJob()
    let plan = JobPlan(
      job: job,
      set: set.id,
      asOf: request.asOf ?? now.wall,
      definitions: definitions.map { PlannedDefinition($0) },
      retained: set.audiences.keys.filter { catalogue.defines($0, for: set.name) }.sorted()
    )
    let record = JobRecord(
      id: job,
      set: set.id,
      setName: set.name,
      work: .evaluating(
        plan,
        token: request.token,
        timeoutMilliseconds: request.timeoutMilliseconds
      ),
      createdAt: now.wall
    )
    // A plan without tasks does nothing: workers can read it while the job becomes durable.
    for owner in Set(set.owners).sorted() where nodes[owner]?.state == .ok {
      tellPlan(plan, to: owner)
    }
    persist([.job(record)])
    log(
      .info,
      "evaluation-began",
      [
        LogField("job", job), LogField("set", set.name),
        LogField("segments", definitions.count), LogField("as_of", plan.asOf.iso),
      ]
    )
    evaluations[job] = ActiveEvaluation(
      plan,
      over: set.contents,
      timeoutMilliseconds: request.timeoutMilliseconds
    )
    touch(job)
    noteWaits()
    assignTasks()
    return .accepted(job)
  }

  /// Sees that a job may read a set as it is: nothing is about to change it, and nothing is missing.
  func requireReadable(_ set: SetRecord) throws(ClusterError) {
    if let running = imports.values.first(where: { $0.set == set.id && $0.isCommitting }) {
      throw ClusterError(
        .busy,
        "\(running.attempt.job) is committing an import into set '\(set.name)';"
          + " ask again in a moment",
        next: "covey jobs \(running.attempt.job)"
      )
    }
    for place in set.places {
      guard let reason = damage[place], let owner = owner(of: place) else { continue }
      throw noCopy(place, owner, reason)
    }
  }

  /// Takes up the jobs that ran when the last coordinator ended.
  mutating func resumeJobs() {
    for job in catalogue.jobs.values.sorted(by: { $0.id < $1.id }) where job.state == .running {
      guard let set = catalogue.sets[job.set] else { continue }
      switch job.work {
      case .importing(let summary):
        var running = ActiveImport(
          set: set.id,
          importID: summary.importID,
          attempt: ImportAttempt(job: job.id, attempt: summary.attempt),
          clientHeardAt: now.monotonic
        )
        running.interruption = "the coordinator was started again"
        imports[job.id] = running
      case .evaluating(let plan, _, let timeout):
        evaluations[job.id] = ActiveEvaluation(
          plan,
          over: set.contents,
          timeoutMilliseconds: timeout
        )
      case .training(let summary): resumeTraining(job, summary, .model, of: set)
      case .checking(let summary): resumeTraining(job, summary.training, .check, of: set)
      case .scoring(let summary): resumeScoring(job, summary, of: set)
      }
      versions[job.id] = sequence
      log(.info, "job-resumed", [LogField("job", job.id), LogField("set", set.name)])
    }
    noteWaits()
  }

  /// Commits an evaluation all of whose shards are done, or fails it with what could not be answered.
  mutating func concludeIfDone(_ job: JobID) {
    guard let evaluation = evaluations[job], let total = evaluation.total else { return }
    for (index, definition) in evaluation.plan.definitions.enumerated() {
      guard let failure = total.results[index].failure else { continue }
      let key = Printable.text(failure.key.text.utf8, byteCountMax: 200)
      return endEvaluation(
        job,
        .failed,
        ClusterError(
          .failed,
          "segment '\(definition.id)' has no answer for profile '\(key)': \(failure.message)",
          next: "covey segments explain \(definition.id) \(key)"
        )
      )
    }
    evaluations[job] = nil
    persist([.evaluationCommitted(job, total.results, at: now.wall, total.sharedCosts)])
    log(.info, "evaluation-committed", [LogField("job", job)])
    // Whoever waits for the answer has it before the workers are busy with the commit.
    touch(job)
    if let set = catalogue.sets[evaluation.plan.set] {
      for (place, owner) in zip(set.places, set.owners) { tell(owner, .commitJob(job, place)) }
    }
    commitImports(of: evaluation.plan.set)
  }

  /// Ends an evaluation that is not committed.
  mutating func endEvaluation(_ job: JobID, _ state: JobState, _ failure: ClusterError) {
    guard let evaluation = evaluations.removeValue(forKey: job) else { return }
    end(job, state, failure)
    let set = evaluation.plan.set
    // What still runs there counts no more; what reports later is told again.
    for (shard, task) in evaluation.tasks.enumerated() where task.isRunning {
      noteEnd(of: ShardPlace(set: set, shard: ShardIndex(UInt32(shard))))
    }
    for owner in Set(catalogue.sets[set]?.owners ?? []).sorted() {
      tell(owner, .abortJob(job, set))
    }
    commitImports(of: set)
    assignTasks()
  }

  /// Imports that were ready while a job read the set can be committed now.
  mutating func commitImports(of set: SetID) {
    for job in imports.keys.sorted() where imports[job]?.set == set { commitIfReady(job) }
  }

  private func job(ofToken token: Text, on set: SetRecord) throws(ClusterError) -> JobID? {
    guard let job = catalogue.evaluation(ofToken: token) else { return nil }
    guard job.set == set.id else {
      throw ClusterError(.exists, "the token was used for \(job.id) on set '\(job.setName)'")
    }
    return job.id
  }

  /// The definitions wanted and those they refer to, in the order of evaluation.
  mutating func plannedDefinitions(
    _ wanted: [Name]?,
    for set: Name
  ) throws(ClusterError) -> [SegmentDefinition] {
    if wanted == nil, let known = orders[set] { return known }
    let known = catalogue.definitions(for: set)
    if let stranger = wanted?.first(where: { known[$0] == nil }) {
      throw noSegment(stranger, for: set)
    }
    let ids = wanted ?? known.keys.sorted()
    guard !ids.isEmpty else {
      throw ClusterError(
        .noSuchSegment,
        "no segments are defined for set '\(set)'",
        next: "covey segments apply FILE"
      )
    }
    do throws(DefinitionOrder.Circle) {
      let ordered = try DefinitionOrder.closure(of: ids, in: known)
      if wanted == nil { orders[set] = ordered }
      return ordered
    } catch {
      throw ClusterError(.circle, error.description)
    }
  }
}

extension ActiveImport {
  /// Whether all rows are sent and only the commit is left.
  var isCommitting: Bool {
    switch phase {
    case .idle, .receiving, .measuring: false
    case .preparing, .ready: true
    }
  }
}
