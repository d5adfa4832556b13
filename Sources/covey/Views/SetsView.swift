import Bytes

/// Profile sets as a listing, and one as a page.
package enum SetsView {
  package static func lines(_ document: Document, _ context: ViewContext) -> [String] {
    let sets = document.list("sets")
    guard !sets.isEmpty else {
      return ["no set has been made yet"]
        + NextSteps.lines(["covey import SET FILES"], context.style)
    }
    var table = Table([
      .text("SET"), .number("SHARDS"), .number("WORKERS"), .number("PROFILES"), .number("EVENTS"),
      .number("IMPORTS"), .number("AUDIENCES"), .number("AGE"), .elastic("DESCRIPTION"),
    ])
    for set in sets {
      table.add([
        Table.Cell(set.shown("name")), Table.Cell(set.count("shards")),
        Table.Cell(set.count("workers")), Table.Cell(set.count("profiles")),
        Table.Cell(set.count("events")), Table.Cell(set.count("imports")),
        Table.Cell(set.count("audiences")), Table.Cell(set.age("createdAt", now: context.now)),
        Table.Cell(set.text("description") ?? ""),
      ])
    }
    return table.lines(context.style)
  }

  package static func page(_ set: Document, _ context: ViewContext) -> [String] {
    var lines = ["set \(set.shown("name"))  (\(set.shown("id")))"]
    if let description = set.text("description"), !description.isEmpty { lines.append(description) }
    lines.append("made \(set.shown("createdAt")), \(set.age("createdAt", now: context.now)) ago")
    lines.append(
      "\(set.counted("profiles", "profile")), \(set.counted("events", "event")) in "
        + "\(set.counted("shards", "shard")) on \(set.counted("workers", "worker"))"
    )
    lines.append(
      "\(set.counted("imports", "import")), the last \(set.text("lastImport") ?? "never"); "
        + "\(set.counted("audiences", "audience")), the last evaluation "
        + (set.text("lastEvaluation") ?? "never")
    )
    return lines
  }
}
