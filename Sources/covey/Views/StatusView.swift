import Bytes

/// The one screen: the verdict, then what there is.
package enum StatusView {
  package static func lines(_ document: Document, _ context: ViewContext) -> [String] {
    let cluster = document.part("cluster")
    var lines = [verdict(document, context), facts(cluster), workers(document), data(document)]
    lines.append(jobs(document.part("jobs"), context))
    if let next = document.text("next") {
      lines.append(context.style.painted("NEXT ", .quiet) + next)
    }
    return lines
  }

  private static func verdict(_ document: Document, _ context: ViewContext) -> String {
    let health = document.text("health") ?? Human.unknown
    let id = document.part("cluster")?.text("id").map { String($0.prefix(8)) } ?? Human.unknown
    let word = context.style.painted(health.uppercased(), Style.tone(ofState: health))
    return "cluster \(id)  \(word)" + (document.text("reason").map { ": \($0)" } ?? "")
  }

  private static func facts(_ cluster: Document?) -> String {
    let uptime = cluster?.number("uptimeSeconds").map {
      DurationText.age(milliseconds: $0.multipliedReportingOverflow(by: 1_000).partialValue)
    }
    return "COORDINATOR \(cluster?.shown("address") ?? Human.unknown)"
      + "   covey \(cluster?.shown("version") ?? Human.unknown)"
      + "   epoch \(cluster?.shown("epoch") ?? Human.unknown)   up \(uptime ?? Human.unknown)"
  }

  private static func workers(_ document: Document) -> String {
    let workers = document.part("workers")
    let shards = document.part("shards")
    return "WORKERS " + tally(workers, ["ok", "joining", "suspect", "lost"])
      + "   SHARDS \(shards?.count("total") ?? Human.unknown): "
      + tally(shards, ["ok", "missing"])
  }

  /// The counts by state; a state nobody is in is left out, the good one is not.
  private static func tally(_ document: Document?, _ states: [Text]) -> String {
    guard let document else { return Human.unknown }
    return states.enumerated().compactMap { index, state in
      let number = document.number(state)
      return number == 0 && index > 0 ? nil : "\(document.count(state)) \(state)"
    }.joined(separator: ", ")
  }

  private static func data(_ document: Document) -> String {
    "DATA \(document.counted("sets", "set")), \(document.counted("profiles", "profile")), "
      + "\(document.counted("events", "event")), \(document.counted("segments", "segment"))"
  }

  private static func jobs(_ jobs: Document?, _ context: ViewContext) -> String {
    let running = "JOBS \(jobs?.count("running") ?? Human.unknown) running"
    guard let last = jobs?.part("last") else { return running }
    return running + ", last: \(last.shown("id")) \(last.shown("kind")) \(last.shown("state")) "
      + "\(last.age("endedAt", now: context.now)) ago in \(last.elapsed("elapsedMilliseconds"))"
  }
}
