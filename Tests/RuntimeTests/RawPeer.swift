import Bytes
import Platform
import Runtime
import Wire

/// A peer that says what a test wants it to say, byte by byte.
final class RawPeer {
  private let network: LinuxNetwork
  private let connection: ConnectionID
  private(set) var received: [UInt8] = []
  private(set) var isConnected = false
  private(set) var isClosed = false

  init(_ endpoint: Endpoint) throws {
    network = try LinuxNetwork()
    connection = network.connect(to: endpoint)
    wait { self.isConnected || self.isClosed }
  }

  func send(_ bytes: [UInt8]) { network.send(bytes, on: connection) }

  func stopReading() { network.setReading(false, on: connection) }

  func takeReceived() -> [UInt8] {
    defer { received = [] }
    return received
  }

  /// Lets the connection go on until the condition holds or 20 s have passed.
  ///
  /// - Returns: whether the condition holds.
  @discardableResult
  func wait(_ condition: () -> Bool) -> Bool {
    let end = LinuxClock().monotonicMilliseconds + 20_000
    while !condition() {
      guard LinuxClock().monotonicMilliseconds < end else { return false }
      for event in network.wait(untilMonotonicMilliseconds: end) {
        switch event {
        case .connected: isConnected = true
        case .received(_, let bytes): received += bytes
        case .closed: isClosed = true
        case .accepted, .drained, .woken: break
        }
      }
    }
    return true
  }

  /// Sends what waits without receiving anything.
  func flush() { _ = network.wait(untilMonotonicMilliseconds: 0) }
}

/// A peer that holds a key and misuses it.
final class ProvenPeer {
  let raw: RawPeer
  private var session: Session

  init(_ endpoint: Endpoint, key: RoleKey) throws {
    raw = try RawPeer(endpoint)
    var random = SystemRandomNumberGenerator()
    session = Session(.initiator(SessionIdentity(key: key)), random: &random)
    session.start()
    while !session.isEstablished {
      raw.send(session.takeOutgoing(maxBytes: 1 << 20))
      guard raw.wait({ !raw.received.isEmpty || raw.isClosed }), !raw.isClosed else {
        throw TestFailure("no session")
      }
      _ = try session.receive(raw.takeReceived())
    }
    raw.send(session.takeOutgoing(maxBytes: 1 << 20))
  }

  func send(_ frame: Frame) throws {
    try session.send(frame)
    raw.send(session.takeOutgoing(maxBytes: 1 << 20))
  }
}
