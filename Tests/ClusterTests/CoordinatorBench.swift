import Bytes
import Cluster
import Domain
import Testing

/// A coordinator with a clock, connections and the records it made durable.
struct CoordinatorBench {
  var coordinator: Coordinator
  var now: Int64 = 0
  var log: [CatalogueRecord] = [.clusterCreated([1, 2, 3])]
  private var peerCount: UInt64 = 0
  private var requestCount: UInt64 = 0

  init() {
    coordinator = CoordinatorBench.coordinator(of: [.clusterCreated([1, 2, 3])], at: 0)
    take(coordinator.start(at: moment))
  }

  private static func coordinator(of log: [CatalogueRecord], at time: Int64) -> Coordinator {
    var catalogue = Catalogue()
    for record in log { catalogue.apply(record) }
    return Coordinator(
      catalogue: catalogue,
      identity: .init(version: "1.2", address: "127.0.0.1:7070"),
      at: Moment(wall: Instant(milliseconds: time), monotonic: time)
    )
  }

  private var moment: Moment { Moment(wall: Instant(milliseconds: now), monotonic: now) }

  private mutating func take(_ effects: [CoordinatorEffect]) {
    for case .persist(let records) in effects { log += records }
  }

  /// A new process over what is durable.
  mutating func restart() {
    coordinator = CoordinatorBench.coordinator(of: log, at: now)
    take(coordinator.start(at: moment))
  }

  @discardableResult
  mutating func handle(_ event: CoordinatorEvent) -> [CoordinatorEffect] {
    let effects = coordinator.handle(event, at: moment)
    take(effects)
    return effects
  }

  /// Lets time pass with a tick whenever one is due.
  @discardableResult
  mutating func pass(_ milliseconds: Int64) -> [CoordinatorEffect] {
    let end = now + milliseconds
    var effects: [CoordinatorEffect] = []
    while let due = coordinator.nextDeadline, due <= end {
      now = max(now, due)
      effects += handle(.tick)
    }
    now = end
    return effects
  }

  mutating func connect(_ role: PeerRole) -> PeerID {
    peerCount += 1
    handle(.connected(PeerID(peerCount), role, address: "10.0.0.1:5"))
    return PeerID(peerCount)
  }

  /// A worker's hello on a new connection.
  mutating func greet(
    _ name: String,
    incarnation: UInt64 = 1,
    capacity: UInt32 = 1,
    threadCount: UInt32 = 2,
    replicas: [ReplicaInventory] = []
  ) throws -> (peer: PeerID, effects: [CoordinatorEffect]) {
    let peer = connect(.worker)
    let hello = WorkerHello(
      name: try #require(Name(name)),
      incarnation: incarnation,
      capacity: capacity,
      threadCount: threadCount,
      version: "1.2",
      replicas: replicas
    )
    return (peer, handle(.worker(peer, .hello(hello))))
  }

  /// Asks on a connection; the request's number is the reply's.
  @discardableResult
  mutating func ask(_ client: PeerID, _ request: ClientRequest) -> [CoordinatorEffect] {
    requestCount += 1
    return handle(.client(client, request: requestCount, request))
  }

  /// Asks on a connection of its own and gives what was replied at once.
  mutating func reply(to request: ClientRequest) -> ClientReply? {
    let client = connect(.client)
    return ask(client, request).replies.first
  }

  /// The document that answers a request, an empty object where there is none.
  mutating func document(_ request: ClientRequest) -> Value {
    if case .document(let document)? = reply(to: request) { document } else { .object([]) }
  }

  mutating func apply(
    _ definitions: [SegmentDefinition],
    set: Name? = nil,
    isDryRun: Bool = false,
    removesOthers: Bool = false
  ) -> ClientReply? {
    let client = connect(.client)
    requestCount += 1
    return handle(
      .definitionsApplied(
        client,
        request: requestCount,
        definitions,
        set: set,
        isDryRun: isDryRun,
        removesOthers: removesOthers
      )
    ).replies.first
  }
}

/// Two workers, a set of four shards, and a client.
struct ImportedSet {
  var bench = CoordinatorBench()
  let name: Name
  var workers: [Name: PeerID] = [:]
  let client: PeerID
  var set: SetRecord

  init(shardCount: UInt32 = 4) throws {
    name = try #require(Name("customers"))
    for worker in ["w0", "w1"] {
      workers[try #require(Name(worker))] = try bench.greet(worker).peer
    }
    client = bench.connect(.client)
    bench.ask(client, .createSet(name, shardCount: .exactly(shardCount), description: ""))
    set = try #require(bench.coordinator.catalogue.set(named: name))
  }

  var places: [ShardPlace] {
    (0..<set.shardCount).map { ShardPlace(set: set.id, shard: ShardIndex(UInt32($0))) }
  }

  func peer(of place: ShardPlace) throws -> PeerID {
    try #require(workers[set.owners[Int(place.shard.number)]])
  }

  static func contents(_ place: ShardPlace, imports: UInt64 = 1) -> ShardContents {
    ShardContents(
      lsn: 10 * imports,
      profileCount: (UInt64(place.shard.number) + 1) * imports,
      eventCount: imports
    )
  }

  func specification(_ id: Text, content: UInt8 = 1) -> ImportSpecification {
    ImportSpecification(
      set: name,
      shardCountIfNew: .exactly(4),
      importID: id,
      contentHash: [content],
      byteCount: 100,
      sources: ["a.csv"]
    )
  }

  mutating func begin(_ id: Text) throws -> ImportAttempt {
    let effects = bench.ask(client, .beginImport(specification(id)))
    for case .importOpened(let attempt, _) in effects.replies { return attempt }
    throw Unexpected(effects: effects)
  }

  /// Says that every shard has prepared the attempt.
  mutating func prepareAll(
    _ attempt: ImportAttempt,
    imports: UInt64 = 1
  ) throws -> [CoordinatorEffect] {
    var effects: [CoordinatorEffect] = []
    for place in places {
      effects += bench.handle(
        .worker(
          try peer(of: place),
          .importPrepared(attempt, place, Self.contents(place, imports: imports))
        )
      )
    }
    return effects
  }

  /// A whole import; each shard holds its number + 1 profiles then.
  mutating func commit(_ id: Text, imports: UInt64 = 1) throws -> ImportAttempt {
    let attempt = try begin(id)
    bench.ask(client, .finishImport(attempt, ImportTotals(), batchCounts: [0, 0, 0, 0]))
    _ = try prepareAll(attempt, imports: imports)
    return attempt
  }

  /// What a worker has of the set when all is as it should be.
  func inventory(
    of worker: Name,
    imports: UInt64 = 1,
    prepared: [ImportAttempt] = [],
    membershipJob: JobID? = nil,
    stagedJobs: [JobID] = []
  ) -> [ReplicaInventory] {
    places.filter { set.owners[Int($0.shard.number)] == worker }.map { place in
      ReplicaInventory(
        place: place,
        contents: imports == 0 ? ShardContents() : Self.contents(place, imports: imports),
        prepared: prepared,
        membershipJob: membershipJob,
        stagedJobs: stagedJobs
      )
    }
  }

  /// Applies definitions and has them evaluated.
  mutating func evaluate(
    _ definitions: [SegmentDefinition],
    token: Text = "t1",
    timeoutMilliseconds: UInt64? = nil
  ) throws -> (job: JobID, effects: [CoordinatorEffect]) {
    _ = bench.apply(definitions)
    let effects = bench.ask(
      client,
      .evaluate(
        EvaluationRequest(
          set: name,
          segments: nil,
          asOf: nil,
          token: token,
          timeoutMilliseconds: timeoutMilliseconds
        )
      )
    )
    guard case .accepted(let job)? = effects.replies.first else {
      throw Unexpected(effects: effects)
    }
    return (job, effects)
  }

  func result(_ task: TaskAttempt, definitionCount: Int = 1, digest: UInt32 = 7) -> TaskResult {
    TaskResult(
      profileCount: task.contents.profileCount,
      eventCount: task.contents.eventCount,
      definitions: Array(
        repeating: DefinitionResult(
          memberCount: min(1, task.contents.profileCount),
          realizedCount: min(1, task.contents.profileCount),
          exitedCount: 0,
          own: WorkCost(rowCount: 3, stepCount: 20, nanoseconds: 5)
        ),
        count: definitionCount
      ),
      digest: digest,
      sharedCosts: [
        SharedCost(
          kind: "values",
          part: "values of age",
          definitions: Bitmap([0]),
          cost: WorkCost(rowCount: 9, nanoseconds: 11)
        )
      ]
    )
  }

  /// Answers every task that is asked for, until none is.
  mutating func finishTasks(
    of effects: [CoordinatorEffect],
    definitionCount: Int = 1
  ) throws -> [CoordinatorEffect] {
    var all: [CoordinatorEffect] = []
    var open = effects.tasks
    while let (peer, task) = open.first {
      open.removeFirst()
      let next = bench.handle(
        .worker(peer, .taskFinished(task, result(task, definitionCount: definitionCount)))
      )
      all += next
      open += next.tasks
    }
    return all
  }
}

struct Unexpected: Error { var effects: [CoordinatorEffect] }

extension SegmentDefinition {
  /// A definition that says nothing but its references.
  static func named(_ id: String, _ references: [String] = [], says: Text = "true") throws
    -> SegmentDefinition
  {
    SegmentDefinition(
      id: try #require(Name(id)),
      name: Text(id),
      expression: says,
      timeZone: nil,
      set: nil,
      version: 0,
      references: references.map { Text($0) },
      document: .object([])
    )
  }
}

extension [CoordinatorEffect] {
  var replies: [ClientReply] {
    compactMap { if case .reply(_, _, let reply) = $0 { reply } else { nil } }
  }

  var records: [CatalogueRecord] {
    flatMap { effect -> [CatalogueRecord] in
      guard case .persist(let records) = effect else { return [] }
      return records
    }
  }

  var closed: [PeerID] {
    compactMap { if case .close(let peer, _) = $0 { peer } else { nil } }
  }

  var tasks: [(PeerID, TaskAttempt)] {
    compactMap { if case .send(let peer, .runTask(let task)) = $0 { (peer, task) } else { nil } }
  }

  /// Orders but heartbeats.
  func sent(to peer: PeerID) -> [CoordinatorMessage] {
    compactMap { effect in
      guard case .send(peer, let message) = effect, message != .heartbeat else { return nil }
      return message
    }
  }

  /// Why a worker was refused.
  func refusal(to peer: PeerID) -> Text? {
    sent(to: peer).compactMap { if case .refuse(let reason) = $0 { reason } else { nil } }.first
  }

  /// Whether an event was logged.
  func logged(_ name: Text) -> Bool {
    contains { if case .log(_, name, _) = $0 { true } else { false } }
  }

  var allSent: [CoordinatorMessage] {
    compactMap { effect in
      guard case .send(_, let message) = effect, message != .heartbeat else { return nil }
      return message
    }
  }

  /// The first error that was replied.
  var error: ClusterError? {
    replies.compactMap { if case .failed(let error) = $0 { error } else { nil } }.first
  }

  /// Where an effect stands that fits.
  func position(_ fits: (CoordinatorEffect) -> Bool) -> Int? { firstIndex(where: fits) }
}

extension ClientReply {
  var error: ClusterError? { if case .failed(let error) = self { error } else { nil } }
}
