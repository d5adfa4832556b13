import Bytes
import Cluster
import Domain
import ProfileStore
import Segmentation

// An evaluation: a snapshot in the shard's lane, the work beside it, the result back in the lane.
extension StoreExecutor {
  /// What an evaluation reads; later changes of the shard do not show in it.
  private struct Input: Sendable {
    var snapshot: ShardSnapshot
    var memberships: MembershipTable
  }

  func evaluate(_ plan: JobPlan, _ task: TaskAttempt, _ credit: StoreCredit?) {
    know(task.place)
    let flag = evaluations.begin(task)
    lanes.add(
      {
        do throws(EvaluationProblem) {
          let input = try self.input(of: task)
          self.pool.add { self.run(plan, task, input, flag, credit) }
        } catch {
          self.end(flag, error.completion(of: task), credit)
        }
      },
      to: task.place
    )
  }

  private func input(of task: TaskAttempt) throws(EvaluationProblem) -> Input {
    let found: (contents: ShardContents, isWaiting: Bool, input: Input?)
    do throws(StoreError) {
      found = try shelf.use(task.place) { store throws(StoreError) in
        let contents = ShardContents(store.contents)
        guard contents == task.contents else { return (contents, !store.prepared.isEmpty, nil) }
        let input = Input(snapshot: try store.snapshot(), memberships: try store.memberships())
        return (contents, false, input)
      }
    } catch {
      throw .store(error)
    }
    guard let input = found.input else {
      throw .otherContents(found.contents, wanted: task.contents, mayCome: found.isWaiting)
    }
    return input
  }

  private func run(
    _ plan: JobPlan,
    _ task: TaskAttempt,
    _ input: Input,
    _ flag: RunningEvaluations.Flag,
    _ credit: StoreCredit?
  ) {
    do throws(EvaluationProblem) {
      let finding = Finding(try evaluation(plan, input, flag))
      lanes.add(
        {
          do throws(EvaluationProblem) {
            let result = try self.stage(finding, of: task, flag)
            self.end(flag, .taskFinished(task, result), credit)
          } catch {
            self.end(flag, error.completion(of: task), credit)
          }
        },
        to: task.place
      )
    } catch {
      end(flag, error.completion(of: task), credit)
    }
  }

  private func evaluation(
    _ plan: JobPlan,
    _ input: Input,
    _ flag: RunningEvaluations.Flag
  ) throws(EvaluationProblem) -> ShardEvaluation {
    let program: SegmentProgram
    do throws(ProgramError) {
      program = try programs.program(of: plan.definitions)
    } catch {
      throw .program(error)
    }
    do throws(ShardEvaluationError) {
      return try program.evaluate(
        input.snapshot,
        previous: input.memberships,
        retained: plan.retained,
        job: plan.job,
        asOf: plan.asOf,
        isCancelled: { flag.isCancelled }
      )
    } catch {
      switch error {
      case .store(let error): throw .store(error)
      case .cancelled: throw .cancelled
      }
    }
  }

  /// Makes the result durable, unless a definition has no answer: then the job fails anyway.
  private func stage(
    _ finding: Finding,
    of task: TaskAttempt,
    _ flag: RunningEvaluations.Flag
  ) throws(EvaluationProblem) -> TaskResult {
    guard !flag.isCancelled else { throw .cancelled }
    var result = finding.result
    guard let memberships = finding.memberships else { return result }
    let clock = ContinuousClock()
    let start = clock.now
    do throws(StoreError) {
      result.digest = try shelf.use(task.place) { store throws(StoreError) in
        try store.stage(memberships)
      }
    } catch {
      throw .store(error)
    }
    result.sharedCosts.append(
      SharedCost(
        kind: "storing",
        part: "storing memberships",
        ofAll: result,
        nanoseconds: start.duration(to: clock.now).wholeNanoseconds
      )
    )
    return result
  }

  private func end(
    _ flag: RunningEvaluations.Flag,
    _ completion: StoreCompletion,
    _ credit: StoreCredit?
  ) {
    evaluations.end(flag)
    finish(completion, credit)
  }
}

/// What an evaluation found, ready to be kept and told: what takes long is done beside the lane.
private struct Finding: Sendable {
  /// `nil` when a definition has no answer.
  var memberships: PreparedMemberships?
  /// Without the digest and what storing takes.
  var result: TaskResult

  init(_ evaluation: ShardEvaluation) {
    let clock = ContinuousClock()
    let start = clock.now
    if evaluation.results.allSatisfy({ $0.failure == nil }) {
      memberships = PreparedMemberships(evaluation.memberships)
    }
    let preparing = start.duration(to: clock.now).wholeNanoseconds
    result = TaskResult(
      profileCount: evaluation.profileCount,
      eventCount: evaluation.eventCount,
      definitions: evaluation.results.map(DefinitionResult.init),
      digest: 0,
      sharedCosts: evaluation.sharedParts.map(SharedCost.init)
    )
    result.sharedCosts.append(
      SharedCost(
        kind: "memberships",
        part: "bringing memberships forward",
        ofAll: result,
        nanoseconds: evaluation.membershipNanoseconds &+ preparing
      )
    )
  }
}

/// Why an evaluation has no result.
private enum EvaluationProblem: Error {
  case store(StoreError)
  case program(ProgramError)
  case cancelled
  /// An import that is prepared may still bring what is missing.
  case otherContents(ShardContents, wanted: ShardContents, mayCome: Bool)

  func completion(of task: TaskAttempt) -> StoreCompletion {
    switch self {
    case .store(let error) where error.isFatal:
      return .storeFailed(reason: Text(error.description))
    case .store(let error): return .taskFailed(task, WorkFailure(error))
    case .program(let error):
      let message = Text(error.description)
      return .taskFailed(
        task,
        WorkFailure(code: "BAD_DEFINITION", message: message, isRetryable: false)
      )
    case .cancelled:
      return .taskFailed(
        task,
        WorkFailure(code: "CANCELLED", message: "the job was stopped", isRetryable: true)
      )
    case .otherContents(let found, let wanted, let mayCome):
      return .taskFailed(task, .missingData(found, wanted: wanted, isRetryable: mayCome))
    }
  }
}

extension WorkFailure {
  static func missingData(
    _ found: ShardContents,
    wanted: ShardContents,
    isRetryable: Bool
  ) -> WorkFailure {
    WorkFailure(
      code: "MISSING_DATA",
      message: Text(
        "the shard holds \(found.profileCount) profiles and \(found.eventCount) events up to "
          + "record \(found.lsn), not the \(wanted.profileCount) and \(wanted.eventCount) up to "
          + "record \(wanted.lsn) that are wanted"
      ),
      isRetryable: isRetryable
    )
  }
}

extension DefinitionResult {
  init(_ result: ShardEvaluation.Result) {
    self.init(
      memberCount: result.memberCount,
      realizedCount: result.realizedCount,
      exitedCount: result.exitedCount,
      own: result.cost,
      failure: result.failure.map { DefinitionFailure(key: $0.key, message: $0.message) }
    )
  }
}

extension SharedCost {
  fileprivate init(_ part: SharedPart) {
    self.init(
      kind: Text(part.kind.rawValue),
      part: part.description,
      definitions: part.definitions,
      cost: part.cost
    )
  }

  /// Of work that was done for all definitions and profiles.
  fileprivate init(kind: Text, part: Text, ofAll result: TaskResult, nanoseconds: UInt64) {
    self.init(
      kind: kind,
      part: part,
      definitions: Bitmap(below: result.definitions.count),
      cost: WorkCost(rowCount: result.profileCount, nanoseconds: nanoseconds)
    )
  }
}

extension Duration {
  fileprivate var wholeNanoseconds: UInt64 {
    let (seconds, attoseconds) = components
    return UInt64(clamping: seconds) &* 1_000_000_000
      &+ UInt64(clamping: attoseconds / 1_000_000_000)
  }
}
