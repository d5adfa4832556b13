import Bytes
import Cluster
import Platform
import Wire

/// The connections of one process: sockets below, whole frames of proven peers above.
///
/// Owned by one loop, which calls `wait` again and again; nothing else blocks. Control frames
/// overtake bulk frames because little is handed to the network ahead of what it takes.
final class PeerTable {
  /// What became of a message.
  enum SendOutcome: Equatable {
    case queued
    /// Longer than any frame; the peer goes on.
    case tooLong(byteCount: Int, limit: Int)
    /// There is no such peer any more.
    case gone
  }

  let limits: PeerLimits
  private let network: any Network
  private let clock: any Clock
  private var random = SystemRandomNumberGenerator()
  private var acceptor: SessionConfiguration?
  private var peers: [PeerID: Peer] = [:]
  /// Accepted peers that have not proved their key, by address.
  private var unproven: [Text: Int] = [:]
  private var unprovenCount = 0
  /// Peers that may have something to send.
  private var stirred: Set<PeerID> = []
  private var pending: [PeerEvent] = []
  private var refusals: RefusalLog

  init(network: any Network, clock: any Clock, limits: PeerLimits, log: Log) {
    self.network = network
    self.clock = clock
    self.limits = limits
    refusals = RefusalLog(log)
  }

  /// Accepts peers from now on.
  ///
  /// - Returns: the endpoint that was taken.
  func listen(on endpoint: Endpoint, as configuration: SessionConfiguration) throws -> Endpoint {
    acceptor = configuration
    return try network.listen(on: endpoint)
  }

  /// Opens a connection; `established` or `closed` follows.
  func connect(to endpoint: Endpoint, as identity: SessionIdentity) -> PeerID {
    let peer = Peer(
      connection: network.connect(to: endpoint),
      address: Text(endpoint.description),
      isInitiator: true,
      session: Session(.initiator(identity), random: &random),
      at: clock.monotonicMilliseconds
    )
    peers[peer.id] = peer
    return peer.id
  }

  func contains(_ id: PeerID) -> Bool { peers[id] != nil }

  /// Bytes that wait to be sent to a peer, at most those of the network aside.
  func queuedByteCount(of id: PeerID) -> Int { peers[id]?.session.queuedByteCount ?? 0 }

  /// Queues a message; it goes as a bulk frame if it is one or is too long for a control frame.
  func send(
    _ payload: [UInt8],
    kind: MessageKind,
    stream: UInt32 = 0,
    epoch: UInt64,
    isBulk: Bool = false,
    to id: PeerID
  ) -> SendOutcome {
    guard let peer = peers[id] else { return .gone }
    if let reason = overflow(of: peer) {
      end(peer, .tooSlow(reason: reason), lastWords: false)
      return .gone
    }
    let isLong = payload.count > SessionLimits.standard.controlPayload
    let frame = Frame(kind: kind.rawValue, stream: stream, epoch: epoch, payload: payload)
    do throws(SessionError) {
      try peer.session.send(frame, class: isBulk || isLong ? .bulk : .control)
    } catch {
      if case .payloadTooLong(let byteCount, let limit) = error {
        return .tooLong(byteCount: byteCount, limit: limit)
      }
      end(peer, .session(error), lastWords: false)
      return .gone
    }
    stirred.insert(id)
    return .queued
  }

  /// Says that bulk payload bytes of a peer have been dealt with.
  func consumed(bytes byteCount: Int, of id: PeerID) {
    guard let peer = peers[id], byteCount > 0 else { return }
    peer.session.consumed(bytes: min(byteCount, peer.session.unconsumedByteCount))
    stirred.insert(id)
  }

  /// Says whether a peer waits for replies, which it may do for as long as it likes.
  func setAwaited(_ isAwaited: Bool, of id: PeerID) {
    guard let peer = peers[id] else { return }
    peer.isAwaited = isAwaited
    peer.heardAt = clock.monotonicMilliseconds
  }

  /// Closes a connection after what was sent has gone; no event follows.
  func close(_ id: PeerID) {
    guard let peer = peers[id] else { return }
    forget(peer)
    while peer.session.hasOutgoing {
      network.send(peer.session.takeOutgoing(maxBytes: 1 << 20), on: peer.connection)
    }
    network.closeAfterSending(peer.connection)
  }

  /// Closes a peer that broke the rules, and says so in the log; `closed` follows.
  func reject(_ id: PeerID, reason: String) {
    guard let peer = peers[id] else { return }
    refusals.note(
      address: peer.address,
      reason: Text(reason),
      at: clock.monotonicMilliseconds
    )
    close(id)
    pending.append(.closed(id, .network(reason: reason)))
  }

  /// Closes all connections at once.
  func closeAll() {
    for id in peers.keys.sorted() { close(id) }
  }

  /// Sends what can be sent, waits for the network, and says what happened.
  func wait(untilMonotonicMilliseconds deadline: Int64?) -> [PeerEvent] {
    pump()
    var earliest = pending.isEmpty ? deadline : clock.monotonicMilliseconds
    for peer in peers.values {
      for end in [peer.handshakeDeadline, peer.frameDeadline, idleDeadline(of: peer)] {
        if let end { earliest = min(earliest ?? end, end) }
      }
    }
    for event in network.wait(untilMonotonicMilliseconds: earliest) { take(event) }
    expire()
    pump()
    defer { pending.removeAll() }
    return pending
  }
}

// What the network says.
extension PeerTable {
  private func take(_ event: NetworkEvent) {
    switch event {
    case .accepted(let connection, let address): accept(connection, Text(address))
    case .connected(let connection):
      guard let peer = peers[PeerID(connection.number)] else { return }
      peer.handshakeDeadline = clock.monotonicMilliseconds + limits.handshakeMilliseconds
      peer.session.start()
      stirred.insert(peer.id)
    case .received(let connection, let bytes):
      guard let peer = peers[PeerID(connection.number)] else { return }
      receive(bytes, from: peer)
    case .drained(let connection): stirred.insert(PeerID(connection.number))
    case .closed(let connection, let reason):
      guard let peer = peers[PeerID(connection.number)] else { return }
      end(peer, .network(reason: reason), lastWords: false)
    case .woken: break
    }
  }

  private func accept(_ connection: ConnectionID, _ address: Text) {
    guard let acceptor else { return network.close(connection) }
    let fromThere = unproven[address, default: 0]
    guard unprovenCount < limits.unauthenticatedCountMax,
      fromThere < limits.unauthenticatedCountPerAddressMax
    else {
      let isOwn = fromThere >= limits.unauthenticatedCountPerAddressMax
      let limit =
        isOwn ? limits.unauthenticatedCountPerAddressMax : limits.unauthenticatedCountMax
      refusals.note(
        address: address,
        reason: Text(
          "\(limit) connections \(isOwn ? "from this address" : "in all") "
            + "have not proved their key yet, the most there may be"
        ),
        at: clock.monotonicMilliseconds
      )
      network.send(Refusal.busy.answer(versions: acceptor.versions), on: connection)
      return network.close(connection)
    }
    let now = clock.monotonicMilliseconds
    let peer = Peer(
      connection: connection,
      address: address,
      isInitiator: false,
      session: Session(.acceptor(acceptor), random: &random),
      at: now
    )
    peer.handshakeDeadline = now + limits.handshakeMilliseconds
    peers[peer.id] = peer
    unproven[address, default: 0] += 1
    unprovenCount += 1
  }

  private func receive(_ bytes: [UInt8], from peer: Peer) {
    let now = clock.monotonicMilliseconds
    peer.heardAt = now
    let events: [SessionEvent]
    do throws(SessionError) {
      events = try peer.session.receive(bytes)
    } catch {
      return end(peer, .session(error), lastWords: true)
    }
    stirred.insert(peer.id)
    for event in events {
      switch event {
      case .established(let identity):
        prove(peer, identity)
        pending.append(.established(peer.id, identity, address: peer.address))
      case .frame(let frame, let frameClass):
        pending.append(.frame(peer.id, frame, frameClass))
      }
    }
    guard peer.identity != nil, peer.session.holdsPartialInput else {
      peer.frameDeadline = nil
      return
    }
    let time = Int64(bytes.count / max(1, limits.frameBytesPerMillisecond))
    if let deadline = peer.frameDeadline, events.isEmpty {
      peer.frameDeadline = deadline + time
    } else {
      peer.frameDeadline = now + limits.frameStartMilliseconds + time
    }
  }

  private func prove(_ peer: Peer, _ identity: PeerIdentity) {
    forgetUnproven(peer)
    peer.identity = identity
    peer.handshakeDeadline = nil
  }
}

// How connections end.
extension PeerTable {
  private func forgetUnproven(_ peer: Peer) {
    guard !peer.isInitiator, peer.identity == nil else { return }
    unprovenCount -= 1
    let left = unproven[peer.address, default: 0] - 1
    unproven[peer.address] = left > 0 ? left : nil
  }

  private func forget(_ peer: Peer) {
    forgetUnproven(peer)
    peers[peer.id] = nil
    stirred.remove(peer.id)
  }

  private func end(_ peer: Peer, _ failure: PeerFailure, lastWords: Bool) {
    forget(peer)
    if !peer.isInitiator, peer.identity == nil || failure.isPeersFault {
      refusals.note(
        address: peer.address,
        reason: failure.reason,
        at: clock.monotonicMilliseconds
      )
    }
    if lastWords {
      network.send(peer.session.takeOutgoing(maxBytes: 1 << 10), on: peer.connection)
      network.closeAfterSending(peer.connection)
    } else {
      network.close(peer.connection)
    }
    if peer.isInitiator || peer.identity != nil { pending.append(.closed(peer.id, failure)) }
  }

  private func idleDeadline(of peer: Peer) -> Int64? {
    peer.isClient && !peer.isAwaited ? peer.heardAt + limits.idleMilliseconds : nil
  }

  /// Ends what has reached its deadline.
  private func expire() {
    let now = clock.monotonicMilliseconds
    let due = peers.values.filter { peer in
      [peer.handshakeDeadline, peer.frameDeadline, idleDeadline(of: peer)].contains {
        ($0 ?? .max) <= now
      }
    }
    for peer in due.sorted(by: { $0.id < $1.id }) {
      if let deadline = peer.handshakeDeadline, deadline <= now {
        let reason = "no handshake within \(limits.handshakeMilliseconds) ms"
        end(peer, .tooSlow(reason: reason), lastWords: false)
      } else if let deadline = peer.frameDeadline, deadline <= now {
        let rate = limits.frameBytesPerMillisecond * 1_000
        let reason = "a frame came more slowly than \(rate) bytes a second"
        end(peer, .tooSlow(reason: reason), lastWords: false)
      } else if let deadline = idleDeadline(of: peer), deadline <= now {
        let reason = "nothing was said for \(limits.idleMilliseconds) ms"
        end(peer, .network(reason: reason), lastWords: false)
      }
    }
  }

  /// Why nothing more may be queued for a peer, if so.
  ///
  /// Bulk frames for workers are what clients sent and are bounded by the clients' credit.
  private func overflow(of peer: Peer) -> String? {
    var waiting =
      peer.session.queuedByteCount + network.unsentByteCount(of: peer.connection)
    if !peer.isClient { waiting -= peer.session.queuedBulkByteCount }
    guard waiting > limits.queueByteCountMax else { return nil }
    return "\(waiting) bytes wait to be taken, over the limit of \(limits.queueByteCountMax)"
  }

  /// Hands to the network what it can take soon; `wait` does so first.
  func pump() {
    while let id = stirred.popFirst() {
      guard let peer = peers[id] else { continue }
      while peer.session.hasOutgoing,
        network.unsentByteCount(of: peer.connection) < limits.unsentByteCountMax
      {
        let slice = peer.session.takeOutgoing(maxBytes: 64 << 10)
        if let failure = peer.session.failure {
          end(peer, .session(failure), lastWords: false)
          break
        }
        network.send(slice, on: peer.connection)
      }
    }
  }
}

extension PeerFailure {
  /// Whether the peer did what it must not, rather than went away.
  fileprivate var isPeersFault: Bool {
    switch self {
    case .network: false
    case .session, .tooSlow: true
    }
  }
}
