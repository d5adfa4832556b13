import Bytes
import Domain
import Propensity

/// Scoring jobs: imports whose rows the workers make, from the profiles they hold.
extension Coordinator {
  /// How long all shards may take to count margins, and again to make scores durable.
  package static let scoringMilliseconds: Int64 = 3_600_000

  mutating func score(_ request: ScoringRequest) throws(ClusterError) -> ClientReply {
    try checkText(request.token, of: "a token", byteCountMin: 0)
    let instance = try self.instance(request.instance)
    let set = try self.set(request.set)
    if let job = try job(ofScoring: request) { return .accepted(job) }
    guard let model = catalogue.models[instance.name] else { throw noModel(instance.name) }
    if !request.isForced, let warning = ModelReport.objection(to: model.report) {
      throw ClusterError(
        .notTrainable,
        "scores of instance '\(instance.name)' are not written: \(warning)",
        next: "covey propensity show \(instance.name), or score with '--force'"
      )
    }
    let fit = FieldFit(model.origins, in: set.schema)
    let refusal = fit.refusal(
      of: set.name,
      by: instance.name,
      version: model.version,
      learnedFrom: model.setName
    )
    if let refusal { throw refusal }
    if let running = imports.values.first(where: { $0.set == set.id }) {
      throw ClusterError(
        .busy,
        "\(running.attempt.job) is changing set '\(set.name)'; one at a time",
        next: "covey jobs \(running.attempt.job)"
      )
    }
    try requireReadable(set)
    let job = try nextJob()
    let summary = ScoringSummary(
      instance: instance.name,
      modelVersion: model.version,
      asOf: request.asOf ?? now.wall,
      token: request.token,
      warnings: fit.warnings(of: set.name),
      attempt: 0
    )
    persist([
      .job(
        JobRecord(
          id: job,
          set: set.id,
          setName: set.name,
          work: .scoring(summary),
          createdAt: now.wall
        )
      )
    ])
    log(
      .info,
      "scoring-began",
      [
        LogField("job", job), LogField("set", set.name), LogField("instance", instance.name),
        LogField("model", model.version),
      ]
    )
    makeReady(job, summary, model, of: set)
    touch(job)
    goOnWithScorings()
    return .accepted(job)
  }

  /// Makes a scoring ready for its next attempt.
  private mutating func makeReady(
    _ job: JobID,
    _ summary: ScoringSummary,
    _ model: ModelRecord,
    of set: SetRecord
  ) {
    var running = ActiveImport(
      set: set.id,
      importID: Text("covey:score:\(job)"),
      attempt: ImportAttempt(job: job, attempt: summary.attempt),
      clientHeardAt: now.monotonic
    )
    running.scoring = ActiveScoring(
      plan: ScoringPlan(
        job: job,
        instance: summary.instance,
        modelVersion: summary.modelVersion,
        asOf: summary.asOf,
        features: model.features,
        model: model.file,
        keepsOthers: set.schema.profile.fields["covey"] != nil,
        earlier: awaited(summary.instance, set.name, at: summary.asOf).compactMap(\.earlier)
      ),
      origins: model.origins,
      modelSet: model.setName
    )
    imports[job] = running
  }

  /// Scorings of before whose outcomes are awaited; one of the same instant is written over.
  func awaited(_ instance: Name, _ set: Name, at instant: Instant) -> [PastScoring] {
    (catalogue.histories[instance]?.awaited(in: set) ?? []).filter { $0.asOf != instant }
  }

  /// Takes up a scoring that ran when the last coordinator ended.
  mutating func resumeScoring(_ job: JobRecord, _ summary: ScoringSummary, of set: SetRecord) {
    guard let model = catalogue.models[summary.instance], model.version == summary.modelVersion
    else {
      return end(
        job.id,
        .failed,
        ClusterError(.changed, "instance '\(summary.instance)' has another model by now")
      )
    }
    makeReady(job.id, summary, model, of: set)
  }

  /// Begins an attempt of every scoring that waits and whose shards can all be asked.
  mutating func goOnWithScorings() {
    for job in imports.keys.sorted() {
      guard let running = imports[job], let scoring = running.scoring, running.phase == .idle,
        scoring.notBefore <= now.monotonic, let set = catalogue.sets[running.set]
      else { continue }
      // From here on it waits for workers, not for time.
      imports[job]?.scoring?.notBefore = .min
      guard (try? requireAllShards(of: set)) != nil else { continue }
      let (number, isOver) = running.attempt.attempt.addingReportingOverflow(1)
      guard !isOver, number <= Coordinator.importAttemptCountMax else {
        endImport(job, .failed, ClusterError(.limit, "\(job) was interrupted \(number) times"))
        continue
      }
      let attempt = ImportAttempt(job: job, attempt: number)
      persist([.importAttempted(attempt)])
      imports[job]?.attempt = attempt
      imports[job]?.prepared = Array(repeating: nil, count: set.shardCount)
      imports[job]?.scoring?.measures = Array(repeating: nil, count: set.shardCount)
      imports[job]?.scoring?.judged = []
      imports[job]?.scoring?.shardFindings = Array(repeating: nil, count: set.shardCount)
      imports[job]?.phase = .measuring(until: now.monotonic + Coordinator.scoringMilliseconds)
      askShards(of: job, percentiles: [])
      touch(job)
    }
  }

  mutating func askShards(of job: JobID, percentiles: [UInt8]) {
    guard let running = imports[job], let plan = running.scoring?.plan,
      let set = catalogue.sets[running.set]
    else { return }
    for (place, owner) in zip(set.places, set.owners) {
      guard let session = nodes[owner]?.session else { continue }
      if !session.plannedJobs.contains(job) {
        nodes[owner]?.session?.plannedJobs.insert(job)
        send(session.peer, .planScoring(plan))
      }
      send(
        session.peer,
        .scoreShard(
          ShardScoring(
            attempt: running.attempt,
            place: place,
            contents: contents(of: place),
            percentiles: percentiles,
            judged: running.scoring?.judged ?? []
          )
        )
      )
    }
  }

  /// Sees whether a scoring that failed is tried again.
  mutating func noteScoringFailed(_ job: JobID, _ failure: WorkFailure, reason: Text) {
    let count = (imports[job]?.scoring?.failureCount ?? 0) + 1
    guard failure.isRetryable, count < Coordinator.taskFailureCountMax else {
      return endImport(job, .failed, ClusterError(.failed, reason.string))
    }
    imports[job]?.scoring?.failureCount = count
    imports[job]?.scoring?.notBefore = now.monotonic + Coordinator.taskRetryMilliseconds
    interrupt(job, reason: reason)
  }

  private func job(ofScoring request: ScoringRequest) throws(ClusterError) -> JobID? {
    guard request.token.byteCount > 0 else { return nil }
    for job in catalogue.jobs.values {
      guard case .scoring(let summary) = job.work, summary.token == request.token else { continue }
      guard job.setName == request.set, summary.instance == request.instance else {
        throw ClusterError(.exists, "the token was used for \(job.id) on set '\(job.setName)'")
      }
      return job.id
    }
    return nil
  }
}
