import Bytes
import Domain
import Propensity

/// Training jobs, and checks before them, from their acceptance to their commit.
extension Coordinator {
  mutating func train(
    _ request: TrainingRequest,
    for purpose: TrainingCourse.Purpose
  ) throws(ClusterError) -> ClientReply {
    try checkText(request.token, of: "a token", byteCountMin: 0)
    let instance = try self.instance(request.instance)
    let set = try self.set(request.set)
    if let job = try job(of: request, for: purpose) { return .accepted(job) }
    if purpose == .model, let job = trainingJob(of: instance.name) {
      throw ClusterError(
        .busy,
        "\(job) is training propensity instance '\(instance.name)'",
        next: "covey jobs \(job)"
      )
    }
    try requireReadable(set)
    let job = try nextJob()
    let summary = TrainingSummary(
      instance: instance.name,
      instanceVersion: instance.version,
      asOf: request.asOf ?? now.wall,
      token: request.token,
      timeoutMilliseconds: request.timeoutMilliseconds,
      file: instance.file
    )
    let training = try activeTraining(job, summary, purpose, of: set)
    persist([
      .job(
        JobRecord(
          id: job,
          set: set.id,
          setName: set.name,
          work: purpose == .model ? .training(summary) : .checking(CheckSummary(summary)),
          createdAt: now.wall
        )
      )
    ])
    log(
      .info,
      purpose == .model ? "training-began" : "check-began",
      [
        LogField("job", job), LogField("set", set.name), LogField("instance", instance.name),
        LogField("version", instance.version), LogField("as_of", summary.asOf.iso),
      ]
    )
    trainings[job] = training
    touch(job)
    noteWaits()
    assignRounds()
    return .accepted(job)
  }

  /// Takes up a training that ran when the last coordinator ended, from its first round on.
  mutating func resumeTraining(
    _ job: JobRecord,
    _ summary: TrainingSummary,
    _ purpose: TrainingCourse.Purpose,
    of set: SetRecord
  ) {
    do throws(ClusterError) {
      trainings[job.id] = try activeTraining(job.id, summary, purpose, of: set)
    } catch {
      end(job.id, .failed, error)
    }
  }

  private func activeTraining(
    _ job: JobID,
    _ summary: TrainingSummary,
    _ purpose: TrainingCourse.Purpose,
    of set: SetRecord
  ) throws(ClusterError) -> ActiveTraining {
    let instance: PropensityInstance
    do throws(InstanceError) {
      instance = try PropensityInstance(json: summary.file)
    } catch {
      throw ClusterError(.badInstance, "instance '\(summary.instance)': \(error)")
    }
    let plan = RoundPlan(
      job: job,
      set: set.id,
      asOf: summary.asOf,
      contents: set.contents,
      instance: summary.file
    )
    return ActiveTraining(
      plan,
      summary,
      TrainingCourse(instance, asOf: summary.asOf, for: purpose),
      owners: set.owners
    )
  }

  /// The job that a request made when it was sent before.
  private func job(
    of request: TrainingRequest,
    for purpose: TrainingCourse.Purpose
  ) throws(ClusterError) -> JobID? {
    guard request.token.byteCount > 0 else { return nil }
    for job in catalogue.jobs.values {
      let summary: TrainingSummary
      switch (job.work, purpose) {
      case (.training(let training), .model): summary = training
      case (.checking(let check), .check): summary = check.training
      default: continue
      }
      guard summary.token == request.token else { continue }
      guard job.setName == request.set, summary.instance == request.instance else {
        throw ClusterError(.exists, "the token was used for \(job.id) on set '\(job.setName)'")
      }
      return job.id
    }
    return nil
  }

  /// Makes a model the instance's.
  mutating func commit(_ result: TrainingCourse.Result, of job: JobID) {
    guard let training = trainings.removeValue(forKey: job), let record = catalogue.jobs[job] else {
      return
    }
    let summary = training.summary
    let model = ModelRecord(
      instance: summary.instance,
      version: (catalogue.models[summary.instance]?.version ?? 0) &+ 1,
      instanceVersion: summary.instanceVersion,
      job: job,
      setName: record.setName,
      asOf: summary.asOf,
      trainedAt: now.wall,
      report: ModelReport.document(of: result),
      features: result.rows.features,
      origins: result.origins,
      file: result.model.encoded()
    )
    persist([.trainingCommitted(model)])
    log(
      .info,
      "training-committed",
      [
        LogField("job", job), LogField("instance", summary.instance),
        LogField("version", model.version), LogField("trees", result.model.trees.count),
      ]
    )
    leave(training)
  }

  /// Ends a check with what it found.
  mutating func commit(_ findings: TrainingFindings, of job: JobID) {
    guard let training = trainings.removeValue(forKey: job) else { return }
    let report = FindingsReport.document(of: findings, training.course.instance)
    persist([.checkEnded(job, report, at: now.wall)])
    log(
      .info,
      "check-ended",
      [
        LogField("job", job), LogField("instance", training.summary.instance),
        LogField("problems", findings.problems.count),
      ]
    )
    leave(training)
  }

  /// Ends a training that has no model.
  mutating func endTraining(_ job: JobID, _ state: JobState, _ failure: ClusterError) {
    guard let training = trainings.removeValue(forKey: job) else { return }
    end(job, state, failure)
    leave(training)
  }

  /// Lets workers forget a training that is over, and imports go on.
  private mutating func leave(_ training: ActiveTraining) {
    for part in training.parts { tell(part.worker, .endRounds(training.plan.job)) }
    touch(training.plan.job)
    commitImports(of: training.plan.set)
  }
}
