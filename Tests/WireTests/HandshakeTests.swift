import Bytes
import Testing
import Wire

@Suite struct HandshakeTests {
  @Test func `both ends learn the same identity`() throws {
    var pair = try SessionPair()

    try pair.shakeHands()

    let peer = try #require(pair.atAcceptor.first?.peer)
    #expect(pair.atAcceptor.count == 1)
    #expect(pair.atInitiator == pair.atAcceptor)
    #expect(peer.role == .worker)
    #expect(peer.keyID == SessionPair.secret(1).key(for: .worker).id)
    #expect(peer.clusterID == SessionPair.clusterID)
    #expect(peer.version == 1)
    #expect(peer.handshakeHash.count == 32)
    #expect(pair.initiator.isEstablished && pair.acceptor.isEstablished)
    #expect(pair.acceptor.bytesBeforeAuthentication <= 1 << 10)
    #expect(pair.initiator.bytesBeforeAuthentication <= 1 << 10)
  }
}
