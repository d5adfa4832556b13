import Bytes
import Cluster
import Domain

/// The coordinator's process with its durable log, restarted whenever it has crashed.
final class SimulatedCoordinator {
  private let cluster: SimulatedCluster
  /// What is durable.
  private(set) var log: [CatalogueRecord] = [.clusterCreated(Array(0..<16))]
  private(set) var state: Coordinator
  private(set) var isUp = false
  /// How often it was started.
  private(set) var generation = 0
  private var queue: [CoordinatorEffect] = []
  private var isPersisting = false
  private var peerCount: UInt64 = 0
  private var links: [PeerID: SimulatedLink] = [:]
  private var workers: [PeerID: (CoordinatorMessage) -> Void] = [:]
  private var clients: [PeerID: (UInt64, ClientReply) -> Void] = [:]
  private var clockOffset: Int64 = 0
  private var tickAt: Int64?

  init(_ cluster: SimulatedCluster) {
    self.cluster = cluster
    state = Coordinator(
      catalogue: Catalogue(),
      identity: .init(version: "1", address: "simulated"),
      at: Moment(wall: Instant(milliseconds: 0), monotonic: 0)
    )
  }

  func start() {
    guard !isUp else { return }
    isUp = true
    generation += 1
    clockOffset = Int64(cluster.draw(1_000_000))
    var catalogue = Catalogue()
    for record in log { catalogue.apply(record) }
    let before = catalogue.epoch
    state = Coordinator(
      catalogue: catalogue,
      identity: .init(version: "1", address: "simulated"),
      at: moment
    )
    queue = state.start(at: moment)
    if state.epoch <= before { cluster.violation("the epoch was not raised above \(before)") }
    pump()
    planTick()
  }

  func crash() {
    guard isUp else { return }
    isUp = false
    cluster.note(.coordinatorCrash)
    cluster.trace("the coordinator crashes")
    // Some of the records that were being written may be on disk.
    if isPersisting, case .persist(let records) = queue.first {
      log += records.prefix(cluster.draw(records.count + 1))
    }
    isPersisting = false
    queue = []
    tickAt = nil
    for (_, link) in links.sorted(by: { $0.key < $1.key }) {
      link.leave(.far, reason: "the coordinator's process is gone")
    }
    links = [:]
    workers = [:]
    clients = [:]
    cluster.timeline.schedule(after: Int64(50 + cluster.draw(cluster.isHealed ? 500 : 5_000))) {
      [weak self] in self?.start()
    }
  }

  /// Opens a connection; `nil` when nobody listens.
  func accept(
    _ role: PeerRole,
    address: Text,
    nearEnded: @escaping (Text) -> Void
  ) -> (SimulatedLink, PeerID)? {
    guard isUp else { return nil }
    peerCount += 1
    let peer = PeerID(peerCount)
    let generation = self.generation
    let link = SimulatedLink(
      cluster,
      nearEnded: nearEnded,
      farEnded: { [weak self] reason in
        self?.links[peer] = nil
        self?.handle(.disconnected(peer, reason: reason), of: generation)
      }
    )
    links[peer] = link
    handle(.connected(peer, role, address: address), of: generation)
    return isUp ? (link, peer) : nil
  }

  func carry(
    over link: SimulatedLink,
    to peer: PeerID,
    worker: @escaping (CoordinatorMessage) -> Void
  ) {
    workers[peer] = { message in
      link.carry(to: .near, isBulk: message.isBulk) { worker(message) }
    }
  }

  func carry(
    over link: SimulatedLink,
    to peer: PeerID,
    client: @escaping (UInt64, ClientReply) -> Void
  ) {
    clients[peer] = { request, reply in
      link.carry(to: .near, isBulk: false) { client(request, reply) }
    }
  }

  /// Handles an event meant for one life of the process.
  func handle(_ event: CoordinatorEvent, of generation: Int) {
    guard isUp, generation == self.generation else { return }
    if case .client = event { cluster.trace("\(event)") }
    queue += state.handle(event, at: moment)
    pump()
    planTick()
  }

  private var moment: Moment {
    Moment(wall: cluster.wall, monotonic: cluster.timeline.now + clockOffset)
  }

  /// Performs effects in order, up to one that takes time.
  private func pump() {
    while isUp, !isPersisting, let effect = queue.first {
      if cluster.crashes() { return crash() }
      if case .persist(let records) = effect { return persist(records) }
      queue.removeFirst()
      perform(effect)
    }
  }

  private func persist(_ records: [CatalogueRecord]) {
    isPersisting = true
    let generation = self.generation
    cluster.timeline.schedule(after: Int64(cluster.draw(cluster.persistDelayMax))) {
      [weak self] in
      guard let self, self.isUp, self.generation == generation else { return }
      self.log += records
      self.isPersisting = false
      self.queue.removeFirst()
      self.pump()
    }
  }

  private func perform(_ effect: CoordinatorEffect) {
    switch effect {
    case .send(let peer, let message):
      if message != .heartbeat { cluster.trace("-> \(peer.number) \(message)") }
      workers[peer]?(message)
    case .reply(let peer, let request, let reply):
      cluster.trace("reply \(peer.number)/\(request) \(reply)")
      clients[peer]?(request, reply)
    case .persist: break
    case .close(let peer, let reason):
      workers[peer] = nil
      clients[peer] = nil
      links.removeValue(forKey: peer)?.leave(.far, reason: reason)
    case .planFeatures(let order):
      let generation = self.generation
      cluster.timeline.schedule(after: Int64(cluster.draw(cluster.storeDelayMax))) { [weak self] in
        guard let planned = ModelTraining.planned(order) else {
          self?.cluster.violation("features of \(order.job) are planned from something else")
          return
        }
        self?.handle(.featuresPlanned(order.job, .success(planned)), of: generation)
      }
    case .log(_, let event, let fields):
      cluster.trace("coordinator \(event) \(fields.map { "\($0.name)=\($0.value)" })")
      if event == "shards-missing" { cluster.violation("shards went missing") }
      if event == "import-interrupted" { cluster.note(.interruption) }
    }
  }

  private func planTick() {
    guard isUp, let deadline = state.nextDeadline else { return }
    let due = max(deadline - clockOffset, cluster.timeline.now)
    if let tickAt, tickAt <= due { return }
    tickAt = due
    let generation = self.generation
    cluster.timeline.schedule(after: due - cluster.timeline.now + cluster.loopLag()) {
      [weak self] in
      guard let self, self.tickAt == due else { return }
      self.tickAt = nil
      self.handle(.tick, of: generation)
    }
  }
}
