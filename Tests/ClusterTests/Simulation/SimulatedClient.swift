import Bytes
import Cluster
import Domain

/// A client's connection: it connects again when it has to, and gives up what takes too long.
class SimulatedClient {
  /// Longer than anything the coordinator holds back, save the end of an import.
  static let patienceMilliseconds: Int64 = 45_000

  let cluster: SimulatedCluster
  private(set) var isDone = false
  private var link: SimulatedLink?
  private var peer = PeerID(0)
  private var generation = 0
  private var requestCount: UInt64 = 0
  private var waiting: [UInt64: (ClientReply?) -> Void] = [:]

  init(_ cluster: SimulatedCluster) { self.cluster = cluster }

  func finish() {
    isDone = true
    link?.leave(.near, reason: "the client is done")
    link = nil
  }

  func cutLink() { link?.cut() }

  func deafenLink() {
    link?.deafen(.near)
    link?.deafen(.far)
  }

  /// Does something after a pause, as clients do that were told to ask again.
  func pause(_ body: @escaping () -> Void) {
    cluster.timeline.schedule(after: Int64(100 + cluster.draw(1_500))) { [weak self] in
      guard let self, !self.isDone else { return }
      body()
    }
  }

  /// Asks, on a new connection where there is none; `nil` when the connection is lost.
  func ask(_ request: ClientRequest, _ then: @escaping (ClientReply?) -> Void) {
    guard let link else { return connect { [weak self] in self?.ask(request, then) } }
    requestCount += 1
    let number = requestCount
    waiting[number] = then
    let (peer, generation, coordinator) = (self.peer, self.generation, cluster.coordinator)
    link.carry(to: .far, isBulk: request.isBulk) {
      coordinator.handle(.client(peer, request: number, request), of: generation)
    }
    giveUpLater(number, on: link)
  }

  /// Applies definitions as the shell of the coordinator does.
  func apply(_ definitions: [SegmentDefinition], _ then: @escaping (ClientReply?) -> Void) {
    guard let link else { return connect { [weak self] in self?.apply(definitions, then) } }
    requestCount += 1
    let number = requestCount
    waiting[number] = then
    let (peer, generation, coordinator) = (self.peer, self.generation, cluster.coordinator)
    link.carry(to: .far, isBulk: false) {
      let event = CoordinatorEvent.definitionsApplied(
        peer,
        request: number,
        definitions,
        set: nil,
        isDryRun: false,
        removesOthers: false
      )
      coordinator.handle(event, of: generation)
    }
    giveUpLater(number, on: link)
  }

  /// Applies propensity instances as the shell of the coordinator does.
  func apply(_ instances: [InstanceRecord], _ then: @escaping (ClientReply?) -> Void) {
    guard let link else { return connect { [weak self] in self?.apply(instances, then) } }
    requestCount += 1
    let number = requestCount
    waiting[number] = then
    let (peer, generation, coordinator) = (self.peer, self.generation, cluster.coordinator)
    link.carry(to: .far, isBulk: false) {
      coordinator.handle(
        .instancesApplied(peer, request: number, instances, isDryRun: false),
        of: generation
      )
    }
    giveUpLater(number, on: link)
  }

  /// Waits for the end of a job that was accepted, and is told its state.
  func follow(_ job: JobID, seen: UInt64 = 0, _ then: @escaping (Text?) -> Void) {
    ask(.waitJob(job, seenVersion: seen)) { [weak self] reply in
      guard let self else { return }
      switch reply {
      case .document(let document):
        guard document["state"]?.text == "running" else { return then(document["state"]?.text) }
        let version = document["version"]?.integer ?? 0
        self.follow(job, seen: UInt64(clamping: version), then)
      case nil: self.pause { self.follow(job, then) }
      default:
        // An accepted job is durable: it cannot be unknown later.
        self.cluster.violation("waiting for \(job) was answered \(String(describing: reply))")
      }
    }
  }

  private func giveUpLater(_ number: UInt64, on link: SimulatedLink) {
    cluster.timeline.schedule(after: SimulatedClient.patienceMilliseconds) { [weak self] in
      guard let self, self.waiting[number] != nil, self.link === link else { return }
      link.leave(.near, reason: "the client gave up")
      self.drop()
    }
  }

  private func connect(_ then: @escaping () -> Void) {
    cluster.timeline.schedule(after: Int64(1 + cluster.draw(cluster.networkDelayMax))) {
      [weak self] in
      guard let self, !self.isDone else { return }
      guard self.link == nil else { return then() }
      let ended: (Text) -> Void = { [weak self] _ in self?.drop() }
      let coordinator = self.cluster.coordinator
      guard let (link, peer) = coordinator.accept(.client, address: "client", nearEnded: ended)
      else { return self.pause { self.connect(then) } }
      self.link = link
      self.peer = peer
      self.generation = coordinator.generation
      coordinator.carry(over: link, to: peer) { [weak self] (number: UInt64, reply: ClientReply) in
        self?.waiting.removeValue(forKey: number)?(reply)
      }
      then()
    }
  }

  private func drop() {
    link = nil
    let lost = waiting.sorted { $0.key < $1.key }
    waiting = [:]
    for (_, then) in lost { then(nil) }
  }
}
