import Bytes
import Testing
import Wire

@Suite struct HandshakeAttackTests {
  static let foreign: [(text: String, guess: ForeignProtocol)] = [
    ("GET / HTTP/1.1\r\nHost: covey\r\n\r\n", .http),
    ("POST /jobs HTTP/1.1\r\n", .http),
    ("\u{16}\u{03}\u{01}\u{02}\u{00}\u{01}\u{00}\u{01}\u{FC}\u{03}\u{03}", .tls),
    ("\u{15}\u{03}\u{01}\u{00}\u{02}\u{02}\u{46}", .tls),
    ("SSH-2.0-OpenSSH_9.6\r\n", .ssh),
    ("SELECT 1", .http),
    ("*1\r\n$4\r\nPING\r\n", .other(firstByte: 0x2A)),
    ("\u{00}", .other(firstByte: 0)),
  ]

  @Test(arguments: foreign)
  func `another protocol gets one line of text`(text: String, guess: ForeignProtocol) throws {
    var pair = try SessionPair()

    #expect(throws: SessionError.notCovey(guess)) { try pair.acceptor.receive(Array(text.utf8)) }

    let answer = pair.acceptor.takeOutgoing(maxBytes: 1_000)
    #expect(answer == Magic.answerToOthers)
    #expect(pair.acceptor.takeOutgoing(maxBytes: 1_000).isEmpty)
    #expect(throws: SessionError.notCovey(guess)) { try pair.acceptor.receive(Magic.bytes) }
  }

  @Test func `a wrong byte of the magic is seen when it comes`() throws {
    for index in 0..<8 {
      for first in [true, false] {
        var pair = try SessionPair()
        var bytes = Magic.bytes
        bytes[index] ^= 0x20
        _ = try pair.acceptor.receive(Array(bytes[..<index]))

        let wrong = first ? Array(bytes[index...]) : [bytes[index]]
        #expect(throws: SessionError.self) { try pair.acceptor.receive(wrong) }
        guard case .notCovey = pair.acceptor.failure else {
          Issue.record("\(String(describing: pair.acceptor.failure))")
          continue
        }
      }
    }
  }

  @Test func `an initiator has no words for another protocol`() throws {
    var pair = try SessionPair()
    pair.initiator.start()
    _ = pair.initiator.takeOutgoing(maxBytes: 1_000)

    #expect(throws: SessionError.notCovey(.http)) {
      try pair.initiator.receive(Array("HTTP/1.1 400 Bad Request\r\n".utf8))
    }
    #expect(!pair.initiator.hasOutgoing)
  }

  /// One handshake step by step: whose bytes come next, before anyone has seen them.
  private static let steps: [(fromInitiator: Bool, byteCount: Int)] = [
    (true, 40), (false, 18), (true, 50), (false, 66), (true, 34),
  ]

  /// Shakes hands with the bytes of one step changed.
  ///
  /// - Returns: both ends' errors, and whether the acceptor became established.
  private static func shakeHands(
    step changed: Int,
    _ change: ([UInt8]) -> [UInt8]
  ) throws -> (pair: SessionPair, error: SessionError?) {
    var pair = try SessionPair()
    pair.initiator.start()
    do {
      for (index, step) in steps.enumerated() {
        var bytes =
          step.fromInitiator
          ? pair.initiator.takeOutgoing(maxBytes: 1_000)
          : pair.acceptor.takeOutgoing(maxBytes: 1_000)
        if index <= changed { #expect(bytes.count == step.byteCount) }
        if index == changed { bytes = change(bytes) }
        if step.fromInitiator {
          pair.atAcceptor += try pair.acceptor.receive(bytes)
        } else {
          pair.atInitiator += try pair.initiator.receive(bytes)
        }
      }
    } catch {
      return (pair, error)
    }
    return (pair, nil)
  }

  @Test(arguments: 0..<5)
  func `a changed bit anywhere in the handshake ends it or leaves it waiting`(step: Int) throws {
    for bit in 0..<8 * HandshakeAttackTests.steps[step].byteCount {
      let (pair, error) = try HandshakeAttackTests.shakeHands(step: step) { bytes in
        var changed = bytes
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        return changed
      }

      // A byte count that was made larger leaves its reader waiting for the rest.
      #expect(!pair.acceptor.isEstablished, "bit \(bit)")
      #expect(pair.atAcceptor.isEmpty)
      if error == nil {
        #expect(pair.acceptor.holdsPartialInput || pair.initiator.holdsPartialInput)
      }
      if step < 3 { #expect(pair.atInitiator.isEmpty) }
    }
  }

  @Test(arguments: 0..<5)
  func `a handshake cut short waits and establishes nothing`(step: Int) throws {
    for byteCount in 0..<HandshakeAttackTests.steps[step].byteCount {
      var pair = try SessionPair()
      pair.initiator.start()
      for (index, each) in HandshakeAttackTests.steps.prefix(step + 1).enumerated() {
        let taken =
          each.fromInitiator
          ? pair.initiator.takeOutgoing(maxBytes: 1_000)
          : pair.acceptor.takeOutgoing(maxBytes: 1_000)
        let bytes = index == step ? Array(taken[..<byteCount]) : taken
        let events =
          each.fromInitiator
          ? try pair.acceptor.receive(bytes) : try pair.initiator.receive(bytes)
        if index == step { #expect(events.isEmpty) }
      }

      #expect(!pair.acceptor.isEstablished)
      let reader = HandshakeAttackTests.steps[step].fromInitiator ? pair.acceptor : pair.initiator
      #expect(reader.holdsPartialInput == (byteCount > 0))
    }
  }

  @Test func `versions cannot be talked down`() throws {
    let both = ProtocolVersions(1...2)
    // The offer is cut to version 1 on the way.
    var pair = try SessionPair(initiatorVersions: both, acceptorVersions: both)
    pair.initiator.start()
    var prelude = pair.initiator.takeOutgoing(maxBytes: 1_000)
    prelude[12] = 1
    _ = try pair.acceptor.receive(prelude)
    var reply = pair.acceptor.takeOutgoing(maxBytes: 1_000)

    var honest = pair.initiator
    #expect(
      throws: SessionError.versionNotNegotiated(chosen: 1, ours: both, theirs: both)
    ) { try honest.receive(reply) }

    // So is the range in the answer; then the transcripts differ.
    reply[16] = 1
    _ = try pair.initiator.receive(reply)
    #expect(throws: SessionError.authenticationFailed) { try pair.exchange() }
    #expect(!pair.initiator.isEstablished)
  }

  @Test func `an acceptor of another cluster cannot pass for this one`() throws {
    // The same secret is in use in two clusters, and the wanted id is erased on the way.
    let other = try #require(ClusterID([UInt8](repeating: 0xDD, count: 16)))
    var pair = try SessionPair(initiatorCluster: other)
    pair.initiator.start()
    var prelude = pair.initiator.takeOutgoing(maxBytes: 1_000)
    prelude.replaceSubrange(16..<32, with: [UInt8](repeating: 0, count: 16))
    _ = try pair.acceptor.receive(prelude)

    #expect(throws: SessionError.authenticationFailed) { try pair.exchange() }
  }

  @Test func `a recorded handshake played again establishes nothing`() throws {
    var pair = try SessionPair(seed: 1)
    pair.initiator.start()
    try pair.initiator.send(Frame(kind: 1, payload: [1]))
    var recorded: [[UInt8]] = []
    while pair.initiator.hasOutgoing || pair.acceptor.hasOutgoing {
      recorded.append(pair.initiator.takeOutgoing(maxBytes: 1 << 16))
      pair.atAcceptor += try pair.acceptor.receive(recorded[recorded.count - 1])
      pair.atInitiator += try pair.initiator.receive(
        pair.acceptor.takeOutgoing(maxBytes: 1 << 16)
      )
    }
    #expect(pair.atAcceptor.count == 2)

    var again = try SessionPair(seed: 2)
    var events: [SessionEvent] = []
    #expect(throws: SessionError.authenticationFailed) {
      for bytes in recorded { events += try again.acceptor.receive(bytes) }
    }
    #expect(events.isEmpty)
  }

  @Test func `an initiator's bytes sent back to it are refused`() throws {
    var pair = try SessionPair()
    pair.initiator.start()
    let prelude = pair.initiator.takeOutgoing(maxBytes: 1_000)

    #expect(throws: SessionError.self) { try pair.initiator.receive(prelude) }
  }

  static let badPreludes: [(offset: Int, bytes: [UInt8])] = [
    (8, [29, 0]), (8, [1, 1]), (8, [0xFF, 0xFF]), (8, [0, 0]), (10, [2, 0, 1, 0]), (14, [0]),
    (14, [5]), (15, [1]),
  ]

  @Test(arguments: badPreludes)
  func `a malformed prelude is refused in words`(offset: Int, bytes: [UInt8]) throws {
    var pair = try SessionPair()
    pair.initiator.start()
    var prelude = pair.initiator.takeOutgoing(maxBytes: 1_000)
    prelude.replaceSubrange(offset..<offset + bytes.count, with: bytes)

    #expect(throws: SessionError.self) { try pair.acceptor.receive(prelude) }
    #expect(pair.acceptor.failure?.description.isEmpty == false)
  }

  @Test func `a longer prelude of a later version is read and bound`() throws {
    let key = SessionPair.secret(1).key(for: .worker)
    var pair = try SessionPair()
    let plain = Prelude(
      versions: ProtocolVersions(1...9),
      role: .worker,
      clusterID: nil,
      keyID: key.id
    ).encoded
    var longer = plain + [1, 2, 3, 4]
    longer[8] += 4

    _ = try pair.acceptor.receive(longer)
    let reply = pair.acceptor.takeOutgoing(maxBytes: 1_000)

    #expect(try PreludeReply(body: reply[10...]).answer == .goOn(version: 1))
  }

  @Test func `bytes before authentication are limited`() throws {
    // The longest messages the handshake allows stay below the limit, so it takes a limit made
    // small to see it at work.
    var limits = SessionLimits()
    limits.bytesBeforeAuthentication = 60
    var pair = try SessionPair(limits: limits)
    pair.initiator.start()
    _ = try pair.acceptor.receive(pair.initiator.takeOutgoing(maxBytes: 1_000))

    #expect(throws: SessionError.tooManyBytesBeforeAuthentication(byteCount: 61, limit: 60)) {
      try pair.acceptor.receive([48, 0] + [UInt8](repeating: 0, count: 19))
    }
  }

  @Test func `a flood before authentication is refused at once`() throws {
    var pair = try SessionPair()
    pair.initiator.start()
    let prelude = pair.initiator.takeOutgoing(maxBytes: 1_000)

    #expect(throws: SessionError.self) {
      try pair.acceptor.receive(prelude + [UInt8](repeating: 0xEE, count: 1 << 20))
    }
    #expect(!pair.acceptor.holdsPartialInput)
  }

  @Test func `a confirmation that claims more than it may is refused`() throws {
    var pair = try SessionPair()
    pair.initiator.start()
    for _ in 0..<2 {
      _ = try pair.acceptor.receive(pair.initiator.takeOutgoing(maxBytes: 1_000))
      _ = try pair.initiator.receive(pair.acceptor.takeOutgoing(maxBytes: 1_000))
    }

    #expect(throws: SessionError.frameTooLong(claimed: 1 << 20, limit: 256)) {
      try pair.acceptor.receive([0, 0, 16, 0])
    }
  }

  @Test func `random bytes never establish, trap or wait beyond the limit`() throws {
    var random = SeededRandom(seed: 99)
    for round in 0..<400 {
      var pair = try SessionPair(seed: UInt64(round))
      pair.initiator.start()
      var bytes = (0..<random.below(2_000)).map { _ in UInt8(random.below(256)) }
      // Half of them get further by beginning as they should.
      if round % 2 == 0 {
        let prelude = pair.initiator.takeOutgoing(maxBytes: 1_000)
        bytes = prelude.prefix(random.below(41)) + bytes
      }

      var offset = 0
      do {
        while offset < bytes.count {
          let end = min(bytes.count, offset + 1 + random.below(200))
          #expect(try pair.acceptor.receive(Array(bytes[offset..<end])).isEmpty)
          offset = end
        }
        #expect(bytes.count <= 1 << 10, "round \(round)")
      } catch {
        #expect(pair.acceptor.failure == error)
      }
      #expect(!pair.acceptor.isEstablished)
    }
  }

  @Test func `random replies never establish an initiator`() throws {
    var random = SeededRandom(seed: 98)
    for round in 0..<400 {
      var pair = try SessionPair(seed: UInt64(round))
      pair.initiator.start()
      let bytes = (0..<random.below(600)).map { _ in UInt8(random.below(256)) }
      let lead =
        round % 2 == 0
        ? PreludeReply(.goOn(version: 1), versions: .current).encoded
        : Array(Magic.bytes.prefix(random.below(9)))

      _ = try? pair.initiator.receive(lead + bytes)

      #expect(!pair.initiator.isEstablished)
    }
  }
}
