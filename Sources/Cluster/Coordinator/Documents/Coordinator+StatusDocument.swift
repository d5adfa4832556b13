import Bytes
import Domain

/// The one screen: how the cluster is, and the one fact that makes it not `ok`.
extension Coordinator {
  /// How well the cluster answers.
  enum Health: String {
    /// Everything can be asked and nobody is away.
    case ok
    /// Everything can be asked, or somebody who holds nothing is away.
    case degraded
    /// Some answer is missing.
    case down
  }

  struct Verdict {
    var health: Health
    var reason: Text?
    var next: Text?
  }

  func statusDocument() -> Value {
    let verdict = self.verdict()
    let missing = missingShards()
    let total = catalogue.sets.values.reduce(0) { $0 + $1.shardCount }
    return .known([
      "cluster": .known([
        "id": .string(hexadecimal(catalogue.clusterID)),
        "epoch": .count(epoch.number),
        "version": .string(identity.version),
        "startedAt": .instant(startedAt.wall),
        "uptimeSeconds": .count((now.monotonic - startedAt.monotonic) / 1_000),
        "address": .string(identity.address),
      ]),
      "health": .string(verdict.health.rawValue),
      "reason": verdict.reason.map { .string($0) },
      "next": verdict.next.map { .string($0) },
      "workers": .known([
        "total": .count(nodes.count),
        "ok": .count(nodeCount(.ok)),
        "joining": .count(nodeCount(.joining)),
        "suspect": .count(nodeCount(.suspect)),
        "lost": .count(nodeCount(.lost)),
      ]),
      "shards": .known([
        "total": .count(total),
        "ok": .count(total - missing.count),
        "missing": .count(missing.count),
      ]),
      "sets": .count(catalogue.sets.count),
      "segments": .count(catalogue.definitions.count),
      "profiles": .count(catalogue.sets.values.reduce(0) { $0 &+ $1.profileCount }),
      "events": .count(catalogue.sets.values.reduce(0) { $0 &+ $1.eventCount }),
      "jobs": .known([
        "running": .count(imports.count + evaluations.count + trainings.count),
        "last": lastEndedJob().map { job in
          .known([
            "id": .string(job.id.description),
            "kind": .string(job.kind),
            "state": .string(job.state.word),
            "endedAt": job.endedAt.map { .instant($0) },
            "elapsedMilliseconds": .count(elapsed(of: job)),
          ])
        },
      ]),
      "seq": .count(sequence),
    ])
  }

  /// The health with its reason, found from the worst fact down.
  func verdict() -> Verdict {
    if nodes.isEmpty {
      return Verdict(
        health: .degraded,
        reason: "no worker has joined yet",
        next: Text("covey worker --coordinator \(identity.address)")
      )
    }
    if let verdict = shardVerdict() { return verdict }
    let away = nodes.filter { $0.value.state != .ok }.sorted { $0.key < $1.key }
    guard let (name, node) = away.min(by: { $0.value.state < $1.value.state }) else {
      return Verdict(health: .ok)
    }
    let others = away.count > 1 ? " and \(away.count - 1) more" : ""
    let reason = node.reason(at: now.monotonic) ?? ""
    return Verdict(
      health: .degraded,
      reason: Text("worker '\(name)' is \(node.state.word)\(others): \(reason)"),
      next: "covey nodes"
    )
  }

  private func shardVerdict() -> Verdict? {
    let missing = missingShards()
    guard let first = missing.first, let owner = owner(of: first) else { return nil }
    let total = catalogue.sets.values.reduce(0) { $0 + $1.shardCount }
    let set = catalogue.sets[first.set]?.name.description ?? first.set.description
    let count = "\(missing.count) of \(total) shards cannot be asked"
    if let reason = damage[first] {
      return Verdict(
        health: .down,
        reason: Text("\(count); shard \(first.shard) of '\(set)' on '\(owner)': \(reason)"),
        next: Text("covey shards \(set)")
      )
    }
    return Verdict(
      health: .down,
      reason: Text("\(count); worker '\(owner)': \(absence(of: owner) ?? "")"),
      next: Text("covey worker --name \(owner)")
    )
  }

  /// Shards that cannot be asked, those without their data first.
  private func missingShards() -> [ShardPlace] {
    var gone: [ShardPlace] = []
    var away: [ShardPlace] = []
    for set in catalogue.sets.values.sorted(by: { $0.id < $1.id }) {
      for (place, owner) in zip(set.places, set.owners) {
        if damage[place] != nil {
          gone.append(place)
        } else if nodes[owner]?.state != .ok {
          away.append(place)
        }
      }
    }
    return gone + away
  }

  private func nodeCount(_ state: Node.State) -> Int { nodes.values.count { $0.state == state } }

  private func lastEndedJob() -> JobRecord? {
    catalogue.jobs.values.filter { $0.state != .running }
      .max { ($0.endedAt ?? $0.createdAt, $0.id) < ($1.endedAt ?? $1.createdAt, $1.id) }
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
