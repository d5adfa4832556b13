import Bytes
import Domain

/// Profile sets: made, found, dropped.
extension Coordinator {
  func set(_ name: Name) throws(ClusterError) -> SetRecord {
    guard let set = catalogue.set(named: name) else { throw noSet(name) }
    return set
  }

  func noSet(_ name: Name) -> ClusterError {
    ClusterError(.noSuchSet, "there is no set '\(name)'", next: "covey sets list")
  }

  /// A new set, placed on the workers that can be counted on now; not yet in the catalogue.
  func makeSet(
    _ name: Name,
    shardCount: ShardCount,
    description: Text
  ) throws(ClusterError) -> SetRecord {
    guard catalogue.set(named: name) == nil else {
      throw ClusterError(.exists, "there is a set '\(name)' already")
    }
    let shardCount = try number(of: shardCount)
    try checkText(description, of: "a description", byteCountMin: 0)
    guard catalogue.sets.count < Coordinator.setCountMax else {
      throw ClusterError(.limit, "there are \(catalogue.sets.count) sets, the most there may be")
    }
    let id = SetID(catalogue.lastSet.number &+ 1)
    let candidates = nodes.filter { $0.value.state == .ok }
      .map { Placement.Candidate(name: $0.key, capacity: $0.value.capacity) }
    let owners = Placement.owners(of: id, shardCount: Int(shardCount), among: candidates)
    guard !owners.isEmpty else {
      throw ClusterError(
        .noWorkers,
        "no worker is connected to hold the shards of '\(name)'",
        next: "covey worker --coordinator \(identity.address)"
      )
    }
    return SetRecord(
      id: id,
      name: name,
      description: description,
      createdAt: now.wall,
      owners: owners
    )
  }

  /// How many shards a set gets that is made now.
  private func number(of shardCount: ShardCount) throws(ClusterError) -> UInt32 {
    switch shardCount {
    case .suited:
      let threadCounts = nodes.values.filter { $0.state == .ok }
        .compactMap { $0.session?.threadCount }
      let threadCount = UInt32(clamping: threadCounts.reduce(0) { $0 + UInt64($1) })
      return min(ShardCount.suited(threadCount: threadCount), Coordinator.shardCountMax)
    case .exactly(let count):
      guard (1...Coordinator.shardCountMax).contains(count) else {
        throw ClusterError(
          .limit,
          "a set has 1 to \(Coordinator.shardCountMax) shards, not \(count)"
        )
      }
      return count
    }
  }

  mutating func dropSet(_ name: Name) throws(ClusterError) -> ClientReply {
    let set = try self.set(name)
    let running =
      imports.filter { $0.value.set == set.id }.map(\.key)
      + evaluations.filter { $0.value.plan.set == set.id }.map(\.key)
      + trainings.filter { $0.value.plan.set == set.id }.map(\.key)
    if let job = running.min() {
      throw ClusterError(
        .busy,
        "\(job) runs on set '\(name)'",
        next: "covey jobs \(job), or cancel it"
      )
    }
    drop(set)
    return .document(.object([("dropped", .string(name.text))]))
  }

  /// Drops a set on which nothing runs.
  mutating func drop(_ set: SetRecord) {
    persist([.setDropped(set.id)])
    log(.info, "set-dropped", [LogField("set", set.name)])
    damage = damage.filter { $0.key.set != set.id }
    for owner in Set(set.owners).sorted() { tell(owner, .dropSet(set.id)) }
  }

  func audience(_ segment: Name, of set: SetRecord) throws(ClusterError) -> AudienceRecord {
    guard let audience = set.audiences[segment] else {
      throw ClusterError(
        .noSuchAudience,
        "segment '\(segment)' has not been evaluated on set '\(set.name)'",
        next: "covey evaluate \(set.name)"
      )
    }
    return audience
  }
}
