package import Bytes
import Domain

/// Who does which part of a training's round when, and what comes of it.
extension Coordinator {
  /// Asks every worker that is there for what its parts have to do, the oldest job's first.
  mutating func assignRounds() {
    for job in trainings.keys.sorted() {
      for (part, worker) in trainings[job]?.partsToAsk(at: now.monotonic) ?? [] {
        guard let node = nodes[worker], node.state == .ok, let session = node.session else {
          continue
        }
        ask(session, for: part, of: job)
      }
    }
  }

  private mutating func ask(_ session: Node.Session, for index: Int, of job: JobID) {
    guard let (work, task) = trainings[job]?.ask(index) else { return }
    if !session.plannedJobs.contains(job), let training = trainings[job] {
      nodes[training.parts[index].worker]?.session?.plannedJobs.insert(job)
      send(session.peer, .planRounds(training.plan))
    }
    send(session.peer, .runRound(task, work: work.encoded))
  }

  /// Takes an answer of a part, counted from 0; the last one of its task when `index` is `nil`.
  mutating func noteRoundAnswer(
    _ task: RoundTask,
    index: UInt32?,
    _ bytes: [UInt8],
    by worker: Name
  ) {
    guard trainings.keys.contains(task.job) else { return tell(worker, .endRounds(task.job)) }
    do throws(DecodingError) {
      guard try trainings[task.job]?.keep(bytes, index: index, of: task, by: worker) == true
      else { return }
    } catch {
      guard let part = trainings[task.job]?.part(of: task, by: worker) else { return }
      let failure = WorkFailure(
        code: "NONSENSE",
        message: Text("its answer cannot be read: \(error)"),
        isRetryable: true
      )
      return noteFailure(of: task, part: part, failure)
    }
    goOn(task.job)
  }

  mutating func noteRoundFailed(_ task: RoundTask, _ failure: WorkFailure, by worker: Name) {
    guard let training = trainings[task.job] else { return tell(worker, .endRounds(task.job)) }
    guard let part = training.part(of: task, by: worker) else { return }
    noteFailure(of: task, part: part, failure)
  }

  private mutating func noteFailure(of task: RoundTask, part: Int, _ failure: WorkFailure) {
    guard let worker = trainings[task.job]?.parts[part].worker else { return }
    let count = (trainings[task.job]?.parts[part].failureCount ?? 0) + 1
    trainings[task.job]?.parts[part].failureCount = count
    trainings[task.job]?.parts[part].leave(
      notBefore: now.monotonic + Coordinator.taskRetryMilliseconds
    )
    log(
      .warning,
      "round-failed",
      [
        LogField("job", task.job), LogField("round", task.round), LogField("worker", worker),
        LogField("attempt", task.attempt),
        LogField("reason", "\(failure.message) (\(failure.code))"),
      ]
    )
    touch(task.job)
    guard !failure.isRetryable || count >= Coordinator.taskFailureCountMax else { return }
    endTraining(task.job, .failed, error(for: failure, by: worker, count: count))
  }

  private func error(for failure: WorkFailure, by worker: Name, count: Int) -> ClusterError {
    // What is wrong with a rule is wrong everywhere: whose worker said so first is no matter.
    if failure.code == WorkFailure.badInstanceCode {
      return ClusterError(.badInstance, failure.message.string)
    }
    return ClusterError(
      .failed,
      "the part of worker '\(worker)' failed\(count > 1 ? " \(count) times" : ""):"
        + " \(failure.message) (\(failure.code))"
    )
  }

  /// Takes the answers that all parts have given, and does what they lead to.
  private mutating func goOn(_ job: JobID) {
    while let step = takeAnswers(of: job) {
      switch step {
      case .failure(let error): return endTraining(job, .failed, error)
      case .success(.finished(let result)): return commit(result, of: job)
      case .success(.checked(let findings)): return commit(findings, of: job)
      case .success(.plan(let surveys)): return planFeatures(of: job, surveys)
      case .success(.waiting): break
      case .success(.round): assignRounds()
      }
    }
  }

  /// Takes the next answers of all parts; `nil` while one is missing.
  private mutating func takeAnswers(
    of job: JobID
  ) -> Result<TrainingCourse.Step, ClusterError>? {
    guard let (step, hasProgressed) = trainings[job]?.goOn(at: now.monotonic) else { return nil }
    if hasProgressed { touch(job) }
    return step
  }

  private mutating func planFeatures(of job: JobID, _ surveys: [[UInt8]]) {
    guard let plan = trainings[job]?.plan, let set = catalogue.sets[plan.set] else { return }
    let known = catalogue.definitions(for: set.name)
    let ordered = (try? DefinitionOrder.order(known)) ?? []
    trainings[job]?.isPlanning = true
    effects.append(
      .planFeatures(
        FeatureOrder(
          job: job,
          instance: plan.instance,
          schema: set.schema,
          definitions: ordered.map { PlannedDefinition($0) },
          surveys: surveys
        )
      )
    )
  }

  mutating func notePlanned(_ job: JobID, _ result: Result<PlannedFeatures, ClusterError>) {
    guard trainings[job]?.isPlanning == true else { return }
    trainings[job]?.isPlanning = false
    do throws(ClusterError) {
      if case .checked(let findings)? = try trainings[job]?.course.plan(try result.get()) {
        return commit(findings, of: job)
      }
    } catch {
      return endTraining(job, .failed, error)
    }
    touch(job)
    assignRounds()
  }

  /// A worker is away: its parts are done anew when it is back.
  mutating func releaseRounds(of worker: Name) {
    for job in trainings.keys.sorted() {
      trainings[job]?.release(worker)
      touch(job)
    }
  }

  /// Parts of a job that are to be asked for and cannot be, with why.
  func blockedParts(of training: ActiveTraining) -> [(part: ActiveTraining.Part, reason: Text)] {
    training.parts.compactMap { part in
      guard !training.isDone(part), let reason = absence(of: part.worker) else { return nil }
      return (part, reason)
    }
  }

  /// Sees which trainings wait for somebody.
  mutating func noteTrainingWaits() {
    for job in trainings.keys.sorted() {
      guard let training = trainings[job] else { continue }
      let isBlocked = !blockedParts(of: training).isEmpty
      guard isBlocked != (training.waitingSince != nil) else { continue }
      trainings[job]?.waitingSince = isBlocked ? now.monotonic : nil
      touch(job)
    }
  }

  mutating func endOverdueTrainings() {
    for job in trainings.keys.sorted() {
      guard let training = trainings[job], let deadline = training.waitDeadline,
        deadline <= now.monotonic, let first = blockedParts(of: training).first,
        let shard = first.part.shards.first
      else { continue }
      let seconds = (now.monotonic - (training.waitingSince ?? now.monotonic)) / 1_000
      let place = ShardPlace(set: training.plan.set, shard: shard)
      var error = noCopy(place, first.part.worker, first.reason)
      error.message = Text("the job waited \(seconds) s: \(error.message)")
      endTraining(job, .failed, error)
    }
  }
}

extension WorkFailure {
  /// Of a failure that every worker has for the same instance and data.
  package static let badInstanceCode: Text = "BAD_INSTANCE"
}
