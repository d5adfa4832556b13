import Bytes
import Platform
import Testing

@Suite struct LinuxNetworkTests {
  @Test(.timeLimit(.minutes(1))) func `bytes sent are bytes received`() throws {
    let pair = try LoopbackPair()

    pair.client.send(Array("hello".utf8), on: pair.clientEnd)
    let received = pair.receive(5)
    pair.server.send(received, on: pair.serverEnd)

    #expect(pair.clientReceives(5) == Array("hello".utf8))
  }

  @Test(.timeLimit(.minutes(1))) func `megabytes in pieces of any size arrive in order`() throws {
    let pair = try LoopbackPair()
    var random = SeededRandom(seed: 7)
    var sent: [UInt8] = []
    while sent.count < 24 << 20 {
      let count = random.oneIn(4) ? random.below(2 << 20) : random.below(4_000)
      let piece = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        for index in 0..<count { buffer[index] = UInt8(truncatingIfNeeded: index &+ sent.count) }
        initialized = count
      }
      sent += piece
      pair.client.send(piece, on: pair.clientEnd)
    }

    let received = pair.receive(sent.count)

    #expect(received == sent)
    #expect(pair.client.unsentByteCount(of: pair.clientEnd) == 0)
  }

  @Test(.timeLimit(.minutes(1))) func `what was kept back is followed by drained`() throws {
    let pair = try LoopbackPair()
    pair.client.send([UInt8](repeating: 1, count: 32 << 20), on: pair.clientEnd)
    #expect(pair.client.unsentByteCount(of: pair.clientEnd) > 0)

    _ = pair.receive(32 << 20)

    #expect(pair.clientEvents.contains(.drained(pair.clientEnd)))
  }

  @Test(.timeLimit(.minutes(1))) func `a connection to a closed port is refused`() throws {
    let network = try LinuxNetwork()
    let free = try LinuxNetwork().listen(on: Endpoint(host: "127.0.0.1", port: 0))

    let connection = network.connect(to: free)

    #expect(waitForEnd(of: connection, on: network) == "connection refused")
  }

  @Test(.timeLimit(.minutes(1))) func `a name that does not exist ends the attempt`() throws {
    let network = try LinuxNetwork()

    let connection = network.connect(to: Endpoint(host: "no-such-host.invalid", port: 1))

    let reason = waitForEnd(of: connection, on: network)
    #expect(reason.utf8.starts(with: "cannot find the address of no-such-host.invalid".utf8))
  }

  @Test(.timeLimit(.minutes(1))) func `the other side learns of a close`() throws {
    let pair = try LoopbackPair()

    pair.client.close(pair.clientEnd)

    #expect(waitForEnd(of: pair.serverEnd, on: pair.server) == "closed by the peer")
  }

  @Test(.timeLimit(.minutes(1)))
  func `what was sent before a polite close arrives though bytes lie unread`() throws {
    let pair = try LoopbackPair()
    pair.server.setReading(false, on: pair.serverEnd)
    pair.client.send([UInt8](repeating: 9, count: 1 << 20), on: pair.clientEnd)
    let farewell = [UInt8](repeating: 5, count: 3 << 20)

    pair.server.send(farewell, on: pair.serverEnd)
    pair.server.closeAfterSending(pair.serverEnd)

    #expect(pair.clientReceives(farewell.count) == farewell)
  }

  @Test(.timeLimit(.minutes(1))) func `a connection whose reading rests gives no bytes`() throws {
    let pair = try LoopbackPair()
    pair.server.setReading(false, on: pair.serverEnd)
    pair.client.send([1, 2, 3], on: pair.clientEnd)
    let deadline = LinuxClock().monotonicMilliseconds + 50

    let early = pair.server.wait(untilMonotonicMilliseconds: deadline)
    pair.server.setReading(true, on: pair.serverEnd)

    #expect(early == [])
    #expect(pair.receive(3) == [1, 2, 3])
  }

  @Test(.timeLimit(.minutes(1))) func `a wake from another thread ends the wait`() throws {
    let network = try LinuxNetwork()
    let waker = network.waker

    let thread = try WorkerThread(named: "waker") { waker.wake() }
    let events = network.wait(untilMonotonicMilliseconds: nil)
    thread.join()

    #expect(events == [.woken])
  }

  @Test func `a wait without events ends at its deadline`() throws {
    let network = try LinuxNetwork()
    let deadline = LinuxClock().monotonicMilliseconds + 20

    #expect(network.wait(untilMonotonicMilliseconds: deadline) == [])
    #expect(LinuxClock().monotonicMilliseconds >= deadline)
  }

  @Test func `a port that is taken is refused with its number`() throws {
    let network = try LinuxNetwork()
    let endpoint = try network.listen(on: Endpoint(host: "127.0.0.1", port: 0))

    #expect(
      throws: PlatformError.cannotListen(endpoint: endpoint, reason: "address already in use")
    ) {
      try LinuxNetwork().listen(on: endpoint)
    }
  }
}

/// Two networks of one thread with one connection between them.
private final class LoopbackPair {
  let client: LinuxNetwork
  let server: LinuxNetwork
  let clientEnd: ConnectionID
  let serverEnd: ConnectionID
  var clientEvents: [NetworkEvent] = []

  init() throws {
    client = try LinuxNetwork()
    server = try LinuxNetwork()
    let endpoint = try server.listen(on: Endpoint(host: "127.0.0.1", port: 0))
    clientEnd = client.connect(to: endpoint)
    var accepted: ConnectionID?
    while accepted == nil {
      for case .accepted(let id, let address) in server.wait(untilMonotonicMilliseconds: nil) {
        #expect(address == "127.0.0.1")
        accepted = id
      }
    }
    serverEnd = try #require(accepted)
    #expect(client.wait(untilMonotonicMilliseconds: nil) == [.connected(clientEnd)])
  }

  /// Turns both loops until the server has `count` bytes.
  func receive(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count {
      turnClient()
      for case .received(_, let part) in turn(server) { bytes += part }
    }
    turnClient()
    return bytes
  }

  /// Turns both loops until the client has `count` bytes.
  func clientReceives(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      _ = turn(server)
      for case .received(_, let part) in turn(client) { bytes += part }
    }
    return bytes
  }

  private func turnClient() { clientEvents += turn(client) }

  private func turn(_ network: LinuxNetwork) -> [NetworkEvent] {
    network.wait(untilMonotonicMilliseconds: LinuxClock().monotonicMilliseconds)
  }
}

private func waitForEnd(of connection: ConnectionID, on network: LinuxNetwork) -> String {
  while true {
    for case .closed(connection, let reason) in network.wait(untilMonotonicMilliseconds: nil) {
      return reason
    }
  }
}
