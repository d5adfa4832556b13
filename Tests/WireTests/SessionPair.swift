import Bytes
import Testing
import Wire

/// An initiator and an acceptor with nothing but memory between them.
struct SessionPair {
  static let clusterID = ClusterID([UInt8](repeating: 0xC0, count: 16))

  static func secret(_ seed: UInt64) -> ClusterSecret {
    var random = SeededRandom(seed: seed)
    return ClusterSecret(using: &random)
  }

  var initiator: Session
  var acceptor: Session

  /// What each end has reported so far.
  var atInitiator: [SessionEvent] = []
  var atAcceptor: [SessionEvent] = []

  init(
    initiatorKey: RoleKey = SessionPair.secret(1).key(for: .worker),
    initiatorCluster: ClusterID? = SessionPair.clusterID,
    initiatorVersions: ProtocolVersions = .current,
    acceptorKeys: [RoleKey] = SessionPair.secret(1).roleKeys,
    acceptorVersions: ProtocolVersions = .current,
    limits: SessionLimits = .standard,
    seed: UInt64 = 1
  ) throws {
    var random = SeededRandom(seed: seed)
    let clusterID = try #require(SessionPair.clusterID)
    initiator = Session(
      .initiator(
        SessionIdentity(
          key: initiatorKey,
          clusterID: initiatorCluster,
          versions: initiatorVersions,
          limits: limits
        )
      ),
      random: &random
    )
    acceptor = Session(
      .acceptor(
        SessionConfiguration(
          clusterID: clusterID,
          keys: acceptorKeys,
          versions: acceptorVersions,
          limits: limits
        )
      ),
      random: &random
    )
  }

  /// A pair that has shaken hands and forgotten the events of that.
  static func established(
    limits: SessionLimits = .standard,
    seed: UInt64 = 1
  ) throws -> SessionPair {
    var pair = try SessionPair(limits: limits, seed: seed)
    try pair.shakeHands()
    pair.atInitiator = []
    pair.atAcceptor = []
    return pair
  }

  mutating func shakeHands() throws {
    initiator.start()
    try exchange()
  }

  /// Carries bytes both ways until neither end has any.
  mutating func exchange(maxBytes: Int = 1 << 16) throws {
    while initiator.hasOutgoing || acceptor.hasOutgoing {
      atAcceptor += try acceptor.receive(initiator.takeOutgoing(maxBytes: maxBytes))
      atInitiator += try initiator.receive(acceptor.takeOutgoing(maxBytes: maxBytes))
    }
  }
}

extension SessionEvent {
  var frame: Frame? { if case .frame(let frame, _) = self { frame } else { nil } }

  var peer: PeerIdentity? { if case .established(let peer) = self { peer } else { nil } }
}
