/// Which end of a connection a session is, and what it brings.
package enum SessionParty: Sendable {
  /// Opens the connection and speaks first.
  case initiator(SessionIdentity)
  /// Answers.
  case acceptor(SessionConfiguration)
}

/// Who an initiator is and what it wants to reach.
package struct SessionIdentity: Sendable {
  /// Also says the role.
  package var key: RoleKey
  /// `nil` accepts whichever cluster answers with the right key.
  package var clusterID: ClusterID?
  package var versions: ProtocolVersions
  package var limits: SessionLimits

  package init(
    key: RoleKey,
    clusterID: ClusterID? = nil,
    versions: ProtocolVersions = .current,
    limits: SessionLimits = .standard
  ) {
    self.key = key
    self.clusterID = clusterID
    self.versions = versions
    self.limits = limits
  }
}

/// What an acceptor accepts.
package struct SessionConfiguration: Sendable {
  package var clusterID: ClusterID
  /// Found by key id; several secrets' keys stand side by side while one replaces the other.
  package private(set) var keys: [KeyID: RoleKey]
  package var versions: ProtocolVersions
  package var limits: SessionLimits

  package init(
    clusterID: ClusterID,
    keys: [RoleKey],
    versions: ProtocolVersions = .current,
    limits: SessionLimits = .standard
  ) {
    self.clusterID = clusterID
    self.keys = Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    self.versions = versions
    self.limits = limits
  }
}

/// Who is at the other end of an established session, all of it authenticated.
package struct PeerIdentity: Equatable, Sendable {
  /// The initiator's role, on both ends.
  package let role: Role
  /// The initiator's key id, on both ends.
  package let keyID: KeyID
  /// The acceptor's cluster.
  package let clusterID: ClusterID
  package let version: UInt16
  /// 32 bytes, the same on both ends and different for every session.
  package let handshakeHash: [UInt8]
}

/// What received bytes amount to.
package enum SessionEvent: Equatable, Sendable {
  /// The other end has proved its key; happens once and before any frame.
  case established(PeerIdentity)
  /// A frame, whole, authentic, in order.
  ///
  /// Of a bulk frame, `Session.consumed(bytes:)` must be told the payload's bytes when it has been
  /// dealt with, or the sender stops.
  case frame(Frame, FrameClass)
}
