import Bytes
import Domain

/// Which shards can be asked now, and why others cannot.
extension Coordinator {
  func owner(of place: ShardPlace) -> Name? {
    let owners = catalogue.sets[place.set]?.owners ?? []
    let shard = Int(place.shard.number)
    return shard < owners.count ? owners[shard] : nil
  }

  /// Why a worker can take no work now; `nil` when it can.
  func absence(of worker: Name) -> Text? {
    guard let node = nodes[worker] else { return "it is not known" }
    guard node.state != .ok else { return nil }
    return Text("it is \(node.state.word): \(node.reason(at: now.monotonic) ?? "")")
  }

  /// The worker's connection to ask a shard on.
  func session(for place: ShardPlace) throws(ClusterError) -> Node.Session {
    guard let owner = owner(of: place) else {
      throw ClusterError(.failed, "\(place.set) has no shard \(place.shard)")
    }
    if let reason = damage[place] { throw noCopy(place, owner, reason) }
    guard let session = nodes[owner]?.session, nodes[owner]?.state == .ok else {
      throw noCopy(place, owner, absence(of: owner) ?? "it is not connected")
    }
    return session
  }

  func noCopy(_ place: ShardPlace, _ owner: Name, _ reason: Text) -> ClusterError {
    ClusterError(
      .noCopy,
      "shard \(place.shard) on worker '\(owner)' cannot be reached: \(reason)",
      next: damage[place] == nil
        ? "start the worker again with its data directory: covey worker --name \(owner)"
        : "restore the worker's data directory, or drop the set and import it again"
    )
  }

  /// Sees that every shard of a set can be asked.
  func requireAllShards(of set: SetRecord) throws(ClusterError) {
    for place in set.places { _ = try session(for: place) }
  }
}

extension SetRecord {
  /// Every shard of the set.
  var places: [ShardPlace] {
    owners.indices.map { ShardPlace(set: id, shard: ShardIndex(UInt32($0))) }
  }

  /// The shards that a worker owns.
  func places(of worker: Name) -> [ShardPlace] { places.filter { owner(of: $0.shard) == worker } }

  private func owner(of shard: ShardIndex) -> Name? { owners[Int(shard.number)] }
}
