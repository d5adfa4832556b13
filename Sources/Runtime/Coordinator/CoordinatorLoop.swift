import Bytes
import Cluster
import Domain
import Platform
import Wire

/// The one serial loop of a coordinator: it feeds the rules and performs what they want, in order.
///
/// Effects that follow records of the catalogue wait until those are durable, so nobody is told of
/// what a crash could undo. The loop itself never waits for the disk.
final class CoordinatorLoop {
  /// What other threads say.
  enum Notice: Sendable {
    case journal(CatalogueJournal.Event)
    case checked(DefinitionCheck.Outcome)
    case instances(InstanceDesk.Outcome)
    case stop
  }

  private let table: PeerTable
  private let journal: CatalogueJournal
  private let options: CoordinatorOptions
  private let log: Log
  private let inbox: Inbox<Notice>
  private let checker: DefinitionCheck
  private let desk: InstanceDesk
  private let clock = LinuxClock()
  private var coordinator: Coordinator
  private var requests: ClientRequests
  private var turns: ProcessorTurns?
  private var viewers: Set<PeerID> = []

  /// Effects that wait for the ticket beside them, in order.
  private var waiting: [(ticket: CatalogueJournal.Ticket, effect: CoordinatorEffect)] = []
  private var submitted: CatalogueJournal.Ticket = 0
  private var durable: CatalogueJournal.Ticket = 0
  /// Bytes of the catalogue's file when it held nothing that it need not.
  private var compactByteCount: Int
  private var rewriting: CatalogueJournal.Ticket?
  /// The plan that was sent last, and its bytes: all workers of a job get the same.
  private var lastPlan: (plan: JobPlan, bytes: [UInt8])?
  private var isStopping = false
  private var failure: RuntimeError?

  init(
    table: PeerTable,
    journal: CatalogueJournal,
    catalogue: Catalogue,
    catalogueByteCount: Int,
    endpoint: Endpoint,
    options: CoordinatorOptions,
    inbox: Inbox<Notice>
  ) throws(PlatformError) {
    self.table = table
    self.journal = journal
    self.options = options
    self.inbox = inbox
    log = options.log
    turns = options.takesTurns ? ProcessorTurns() : nil
    requests = ClientRequests(heldByteCountMax: options.limits.heldByteCountMax)
    checker = try DefinitionCheck { inbox.put(.checked($0)) }
    desk = try InstanceDesk { inbox.put(.instances($0)) }
    compactByteCount = CatalogueJournal.byteCount(of: catalogue.records())
    coordinator = Coordinator(
      catalogue: catalogue,
      identity: Coordinator.Identity(
        version: ProgramVersion.text,
        address: Text(endpoint.description)
      ),
      at: Moment(wall: clock.now, monotonic: clock.monotonicMilliseconds)
    )
    rewriteIfLong(catalogueByteCount)
  }

  func stop() { inbox.put(.stop) }

  func run() throws {
    defer {
      table.closeAll()
      checker.close()
      desk.close()
      journal.close()
    }
    perform(coordinator.start(at: moment))
    while !isStopping {
      for event in table.wait(untilMonotonicMilliseconds: coordinator.nextDeadline) {
        take(event)
        // Whoever waits for an order has it before the next event is looked at.
        table.pump()
      }
      for notice in inbox.takeAll() { take(notice) }
      if coordinator.isTraining {
        turns?.go(atMonotonicMilliseconds: clock.monotonicMilliseconds)
      }
      if let deadline = coordinator.nextDeadline, deadline <= clock.monotonicMilliseconds {
        feed(.tick)
      }
      if let failure {
        log.error("coordinator-failed", [LogField("reason", failure.description)])
        throw failure
      }
    }
    log.info("coordinator-stopped")
  }

  private var moment: Moment {
    Moment(wall: clock.now, monotonic: clock.monotonicMilliseconds)
  }

  private func feed(_ event: CoordinatorEvent) { perform(coordinator.handle(event, at: moment)) }

  private func take(_ notice: Notice) {
    switch notice {
    case .journal(.durable(let ticket, let byteCount)): settle(ticket, byteCount)
    case .journal(.failed(let error)): failure = error
    case .checked(let outcome):
      switch outcome.result {
      case .success(let definitions):
        feed(
          .definitionsApplied(
            outcome.peer,
            request: outcome.request,
            definitions,
            set: outcome.set,
            isDryRun: outcome.isDryRun,
            removesOthers: outcome.removesOthers
          )
        )
      case .failure(let error):
        perform([.reply(outcome.peer, request: outcome.request, .failed(error))])
      }
    case .instances(let outcome): take(outcome)
    case .stop: isStopping = true
    }
  }

  private func take(_ outcome: InstanceDesk.Outcome) {
    switch outcome {
    case .checked(let application, .success(let records)):
      feed(
        .instancesApplied(
          application.peer,
          request: application.request,
          records,
          isDryRun: application.isDryRun
        )
      )
    case .checked(let application, .failure(let error)):
      perform([.reply(application.peer, request: application.request, .failed(error))])
    case .planned(let job, let result): feed(.featuresPlanned(job, result))
    }
  }
}

// What peers say.
extension CoordinatorLoop {
  private func take(_ event: PeerEvent) {
    switch event {
    case .established(let peer, let identity, let address):
      if identity.role == .viewer { viewers.insert(peer) }
      feed(.connected(peer, identity.role == .worker ? .worker : .client, address: address))
      if identity.role != .worker { requests.open(peer) }
    case .frame(let peer, let frame, let frameClass):
      // An earlier frame of the same peer may have ended it.
      guard table.contains(peer) else { return }
      if requests.isOpen(peer) {
        takeRequest(frame, frameClass, from: peer)
      } else {
        takeWorkerMessage(frame, frameClass, from: peer)
      }
    case .closed(let peer, let failure):
      viewers.remove(peer)
      requests.close(peer)
      feed(.disconnected(peer, reason: failure.reason))
    }
  }

  private func takeWorkerMessage(_ frame: Frame, _ frameClass: FrameClass, from peer: PeerID) {
    guard let message: WorkerMessage = decode(frame, .workerMessage, from: peer) else { return }
    guard frame.epoch <= coordinator.epoch.number else {
      log.error(
        "epoch-stale",
        [LogField("epoch", coordinator.epoch.number), LogField("seen", frame.epoch)]
      )
      return table.reject(
        peer,
        reason: "the worker has obeyed a coordinator of a later epoch than this one's"
      )
    }
    feed(.worker(peer, message))
    if frameClass == .bulk { table.consumed(bytes: frame.payload.count, of: peer) }
  }

  private func takeRequest(_ frame: Frame, _ frameClass: FrameClass, from peer: PeerID) {
    guard let request: ClientRequest = decode(frame, .clientRequest, from: peer) else { return }
    let number = UInt64(frame.stream)
    let byteCount = frameClass == .bulk ? frame.payload.count : 0
    let isTooMuch = requests.begin(number, byteCount: byteCount, of: peer)
    table.setAwaited(true, of: peer)
    if viewers.contains(peer), !request.isForViewers {
      let error = ClusterError(
        .notPermitted,
        "the key of the role viewer does not permit the request '\(request.word)'",
        next: "use the key file of a client"
      )
      return perform([.reply(peer, request: number, .failed(error))])
    }
    if isTooMuch {
      let error = ClusterError(
        .busy,
        "clients have sent more rows than the workers have taken; send them again in a moment"
      )
      return perform([.reply(peer, request: number, .failed(error))])
    }
    if case .applySegments(let documents, let set, let isDryRun, let removesOthers) = request {
      return checker.check(
        DefinitionCheck.Order(
          peer: peer,
          request: number,
          documents: documents,
          set: set,
          isDryRun: isDryRun,
          removesOthers: removesOthers
        )
      )
    }
    if case .applyInstances(let files, let isDryRun) = request {
      return desk.check(
        InstanceDesk.Application(peer: peer, request: number, files: files, isDryRun: isDryRun)
      )
    }
    feed(.client(peer, request: number, request))
  }

  /// Reads a message of the one kind the peer may send, or ends the peer.
  private func decode<Message: Coded>(
    _ frame: Frame,
    _ kind: MessageKind,
    from peer: PeerID
  ) -> Message? {
    guard frame.kind == kind.rawValue else {
      table.reject(peer, reason: "a frame of kind \(frame.kind) came where \(kind) was due")
      return nil
    }
    do throws(DecodingError) {
      return try Message(decoding: frame.payload)
    } catch {
      table.reject(peer, reason: "\(kind) cannot be read: \(error)")
      return nil
    }
  }
}

// What the rules want.
extension CoordinatorLoop {
  private func perform(_ effects: [CoordinatorEffect]) {
    for effect in effects {
      if case .persist(let records) = effect {
        submitted = journal.append(records)
      } else if waiting.isEmpty, durable >= submitted {
        perform(effect)
      } else {
        waiting.append((submitted, effect))
      }
    }
  }

  private func settle(_ ticket: CatalogueJournal.Ticket, _ byteCount: Int) {
    durable = ticket
    let ready = waiting.prefix { $0.ticket <= ticket }
    waiting.removeFirst(ready.count)
    for item in ready { perform(item.effect) }
    if let due = rewriting {
      guard due <= ticket else { return }
      rewriting = nil
      compactByteCount = byteCount
    }
    rewriteIfLong(byteCount)
  }

  private func rewriteIfLong(_ byteCount: Int) {
    guard rewriting == nil, byteCount > options.catalogueRewriteByteCountMin,
      byteCount / max(1, options.catalogueGrowthMax) > compactByteCount
    else { return }
    submitted = journal.rewrite(coordinator.catalogue.records())
    rewriting = submitted
  }

  private func perform(_ effect: CoordinatorEffect) {
    switch effect {
    case .send(let peer, let message): send(message, to: peer)
    case .reply(let peer, let request, let reply): send(reply, to: request, of: peer)
    // Taken out of the list before.
    case .persist: break
    case .close(let peer, let reason):
      log.info("peer-closed", [LogField("peer", peer.number), LogField("reason", reason)])
      viewers.remove(peer)
      requests.close(peer)
      table.close(peer)
    case .planFeatures(let order): desk.plan(order)
    case .log(let level, let event, let fields): log.write(level, event, fields)
    }
  }

  private func send(_ message: CoordinatorMessage, to peer: PeerID) {
    let outcome = table.send(
      bytes(of: message),
      kind: .coordinatorMessage,
      epoch: coordinator.epoch.number,
      isBulk: message.isBulk,
      to: peer
    )
    if case .tooLong(let byteCount, let limit) = outcome {
      table.reject(peer, reason: "an order of \(byteCount) bytes is over the limit of \(limit)")
    }
  }

  private func bytes(of message: CoordinatorMessage) -> [UInt8] {
    guard case .planJob(let plan) = message else { return message.encoded }
    if let lastPlan, lastPlan.plan == plan { return lastPlan.bytes }
    let bytes = message.encoded
    lastPlan = (plan, bytes)
    return bytes
  }

  private func send(_ reply: ClientReply, to request: UInt64, of peer: PeerID) {
    table.consumed(bytes: requests.end(request, of: peer), of: peer)
    table.setAwaited(requests.isAwaiting(peer), of: peer)
    let stream = UInt32(truncatingIfNeeded: request)
    let epoch = coordinator.epoch.number
    let outcome = table.send(
      reply.encoded,
      kind: .clientReply,
      stream: stream,
      epoch: epoch,
      to: peer
    )
    guard case .tooLong(let byteCount, let limit) = outcome else { return }
    let error = ClusterError(
      .limit,
      "the reply has \(byteCount) bytes, over the limit of \(limit); ask for less at a time"
    )
    _ = table.send(
      ClientReply.failed(error).encoded,
      kind: .clientReply,
      stream: stream,
      epoch: epoch,
      to: peer
    )
  }
}
