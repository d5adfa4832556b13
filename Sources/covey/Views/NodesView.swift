import Bytes

/// A line a worker, worst first.
package enum NodesView {
  package static func lines(_ document: Document, _ context: ViewContext) -> [String] {
    let nodes = document.list("nodes")
    guard !nodes.isEmpty else { return ["no worker has joined yet"] }
    var table = Table([
      .text("WORKER"), .text("STATE"), .number("SINCE"), .number("HB"), .number("SHARDS"),
      .number("PROFILES"), .number("MEM/LIMIT"), .number("DISK FREE"), .number("RUN"),
      .number("QUEUE"), .text("VERSION"), .text("ADDRESS"), .elastic("REASON"),
    ])
    for node in nodes {
      table.add([
        Table.Cell(node.shown("name")),
        .state(node.shown("state")),
        Table.Cell(node.age("since", now: context.now)),
        Table.Cell(heartbeat(node)),
        Table.Cell(node.count("shards")),
        Table.Cell(node.count("profiles")),
        Table.Cell(node.size("memoryBytes") + " / " + node.size("memoryLimitBytes")),
        Table.Cell(node.size("diskFreeBytes")),
        Table.Cell(node.count("running")),
        Table.Cell(node.count("queued")),
        Table.Cell(node.shown("version")),
        Table.Cell(node.shown("address")),
        Table.Cell(node.text("reason") ?? ""),
      ])
    }
    return table.lines(context.style)
      + NextSteps.lines(nodes.compactMap { $0.text("next") }, context.style)
  }

  private static func heartbeat(_ node: Document) -> String {
    node.number("heartbeatAgeMilliseconds").map { DurationText.elapsed(milliseconds: $0) }
      ?? Human.unknown
  }
}

/// What a person can do about what a listing shows.
enum NextSteps {
  /// Each step once, under the listing.
  static func lines(_ steps: [String], _ style: Style) -> [String] {
    var seen: Set<String> = []
    let distinct = steps.filter { seen.insert($0).inserted }
    return distinct.map { style.painted("NEXT ", .quiet) + $0 }
  }
}
