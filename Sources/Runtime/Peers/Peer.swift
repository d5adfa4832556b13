import Bytes
import Cluster
import Platform
import Wire

/// One connection with its session; used by the loop that owns its `PeerTable` only.
///
/// ```
/// connecting ─connected→ shaking hands ─established→ open → gone
///                accepted ─┘
/// ```
final class Peer {
  let id: PeerID
  let connection: ConnectionID
  /// The host of an accepted peer, the endpoint of one that was called.
  let address: Text
  let isInitiator: Bool
  var session: Session
  /// Who it is, once it has proved its key.
  var identity: PeerIdentity?
  /// Monotonic end of the handshake.
  var handshakeDeadline: Int64?
  /// When the frame that has begun must be whole; moves on with each byte of it.
  var frameDeadline: Int64?
  var heardAt: Int64
  /// Requests that wait for a reply; an idle peer has none.
  var isAwaited = false

  init(
    connection: ConnectionID,
    address: Text,
    isInitiator: Bool,
    session: Session,
    at now: Int64
  ) {
    id = PeerID(connection.number)
    self.connection = connection
    self.address = address
    self.isInitiator = isInitiator
    self.session = session
    heardAt = now
  }

  /// Whether the peer is one whose requests are answered, rather than a part of the cluster.
  var isClient: Bool {
    guard !isInitiator, let identity else { return false }
    return identity.role != .worker
  }
}
