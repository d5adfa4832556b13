import Bytes
import Testing
import Wire

@Suite struct HandshakeTests {
  @Test(arguments: Role.allCases)
  func `both ends learn the same identity`(role: Role) throws {
    let key = SessionPair.secret(1).key(for: role)
    var pair = try SessionPair(initiatorKey: key)

    try pair.shakeHands()

    let peer = try #require(pair.atAcceptor.first?.peer)
    #expect(pair.atAcceptor.count == 1)
    #expect(pair.atInitiator == pair.atAcceptor)
    #expect(peer.role == role)
    #expect(peer.keyID == key.id)
    #expect(peer.clusterID == SessionPair.clusterID)
    #expect(peer.version == 1)
    #expect(peer.handshakeHash.count == 32)
    #expect(pair.initiator.isEstablished && pair.acceptor.isEstablished)
  }

  @Test func `authentication takes fewer bytes than are allowed before it`() throws {
    var pair = try SessionPair()

    try pair.shakeHands()

    #expect(pair.acceptor.bytesBeforeAuthentication == 40 + 50 + 34)
    #expect(pair.initiator.bytesBeforeAuthentication == 18 + 66)
  }

  @Test func `an initiator that knows no cluster learns it`() throws {
    var pair = try SessionPair(initiatorCluster: nil)

    try pair.shakeHands()

    #expect(pair.atInitiator.first?.peer?.clusterID == SessionPair.clusterID)
  }

  @Test func `a keyless pair shakes hands like any other`() throws {
    let keys = ClusterSecret.keyless.roleKeys
    var pair = try SessionPair(initiatorKey: keys[0], acceptorKeys: keys)

    try pair.shakeHands()

    #expect(pair.acceptor.isEstablished)
  }

  @Test func `while a secret is replaced both keys are accepted`() throws {
    let keys = SessionPair.secret(1).roleKeys + SessionPair.secret(2).roleKeys
    for seed in [1, 2] as [UInt64] {
      let key = SessionPair.secret(seed).key(for: .operator)
      var pair = try SessionPair(initiatorKey: key, acceptorKeys: keys)

      try pair.shakeHands()

      #expect(pair.atAcceptor.first?.peer?.keyID == key.id)
    }
  }

  @Test func `bytes may come one at a time`() throws {
    var pair = try SessionPair()
    pair.initiator.start()
    try pair.initiator.send(Frame(kind: 7, payload: [1, 2, 3]))

    while pair.initiator.hasOutgoing || pair.acceptor.hasOutgoing {
      for byte in pair.initiator.takeOutgoing(maxBytes: 1 << 16) {
        pair.atAcceptor += try pair.acceptor.receive([byte])
      }
      for byte in pair.acceptor.takeOutgoing(maxBytes: 1 << 16) {
        pair.atInitiator += try pair.initiator.receive([byte])
      }
    }

    #expect(pair.atAcceptor.count == 2)
    #expect(pair.atAcceptor.last == .frame(Frame(kind: 7, payload: [1, 2, 3]), .control))
    #expect(!pair.acceptor.holdsPartialInput)
    #expect(pair.acceptor.bytesBeforeAuthentication == 40 + 50 + 34)
  }

  @Test func `starting twice or at the acceptor does nothing`() throws {
    var pair = try SessionPair()

    pair.acceptor.start()
    pair.initiator.start()
    pair.initiator.start()

    #expect(!pair.acceptor.hasOutgoing)
    #expect(pair.initiator.takeOutgoing(maxBytes: 1_000).count == 40)
  }

  @Test func `every session has other keys and another hash`() throws {
    var hashes: Set<[UInt8]> = []
    for seed in 1...5 as ClosedRange<UInt64> {
      var pair = try SessionPair(seed: seed)
      try pair.shakeHands()
      hashes.insert(pair.atAcceptor.first?.peer?.handshakeHash ?? [])
    }

    #expect(hashes.count == 5)
  }

  // What does not fit.

  @Test func `a key the acceptor does not have is refused with its id`() throws {
    let key = SessionPair.secret(9).key(for: .worker)
    var pair = try SessionPair(initiatorKey: key)
    pair.initiator.start()

    #expect(throws: SessionError.unknownKey(key.id, role: .worker)) { try pair.exchange() }
    let lastWords = pair.acceptor.takeOutgoing(maxBytes: 1_000)

    #expect(throws: SessionError.refused(.unknownKey)) { try pair.initiator.receive(lastWords) }
    #expect(!pair.acceptor.hasOutgoing)
  }

  @Test func `a key of one role does not open another`() throws {
    // Only the viewer's key is accepted; the prelude claims it with the operator's role.
    let viewer = SessionPair.secret(1).key(for: .viewer)
    var pair = try SessionPair(initiatorKey: viewer)
    pair.initiator.start()
    var prelude = pair.initiator.takeOutgoing(maxBytes: 1_000)
    prelude[14] = Role.operator.rawValue

    #expect(throws: SessionError.unknownKey(viewer.id, role: .operator)) {
      try pair.acceptor.receive(prelude)
    }
  }

  @Test func `a key id without its key fails authentication`() throws {
    // The initiator holds the viewer's key and claims role and id of the operator's.
    let operatorKey = SessionPair.secret(1).key(for: .operator)
    var pair = try SessionPair(initiatorKey: SessionPair.secret(1).key(for: .viewer))
    pair.initiator.start()
    var prelude = pair.initiator.takeOutgoing(maxBytes: 1_000)
    prelude[14] = Role.operator.rawValue
    prelude.replaceSubrange(32..<40, with: operatorKey.id.bytes)
    _ = try pair.acceptor.receive(prelude)

    #expect(throws: SessionError.authenticationFailed) { try pair.exchange() }
  }

  @Test func `another cluster is refused by the acceptor`() throws {
    let other = try #require(ClusterID([UInt8](repeating: 0xDD, count: 16)))
    let own = try #require(SessionPair.clusterID)
    var pair = try SessionPair(initiatorCluster: other)
    pair.initiator.start()

    #expect(throws: SessionError.clusterMismatch(ours: own, theirs: other)) { try pair.exchange() }
    let lastWords = pair.acceptor.takeOutgoing(maxBytes: 1_000)

    #expect(throws: SessionError.refused(.otherCluster)) { try pair.initiator.receive(lastWords) }
  }

  @Test func `without a common version both ends name both ranges`() throws {
    let (old, new) = (ProtocolVersions(1...2), ProtocolVersions(3...5))
    var pair = try SessionPair(initiatorVersions: old, acceptorVersions: new)
    pair.initiator.start()

    #expect(throws: SessionError.versionMismatch(ours: new, theirs: old)) { try pair.exchange() }
    let lastWords = pair.acceptor.takeOutgoing(maxBytes: 1_000)

    #expect(throws: SessionError.versionMismatch(ours: old, theirs: new)) {
      try pair.initiator.receive(lastWords)
    }
    #expect(
      pair.initiator.failure?.description
        == "no common protocol version: this side speaks 1 to 2, the other 3 to 5"
    )
  }

  static let ranges: [(ClosedRange<UInt16>, ClosedRange<UInt16>, UInt16?)] = [
    (1...1, 1...1, 1), (1...3, 2...5, 3), (2...5, 1...3, 3), (1...9, 4...4, 4), (1...2, 3...4, nil),
    (3...4, 1...2, nil), (0...(.max), 7...(.max), .max),
  ]

  @Test(arguments: ranges)
  func `the highest common version is chosen`(
    one: ClosedRange<UInt16>,
    other: ClosedRange<UInt16>,
    common: UInt16?
  ) {
    let versions = ProtocolVersions(one)

    #expect(versions.highestCommon(with: ProtocolVersions(other)) == common)
  }

  @Test func `a refusal without a session is understood`() throws {
    for refusal in Refusal.allCases where refusal != .noCommonVersion {
      var pair = try SessionPair()
      pair.initiator.start()

      #expect(throws: SessionError.refused(refusal)) {
        try pair.initiator.receive(refusal.answer())
      }
    }
  }
}
