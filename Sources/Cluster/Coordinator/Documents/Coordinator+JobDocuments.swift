import Bytes
import Domain

/// Jobs as listings show them.
extension Coordinator {
  /// The newest jobs first, without the results of each definition.
  func jobsDocument(countMax: Int) -> Value {
    let newest = catalogue.jobs.keys.sorted(by: >).prefix(countMax)
    let jobs = newest.map { id in Value.object(jobMembers(id)) }
    return .object([("jobs", .array(jobs))])
  }

  /// One job with all that is known of it.
  func jobDocument(_ id: JobID) -> Value {
    var members = jobMembers(id)
    if let job = catalogue.jobs[id], job.state == .succeeded,
      case .evaluating(let plan, _, _) = job.work
    {
      members.append(("results", .array(resultDocuments(of: job, plan))))
      members.append(
        ("sharedCosts", .array(job.sharedCosts.map { document(of: $0, among: job.results.count) }))
      )
    }
    return .object(members)
  }

  private func jobMembers(_ id: JobID) -> [(Text, Value)] {
    guard let job = catalogue.jobs[id] else { return [("id", .string(id.description))] }
    let common: [(Text, Value?)] = [
      ("id", .string(id.description)),
      ("kind", .string(job.kind)),
      ("set", .name(job.setName)),
      ("state", .string(job.state.word)),
      ("version", .count(version(of: id))),
      ("createdAt", .instant(job.createdAt)),
      ("endedAt", job.endedAt.map { .instant($0) }),
      ("elapsedMilliseconds", .count(elapsed(of: job))),
      (
        "error",
        job.failure.map {
          .known(["code": .string($0.code.word), "message": .string($0.message)])
        }
      ),
    ]
    let own =
      switch job.work {
      case .importing(let summary): importMembers(job, summary)
      case .evaluating(let plan, _, _): evaluationMembers(job, plan)
      case .training(let summary): trainingMembers(job, summary)
      case .scoring(let summary): scoringMembers(job, summary)
      case .checking(let summary): checkMembers(job, summary)
      }
    return (common + own).compactMap { name, value in value.map { (name, $0) } }
  }

  /// How long a job has run, by the wall clock of its records.
  func elapsed(of job: JobRecord) -> Int64 {
    let end = job.endedAt ?? now.wall
    let (elapsed, isOver) = end.milliseconds.subtractingReportingOverflow(
      job.createdAt.milliseconds
    )
    return isOver ? 0 : max(0, elapsed)
  }

  /// What a client is told of a committed import.
  func importDocument(
    _ id: JobID,
    _ specification: ImportSpecification?,
    isRepeated: Bool
  ) -> Value {
    let job = catalogue.jobs[id]
    let summary: ImportSummary? =
      if case .importing(let summary) = job?.work {
        summary
      } else {
        specification.map { ImportSummary($0, attempt: 0) }
      }
    let set = job.flatMap { catalogue.sets[$0.set] }
    return .known([
      "importId": summary.map { .string($0.importID) },
      "job": .string(id.description),
      "set": (job?.setName ?? specification?.set).map { .name($0) },
      "attributeRows": summary.map { .count($0.attributeRowCount) },
      "eventRows": summary.map { .count($0.eventRowCount) },
      "rejected": summary.map { .count($0.rejectedRowCount) },
      "profiles": set.map { .count($0.profileCount) },
      "events": set.map { .count($0.eventCount) },
      "isRepeated": .boolean(isRepeated),
    ])
  }

  private func importMembers(_ job: JobRecord, _ summary: ImportSummary) -> [(Text, Value?)] {
    let progress = importProgress(job)
    return [
      ("phase", .string(progress.phase)),
      ("reason", progress.reason.map { .string($0) } ?? job.failure.map { .string($0.message) }),
      ("next", job.failure?.next.map { .string($0) }),
      ("done", progress.done.map { .count($0) }),
      ("total", progress.total.map { .count($0) }),
      ("unit", .string(progress.unit)),
      ("importId", .string(summary.importID)),
      ("attempt", .count(summary.attempt)),
      ("attributeRows", .count(summary.attributeRowCount)),
      ("eventRows", .count(summary.eventRowCount)),
      ("bytes", .count(summary.byteCount)),
      ("rejected", .count(summary.rejectedRowCount)),
      ("sources", .array(summary.sources.map { .string($0) })),
    ]
  }

  /// How far a job is; what is not known is `nil`.
  struct Progress {
    var phase: Text
    var unit: Text = "shards"
    var done: Int?
    var total: Int?
    var reason: Text?
  }

  func importProgress(_ job: JobRecord) -> Progress {
    let shardCount = catalogue.sets[job.set]?.shardCount
    guard let running = imports[job.id] else {
      let done = job.state == .succeeded ? shardCount : nil
      return Progress(phase: job.state.word, done: done, total: shardCount)
    }
    switch running.phase {
    case .idle:
      let why = running.interruption.map { ": \($0)" } ?? ""
      return Progress(
        phase: "waiting",
        done: 0,
        total: shardCount,
        reason: Text(
          running.scoring == nil
            ? "it waits for its client to begin again\(why)"
            : "it waits until all shards can be asked\(why)"
        )
      )
    case .receiving:
      return Progress(phase: "receiving", unit: "batches", done: Int(running.storedBatchCount))
    case .measuring:
      let done = running.scoring?.measures.count { $0 != nil }
      return Progress(phase: "measuring", done: done, total: shardCount)
    case .preparing:
      let done = running.prepared.count { $0 != nil }
      return Progress(phase: "preparing", done: done, total: shardCount)
    case .ready:
      let readers =
        evaluations.filter { $0.value.plan.set == running.set }.map(\.key)
        + trainings.filter { $0.value.plan.set == running.set }.map(\.key)
      return Progress(
        phase: "committing",
        done: shardCount,
        total: shardCount,
        reason: readers.min().map { Text("it is committed when \($0) has ended") }
      )
    }
  }

  private func evaluationMembers(_ job: JobRecord, _ plan: JobPlan) -> [(Text, Value?)] {
    let running = evaluations[job.id]
    let waiting = running.map { waitingDocument(of: $0) } ?? []
    let shardCount = catalogue.sets[job.set]?.shardCount
    let isDone = job.state == .succeeded
    let reason = running.flatMap { blockedReason(of: $0) } ?? job.failure?.message
    let phase = running == nil ? job.state.word : waiting.isEmpty ? "running" : "waiting"
    let contents = running?.contents
    let profileCount =
      contents.map { $0.reduce(0) { $0 &+ $1.profileCount } } ?? (isDone ? job.profileCount : nil)
    let eventCount =
      contents.map { $0.reduce(0) { $0 &+ $1.eventCount } } ?? (isDone ? job.eventCount : nil)
    return [
      ("phase", .string(phase)),
      ("reason", reason.map { .string($0) }),
      ("next", job.failure?.next.map { .string($0) }),
      ("done", (running?.doneCount ?? (isDone ? shardCount : nil)).map { .count($0) }),
      ("total", shardCount.map { .count($0) }),
      ("unit", .string("shards")),
      ("asOf", .instant(plan.asOf)),
      ("segments", .count(plan.definitions.count)),
      ("attempts", running.map { .count($0.tasks.reduce(0) { $0 + Int($1.attempt) }) }),
      ("waiting", waiting.isEmpty ? nil : .array(waiting)),
      ("profiles", profileCount.map { .count($0) }),
      ("events", eventCount.map { .count($0) }),
    ]
  }

  private func blockedReason(of evaluation: ActiveEvaluation) -> Text? {
    let blocked = blockedShards(of: evaluation)
    guard let first = blocked.first else { return nil }
    return Text(
      "it waits for worker '\(first.worker)' with \(blocked.count { $0.worker == first.worker })"
        + " of its shards: \(first.reason)"
    )
  }

  private func waitingDocument(of evaluation: ActiveEvaluation) -> [Value] {
    blockedShards(of: evaluation).prefix(Coordinator.listedShardCountMax).map { blocked in
      .known([
        "shard": .count(blocked.shard), "worker": .name(blocked.worker),
        "reason": .string(blocked.reason),
      ])
    }
  }

  private func resultDocuments(of job: JobRecord, _ plan: JobPlan) -> [Value] {
    zip(plan.definitions, job.results).map { definition, result in
      var whole = result.own
      whole.add(result.share)
      // In the order that objects have: there are many of them.
      return .object([
        ("exited", .count(result.exitedCount)),
        ("members", .count(result.memberCount)),
        ("milliseconds", .count(whole.nanoseconds / 1_000_000)),
        ("nanoseconds", .count(whole.nanoseconds)),
        ("ownNanoseconds", .count(result.own.nanoseconds)),
        ("ownRows", .count(result.own.rowCount)),
        ("ownSteps", .count(result.own.stepCount)),
        ("realized", .count(result.realizedCount)),
        ("rows", .count(whole.rowCount)),
        ("segment", .name(definition.id)),
        ("steps", .count(whole.stepCount)),
      ])
    }
  }

  /// A shared part; of which results is left out where it is all.
  private func document(of cost: SharedCost, among count: Int) -> Value {
    let users = cost.definitions.filter { $0 < count }
    let areAll = users.isEmpty || users.count == count
    return .known([
      "kind": .string(cost.kind), "part": .string(cost.part),
      "segments": .count(areAll ? count : users.count),
      "resultNumbers": areAll ? nil : .array(users.map { .count($0) }),
      "nanoseconds": .count(cost.cost.nanoseconds), "rows": .count(cost.cost.rowCount),
      "steps": .count(cost.cost.stepCount),
    ])
  }
}

extension JobRecord {
  /// What the job does, in a word.
  var kind: Text {
    switch work {
    case .importing: "import"
    case .evaluating: "evaluate"
    case .training: "train"
    case .scoring: "score"
    case .checking: "check"
    }
  }
}
