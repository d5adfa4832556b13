import Bytes
import Domain

/// An evaluation job that runs: one task a shard, over what the shards hold when it is accepted.
struct ActiveEvaluation: Sendable {
  /// One shard's part.
  struct Task: Sendable {
    enum State: Sendable {
      /// To be asked for; after a failure not before a monotonic millisecond.
      case waiting(notBefore: Int64)
      /// Asked of the shard's owner on its present connection.
      case running
      /// Staged, and counted.
      case done
    }

    var state = State.waiting(notBefore: .min)
    /// The newest try; tries begin with 1.
    var attempt: UInt32 = 0
    var failureCount = 0
    /// Of the answer that was counted: another try must give the same.
    var digest: UInt32?

    var isDone: Bool { if case .done = state { true } else { false } }
    var isRunning: Bool { if case .running = state { true } else { false } }
  }

  let plan: JobPlan
  /// What each shard holds; imports of the set are not committed while the job runs.
  let contents: [ShardContents]
  /// How long the job may wait for workers that are away; `nil` without end.
  let timeoutMilliseconds: Int64?
  var tasks: [Task]
  /// Since when some shard cannot be asked.
  var waitingSince: Int64?
  /// What the shards gave that were counted, in the order of the plan; each is added as it comes, so
  /// that little is left to be done after the last one.
  private var results: [DefinitionResult]
  private var costs = SharedCosts()
  /// Where the costs of the parts are that each worker named on its present connection, by number.
  private var namedPlaces: [Name: [Int]] = [:]

  init(_ plan: JobPlan, over contents: [ShardContents], timeoutMilliseconds: UInt64?) {
    self.plan = plan
    self.contents = contents
    self.timeoutMilliseconds = timeoutMilliseconds.map { Int64(clamping: min($0, 1 << 52)) }
    tasks = contents.map { _ in Task() }
    results = plan.definitions.map { _ in
      DefinitionResult(memberCount: 0, realizedCount: 0, exitedCount: 0)
    }
  }

  var doneCount: Int { tasks.count(where: \.isDone) }

  /// When the job fails if nobody comes back; `nil` when it does not wait or may for ever.
  var waitDeadline: Int64? {
    guard let waitingSince, let timeoutMilliseconds else { return nil }
    return waitingSince + timeoutMilliseconds
  }

  /// When something is to be done without anything having happened.
  ///
  /// A task whose pause is over waits for its worker, not for time.
  func nextDeadline(after time: Int64) -> Int64? {
    var next = Soonest()
    next.note(waitDeadline)
    for task in tasks {
      if case .waiting(let notBefore) = task.state, notBefore > time { next.note(notBefore) }
    }
    return next.time
  }

  /// The shard's staged memberships are gone: they are to be made once more.
  mutating func lose(_ shard: ShardIndex) {
    let shard = Int(shard.number)
    guard shard < tasks.count, tasks[shard].isDone else { return }
    tasks[shard].state = .waiting(notBefore: .min)
  }

  /// Takes note of the parts that a result names, whether it counts or not: later ones of the
  /// connection may go without their names.
  mutating func noteParts(of result: TaskResult, by worker: Name) {
    var next = 0
    for part in result.sharedCosts {
      var none = part
      none.cost = WorkCost()
      next = costs.add(none, guess: next) + 1
      guard namedPlaces[worker, default: []].count < NamedCost.numberCountMax else { continue }
      namedPlaces[worker, default: []].append(next - 1)
    }
  }

  /// The worker's connection has ended, and with it the numbers of parts.
  mutating func forgetParts(of worker: Name) { namedPlaces[worker] = nil }

  /// How many parts a worker named on its present connection.
  func namedPartCount(of worker: Name) -> Int { namedPlaces[worker]?.count ?? 0 }

  /// Takes a shard's result; one that was counted before is the same, and counts no more.
  mutating func take(_ result: TaskResult, of shard: Int, by worker: Name) {
    tasks[shard].state = .done
    if tasks[shard].digest != nil { return }
    tasks[shard].digest = result.digest
    for index in results.indices { results[index].add(result.definitions[index]) }
    costs.add(result.sharedCosts)
    let places = namedPlaces[worker] ?? []
    for named in result.namedCosts { costs.add(named.cost, at: places[Int(named.number)]) }
  }

  /// The whole set's results, in the order of the plan, and what the definitions share; `nil` while a
  /// shard's is missing.
  var total: (results: [DefinitionResult], sharedCosts: [SharedCost])? {
    guard tasks.allSatisfy(\.isDone) else { return nil }
    var results = results
    for (index, share) in costs.shares(of: results.count).enumerated() {
      results[index].share = share
    }
    return (results, costs.kept)
  }
}

extension DefinitionResult {
  /// Adds another shard's counts; of two failures that of the smaller key stays.
  mutating func add(_ other: DefinitionResult) {
    memberCount &+= other.memberCount
    realizedCount &+= other.realizedCount
    exitedCount &+= other.exitedCount
    own.add(other.own)
    share.add(other.share)
    guard let failure = other.failure else { return }
    if let own = self.failure, own.key < failure.key { return }
    self.failure = failure
  }
}
