import Bytes
import Cluster
import Domain
import Platform
import Wire

/// The one serial loop of a worker: it feeds the rules and performs what they want, in order.
///
/// All that takes long is done by the executor's threads, so heartbeats go out on time.
final class WorkerLoop {
  /// What other threads say.
  enum Notice: Sendable {
    case finished(StoreExecutor.Finished)
    case stop
  }

  /// How often the process measures itself.
  private static let measureMilliseconds: Int64 = 2_000

  private let table: PeerTable
  private let executor: StoreExecutor
  private let key: RoleKey
  private let options: WorkerOptions
  private let log: Log
  private let inbox: Inbox<Notice>
  private let clock = LinuxClock()
  private let disk = LinuxDisk()
  private var worker: Worker
  private var identity: WorkerIdentity
  /// The present connection, as the rules and as the table number it.
  private var link: (rules: PeerID, table: PeerID)?
  /// What the message being handled holds back, until an operation takes it over.
  private var credit: StoreCredit?
  private var measuresAt: Int64 = 0
  /// Whether imports have left memory free that evaluations do not need.
  private var isTrimDue = false
  /// Evaluations that had begun when the process was measured last.
  private var evaluationCount = 0
  private var isStopping = false
  private var failure: (any Error)?

  init(
    table: PeerTable,
    executor: StoreExecutor,
    inventory: [ReplicaInventory],
    identity: WorkerIdentity,
    key: RoleKey,
    options: WorkerOptions,
    inbox: Inbox<Notice>
  ) {
    self.table = table
    self.executor = executor
    self.identity = identity
    self.key = key
    self.options = options
    self.inbox = inbox
    log = options.log
    worker = Worker(
      identity: Worker.Identity(
        name: options.name,
        incarnation: identity.incarnation,
        capacity: max(1, options.capacity),
        threadCount: UInt32(clamping: max(1, options.threadCount)),
        version: ProgramVersion.text
      ),
      epoch: identity.epoch,
      inventory: inventory,
      at: Moment(wall: clock.now, monotonic: clock.monotonicMilliseconds)
    )
  }

  func stop() { inbox.put(.stop) }

  func run() throws {
    defer {
      table.closeAll()
      executor.close()
    }
    log.info(
      "worker-started",
      [
        LogField("coordinator", options.coordinator), LogField("epoch", identity.epoch.number),
        LogField("shards", worker.inventory.count),
      ]
    )
    while !isStopping {
      for event in table.wait(untilMonotonicMilliseconds: worker.nextDeadline) { take(event) }
      for notice in inbox.takeAll() { take(notice) }
      passTime()
      if let failure { throw failure }
    }
    log.info("worker-stopped")
  }

  private func feed(_ event: WorkerEvent) {
    let moment = Moment(wall: clock.now, monotonic: clock.monotonicMilliseconds)
    for effect in worker.handle(event, at: moment) { perform(effect) }
  }

  private func passTime() {
    let now = clock.monotonicMilliseconds
    if measuresAt <= now {
      measuresAt = now + WorkerLoop.measureMilliseconds
      if isTrimDue { executor.trimMemory() }
      isTrimDue = false
      if executor.evaluations.begunCount == evaluationCount { executor.foldMemberships() }
      evaluationCount = executor.evaluations.begunCount
      feed(
        .measured(
          residentByteCount: UInt64(clamping: ProcessStatus.residentByteCount),
          memoryByteLimit: UInt64(clamping: options.memoryBudgetMebibytes) << 20,
          diskFreeByteCount: UInt64(
            clamping: ProcessStatus.freeByteCount(of: options.dataDirectory) ?? 0
          )
        )
      )
    }
    if let deadline = worker.nextDeadline, deadline <= now { feed(.tick) }
  }

  private func take(_ notice: Notice) {
    switch notice {
    case .finished(let finished):
      if case .importCommitted = finished.completion { isTrimDue = true }
      feed(.completed(finished.completion))
      if let credit = finished.credit {
        table.consumed(bytes: credit.byteCount, of: credit.peer)
      }
    case .stop: isStopping = true
    }
  }

  private func take(_ event: PeerEvent) {
    switch event {
    case .established(let peer, let proven, _):
      guard let link, link.table == peer, remember(proven.clusterID) else { return }
      feed(.connected(link.rules))
    case .frame(let peer, let frame, let frameClass):
      guard let link, link.table == peer, table.contains(peer) else { return }
      take(frame, frameClass, from: peer, as: link.rules)
    case .closed(let peer, let failure):
      guard let link, link.table == peer else { return }
      self.link = nil
      feed(.disconnected(link.rules, reason: failure.reason))
    }
  }

  private func take(
    _ frame: Frame,
    _ frameClass: FrameClass,
    from peer: PeerID,
    as rulesPeer: PeerID
  ) {
    guard frame.kind == MessageKind.coordinatorMessage.rawValue else {
      return table.reject(
        peer,
        reason: "a frame of kind \(frame.kind) came where \(MessageKind.coordinatorMessage) was due"
      )
    }
    guard frame.epoch >= worker.epoch.number else {
      return table.reject(
        peer,
        reason: "an order of epoch \(frame.epoch) came after one of \(worker.epoch.number)"
      )
    }
    let message: CoordinatorMessage
    do throws(DecodingError) {
      message = try CoordinatorMessage(decoding: frame.payload)
    } catch {
      return table.reject(
        peer,
        reason: "\(MessageKind.coordinatorMessage) cannot be read: \(error)"
      )
    }
    credit = frameClass == .bulk ? StoreCredit(peer: peer, byteCount: frame.payload.count) : nil
    feed(.message(rulesPeer, message))
    // No operation has taken it over: the message has been dealt with.
    if let credit { table.consumed(bytes: credit.byteCount, of: credit.peer) }
    credit = nil
  }

  private func perform(_ effect: WorkerEffect) {
    switch effect {
    case .connect(let peer):
      let identity = SessionIdentity(key: key, clusterID: identity.clusterID)
      link = (peer, table.connect(to: options.coordinator, as: identity))
    case .disconnect(let peer, let reason):
      guard let link, link.rules == peer else { return }
      log.info("disconnected", [LogField("reason", reason)])
      table.close(link.table)
      self.link = nil
    case .send(let peer, let message): send(message, to: peer)
    case .perform(.rememberEpoch(let epoch)):
      // On the loop, so that no order of the new epoch is obeyed before; once a coordinator's reign.
      identity.epoch = epoch
      keepIdentity()
    case .perform(let operation):
      executor.perform(operation, credit: credit)
      credit = nil
    case .log(let level, let event, let fields): log.write(level, event, fields)
    case .exit(let reason): failure = RuntimeError.storeFailed(reason: reason.string)
    }
  }

  private func send(_ message: WorkerMessage, to peer: PeerID) {
    guard let link, link.rules == peer else { return }
    let outcome = table.send(
      message.encoded,
      kind: .workerMessage,
      epoch: worker.epoch.number,
      isBulk: message.isBulk,
      to: link.table
    )
    guard case .tooLong(let byteCount, let limit) = outcome else { return }
    let reason = Text("a message of \(byteCount) bytes is over the limit of \(limit)")
    guard case .answer(let number, _) = message else {
      return table.reject(link.table, reason: reason.string)
    }
    let failure = WorkFailure(code: "LIMIT_EXCEEDED", message: reason, isRetryable: false)
    send(.answer(number, .failed(failure)), to: peer)
  }

  /// Keeps the first cluster's id; later connections ask for that cluster.
  private func remember(_ clusterID: ClusterID) -> Bool {
    guard identity.clusterID == nil else { return true }
    identity.clusterID = clusterID
    return keepIdentity()
  }

  @discardableResult
  private func keepIdentity() -> Bool {
    do throws(DiskError) {
      try identity.write(directory: options.dataDirectory, disk: disk)
      return true
    } catch {
      failure = RuntimeError.storeFailed(reason: error.description)
      return false
    }
  }
}
