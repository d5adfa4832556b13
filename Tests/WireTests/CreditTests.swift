import Bytes
import Testing
import Wire

@Suite struct CreditTests {
  /// A window of 1,000 bytes, bulk frames of up to 3,000.
  static var limits: SessionLimits {
    var limits = SessionLimits()
    limits.creditWindow = 1_000
    limits.bulkPayload = 3_000
    return limits
  }

  static func bulk(_ byteCount: Int, kind: UInt8 = 1) -> Frame {
    Frame(kind: kind, payload: [UInt8](repeating: kind, count: byteCount))
  }

  @Test func `bulk stops at the window and goes on when it is consumed`() throws {
    var pair = try SessionPair.established(limits: CreditTests.limits)
    for _ in 0..<10 { try pair.initiator.send(CreditTests.bulk(300), class: .bulk) }

    try pair.exchange()
    #expect(pair.atAcceptor.count == 3)
    #expect(!pair.initiator.hasOutgoing)
    #expect(pair.initiator.queuedByteCount == 7 * 334)
    #expect(pair.acceptor.unconsumedByteCount == 900)

    pair.acceptor.consumed(bytes: 300)
    try pair.exchange()
    #expect(pair.atAcceptor.count == 4)

    pair.acceptor.consumed(bytes: 900)
    try pair.exchange()
    #expect(pair.atAcceptor.count == 7)
  }

  @Test func `control needs no credit`() throws {
    var pair = try SessionPair.established(limits: CreditTests.limits)
    for _ in 0..<10 { try pair.initiator.send(CreditTests.bulk(300), class: .bulk) }
    try pair.exchange()

    for _ in 0..<20 { try pair.initiator.send(CreditTests.bulk(300, kind: 2)) }
    try pair.exchange()

    #expect(pair.atAcceptor.filter { $0.frame?.kind == 2 }.count == 20)
    #expect(pair.acceptor.unconsumedByteCount == 900)
  }

  @Test func `a frame longer than the window passes alone`() throws {
    var pair = try SessionPair.established(limits: CreditTests.limits)
    try pair.initiator.send(CreditTests.bulk(260), class: .bulk)
    try pair.initiator.send(CreditTests.bulk(3_000), class: .bulk)
    try pair.exchange()
    #expect(pair.atAcceptor.count == 1)

    pair.acceptor.consumed(bytes: 260)
    try pair.exchange()

    #expect(pair.atAcceptor.last == .frame(CreditTests.bulk(3_000), .bulk))
  }

  @Test func `credit comes back in few frames`() throws {
    var pair = try SessionPair.established(limits: CreditTests.limits)
    var returned = 0
    for _ in 0..<100 {
      try pair.initiator.send(CreditTests.bulk(50), class: .bulk)
      _ = try pair.acceptor.receive(pair.initiator.takeOutgoing(maxBytes: 1 << 16))
      pair.acceptor.consumed(bytes: 50)
      if pair.acceptor.hasOutgoing { returned += 1 }
      _ = try pair.initiator.receive(pair.acceptor.takeOutgoing(maxBytes: 1 << 16))
    }

    // 5,000 bytes, returned as soon as they are more than 250.
    #expect(returned == 16)
  }

  @Test func `whatever the sizes, everything arrives and little is held`() throws {
    for seed in 1...30 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      var pair = try SessionPair.established(limits: CreditTests.limits, seed: seed)
      let frames = (0..<60).map { number in
        CreditTests.bulk(
          random.oneIn(5) ? random.below(3_001) : random.below(400),
          kind: UInt8(number)
        )
      }
      for frame in frames { try pair.initiator.send(frame, class: .bulk) }

      var held = 0
      var steps = 0
      while pair.atAcceptor.count < frames.count, steps < 10_000 {
        steps += 1
        let events = try pair.acceptor.receive(pair.initiator.takeOutgoing(maxBytes: 500))
        pair.atAcceptor += events
        held += events.reduce(0) { $0 + ($1.frame?.payload.count ?? 0) }
        #expect(held == pair.acceptor.unconsumedByteCount)
        #expect(held <= 250 + 3_000)
        let consumed = random.below(held + 1)
        // A consumer may dawdle; it must not stop for good.
        if random.oneIn(3) {
          pair.acceptor.consumed(bytes: consumed)
          held -= consumed
        } else if random.oneIn(4) {
          pair.acceptor.consumed(bytes: held)
          held = 0
        }
        _ = try pair.initiator.receive(pair.acceptor.takeOutgoing(maxBytes: 500))
      }

      #expect(pair.atAcceptor.compactMap(\.frame) == frames, "seed \(seed)")
    }
  }

  /// A pair whose initiator believes in other limits than its acceptor.
  private static func unequal(_ change: (inout SessionLimits) -> Void) throws -> SessionPair {
    var random = SeededRandom(seed: 3)
    var pair = try SessionPair(limits: limits)
    var other = limits
    change(&other)
    pair.initiator = Session(
      .initiator(SessionIdentity(key: SessionPair.secret(1).key(for: .worker), limits: other)),
      random: &random
    )
    try pair.shakeHands()
    return pair
  }

  @Test func `bulk beyond the credit ends the session`() throws {
    var pair = try CreditTests.unequal { $0.creditWindow = 10_000 }
    for _ in 0..<4 { try pair.initiator.send(CreditTests.bulk(300), class: .bulk) }

    #expect(
      throws: SessionError.creditExceeded(outstanding: 900, payload: 300, window: 1_000)
    ) { try pair.exchange() }
  }

  @Test func `more credit than was used ends the session`() throws {
    // The acceptor counts bytes as received and returns them; here the initiator's own frames come
    // from a session with nothing outstanding, so credit for them is too much.
    var pair = try SessionPair.established(limits: CreditTests.limits)
    let fresh = pair.initiator
    try pair.initiator.send(CreditTests.bulk(800), class: .bulk)
    _ = try pair.acceptor.receive(pair.initiator.takeOutgoing(maxBytes: 1 << 16))
    pair.acceptor.consumed(bytes: 800)
    let credit = pair.acceptor.takeOutgoing(maxBytes: 1 << 16)

    var other = fresh
    #expect(throws: SessionError.creditOverflow(returned: 800, outstanding: 0)) {
      try other.receive(credit)
    }
    #expect(try pair.initiator.receive(credit).isEmpty)
  }

  @Test func `an empty bulk frame needs no room`() throws {
    var pair = try SessionPair.established(limits: CreditTests.limits)
    try pair.initiator.send(CreditTests.bulk(1_000), class: .bulk)
    try pair.initiator.send(CreditTests.bulk(0), class: .bulk)

    try pair.exchange()

    #expect(pair.atAcceptor.count == 2)
  }

  @Test func `the standard window lets a copy of a shard flow`() throws {
    var pair = try SessionPair.established()
    let chunk = CreditTests.bulk(1 << 20)
    for _ in 0..<40 { try pair.initiator.send(chunk, class: .bulk) }

    var count = 0
    while count < 40 {
      let bytes = pair.initiator.takeOutgoing(maxBytes: 256 << 10)
      #expect(!bytes.isEmpty)
      for event in try pair.acceptor.receive(bytes) {
        #expect(event == .frame(chunk, .bulk))
        pair.acceptor.consumed(bytes: 1 << 20)
        count += 1
      }
      _ = try pair.initiator.receive(pair.acceptor.takeOutgoing(maxBytes: 256 << 10))
    }

    #expect(pair.initiator.queuedByteCount == 0)
  }
}
