import Bytes
import Cluster
import Domain
import Propensity
import Testing

/// A coordinator and workers that train on made-up rows, one message after the other.
struct TrainingBench {
  static let shardCount = 8

  var bench = CoordinatorBench()
  let set: Name
  let instance: PropensityInstance
  let client: PeerID
  /// What each shard holds.
  let shards: [ModelProfiles]
  private var peers: [Name: PeerID] = [:]
  private var rounds: [Name: [JobID: ModelRounds]] = [:]
  private var plans: [Name: [JobID: RoundPlan]] = [:]
  private var incarnation: UInt64 = 1
  /// What comes of planning features, where it is not what should.
  var planning: Result<PlannedFeatures, ClusterError>?
  /// Orders of rounds that no worker has answered yet, in the order in which they came.
  private(set) var open: [(worker: Name, task: RoundTask, work: RoundWork)] = []
  /// Of the goal that scores are about; `nil` for one over attributes alone.
  var windowDays: UInt32? = 1
  var lastEvent: Instant? = Instant(milliseconds: .max)
  /// By shard, what events its profiles have.
  var met: (Int) -> MetEvents? = { _ in nil }

  /// Workers that share the shards, which have 40 rows a profile, and an instance to train.
  init(
    workerCount: Int,
    profileCount: UInt16 = 60,
    instance: PropensityInstance = ModelTraining.instance("churn")
  ) throws {
    set = try #require(Name("customers"))
    self.instance = instance
    var names: [Name] = []
    var greeted: [Name: PeerID] = [:]
    for number in 0..<workerCount {
      let name = try #require(Name("w\(number)"))
      names.append(name)
      greeted[name] = try bench.greet("w\(number)").peer
    }
    peers = greeted
    client = bench.connect(.client)
    bench.ask(
      client,
      .createSet(set, shardCount: .exactly(UInt32(TrainingBench.shardCount)), description: "")
    )
    var shards = [ModelProfiles](repeating: ModelProfiles(), count: TrainingBench.shardCount)
    for profile in 0..<profileCount {
      let shard = ModelRow.key(profile).shard(of: TrainingBench.shardCount)
      shards[Int(shard.number)].add([ModelRow(profile: profile, isEvent: profile % 2 == 0)])
    }
    self.shards = shards
    let record = try #require(ModelTraining.record(instance))
    bench.handle(.instancesApplied(client, request: 999, [record], isDryRun: false))
  }

  var name: Name { ModelTraining.record(instance)?.name ?? set }

  var workers: [Name] { peers.keys.sorted() }

  func request(_ token: Text = "t", timeoutMilliseconds: UInt64? = nil) -> TrainingRequest {
    TrainingRequest(
      instance: name,
      set: set,
      asOf: Instant(milliseconds: 33),
      token: token,
      timeoutMilliseconds: timeoutMilliseconds
    )
  }

  /// Orders a training; its first orders are open then.
  mutating func begin(_ request: TrainingRequest? = nil) throws -> JobID {
    let effects = bench.ask(client, .train(request ?? self.request()))
    note(effects)
    guard case .accepted(let job)? = effects.replies.first else {
      throw Unexpected(effects: effects)
    }
    return job
  }

  /// Orders a check; its first orders are open then.
  mutating func beginCheck(_ request: TrainingRequest? = nil) throws -> JobID {
    let effects = bench.ask(client, .check(request ?? self.request()))
    note(effects)
    guard case .accepted(let job)? = effects.replies.first else {
      throw Unexpected(effects: effects)
    }
    return job
  }

  /// What a client says of an import into the set.
  var importSpecification: ImportSpecification {
    ImportSpecification(
      set: set,
      shardCountIfNew: nil,
      importID: "one",
      contentHash: [1],
      byteCount: 1,
      sources: []
    )
  }

  /// Opens an import into the set.
  mutating func openImport() throws -> ImportAttempt {
    let effects = bench.ask(client, .beginImport(importSpecification))
    guard case .importOpened(let attempt, _)? = effects.replies.first else {
      throw Unexpected(effects: effects)
    }
    return attempt
  }

  /// Imports rows of these fields.
  mutating func importRows(of fields: [Text: FieldKinds], hasEvents: Bool = false) throws {
    var totals = ImportTotals()
    totals.schema.profile.kinds = .object
    if hasEvents {
      totals.schema.event.kinds = .object
      totals.schema.event.count = 1
    }
    for (name, kinds) in fields {
      var node = SchemaNode()
      node.kinds = kinds
      totals.schema.profile.fields[name] = node
    }
    let attempt = try openImport()
    let counts = [UInt32](repeating: 0, count: Self.shardCount)
    bench.ask(client, .finishImport(attempt, totals, batchCounts: counts))
    let record = try #require(bench.coordinator.catalogue.set(named: set))
    for (shard, owner) in record.owners.enumerated() {
      let place = ShardPlace(set: record.id, shard: ShardIndex(UInt32(shard)))
      let contents = ShardContents(lsn: 1, profileCount: 1, eventCount: 0)
      let peer = try #require(peers[owner])
      _ = handle(.worker(peer, .importPrepared(attempt, place, contents)))
    }
    let lastImport = bench.coordinator.catalogue.set(named: set)?.lastImport
    #expect(lastImport == attempt)
  }

  /// Trains, and returns why that failed.
  mutating func trainingFailure() throws -> ClusterError? {
    let job = try begin()
    try finishAll()
    return try self.job(job).failure
  }

  mutating func handle(_ event: CoordinatorEvent) -> [CoordinatorEffect] {
    let effects = bench.handle(event)
    note(effects)
    return effects
  }

  /// Lets time pass; returns what that led to.
  @discardableResult
  mutating func pass(_ milliseconds: Int64) -> [CoordinatorEffect] {
    let effects = bench.pass(milliseconds)
    note(effects)
    return effects
  }

  private mutating func note(_ effects: [CoordinatorEffect]) {
    for case .planFeatures(let order) in effects {
      guard let planned = ModelTraining.planned(order) else { continue }
      note(bench.handle(.featuresPlanned(order.job, planning ?? .success(planned))))
    }
    for case .send(let peer, let message) in effects {
      guard let worker = peers.first(where: { $0.value == peer })?.key else { continue }
      switch message {
      case .planRounds(let plan): plans[worker, default: [:]][plan.job] = plan
      case .runRound(let task, let work):
        if let work = try? RoundWork(decoding: work) { open.append((worker, task, work)) }
      case .endRounds(let job):
        rounds[worker]?[job] = nil
        open.removeAll { $0.worker == worker && $0.task.job == job }
      default: break
      }
    }
  }

  /// What a worker, who has the open order of that index, answers to the first one it has, computed
  /// from its own shards.
  mutating func answers(_ index: Int) throws -> (peer: PeerID, RoundTask, answers: [[UInt8]]) {
    let asked = open[index].worker
    let first = open.firstIndex { $0.worker == asked } ?? index
    let (worker, task, work) = open.remove(at: first)
    var all = ModelProfiles()
    for shard in task.shards { all.merge(shards[Int(shard.number)]) }
    let plan = try #require(plans[worker]?[task.job])
    let own =
      try rounds[worker]?[task.job]
      ?? ModelRounds(plan, data: ModelTraining.dataSurvey(of: all)) {
        ModelTraining.part(of: all, at: $0)
      }
    rounds[worker, default: [:]][task.job] = own
    return (try #require(peers[worker]), task, try own.answers(work))
  }

  /// The last of these answers, after the others were told.
  mutating func answer(_ index: Int) throws -> (peer: PeerID, RoundTask, answer: [UInt8]) {
    let (peer, task, answers) = try answers(index)
    for (index, answer) in answers.dropLast().enumerated() {
      _ = handle(.worker(peer, .roundAnswer(task, index: UInt32(index), answer: answer)))
    }
    return (peer, task, try #require(answers.last))
  }

  /// Has a worker answer an open order.
  @discardableResult
  mutating func finish(_ index: Int = 0) throws -> [CoordinatorEffect] {
    let (peer, task, answer) = try answer(index)
    return handle(.worker(peer, .roundDone(task, answer: answer)))
  }

  /// Has a worker tell all answers but the last one, and be killed.
  mutating func finishAlmost(_ index: Int) throws {
    let worker = open[index].worker
    _ = try answer(index)
    try kill(worker)
  }

  /// A worker's process is killed: what it kept is gone, and what was asked of it.
  mutating func kill(_ worker: Name) throws {
    let peer = try #require(peers[worker])
    rounds[worker] = nil
    plans[worker] = nil
    open.removeAll { $0.worker == worker }
    note(bench.handle(.disconnected(peer, reason: "it was killed")))
  }

  /// A worker comes back.
  mutating func restart(_ worker: Name) throws {
    incarnation += 1
    let (peer, effects) = try bench.greet(worker.description, incarnation: incarnation)
    peers[worker] = peer
    note(effects)
  }

  /// A worker comes back with what was committed; returns what that led to.
  mutating func returnToScoring(_ worker: Name) throws -> [CoordinatorEffect] {
    incarnation += 1
    let record = try #require(bench.coordinator.catalogue.set(named: set))
    let replicas = record.owners.indices.filter { record.owners[$0] == worker }.map {
      ReplicaInventory(
        place: ShardPlace(set: record.id, shard: ShardIndex(UInt32($0))),
        contents: record.contents[$0],
        prepared: [],
        membershipJob: nil,
        stagedJobs: []
      )
    }
    let (peer, effects) = try bench.greet(
      worker.description,
      incarnation: incarnation,
      replicas: replicas
    )
    peers[worker] = peer
    return effects
  }

  func peer(of worker: Name) -> PeerID? { peers[worker] }

  /// A new coordinator over what is durable; every worker comes back to it and has kept nothing.
  mutating func restartCoordinator() throws {
    bench.restart()
    rounds = [:]
    plans = [:]
    open = []
    for worker in workers { try restart(worker) }
  }

  /// Trains, and begins to score with the model.
  mutating func beginScoring() throws -> (job: JobID, effects: [CoordinatorEffect]) {
    _ = try begin()
    try finishAll()
    return try score(scoringRequest())
  }

  /// Begins to score with the model that there is.
  mutating func score(
    _ request: ScoringRequest
  ) throws -> (job: JobID, effects: [CoordinatorEffect]) {
    let effects = bench.ask(client, .score(request))
    guard case .accepted(let job)? = effects.replies.first else {
      throw Unexpected(effects: effects)
    }
    return (job, effects)
  }

  func scoringRequest(
    _ token: Text = "s",
    asOf: Instant = Instant(milliseconds: 44),
    isForced: Bool = false
  ) -> ScoringRequest {
    ScoringRequest(
      instance: name,
      set: set,
      asOf: asOf,
      token: token,
      isForced: isForced
    )
  }

  /// Does what shards are asked for in some effects, as workers do; returns what that led to.
  mutating func doScorings(in effects: [CoordinatorEffect]) -> [CoordinatorEffect] {
    var all: [CoordinatorEffect] = []
    for case .send(let peer, .scoreShard(let scoring)) in effects {
      let shard = shards[Int(scoring.place.shard.number)]
      let message: WorkerMessage =
        scoring.percentiles.isEmpty
        ? .marginsCounted(
          scoring.attempt,
          scoring.place,
          ModelTraining.measure(
            of: shard,
            lastEvent: lastEvent,
            windowDays: windowDays,
            met: met(Int(scoring.place.shard.number))
          )
        )
        : .scoresPrepared(
          scoring.attempt,
          scoring.place,
          ShardContents(lsn: 7, profileCount: UInt64(shard.rowCounts.count), eventCount: 0),
          ModelTraining.findings(
            of: shard,
            by: model?.file ?? [],
            at: Instant(milliseconds: 44),
            judged: scoring.judged
          )
        )
      all += handle(.worker(peer, message))
    }
    return all
  }

  /// Answers all that is open until nothing is.
  mutating func finishAll() throws { while !open.isEmpty { try finish() } }

  func job(_ job: JobID) throws -> JobRecord {
    try #require(bench.coordinator.catalogue.jobs[job])
  }

  var model: ModelRecord? { bench.coordinator.catalogue.models[name] }

  /// The model's file as one process makes it of all the rows.
  func expectedFile() throws -> [UInt8] {
    var all = ModelProfiles()
    for shard in shards { all.merge(shard) }
    return try ModelTraining.model(
      of: ModelTraining.part(of: all, at: [Instant(milliseconds: 33)]),
      window: ModelTraining.dataSurvey(of: all).events.map {
        TrainingWindow(start: $0.first, end: $0.last)
      },
      instance
    ).encoded()
  }
}
