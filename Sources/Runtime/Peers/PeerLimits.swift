/// The bounds on connections, so that no peer can make a process hold much on its behalf.
///
/// Tests make them small; everything else uses `standard`.
package struct PeerLimits: Equatable, Sendable {
  /// A peer has this long to prove its key.
  package var handshakeMilliseconds: Int64 = 5_000
  /// Peers that have not proved their key yet, in all and from one address.
  package var unauthenticatedCountMax = 64
  package var unauthenticatedCountPerAddressMax = 8
  /// A peer that does not take what is sent to it is closed beyond this many waiting bytes.
  package var queueByteCountMax = 8 << 20
  /// Bytes handed to the network ahead of what it takes: all that a heartbeat can wait behind.
  package var unsentByteCountMax = 256 << 10
  /// A frame that was begun has to come at this rate on average, after a start of so many
  /// milliseconds.
  package var frameBytesPerMillisecond = 1
  package var frameStartMilliseconds: Int64 = 5_000
  /// Bulk bytes of all clients' unanswered requests.
  package var heldByteCountMax = 256 << 20
  /// A client that says nothing for so long, and waits for nothing, is closed.
  package var idleMilliseconds: Int64 = 600_000

  package static let standard = PeerLimits()

  package init() {}
}
