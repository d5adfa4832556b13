import Bytes

/// Where the shards of a set are: a summary, and a line for each that is asked for.
package enum ShardsView {
  package enum Scope: Sendable {
    /// A line a worker and state, then the shards that are not well.
    case summary
    case all
  }

  package static func lines(
    _ document: Document,
    _ scope: Scope,
    _ context: ViewContext
  ) -> [String] {
    let shards = document.list("shards")
    let bad = shards.filter { $0.text("state") != "ok" }
    let verdict =
      "set \(document.shown("set")): \(Human.counted(shards.count, "shard")), "
      + (bad.isEmpty ? "all ok" : "\(bad.count) not ok")
    switch scope {
    case .all: return [verdict] + table(shards, context)
    case .summary:
      return [verdict] + summary(shards, context) + (bad.isEmpty ? [] : [""] + table(bad, context))
    }
  }

  private struct Holding {
    var worker: String
    var state: String
    var shardCount = 0
    var profileCount = 0
    var eventCount = 0
  }

  private static func summary(_ shards: [Document], _ context: ViewContext) -> [String] {
    var holdings: [String: Holding] = [:]
    for shard in shards {
      let (worker, state) = (shard.shown("worker"), shard.shown("state"))
      var holding =
        holdings["\(worker)\n\(state)"] ?? Holding(worker: worker, state: state)
      holding.shardCount += 1
      holding.profileCount += shard.number("profiles") ?? 0
      holding.eventCount += shard.number("events") ?? 0
      holdings["\(worker)\n\(state)"] = holding
    }
    var table = Table([
      .text("WORKER"), .text("STATE"), .number("SHARDS"), .number("PROFILES"), .number("EVENTS"),
    ])
    for (_, holding) in holdings.sorted(by: { $0.key < $1.key }) {
      table.add([
        Table.Cell(holding.worker), .state(holding.state),
        Table.Cell(Human.count(holding.shardCount)),
        Table.Cell(Human.count(holding.profileCount)),
        Table.Cell(Human.count(holding.eventCount)),
      ])
    }
    return table.lines(context.style)
  }

  private static func table(_ shards: [Document], _ context: ViewContext) -> [String] {
    var table = Table([
      .number("SHARD"), .text("STATE"), .text("WORKER"), .number("PROFILES"), .number("EVENTS"),
      .number("LSN"), .elastic("REASON"),
    ])
    for shard in shards {
      table.add([
        Table.Cell(shard.shown("shard")), .state(shard.shown("state")),
        Table.Cell(shard.shown("worker")), Table.Cell(shard.count("profiles")),
        Table.Cell(shard.count("events")), Table.Cell(shard.shown("lsn")),
        Table.Cell(shard.text("reason") ?? ""),
      ])
    }
    return table.lines(context.style)
  }
}
