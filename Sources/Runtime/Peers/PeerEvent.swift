import Bytes
import Cluster
import Wire

/// What happened on connections.
enum PeerEvent {
  /// Both sides have proved their keys.
  case established(PeerID, PeerIdentity, address: Text)
  /// A whole, authentic frame of an established peer.
  case frame(PeerID, Frame, FrameClass)
  /// An established connection, or one this process opened, is over.
  case closed(PeerID, PeerFailure)
}

/// Why a connection ended, or could not be made.
enum PeerFailure: Equatable {
  /// The network's words.
  case network(reason: String)
  case session(SessionError)
  case tooSlow(reason: String)

  var reason: Text {
    switch self {
    case .network(let reason), .tooSlow(let reason): Text(reason)
    case .session(let error): Text(error.description)
    }
  }
}
