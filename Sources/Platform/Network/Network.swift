/// Where to listen or connect: a host name or address and a TCP port.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
  package var host: String
  package var port: UInt16

  package init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Reads `host:port`, `[v6]:port` or `:port` (which is 127.0.0.1).
  package init?(_ text: String) {
    guard let colon = text.utf8.lastIndex(of: UInt8(ascii: ":")),
      let port = UInt16(text[text.utf8.index(after: colon)...])
    else { return nil }
    var host = String(text[..<colon])
    if host.utf8.first == UInt8(ascii: "["), host.utf8.last == UInt8(ascii: "]") {
      host = String(host.dropFirst().dropLast())
    } else if host.utf8.contains(UInt8(ascii: ":")) {
      return nil
    }
    self.init(host: host.isEmpty ? "127.0.0.1" : host, port: port)
  }

  package var description: String {
    host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
  }

  /// Whether the host is this machine's own loopback by address or as `localhost`.
  package var isLoopback: Bool {
    host == "localhost" || host == "::1" || host.utf8.starts(with: "127.".utf8)
  }
}

/// A TCP connection of this process, never used twice.
package struct ConnectionID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let number: UInt64

  package init(_ number: UInt64) { self.number = number }

  package static func < (left: ConnectionID, right: ConnectionID) -> Bool {
    left.number < right.number
  }

  package var description: String { "c\(number)" }
}

/// What happened on the network since it was last asked.
package enum NetworkEvent: Equatable, Sendable {
  /// A peer has connected to a listener; `address` is its host without the port.
  case accepted(ConnectionID, address: String)
  /// A connection begun by `connect` is open.
  case connected(ConnectionID)
  /// Bytes have come.
  case received(ConnectionID, [UInt8])
  /// Everything given to `send` has gone to the system; more may be sent.
  case drained(ConnectionID)
  /// The connection is over, or could not be made; `reason` says why in words.
  case closed(ConnectionID, reason: String)
  /// `wake` was called.
  case woken
}

/// TCP as one serial loop uses it.
///
/// Nothing here blocks but `wait`.
/// All calls but `wake` come from one thread. Two implementations: Linux, and the simulated one.
package protocol Network: AnyObject {
  /// Listens; port 0 takes any free port. The endpoint that was taken is returned.
  func listen(on endpoint: Endpoint) throws -> Endpoint
  /// Begins to connect; `connected` or `closed` follows.
  func connect(to endpoint: Endpoint) -> ConnectionID
  /// Hands bytes over to be written in order; what the system does not take at once is kept.
  func send(_ bytes: [UInt8], on connection: ConnectionID)
  /// Bytes kept because the system has not taken them yet.
  func unsentByteCount(of connection: ConnectionID) -> Int
  /// Stops or goes on reading from a connection, to hold a peer back.
  func setReading(_ isReading: Bool, on connection: ConnectionID)
  /// Closes at once; what is unsent is lost. No event follows.
  func close(_ connection: ConnectionID)
  /// Closes after what was sent has gone, at the latest after a second. No event follows.
  func closeAfterSending(_ connection: ConnectionID)
  /// Waits for events until `deadline` of the clock's monotonic time; `nil` waits for ever.
  func wait(untilMonotonicMilliseconds deadline: Int64?) -> [NetworkEvent]
  /// Ends a `wait` early; callable from any thread.
  func wake()
}
