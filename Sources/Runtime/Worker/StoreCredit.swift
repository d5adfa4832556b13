import Cluster

/// Bulk bytes of a peer that are consumed once the operation they came with has ended.
struct StoreCredit: Equatable, Sendable {
  var peer: PeerID
  var byteCount: Int
}
