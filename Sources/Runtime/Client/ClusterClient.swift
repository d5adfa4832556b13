import Bytes
package import Cluster
package import Domain
package import Platform
package import Wire

/// A connection to the coordinator for one thread, which waits for its replies.
///
/// Several requests may be on their way at a time; replies can come in any order.
package final class ClusterClient {
  /// Bulk bytes that wait to be sent before `send` waits for the coordinator to take some.
  private static let queuedByteCountMax = 4 << 20
  package static let standardTimeoutMilliseconds: Int64 = 30_000

  package let endpoint: Endpoint
  private let timeoutMilliseconds: Int64
  private let clock = LinuxClock()
  private let table: PeerTable
  private let peer: PeerID
  private var requestCount: UInt32 = 0
  /// Replies that nobody has asked for yet.
  private var replies: [UInt32: ClientReply] = [:]
  private var isEstablished = false
  /// Why there is no connection any more.
  private var ending: ClientError?

  /// Connects and proves the key.
  ///
  /// - Parameters:
  ///   - endpoint: where the coordinator listens.
  ///   - key: of the role client, operator or viewer.
  ///   - timeoutMilliseconds: how long the coordinator may take to answer, now and later.
  ///   - limits: of the connection.
  /// - Throws: `ClientError`, or `PlatformError` when the system gives no pipe.
  package init(
    endpoint: Endpoint,
    key: RoleKey,
    timeoutMilliseconds: Int64 = ClusterClient.standardTimeoutMilliseconds,
    limits: PeerLimits = .standard
  ) throws {
    self.endpoint = endpoint
    self.timeoutMilliseconds = timeoutMilliseconds
    table = PeerTable(network: try LinuxNetwork(), clock: clock, limits: limits, log: .none)
    peer = table.connect(to: endpoint, as: SessionIdentity(key: key))
    let deadline = clock.monotonicMilliseconds + timeoutMilliseconds
    while !isEstablished { try wait(until: deadline, timeoutMilliseconds) }
  }

  deinit { table.closeAll() }

  /// Sends a request and waits for its reply; what the coordinator refuses is a `ClusterError`.
  package func request(
    _ request: ClientRequest,
    timeoutMilliseconds: Int64? = nil
  ) throws -> ClientReply {
    let reply = try reply(to: send(request), timeoutMilliseconds: timeoutMilliseconds)
    if case .failed(let error) = reply { throw error }
    return reply
  }

  /// Sends a request that is answered with a document.
  package func document(_ request: ClientRequest) throws -> Value {
    guard case .document(let value) = try self.request(request) else {
      throw ClientError.unexpectedReply(to: request.word)
    }
    return value
  }

  /// Sends a request without waiting for its reply; waits only while too much is unsent.
  ///
  /// - Parameters:
  ///   - request: what is asked.
  ///   - timeoutMilliseconds: how long nothing may be taken; `nil` is the connection's.
  /// - Returns: the number to ask for the reply by.
  /// - Throws: `ClientError` when the connection is gone or takes nothing.
  package func send(
    _ request: ClientRequest,
    timeoutMilliseconds: Int64? = nil
  ) throws -> UInt32 {
    if let ending { throw ending }
    requestCount &+= 1
    let outcome = table.send(
      request.encoded,
      kind: .clientRequest,
      stream: requestCount,
      epoch: 0,
      isBulk: request.isBulk,
      to: peer
    )
    switch outcome {
    case .queued: break
    case .tooLong(let byteCount, let limit):
      throw ClientError.requestTooLong(byteCount: byteCount, limit: limit)
    case .gone: throw ClientError.connectionLost(endpoint, reason: "it was closed")
    }
    let timeout = timeoutMilliseconds ?? self.timeoutMilliseconds
    let deadline = clock.monotonicMilliseconds + timeout
    repeat {
      try wait(until: isClogged ? deadline : clock.monotonicMilliseconds, timeout)
    } while isClogged
    return requestCount
  }

  /// Waits for the reply to a request that was sent; a refusal is given as `failed`.
  package func reply(
    to request: UInt32,
    timeoutMilliseconds: Int64? = nil
  ) throws -> ClientReply {
    let timeout = timeoutMilliseconds ?? self.timeoutMilliseconds
    let deadline = clock.monotonicMilliseconds + timeout
    while true {
      if let reply = replies.removeValue(forKey: request) { return reply }
      guard clock.monotonicMilliseconds < deadline else {
        throw ClientError.timedOut(endpoint, milliseconds: timeout)
      }
      try wait(until: deadline, timeout)
    }
  }

  private var isClogged: Bool {
    table.queuedByteCount(of: peer) > ClusterClient.queuedByteCountMax
  }

  /// Lets the connection go on, until something happens or the deadline.
  private func wait(until deadline: Int64, _ timeout: Int64) throws {
    if let ending { throw ending }
    let events = table.wait(untilMonotonicMilliseconds: deadline)
    for event in events { take(event) }
    // A reply that came before the end counts.
    if let ending, replies.isEmpty { throw ending }
    if events.isEmpty, !isEstablished || isClogged, clock.monotonicMilliseconds >= deadline {
      throw ClientError.timedOut(endpoint, milliseconds: timeout)
    }
  }

  private func take(_ event: PeerEvent) {
    switch event {
    case .established: isEstablished = true
    case .frame(let peer, let frame, let frameClass):
      guard frame.kind == MessageKind.clientReply.rawValue,
        let reply = try? ClientReply(decoding: frame.payload)
      else {
        ending = .notUnderstood(endpoint, reason: "it sent what is no reply")
        return table.close(peer)
      }
      replies[frame.stream] = reply
      if frameClass == .bulk { table.consumed(bytes: frame.payload.count, of: peer) }
    case .closed(_, let failure): ending = error(for: failure)
    }
  }

  private func error(for failure: PeerFailure) -> ClientError {
    let reason = failure.reason.string
    if isEstablished { return .connectionLost(endpoint, reason: reason) }
    guard case .session(let error) = failure else {
      return .unreachable(endpoint, reason: reason)
    }
    switch error {
    case .authenticationFailed, .refused(.unknownKey), .refused(.otherCluster),
      .clusterMismatch:
      return .notPermitted(endpoint, reason: reason)
    case .refused(.busy): return .unreachable(endpoint, reason: reason)
    default: return .notUnderstood(endpoint, reason: reason)
    }
  }
}
