private import Bytes

extension Session {
  /// Byte counts a Noise message may claim.
  private static let messageByteCounts = NoiseHandshake.messageByteCount...256

  /// The initiator's first frame has no payload; a little more is let through for later versions.
  static let confirmationByteCountMax = 256

  /// Reads handshake messages, then frames, as far as the input goes.
  mutating func advance(
    arrived byteCount: Int,
    into events: inout [SessionEvent]
  ) throws(SessionError) {
    if !isEstablished {
      let before = bytesBeforeAuthentication
      bytesBeforeAuthentication += byteCount
      while try takeHandshakeStep(into: &events) {}
      guard isEstablished else {
        guard bytesBeforeAuthentication <= limits.bytesBeforeAuthentication else {
          throw .tooManyBytesBeforeAuthentication(
            byteCount: bytesBeforeAuthentication,
            limit: limits.bytesBeforeAuthentication
          )
        }
        return
      }
      bytesBeforeAuthentication = before + byteCount - input.count
    }
    while let event = try nextFrame() { events.append(event) }
  }

  /// - Returns: whether a message was read and another may follow.
  private mutating func takeHandshakeStep(
    into events: inout [SessionEvent]
  ) throws(SessionError) -> Bool {
    switch phase {
    case .idle, .established, .failed: return false
    case .awaitingPrelude(let configuration):
      guard let message = try takeClearMessage(Prelude.bodyByteCounts) else { return false }
      try answer(prelude: message, configuration)
    case .awaitingReply(let identity, let prelude):
      guard let message = try takeClearMessage(PreludeReply.bodyByteCounts) else { return false }
      try follow(reply: message, after: prelude, identity)
    case .awaitingFirstMessage(let configuration, let handshake, let prelude, let version):
      guard let message = try takeNoiseMessage() else { return false }
      try answer(first: message, handshake, configuration, prelude, version)
    case .awaitingSecondMessage(let identity, let handshake, let version):
      guard let message = try takeNoiseMessage() else { return false }
      events.append(.established(try finish(second: message, handshake, identity, version)))
    case .awaitingConfirmation(let peer):
      guard try takeConfirmation() else { return false }
      phase = .established
      events.append(.established(peer))
    }
    return true
  }

  // The acceptor's side.

  private mutating func answer(
    prelude message: [UInt8],
    _ configuration: SessionConfiguration
  ) throws(SessionError) {
    let prelude: Prelude
    do {
      prelude = try Prelude(body: message[Prelude.headerByteCount...])
    } catch {
      throw .malformedHandshake(error)
    }
    let versions = configuration.versions
    guard let version = versions.highestCommon(with: prelude.versions) else {
      handshakeOutput += Refusal.noCommonVersion.answer(versions: versions)
      throw .versionMismatch(ours: versions, theirs: prelude.versions)
    }
    guard let key = configuration.keys[prelude.keyID], key.role == prelude.role else {
      handshakeOutput += Refusal.unknownKey.answer(versions: versions)
      throw .unknownKey(prelude.keyID, role: prelude.role)
    }
    if let wanted = prelude.clusterID, wanted != configuration.clusterID {
      handshakeOutput += Refusal.otherCluster.answer(versions: versions)
      throw .clusterMismatch(ours: configuration.clusterID, theirs: wanted)
    }
    let reply = PreludeReply(.goOn(version: version), versions: versions).encoded
    handshakeOutput += reply
    let handshake = makeHandshake(key: key, prologue: message + reply)
    phase = .awaitingFirstMessage(configuration, handshake, prelude, version: version)
  }

  private mutating func answer(
    first message: [UInt8],
    _ started: NoiseHandshake,
    _ configuration: SessionConfiguration,
    _ prelude: Prelude,
    _ version: UInt16
  ) throws(SessionError) {
    var handshake = started
    let answer: [UInt8]
    do {
      _ = try handshake.readFirst(message)
      answer = try handshake.writeSecond(payload: configuration.clusterID.bytes)
    } catch {
      throw Session.error(for: error)
    }
    append(noiseMessage: answer)
    let peer = PeerIdentity(
      role: prelude.role,
      keyID: prelude.keyID,
      clusterID: configuration.clusterID,
      version: version,
      handshakeHash: handshake.handshakeHash
    )
    let (fromInitiator, fromResponder) = handshake.split()
    receiving = TransportCipher(fromInitiator, limits: limits)
    sending = TransportCipher(fromResponder, limits: limits)
    ephemeral = nil
    phase = .awaitingConfirmation(peer)
  }

  // The initiator's side.

  private mutating func follow(
    reply message: [UInt8],
    after prelude: [UInt8],
    _ identity: SessionIdentity
  ) throws(SessionError) {
    let reply: PreludeReply
    do {
      reply = try PreludeReply(body: message[Prelude.headerByteCount...])
    } catch {
      throw .malformedHandshake(error)
    }
    let version: UInt16
    switch reply.answer {
    case .refuse(.noCommonVersion):
      throw .versionMismatch(ours: identity.versions, theirs: reply.versions)
    case .refuse(let refusal): throw .refused(refusal)
    case .goOn(let chosen): version = chosen
    }
    guard version == identity.versions.highestCommon(with: reply.versions) else {
      throw .versionNotNegotiated(chosen: version, ours: identity.versions, theirs: reply.versions)
    }
    var handshake = makeHandshake(key: identity.key, prologue: prelude + message)
    append(noiseMessage: handshake.writeFirst())
    phase = .awaitingSecondMessage(identity, handshake, version: version)
  }

  private mutating func finish(
    second message: [UInt8],
    _ started: NoiseHandshake,
    _ identity: SessionIdentity,
    _ version: UInt16
  ) throws(SessionError) -> PeerIdentity {
    var handshake = started
    let payload: [UInt8]
    do {
      payload = try handshake.readSecond(message)
    } catch {
      throw Session.error(for: error)
    }
    guard let clusterID = ClusterID(Array(payload.prefix(ClusterID.byteCount))) else {
      throw .malformedHandshake(.invalidValue(at: 0, what: "no cluster id"))
    }
    if let wanted = identity.clusterID, wanted != clusterID {
      throw .clusterMismatch(ours: wanted, theirs: clusterID)
    }
    let peer = PeerIdentity(
      role: identity.key.role,
      keyID: identity.key.id,
      clusterID: clusterID,
      version: version,
      handshakeHash: handshake.handshakeHash
    )
    let (fromInitiator, fromResponder) = handshake.split()
    sending = TransportCipher(fromInitiator, limits: limits)
    receiving = TransportCipher(fromResponder, limits: limits)
    ephemeral = nil
    owesConfirmation = true
    phase = .established
    return peer
  }

  // Messages.

  private mutating func makeHandshake(key: RoleKey, prologue: [UInt8]) -> NoiseHandshake {
    guard let ephemeral else { preconditionFailure("a second handshake in one session") }
    return NoiseHandshake(preSharedKey: key.secret, ephemeral: ephemeral, prologue: prologue)
  }

  /// Magic, byte count and body; nothing is believed before the magic is right.
  private mutating func takeClearMessage(
    _ accepted: ClosedRange<Int>
  ) throws(SessionError) -> [UInt8]? {
    if let guess = Magic.foreignProtocol(in: input.rest) {
      if case .awaitingPrelude = phase { handshakeOutput += Magic.answerToOthers }
      throw .notCovey(guess)
    }
    return try takeMessage(after: Magic.bytes.count, accepted)
  }

  private mutating func takeNoiseMessage() throws(SessionError) -> [UInt8]? {
    try takeMessage(after: 0, Session.messageByteCounts).map { Array($0.dropFirst(2)) }
  }

  /// A message whose 16-bit byte count stands after `lead` bytes, lead and byte count included.
  private mutating func takeMessage(
    after lead: Int,
    _ accepted: ClosedRange<Int>
  ) throws(SessionError) -> [UInt8]? {
    guard let claimed = input.peekInteger(byteCount: 2, at: lead) else { return nil }
    guard accepted.contains(claimed) else {
      throw .handshakeMessageLength(claimed: claimed, accepted: accepted)
    }
    guard let message = input.peek(lead + 2 + claimed) else { return nil }
    input.skip(lead + 2 + claimed)
    return Array(message)
  }

  private mutating func append(noiseMessage message: [UInt8]) {
    handshakeOutput.append(UInt8(truncatingIfNeeded: message.count))
    handshakeOutput.append(UInt8(truncatingIfNeeded: message.count >> 8))
    handshakeOutput += message
  }

  private static func error(for failure: NoiseHandshake.Failure) -> SessionError {
    switch failure {
    case .notAuthentic: .authenticationFailed
    case .weakPublicKey: .weakPublicKey
    }
  }
}
