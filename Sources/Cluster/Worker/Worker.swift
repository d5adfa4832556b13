package import Bytes
package import Domain

/// The rules of a worker: joining a coordinator, taking its orders, telling it how they ended.
///
/// Pure: it reads no clock and does no I/O. What is on its disk it knows from the inventory it was
/// started with and from the ends of the operations it ordered.
///
/// ```
/// waiting ──pause over──▶ connecting ──connected──▶ greeting ──welcome──▶ joined
///    ▲                        │                        │                     │
///    └──────failed, refused, closed, epoch too low, silent for too long──────┘
/// ```
package struct Worker: Sendable {
  /// How often a joined worker says that it lives.
  package static let heartbeatMilliseconds: Int64 = 1_000
  /// How long the coordinator may be silent before the connection is given up.
  package static let silenceMillisecondsMax: Int64 = 15_000

  /// What the process is and can do.
  package struct Identity: Hashable, Sendable {
    package var name: Name
    /// Ascends with each start of the process.
    package var incarnation: UInt64
    /// The share of shards it takes, relative to other workers; at least 1.
    package var capacity: UInt32
    /// Tasks it runs at a time.
    package var threadCount: UInt32
    /// Of the program.
    package var version: Text

    package init(
      name: Name,
      incarnation: UInt64,
      capacity: UInt32,
      threadCount: UInt32,
      version: Text
    ) {
      self.name = name
      self.incarnation = incarnation
      self.capacity = capacity
      self.threadCount = threadCount
      self.version = version
    }
  }

  /// Where the worker stands with the coordinator; times are monotonic milliseconds.
  enum Link: Hashable, Sendable {
    case waiting(until: Int64)
    case connecting(PeerID)
    case greeting(PeerID, heardAt: Int64)
    case joined(PeerID, heardAt: Int64, heartbeatAt: Int64)
  }

  /// One shard's part of one evaluation.
  struct TaskKey: Hashable, Sendable {
    var job: JobID
    var place: ShardPlace

    init(_ job: JobID, _ place: ShardPlace) {
      self.job = job
      self.place = place
    }

    init(_ task: TaskAttempt) { self.init(task.job, task.place) }
  }

  /// An import's step that is under way.
  struct ImportStep: Hashable, Sendable {
    var attempt: ImportAttempt
    var place: ShardPlace
    var isCommit: Bool
  }

  /// A shard that takes rows of an import.
  struct Reception: Hashable, Sendable {
    var job: JobID
    var place: ShardPlace
  }

  /// A result that is staged and not yet committed.
  struct StagedResult: Sendable {
    var contents: ShardContents
    var result: TaskResult
  }

  package let identity: Identity
  var link: Link
  var backoff: Backoff
  /// The highest epoch a coordinator proved; orders of lower ones are refused.
  package internal(set) var epoch: Epoch
  var peerCount: UInt64 = 0
  var replicas: [ShardPlace: ReplicaInventory]
  /// Plans told on this connection.
  var plans: [JobID: JobPlan] = [:]
  /// Jobs whose end was told on this connection, with their sets, until the set's next plan: what was
  /// asked for before the end may come after it, since orders of few bytes overtake others.
  var ended: [JobID: SetID] = [:]
  /// Under way, with the attempt that was asked for last.
  var running: [TaskKey: TaskAttempt] = [:]
  var staged: [TaskKey: StagedResult] = [:]
  /// Staged after the hello of the present connection and before its welcome: the coordinator does not
  /// know of them yet.
  var unreported: [TaskAttempt] = []
  /// Of the jobs with results that were told on this connection.
  var namedParts: [JobID: NamedParts] = [:]
  /// Plans of trainings told on this connection.
  var roundPlans: [JobID: RoundPlan] = [:]
  /// Plans of scorings told on this connection.
  var scoringPlans: [JobID: ScoringPlan] = [:]
  /// What is to be reported of each training: parts of rounds, all of the newest try.
  var rounds: [JobID: [RoundTask]] = [:]
  var importSteps: Set<ImportStep> = []
  /// The newest attempt that has rows here and is not prepared: void once the connection is lost.
  var receptions: [Reception: UInt32] = [:]
  var queryCount: UInt64 = 0
  /// Whom each query under way is for, and its number there.
  var queries: [UInt64: (peer: PeerID, id: UInt64)] = [:]
  var residentByteCount: UInt64 = 0
  var memoryByteLimit: UInt64 = 0
  var diskFreeByteCount: UInt64 = 0

  /// A worker that connects with its first tick.
  ///
  /// The epoch is the highest that was remembered on disk, 0 if none was; the inventory is what the
  /// disk holds, verified.
  package init(
    identity: Identity,
    epoch: Epoch,
    inventory: [ReplicaInventory],
    at now: Moment
  ) {
    self.identity = identity
    self.epoch = epoch
    replicas = Dictionary(inventory.map { ($0.place, $0) }, uniquingKeysWith: { $1 })
    link = .waiting(until: now.monotonic)
    backoff = Backoff(seed: identity.incarnation ^ shardHash(identity.name.text.utf8))
  }

  /// What the disk holds of each shard, by place.
  package var inventory: [ReplicaInventory] {
    replicas.values.sorted { $0.place < $1.place }
  }

  /// Whether a coordinator has welcomed the worker on the present connection.
  package var isJoined: Bool { if case .joined = link { true } else { false } }

  /// The monotonic millisecond by which `tick` is due; `nil` while only the network can go on.
  package var nextDeadline: Int64? {
    switch link {
    case .waiting(let until): until
    case .connecting: nil
    case .greeting(_, let heardAt): heardAt + Worker.silenceMillisecondsMax
    case .joined(_, let heardAt, let heartbeatAt):
      min(heardAt + Worker.silenceMillisecondsMax, heartbeatAt)
    }
  }

  /// Applies one event and returns, in order, what the process has to do about it.
  package mutating func handle(_ event: WorkerEvent, at now: Moment) -> [WorkerEffect] {
    switch event {
    case .connected(let peer):
      guard link == .connecting(peer) else { return [] }
      link = .greeting(peer, heardAt: now.monotonic)
      unreported = []
      return [.send(peer, .hello(hello))]
    case .disconnected(let peer, let reason):
      guard peer == self.peer else { return [] }
      return leave(reason: reason, at: now)
    case .message(let peer, let message):
      guard peer == self.peer else { return [] }
      return take(message, from: peer, at: now)
    case .completed(let completion): return conclude(completion)
    case .measured(let resident, let limit, let diskFree):
      residentByteCount = resident
      memoryByteLimit = limit
      diskFreeByteCount = diskFree
      return []
    case .tick: return passTime(now)
    }
  }

  /// The present connection.
  var peer: PeerID? {
    switch link {
    case .waiting: nil
    case .connecting(let peer), .greeting(let peer, _), .joined(let peer, _, _): peer
    }
  }

  private var hello: WorkerHello {
    WorkerHello(
      name: identity.name,
      incarnation: identity.incarnation,
      capacity: identity.capacity,
      threadCount: identity.threadCount,
      version: identity.version,
      replicas: inventory
    )
  }

  private mutating func passTime(_ now: Moment) -> [WorkerEffect] {
    switch link {
    case .waiting(let until):
      guard until <= now.monotonic else { return [] }
      peerCount += 1
      link = .connecting(PeerID(peerCount))
      return [.connect(PeerID(peerCount))]
    case .connecting: return []
    case .greeting(let peer, let heardAt):
      return giveUpIfSilent(peer, heardAt: heardAt, at: now) ?? []
    case .joined(let peer, let heardAt, let heartbeatAt):
      if let effects = giveUpIfSilent(peer, heardAt: heardAt, at: now) { return effects }
      guard heartbeatAt <= now.monotonic else { return [] }
      link = .joined(
        peer,
        heardAt: heardAt,
        heartbeatAt: now.monotonic + Worker.heartbeatMilliseconds
      )
      return [.send(peer, .heartbeat(vitals))]
    }
  }

  private mutating func giveUpIfSilent(
    _ peer: PeerID,
    heardAt: Int64,
    at now: Moment
  ) -> [WorkerEffect]? {
    let silence = now.monotonic - heardAt
    guard silence >= Worker.silenceMillisecondsMax else { return nil }
    let reason = Text("the coordinator was silent for \(silence) ms")
    return [.disconnect(peer, reason: reason)] + leave(reason: reason, at: now)
  }

  private var vitals: WorkerVitals {
    WorkerVitals(
      residentByteCount: residentByteCount,
      memoryByteLimit: memoryByteLimit,
      diskFreeByteCount: diskFreeByteCount,
      runningCount: UInt32(clamping: min(running.count, Int(identity.threadCount))),
      queuedCount: UInt32(clamping: max(0, running.count - Int(identity.threadCount)))
    )
  }

  /// Ends the present connection on this side and plans the next one.
  mutating func leave(reason: Text, at now: Moment) -> [WorkerEffect] {
    let wasJoined = isJoined
    let pause = backoff.next()
    link = .waiting(until: now.monotonic + pause)
    plans = [:]
    ended = [:]
    unreported = []
    namedParts = [:]
    queries = [:]
    let trainings = roundPlans.keys.sorted()
    roundPlans = [:]
    scoringPlans = [:]
    rounds = [:]
    let fields = [LogField("reason", reason), LogField("retry_ms", pause)]
    let event: Text = wasJoined ? "coordinator-lost" : "coordinator-unreachable"
    // The coordinator voids these attempts as well, and cannot say so to a worker that is away.
    let void = receptions.keys.sorted { ($0.place, $0.job) < ($1.place, $1.job) }
    receptions = [:]
    return [.log(.warning, event: event, fields: fields)]
      + void.map { .perform(.abortImport($0.job, $0.place)) }
      + trainings.map { .perform(.endRounds($0)) }
  }
}
