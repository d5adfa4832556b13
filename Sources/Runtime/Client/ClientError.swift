package import Platform

/// Why a client has no reply.
package enum ClientError: Error, Equatable, Sendable {
  /// Nobody answers there.
  case unreachable(Endpoint, reason: String)
  /// Somebody answers there and does not let this client in.
  case notPermitted(Endpoint, reason: String)
  /// Somebody answers there who is no coordinator this client can talk to.
  case notUnderstood(Endpoint, reason: String)
  case connectionLost(Endpoint, reason: String)
  case timedOut(Endpoint, milliseconds: Int64)
  /// The request is longer than any frame.
  case requestTooLong(byteCount: Int, limit: Int)
  /// The reply is of another kind than the request asks for.
  case unexpectedReply(to: String)

  /// Whether another try, perhaps with a new connection, may succeed.
  package var isRetryable: Bool {
    switch self {
    case .unreachable, .connectionLost, .timedOut: true
    case .notPermitted, .notUnderstood, .requestTooLong, .unexpectedReply: false
    }
  }
}

extension ClientError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .unreachable(let endpoint, let reason):
      "cannot reach the coordinator at \(endpoint): \(reason)"
    case .notPermitted(let endpoint, let reason):
      "the coordinator at \(endpoint) does not let this client in: \(reason)"
    case .notUnderstood(let endpoint, let reason):
      "\(endpoint) does not answer as a coordinator does: \(reason)"
    case .connectionLost(let endpoint, let reason):
      "the connection to the coordinator at \(endpoint) was lost: \(reason)"
    case .timedOut(let endpoint, let milliseconds):
      "the coordinator at \(endpoint) did not answer within \(milliseconds / 1_000) s"
    case .requestTooLong(let byteCount, let limit):
      "the request has \(byteCount) bytes, over the limit of \(limit)"
    case .unexpectedReply(let request): "the coordinator answered \(request) with something else"
    }
  }
}
