import Bytes
import Testing
import Wire

@Suite struct SessionTests {
  @Test func `frames arrive whole and in order, both ways`() throws {
    var random = SeededRandom(seed: 5)
    var pair = try SessionPair.established()
    let frames = (0..<200).map { number in
      Frame(
        kind: UInt8(number),
        stream: UInt32(number) << 20,
        epoch: UInt64(number) << 50,
        payload: (0..<random.below(300)).map { _ in UInt8(random.below(256)) }
      )
    }

    for frame in frames {
      try pair.initiator.send(frame)
      try pair.acceptor.send(frame)
    }
    try pair.exchange(maxBytes: 1_000)

    #expect(pair.atAcceptor == frames.map { .frame($0, .control) })
    #expect(pair.atInitiator == frames.map { .frame($0, .control) })
  }

  @Test func `what is sent before the handshake follows it`() throws {
    var pair = try SessionPair()
    try pair.initiator.send(Frame(kind: 1, payload: [1]))
    try pair.acceptor.send(Frame(kind: 2, payload: [2]), class: .bulk)

    try pair.shakeHands()

    #expect(pair.atAcceptor.last == .frame(Frame(kind: 1, payload: [1]), .control))
    #expect(pair.atInitiator.last == .frame(Frame(kind: 2, payload: [2]), .bulk))
    #expect(pair.atInitiator.first?.peer != nil)
  }

  @Test func `a frame stands on the wire as the protocol page says`() throws {
    var pair = try SessionPair.established()
    try pair.initiator.send(Frame(kind: 1, stream: 2, epoch: 3, payload: [4, 5, 6]))

    let bytes = pair.initiator.takeOutgoing(maxBytes: 1)

    #expect(bytes.count == 4 + 14 + 3 + 16)
    #expect(Array(bytes[..<4]) == [33, 0, 0, 0])
  }

  @Test func `cut anywhere, the same frames arrive`() throws {
    var random = SeededRandom(seed: 17)
    for round in 0..<50 {
      var pair = try SessionPair.established(seed: UInt64(round))
      let frames = (0..<20).map { number in
        Frame(kind: UInt8(number), payload: [UInt8](repeating: 7, count: random.below(100)))
      }
      for frame in frames { try pair.initiator.send(frame) }
      let bytes = pair.initiator.takeOutgoing(maxBytes: 1 << 20)

      var events: [SessionEvent] = []
      var offset = 0
      while offset < bytes.count {
        let end = min(bytes.count, offset + random.below(150))
        events += try pair.acceptor.receive(Array(bytes[offset..<end]))
        offset = end
      }

      #expect(events.compactMap(\.frame) == frames, "round \(round)")
    }
  }

  @Test func `one byte at a time, a large frame arrives in linear time`() throws {
    var pair = try SessionPair.established()
    let frame = Frame(kind: 1, payload: [UInt8](repeating: 3, count: 300_000))
    try pair.initiator.send(frame)
    try pair.initiator.send(Frame(kind: 2))

    var events: [SessionEvent] = []
    for byte in pair.initiator.takeOutgoing(maxBytes: 1 << 20) {
      events += try pair.acceptor.receive([byte])
    }

    #expect(events.compactMap(\.frame) == [frame, Frame(kind: 2)])
  }

  @Test func `control overtakes queued bulk`() throws {
    var pair = try SessionPair.established()
    let piece = [UInt8](repeating: 1, count: 1_000)
    for _ in 0..<10 { try pair.initiator.send(Frame(kind: 1, payload: piece), class: .bulk) }
    pair.atAcceptor += try pair.acceptor.receive(pair.initiator.takeOutgoing(maxBytes: 2_500))
    #expect(pair.atAcceptor.count == 2)

    try pair.initiator.send(Frame(kind: 9))
    pair.atAcceptor += try pair.acceptor.receive(pair.initiator.takeOutgoing(maxBytes: 1))

    #expect(pair.atAcceptor.last == .frame(Frame(kind: 9), .control))
    #expect(pair.initiator.queuedBulkByteCount == 8 * 1_034)
    #expect(pair.initiator.queuedByteCount == 8 * 1_034)
  }

  @Test func `outgoing bytes keep to the limit but for one frame`() throws {
    var pair = try SessionPair.established()
    for count in [10, 10, 500, 10] {
      try pair.initiator.send(Frame(kind: 1, payload: [UInt8](repeating: 1, count: count)))
    }

    var counts: [Int] = []
    while pair.initiator.hasOutgoing {
      counts.append(pair.initiator.takeOutgoing(maxBytes: 100).count)
    }

    #expect(counts == [88, 534, 44])
    #expect(pair.initiator.takeOutgoing(maxBytes: 100).isEmpty)
  }

  static let sizes: [(FrameClass, Int)] = [(.control, 1 << 20), (.bulk, 16 << 20)]

  @Test(arguments: sizes)
  func `the longest payload passes and a longer one is refused`(
    frameClass: FrameClass,
    limit: Int
  ) throws {
    var pair = try SessionPair.established()
    let longest = Frame(kind: 1, payload: [UInt8](repeating: 9, count: limit))
    var tooLong = longest
    tooLong.payload.append(9)

    #expect(throws: SessionError.payloadTooLong(byteCount: limit + 1, limit: limit)) {
      try pair.initiator.send(tooLong, class: frameClass)
    }
    try pair.initiator.send(longest, class: frameClass)
    try pair.exchange()

    #expect(pair.atAcceptor == [.frame(longest, frameClass)])
  }

  @Test func `a control frame longer than its cap is refused by the receiver`() throws {
    // The sender of this pair believes in a larger cap.
    var random = SeededRandom(seed: 3)
    let clusterID = try #require(SessionPair.clusterID)
    let secret = SessionPair.secret(1)
    var generous = SessionLimits()
    generous.controlPayload = 2_000
    generous.bulkPayload = 4_000
    var strict = generous
    strict.controlPayload = 1_000
    var pair = try SessionPair(limits: strict)
    pair.initiator = Session(
      .initiator(
        SessionIdentity(key: secret.key(for: .worker), clusterID: clusterID, limits: generous)
      ),
      random: &random
    )
    try pair.shakeHands()
    try pair.initiator.send(Frame(kind: 1, payload: [UInt8](repeating: 1, count: 1_001)))

    #expect(throws: SessionError.frameTooLong(claimed: 1_001, limit: 1_000)) {
      try pair.exchange()
    }
  }

  // Hostile bytes.

  /// An established pair and the bytes of `count` small frames of the initiator.
  private static func recorded(
    _ count: Int,
    limits: SessionLimits = .standard
  ) throws -> (pair: SessionPair, frames: [[UInt8]]) {
    var pair = try SessionPair.established(limits: limits)
    var frames: [[UInt8]] = []
    for number in 0..<count {
      try pair.initiator.send(Frame(kind: UInt8(number), payload: [1, 2, 3]))
      frames.append(pair.initiator.takeOutgoing(maxBytes: 1))
    }
    return (pair, frames)
  }

  @Test func `a changed bit at any place ends the session`() throws {
    let (pair, frames) = try SessionTests.recorded(2)
    for bit in 0..<8 * frames[0].count {
      var acceptor = pair.acceptor
      var changed = frames[0]
      changed[bit / 8] ^= 1 << UInt8(bit % 8)

      var events: [SessionEvent] = []
      do {
        events += try acceptor.receive(changed)
        // A larger byte count, still allowed, waits for more and fails when that has come.
        for _ in 0..<1 << 16 where acceptor.holdsPartialInput {
          events += try acceptor.receive([UInt8](repeating: 0, count: 1 << 10))
        }
      } catch {}

      #expect(events.isEmpty, "bit \(bit)")
      #expect(acceptor.failure != nil, "bit \(bit)")
      #expect(throws: acceptor.failure ?? .tagMismatch) { try acceptor.receive(frames[1]) }
    }
  }

  @Test func `a frame cut short waits`() throws {
    let (pair, frames) = try SessionTests.recorded(1)
    for byteCount in 0..<frames[0].count {
      var acceptor = pair.acceptor

      #expect(try acceptor.receive(Array(frames[0][..<byteCount])).isEmpty)

      #expect(acceptor.holdsPartialInput == (byteCount > 0))
      #expect(try acceptor.receive(Array(frames[0][byteCount...])).count == 1)
    }
  }

  @Test func `a repeated frame ends the session`() throws {
    var (pair, frames) = try SessionTests.recorded(2)
    _ = try pair.acceptor.receive(frames[0])

    #expect(throws: SessionError.tagMismatch) { try pair.acceptor.receive(frames[0]) }
  }

  @Test func `frames out of order end the session`() throws {
    var (pair, frames) = try SessionTests.recorded(2)

    #expect(throws: SessionError.tagMismatch) { try pair.acceptor.receive(frames[1]) }
    #expect(throws: SessionError.tagMismatch) { try pair.acceptor.receive(frames[0]) }
  }

  @Test func `a frame left out ends the session`() throws {
    var (pair, frames) = try SessionTests.recorded(3)
    _ = try pair.acceptor.receive(frames[0])

    #expect(throws: SessionError.tagMismatch) { try pair.acceptor.receive(frames[2]) }
  }

  @Test func `a frame sent back to its sender ends the session`() throws {
    var (pair, frames) = try SessionTests.recorded(1)

    #expect(throws: SessionError.tagMismatch) { try pair.initiator.receive(frames[0]) }
  }

  @Test func `a frame of another session ends the session`() throws {
    let (_, frames) = try SessionTests.recorded(1)
    var other = try SessionPair.established(seed: 77)

    #expect(throws: SessionError.tagMismatch) { try other.acceptor.receive(frames[0]) }
  }

  static let lengths: [(bytes: [UInt8], error: SessionError)] = [
    (
      [0xFF, 0xFF, 0xFF, 0xFF],
      .frameTooLong(claimed: 4_294_967_295, limit: 16_777_246)
    ),
    ([0x1F, 0, 0, 1], .frameTooLong(claimed: 16_777_247, limit: 16_777_246)),
    ([0, 0, 0, 0], .frameTooShort(claimed: 0, least: 30)),
    ([29, 0, 0, 0], .frameTooShort(claimed: 29, least: 30)),
  ]

  @Test(arguments: lengths)
  func `an impossible byte count is refused before its bytes come`(
    bytes: [UInt8],
    error: SessionError
  ) throws {
    var pair = try SessionPair.established()

    #expect(throws: error) { try pair.acceptor.receive(bytes) }
  }

  @Test func `random bytes end an established session`() throws {
    var random = SeededRandom(seed: 4)
    let established = try SessionPair.established()
    for round in 0..<500 {
      var acceptor = established.acceptor
      var bytes = (0..<1 + random.below(200)).map { _ in UInt8(random.below(256)) }
      // Most random byte counts are too long; half of these are not.
      if round % 2 == 0 { bytes = [UInt8(random.below(120)), 0, 0, 0] + bytes }

      let events = (try? acceptor.receive(bytes)) ?? []

      #expect(events.isEmpty, "round \(round)")
      #expect(acceptor.failure != nil || acceptor.holdsPartialInput)
    }
  }

  @Test func `after an error nothing is taken, queued or sent`() throws {
    var (pair, frames) = try SessionTests.recorded(1)
    try pair.acceptor.send(Frame(kind: 1))
    #expect(throws: SessionError.tagMismatch) {
      try pair.acceptor.receive([30, 0, 0, 0] + [UInt8](repeating: 0, count: 30))
    }

    #expect(throws: SessionError.tagMismatch) { try pair.acceptor.receive(frames[0]) }
    #expect(throws: SessionError.tagMismatch) { try pair.acceptor.receive([]) }
    #expect(throws: SessionError.tagMismatch) { try pair.acceptor.send(Frame(kind: 1)) }
    pair.acceptor.consumed(bytes: 10)
    #expect(!pair.acceptor.hasOutgoing)
    #expect(pair.acceptor.queuedByteCount == 0)
    #expect(pair.acceptor.takeOutgoing(maxBytes: 1_000).isEmpty)
    #expect(!pair.acceptor.isEstablished)
    #expect(pair.acceptor.failure == .tagMismatch)
  }

  // Keys.

  static let schedules: [(frames: UInt64, bytes: UInt64)] = [
    (3, 1 << 40), (1 << 40, 200), (1, 1), (5, 300),
  ]

  @Test(arguments: schedules)
  func `both ends replace the key between the same frames`(frames: UInt64, bytes: UInt64) throws {
    var random = SeededRandom(seed: 6)
    var limits = SessionLimits()
    limits.framesPerKey = frames
    limits.bytesPerKey = bytes
    var pair = try SessionPair.established(limits: limits)
    let sent = (0..<50).map { number in
      Frame(kind: UInt8(number), payload: [UInt8](repeating: 1, count: random.below(100)))
    }

    for frame in sent {
      try pair.initiator.send(frame)
      try pair.acceptor.send(frame)
      try pair.exchange()
    }

    #expect(pair.atAcceptor.compactMap(\.frame) == sent)
    #expect(pair.atInitiator.compactMap(\.frame) == sent)
  }

  @Test func `a key that was replaced at one end alone ends the session`() throws {
    var limits = SessionLimits()
    limits.framesPerKey = 2
    var random = SeededRandom(seed: 3)
    var pair = try SessionPair()
    pair.initiator = Session(
      .initiator(SessionIdentity(key: SessionPair.secret(1).key(for: .worker), limits: limits)),
      random: &random
    )
    try pair.shakeHands()
    try pair.initiator.send(Frame(kind: 1))
    try pair.exchange()
    try pair.initiator.send(Frame(kind: 2))

    #expect(throws: SessionError.tagMismatch) { try pair.exchange() }
  }
}
