import Bytes
import Domain

/// Workers and shards as listings show them.
extension Coordinator {
  /// All the workers, the worst first.
  func nodesDocument() -> Value {
    let held = holdings()
    let nodes = self.nodes.sorted { left, right in
      (left.value.state, left.key) < (right.value.state, right.key)
    }
    return .known([
      "nodes": .array(nodes.map { nodeDocument($0, $1, holding: held[$0] ?? Holding()) }),
      "seq": .count(sequence),
    ])
  }

  func shardsDocument(of set: SetRecord) -> Value {
    let shards = zip(set.places, set.owners).map { place, owner in
      let contents = self.contents(of: place)
      let reason = damage[place] ?? absence(of: owner)
      return Value.known([
        "shard": .count(place.shard.number),
        "state": .string(reason == nil ? "ok" : "missing"),
        "worker": .name(owner),
        "profiles": .count(contents.profileCount),
        "events": .count(contents.eventCount),
        "lsn": .count(contents.lsn),
        "reason": reason.map { .string($0) },
      ])
    }
    return .known([
      "set": .name(set.name), "shards": .array(shards), "seq": .count(sequence),
    ])
  }

  /// What a worker holds by the catalogue.
  private struct Holding {
    var shardCount = 0
    var profileCount: UInt64 = 0
    var missingCount = 0
  }

  private func holdings() -> [Name: Holding] {
    var holdings: [Name: Holding] = [:]
    for set in catalogue.sets.values {
      for (place, owner) in zip(set.places, set.owners) {
        holdings[owner, default: Holding()].shardCount += 1
        holdings[owner, default: Holding()].profileCount &+= contents(of: place).profileCount
        if damage[place] != nil { holdings[owner, default: Holding()].missingCount += 1 }
      }
    }
    return holdings
  }

  private func nodeDocument(_ name: Name, _ node: Node, holding: Holding) -> Value {
    let session = node.session
    let vitals = session?.vitals
    var reason = node.reason(at: now.monotonic)
    var next: Text? = reason == nil ? nil : Text("covey worker --name \(name)")
    if reason == nil, holding.missingCount > 0 {
      reason = Text("\(holding.missingCount) of its shards came back without their data")
      next = "covey sets list, then covey shards SET"
    }
    return .known([
      "name": .name(name),
      "state": .string(node.state.word),
      "since": .instant(node.since),
      "address": session.map { .string($0.address) },
      "heartbeatAgeMilliseconds": session.map { .count(now.monotonic - $0.heardAt) },
      "capacity": .count(node.capacity),
      "threads": session.map { .count($0.threadCount) },
      "shards": .count(holding.shardCount),
      "profiles": .count(holding.profileCount),
      "memoryBytes": vitals.map { .count($0.residentByteCount) },
      "memoryLimitBytes": vitals.flatMap { known($0.memoryByteLimit) },
      "diskFreeBytes": vitals.map { .count($0.diskFreeByteCount) },
      "running": vitals.map { .count($0.runningCount) },
      "queued": vitals.map { .count($0.queuedCount) },
      "version": session.map { .string($0.version) },
      "incarnation": session.map { .string(String($0.incarnation)) },
      "reason": reason.map { .string($0) },
      "next": next.map { .string($0) },
    ])
  }

  /// A limit of 0 is none that is known.
  private func known(_ limit: UInt64) -> Value? { limit == 0 ? nil : .count(limit) }
}
