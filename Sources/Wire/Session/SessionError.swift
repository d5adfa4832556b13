package import Bytes

/// Why a session ended; the connection is then of no use.
package enum SessionError: Error, Equatable, Sendable {
  case notCovey(ForeignProtocol)
  case malformedHandshake(DecodingError)
  case handshakeMessageLength(claimed: Int, accepted: ClosedRange<Int>)
  case versionMismatch(ours: ProtocolVersions, theirs: ProtocolVersions)
  /// The chosen version is not the highest common one: someone changed the bytes on the way.
  case versionNotNegotiated(chosen: UInt16, ours: ProtocolVersions, theirs: ProtocolVersions)
  case unknownKey(KeyID, role: Role)
  case clusterMismatch(ours: ClusterID, theirs: ClusterID)
  /// The acceptor's word, not authenticated.
  case refused(Refusal)
  /// The other side has another key, or something changed the handshake on the way.
  case authenticationFailed
  /// A public key that would give the same secret with every private key.
  case weakPublicKey
  case tooManyBytesBeforeAuthentication(byteCount: Int, limit: Int)
  case frameTooLong(claimed: Int, limit: Int)
  case frameTooShort(claimed: Int, least: Int)
  /// Altered, replayed, reordered, reflected, or of another session.
  case tagMismatch
  case unknownFrameClass(UInt8)
  case unknownSessionFrame(kind: UInt8)
  case malformedSessionFrame(DecodingError)
  /// More credit came back than was used.
  case creditOverflow(returned: UInt64, outstanding: Int)
  case creditExceeded(outstanding: Int, payload: Int, window: Int)
  case noncesExhausted
  /// Refused by `send` alone; the session goes on.
  case payloadTooLong(byteCount: Int, limit: Int)
}

extension SessionError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notCovey(let guess): "the peer does not speak the covey protocol: \(guess)"
    case .malformedHandshake(let error): "the handshake is malformed: \(error)"
    case .handshakeMessageLength(let claimed, let accepted):
      "a handshake message claims \(claimed) bytes, not \(accepted.lowerBound) to "
        + "\(accepted.upperBound)"
    case .versionMismatch(let ours, let theirs):
      "no common protocol version: this side speaks \(ours), the other \(theirs)"
    case .versionNotNegotiated(let chosen, let ours, let theirs):
      "the other side chose protocol version \(chosen) though this side speaks \(ours) and the "
        + "other \(theirs)"
    case .unknownKey(let id, let role): "no accepted key has the id \(id) for the role \(role.name)"
    case .clusterMismatch(let ours, let theirs):
      "the other side wants cluster \(theirs), this one is \(ours)"
    case .refused(let refusal): "the other side refuses the connection: \(refusal)"
    case .authenticationFailed:
      "authentication failed: the two sides do not hold the same key, or bytes were changed on "
        + "the way"
    case .weakPublicKey: "the other side sent a public key of low order"
    case .tooManyBytesBeforeAuthentication(let byteCount, let limit):
      "\(byteCount) bytes came before authentication, over the limit of \(limit)"
    case .frameTooLong(let claimed, let limit):
      "a frame of \(claimed) bytes is over the limit of \(limit)"
    case .frameTooShort(let claimed, let least):
      "a frame claims \(claimed) bytes, fewer than the \(least) of an empty one"
    case .tagMismatch: "a frame was altered, replayed or reordered on the way"
    case .unknownFrameClass(let value): "unknown frame class \(value)"
    case .unknownSessionFrame(let kind): "unexpected session frame of kind \(kind)"
    case .malformedSessionFrame(let error): "a session frame is malformed: \(error)"
    case .creditOverflow(let returned, let outstanding):
      "\(returned) bytes of credit came back where \(outstanding) are outstanding"
    case .creditExceeded(let outstanding, let payload, let window):
      "a bulk frame of \(payload) bytes came on top of \(outstanding) outstanding, over the "
        + "window of \(window)"
    case .noncesExhausted: "every nonce of the session has been used"
    case .payloadTooLong(let byteCount, let limit):
      "a payload of \(byteCount) bytes is over the limit of \(limit)"
    }
  }
}
