import Bytes
import Domain

/// Audiences as a listing, one as a page, and how they overlap.
package enum AudiencesView {
  package static func lines(_ document: Document, _ context: ViewContext) -> [String] {
    let audiences = document.list("audiences")
    guard !audiences.isEmpty else {
      return ["no audience has been evaluated yet"]
        + NextSteps.lines(["covey evaluate SET"], context.style)
    }
    let sets = Set(audiences.compactMap { $0.text("set") })
    var table = Table([
      .text("AUDIENCE"), .text("SET"), .number("MEMBERS"), .number("SHARE"), .number("NEW"),
      .number("STAYED"), .number("LEFT"), .text("AS-OF"), .elastic("NAME"), .text("NOTE"),
    ])
    for audience in audiences {
      table.add([
        Table.Cell(audience.shown("segment")),
        Table.Cell(sets.count > 1 ? audience.shown("set") : ""),
        Table.Cell(audience.count("members")), Table.Cell(share(audience)),
        Table.Cell(audience.count("realized")), Table.Cell(audience.count("existing")),
        Table.Cell(audience.count("exited")), Table.Cell(audience.shown("asOf")),
        Table.Cell(audience.shown("name")), note(audience),
      ])
    }
    return table.lines(context.style)
  }

  package static func page(_ audience: Document, _ context: ViewContext) -> [String] {
    var lines = [
      "\(audience.shown("name"))  (\(audience.shown("segment")) of set \(audience.shown("set")))",
      "\(audience.counted("members", "member")), \(share(audience)) of "
        + "\(audience.counted("profiles", "profile"))",
      "as of \(audience.shown("asOf")), by \(audience.shown("job")), definition version "
        + audience.shown("definitionVersion"),
      "with that run \(audience.count("realized")) came in, \(audience.count("existing")) stayed, "
        + "\(audience.count("exited")) left",
    ]
    if audience.flag("isCurrent") == false {
      lines.append(context.style.painted("the data or the definition has changed since", .warning))
      lines += NextSteps.lines(["covey evaluate \(audience.shown("set"))"], context.style)
    }
    return lines
  }

  /// For each pair, the members of both and their share of the row's audience.
  package static func overlap(_ document: Document, _ context: ViewContext) -> [String] {
    let names = document.texts("audiences")
    let counts =
      document.value["counts"]?.elements?.map { row in
        row.elements?.map { $0.integer.map { Int($0) } } ?? []
      } ?? []
    var table = Table(
      [.text("MEMBERS OF BOTH")] + names.indices.map { .number("\($0 + 1)") }
    )
    for (row, name) in names.enumerated() {
      let own = cell(counts, row, row)
      let cells = names.indices.map { column -> Table.Cell in
        guard let both = cell(counts, row, column) else { return Table.Cell(Human.unknown) }
        guard row != column, let own else { return Table.Cell(Human.count(both), .strong) }
        return Table.Cell("\(Human.count(both)) (\(Human.percentage(both, of: own)))")
      }
      table.add([Table.Cell("\(row + 1) \(name)")] + cells)
    }
    return [
      "set \(document.shown("set")), \(document.counted("profiles", "profile")), as of "
        + document.shown("asOf")
    ] + table.lines(context.style)
      + ["percentages are of the audience of the row"]
  }

  private static func cell(_ counts: [[Int?]], _ row: Int, _ column: Int) -> Int? {
    row < counts.count && column < counts[row].count ? counts[row][column] : nil
  }

  private static func share(_ audience: Document) -> String {
    guard let members = audience.number("members"), let profiles = audience.number("profiles")
    else { return Human.unknown }
    return Human.percentage(members, of: profiles)
  }

  private static func note(_ audience: Document) -> Table.Cell {
    audience.flag("isCurrent") == false ? Table.Cell("stale", .warning) : ""
  }
}
