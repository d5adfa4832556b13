import Bytes
import Cluster
import Domain
import Testing

/// A worker and a clock to drive it with.
struct Bench {
  var worker: Worker
  private(set) var now: Int64 = 1_000

  static let place = ShardPlace(set: SetID(1), shard: ShardIndex(0))
  static let contents = ShardContents(lsn: 5, profileCount: 6, eventCount: 7)
  static let result = TaskResult(profileCount: 6, eventCount: 7, definitions: [], digest: 99)

  static func result(sharing costs: [SharedCost]) -> TaskResult {
    var result = result
    result.sharedCosts = costs
    return result
  }

  init(epoch: Epoch = Epoch(0), inventory: [ReplicaInventory] = []) throws {
    worker = Worker(
      identity: Worker.Identity(
        name: try #require(Name("host.0")),
        incarnation: 1,
        capacity: 1,
        threadCount: 2,
        version: "1.0"
      ),
      epoch: epoch,
      inventory: inventory,
      at: Bench.moment(1_000)
    )
  }

  static func replica(lsn: UInt64) -> ReplicaInventory {
    ReplicaInventory(
      place: place,
      contents: ShardContents(lsn: lsn),
      prepared: [],
      membershipJob: nil,
      stagedJobs: []
    )
  }

  static func plan(_ job: UInt64 = 8) -> JobPlan {
    JobPlan(
      job: JobID(job),
      set: SetID(1),
      asOf: Instant(milliseconds: 0),
      definitions: [],
      retained: []
    )
  }

  static func task(
    _ attempt: UInt32 = 1,
    job: UInt64 = 8,
    contents: ShardContents = contents
  ) -> TaskAttempt {
    TaskAttempt(job: JobID(job), place: place, attempt: attempt, contents: contents)
  }

  private static func moment(_ monotonic: Int64) -> Moment {
    Moment(wall: Instant(milliseconds: 0), monotonic: monotonic)
  }

  mutating func handle(_ event: WorkerEvent) -> [WorkerEffect] {
    worker.handle(event, at: Bench.moment(now))
  }

  /// Lets time pass to a moment, or none.
  mutating func tick(at moment: Int64? = nil) -> [WorkerEffect] {
    now = moment ?? now
    return handle(.tick)
  }

  /// Connects anew and is welcomed; returns what the welcome led to.
  mutating func join(_ peer: UInt64 = 1, epoch: Epoch = Epoch(1)) -> [WorkerEffect] {
    _ = tick(at: max(now, worker.nextDeadline ?? now))
    _ = handle(.connected(PeerID(peer)))
    return handle(.message(PeerID(peer), .welcome(epoch)))
  }

  /// Orders a task on the first connection.
  @discardableResult
  mutating func start(_ task: TaskAttempt, plan: Bool) -> [WorkerEffect] {
    if plan { _ = handle(.message(PeerID(1), .planJob(Bench.plan(task.job.number)))) }
    return handle(.message(PeerID(1), .runTask(task)))
  }

  func performed(_ effects: [WorkerEffect]) -> [StoreOperation] {
    effects.compactMap { if case .perform(let operation) = $0 { operation } else { nil } }
  }
}
