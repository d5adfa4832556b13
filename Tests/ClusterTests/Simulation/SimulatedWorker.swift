import Bytes
import Cluster
import Domain

/// A worker's process, restarted whenever it has crashed.
final class SimulatedWorker {
  let name: Name
  let store: SimulatedStore
  private let cluster: SimulatedCluster
  private var worker: Worker
  private(set) var isUp = false
  private var incarnation: UInt64 = 0
  private var links: [PeerID: SimulatedLink] = [:]
  /// The coordinator's number of each connection, and its start.
  private var peers: [PeerID: (peer: PeerID, generation: Int)] = [:]
  private var clockOffset: Int64 = 0
  private var tickAt: Int64?
  private var highestEpoch = Epoch(0)

  init(_ cluster: SimulatedCluster, name: Name) {
    self.cluster = cluster
    self.name = name
    store = SimulatedStore(cluster)
    worker = Worker(
      identity: .init(name: name, incarnation: 0, capacity: 1, threadCount: 1, version: "1"),
      epoch: Epoch(0),
      inventory: [],
      at: Moment(wall: Instant(milliseconds: 0), monotonic: 0)
    )
  }

  func start() {
    guard !isUp else { return }
    isUp = true
    incarnation += 1
    clockOffset = Int64(cluster.draw(1_000_000))
    worker = Worker(
      identity: .init(
        name: name,
        incarnation: incarnation,
        capacity: UInt32(1 + cluster.draw(3)),
        threadCount: UInt32(1 + cluster.draw(3)),
        version: "1"
      ),
      epoch: store.epoch,
      inventory: store.inventory,
      at: moment
    )
    let incarnation = self.incarnation
    store.report = { [weak self] completion in
      guard let self, self.isUp, self.incarnation == incarnation else { return }
      self.handle(.completed(completion))
    }
    planTick()
  }

  func crash() {
    guard isUp else { return }
    isUp = false
    cluster.note(.workerCrash)
    cluster.trace("\(name) crashes")
    store.crash()
    tickAt = nil
    for (_, link) in links.sorted(by: { $0.key < $1.key }) {
      link.leave(.near, reason: "the worker's process is gone")
    }
    links = [:]
    cluster.timeline.schedule(after: Int64(50 + cluster.draw(cluster.isHealed ? 500 : 8_000))) {
      [weak self] in self?.start()
    }
  }

  func cutLinks() { for (_, link) in links.sorted(by: { $0.key < $1.key }) { link.cut() } }

  func deafenLinks() {
    for (_, link) in links.sorted(by: { $0.key < $1.key }) {
      if cluster.chance(2) { link.deafen(.near) }
      if cluster.chance(2) { link.deafen(.far) }
    }
  }

  private var moment: Moment {
    Moment(wall: cluster.wall, monotonic: cluster.timeline.now + clockOffset)
  }

  private func handle(_ event: WorkerEvent) {
    guard isUp else { return }
    if case .completed(let completion) = event { cluster.trace("\(name) \(completion)") }
    let effects = worker.handle(event, at: moment)
    if worker.epoch < highestEpoch {
      cluster.violation("\(name) went back from \(highestEpoch) to \(worker.epoch)")
    }
    highestEpoch = worker.epoch
    for effect in effects {
      perform(effect)
      guard isUp else { return }
      if cluster.crashes() { return crash() }
    }
    planTick()
  }

  private func perform(_ effect: WorkerEffect) {
    switch effect {
    case .connect(let peer): connect(peer)
    case .disconnect(let peer, let reason):
      links.removeValue(forKey: peer)?.leave(.near, reason: reason)
    case .send(let peer, let message):
      guard let link = links[peer], let (far, generation) = peers[peer] else { return }
      if case .heartbeat = message {} else { cluster.trace("\(name) <- \(message)") }
      let coordinator = cluster.coordinator
      link.carry(to: .far, isBulk: message.isBulk) {
        coordinator.handle(.worker(far, message), of: generation)
      }
    case .perform(let operation): store.perform(operation)
    case .log(_, let event, let fields):
      cluster.trace("\(name) \(event) \(fields.map { "\($0.name)=\($0.value)" })")
    case .exit: crash()
    }
  }

  private func connect(_ peer: PeerID) {
    let incarnation = self.incarnation
    let ended = { [weak self] (reason: Text) in
      guard let self, self.isUp, self.incarnation == incarnation else { return }
      self.links[peer] = nil
      self.handle(.disconnected(peer, reason: reason))
    }
    cluster.timeline.schedule(after: Int64(cluster.draw(cluster.networkDelayMax))) {
      [weak self] in
      guard let self, self.isUp, self.incarnation == incarnation else { return }
      let coordinator = self.cluster.coordinator
      guard
        let (link, far) = coordinator.accept(.worker, address: self.name.text, nearEnded: ended)
      else { return ended("the connection was refused") }
      let generation = coordinator.generation
      self.links[peer] = link
      self.peers[peer] = (far, generation)
      coordinator.carry(over: link, to: far) { [weak self] message in
        guard let self, self.isUp, self.incarnation == incarnation else { return }
        self.handle(.message(peer, message))
      }
      self.handle(.connected(peer))
    }
  }

  private func planTick() {
    guard let deadline = worker.nextDeadline else { return }
    let due = max(deadline - clockOffset, cluster.timeline.now)
    if let tickAt, tickAt <= due { return }
    tickAt = due
    let incarnation = self.incarnation
    cluster.timeline.schedule(after: due - cluster.timeline.now) { [weak self] in
      guard let self, self.isUp, self.incarnation == incarnation, self.tickAt == due else { return }
      self.tickAt = nil
      self.handle(.tick)
    }
  }
}
