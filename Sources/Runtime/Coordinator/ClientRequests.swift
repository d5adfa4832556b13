import Cluster

/// Clients' requests that wait for their replies, and the bulk bytes each holds back.
///
/// What a request carried is consumed when its reply is sent: so a client sends no faster than its
/// rows are taken.
struct ClientRequests {
  private let heldByteCountMax: Int
  private var held: [PeerID: [UInt64: Int]] = [:]
  private(set) var heldByteCount = 0

  init(heldByteCountMax: Int) { self.heldByteCountMax = heldByteCountMax }

  mutating func open(_ peer: PeerID) { held[peer] = [:] }

  func isOpen(_ peer: PeerID) -> Bool { held[peer] != nil }

  func isAwaiting(_ peer: PeerID) -> Bool { !(held[peer]?.isEmpty ?? true) }

  mutating func close(_ peer: PeerID) {
    heldByteCount -= held.removeValue(forKey: peer)?.values.reduce(0, +) ?? 0
  }

  /// Notes a request; answers whether all clients together hold too much with it.
  mutating func begin(_ request: UInt64, byteCount: Int, of peer: PeerID) -> Bool {
    held[peer]?[request, default: 0] += byteCount
    heldByteCount += byteCount
    return byteCount > 0 && heldByteCount > heldByteCountMax
  }

  /// Forgets a request; answers the bytes that it held.
  mutating func end(_ request: UInt64, of peer: PeerID) -> Int {
    let byteCount = held[peer]?.removeValue(forKey: request) ?? 0
    heldByteCount -= byteCount
    return byteCount
  }
}
