package import Bytes
import Domain

/// The rules of the coordinator: who the workers are, what jobs do, what clients are told.
///
/// Pure: it reads no clock and does no I/O. Its catalogue changes only by records that it gives out
/// with `persist`; everything else is forgotten when the process ends and comes back from the
/// workers' inventories and from clients that ask again.
package struct Coordinator: Sendable {
  /// What the process is.
  package struct Identity: Hashable, Sendable {
    /// Of the program.
    package var version: Text
    /// Where it listens, as it is shown.
    package var address: Text

    package init(version: Text, address: Text) {
      self.version = version
      self.address = address
    }
  }

  /// A request that waits for its reply.
  struct Waiter: Hashable, Sendable {
    var peer: PeerID
    var request: UInt64
  }

  /// An open connection; an authenticated peer, of a worker only after its hello a node.
  struct Connection: Sendable {
    var role: PeerRole
    var address: Text
    var openedAt: Int64
    /// The worker that said hello on it.
    var worker: Name?
    /// Requests that wait for their reply.
    var waitingCount = 0
  }

  /// A client's wait for the next change of a job.
  struct Watch: Sendable {
    var waiter: Waiter
    var job: JobID
    var since: Int64
    var until: Int64
  }

  package internal(set) var catalogue: Catalogue
  let identity: Identity
  let startedAt: Moment
  /// The moment of the event being handled.
  var now: Moment
  /// Raised with each event.
  var sequence: UInt64 = 0
  /// What the event being handled asks for so far.
  var effects: [CoordinatorEffect] = []

  var connections: [PeerID: Connection] = [:]
  /// Every worker of the catalogue.
  var nodes: [Name: Node] = [:]
  /// When the workers are to hear of the coordinator again.
  var heartbeatAt: Int64
  /// Shards whose owner came without what the catalogue says they hold, and why.
  var damage: [ShardPlace: Text] = [:]
  /// Import jobs that run.
  var imports: [JobID: ActiveImport] = [:]
  /// Evaluation jobs that run.
  var evaluations: [JobID: ActiveEvaluation] = [:]
  /// Training jobs that run.
  var trainings: [JobID: ActiveTraining] = [:]
  /// Instances that have something done by themselves.
  var routines: [Name: Routine] = [:]
  /// The event with which a job was last changed.
  var versions: [JobID: UInt64] = [:]
  var watches: [Watch] = []
  /// By set all definitions for it in the order of evaluation, as far as somebody asked since some of
  /// the definitions were changed.
  var orders: [Name: [SegmentDefinition]] = [:]
  var queries: [UInt64: ActiveQuery] = [:]
  /// Each question under way to a shard, with the query it belongs to.
  var questions: [UInt64: Question] = [:]
  var questionCount: UInt64 = 0

  /// A coordinator that has not started: it knows its catalogue and nobody else.
  package init(catalogue: Catalogue, identity: Identity, at now: Moment) {
    self.catalogue = catalogue
    self.identity = identity
    self.now = now
    startedAt = now
    heartbeatAt = now.monotonic
  }

  /// The reign that `start` began.
  package var epoch: Epoch { catalogue.epoch }

  /// Raises the epoch and takes up the jobs that were running.
  package mutating func start(at now: Moment) -> [CoordinatorEffect] {
    begin(now)
    let epoch = Epoch(catalogue.epoch.number &+ 1)
    persist([.epochRaised(epoch)])
    log(.info, "coordinator-started", [LogField("epoch", epoch.number)])
    awaitWorkers()
    resumeJobs()
    readRoutines()
    return takeEffects()
  }

  /// Applies one event and returns, in order, what the process has to do about it.
  package mutating func handle(
    _ event: CoordinatorEvent,
    at now: Moment
  ) -> [CoordinatorEffect] {
    begin(now)
    switch event {
    case .connected(let peer, let role, let address):
      connections[peer] = Connection(role: role, address: address, openedAt: now.monotonic)
    case .disconnected(let peer, let reason): forget(peer, reason: reason)
    case .worker(let peer, let message): take(message, from: peer)
    case .client(let peer, let request, let content):
      take(content, for: Waiter(peer: peer, request: request))
    case .definitionsApplied(let peer, let request, let definitions, let set, let dry, let removes):
      reply(to: Waiter(peer: peer, request: request)) {
        (self: inout Self) throws(ClusterError) in
        try self.apply(definitions, set: set, isDryRun: dry, removesOthers: removes)
      }
    case .instancesApplied(let peer, let request, let instances, let isDryRun):
      reply(to: Waiter(peer: peer, request: request)) {
        (self: inout Self) throws(ClusterError) in
        try self.apply(instances, isDryRun: isDryRun)
      }
    case .featuresPlanned(let job, let result): notePlanned(job, result)
    case .tick: passTime()
    }
    return takeEffects()
  }

  /// Whether some training or check is under way.
  package var isTraining: Bool { !trainings.isEmpty }

  /// The monotonic millisecond by which `tick` is due; `nil` while nothing waits for time.
  package var nextDeadline: Int64? {
    var next = Soonest()
    for node in nodes.values { next.note(node.nextDeadline) }
    if nodes.values.contains(where: { $0.session != nil }) { next.note(heartbeatAt) }
    for connection in connections.values where connection.isNameless {
      next.note(connection.openedAt + Coordinator.helloMilliseconds)
    }
    for importing in imports.values { next.note(importing.nextDeadline) }
    for evaluation in evaluations.values {
      next.note(evaluation.nextDeadline(after: now.monotonic))
    }
    for training in trainings.values { next.note(training.nextDeadline(after: now.monotonic)) }
    for name in routines.keys { next.note(routineDeadline(of: name)) }
    for query in queries.values { next.note(query.until) }
    for watch in watches { next.note(watch.until) }
    return next.time
  }

  private mutating func passTime() {
    beat()
    judgeNodes()
    for (peer, connection) in connections.sorted(by: { $0.key < $1.key })
    where connection.isNameless
      && connection.openedAt + Coordinator.helloMilliseconds <= now.monotonic
    {
      close(peer, reason: "the worker did not say who it is")
    }
    endOverdueImports()
    endOverdueEvaluations()
    endOverdueTrainings()
    endOverdueQueries()
    endOverdueWatches()
    assignTasks()
    assignRounds()
    goOnWithScorings()
    doRoutines()
  }

  private mutating func begin(_ moment: Moment) {
    // A loop that was late itself has heard nobody: that says nothing about the others.
    let lag = moment.monotonic - now.monotonic - Coordinator.heartbeatMilliseconds
    if lag > 0 { for name in nodes.keys { nodes[name]?.excuse(milliseconds: lag) } }
    now = moment
    sequence &+= 1
  }

  private mutating func takeEffects() -> [CoordinatorEffect] {
    defer { effects = [] }
    return effects
  }
}

extension Coordinator.Connection {
  /// Whether it is a worker's that has not said hello.
  var isNameless: Bool { role == .worker && worker == nil }
}

/// The least of some times.
struct Soonest {
  private(set) var time: Int64?

  mutating func note(_ other: Int64?) {
    guard let other else { return }
    time = min(time ?? other, other)
  }
}
