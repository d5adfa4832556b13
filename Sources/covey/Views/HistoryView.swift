import Bytes
import Domain

/// How earlier scorings have held, as a table.
enum HistoryView {
  /// Scorings that are shown, the newest; `--json` has all.
  private static let scoringCount = 8

  static func lines(_ history: Document, _ context: ViewContext) -> [String] {
    let scorings = history.list("scorings")
    let remark = history.text("remark").map { [$0] } ?? []
    guard !scorings.isEmpty || !remark.isEmpty else { return [] }
    let hasSets = Set(scorings.map { $0.text("set") }).count > 1
    var columns: [Table.Column] = [.text("AS OF")]
    if hasSets { columns.append(.text("SET")) }
    columns += [
      .text("MODEL"), .text("BUCKET"), .number("PROFILES"), .number("EXPECTED"), .text("ACTUAL"),
    ]
    var table = Table(columns)
    for scoring in scorings.prefix(scoringCount) {
      add(scoring, hasSets, to: &table)
    }
    let rest = scorings.count - min(scorings.count, scoringCount)
    return [
      "",
      context.style.painted("HISTORY", .strong)
        + (scorings.isEmpty ? "" : " of scorings: what was expected, and what came"),
    ] + remark + (table.isEmpty ? [] : table.lines(context.style))
      + (rest > 0 ? ["and \(Human.counted(rest, "scoring")) before; '--json' tells all"] : [])
  }

  /// A line a bucket and one for all of them; the first tells which scoring it is.
  private static func add(_ scoring: Document, _ hasSets: Bool, to table: inout Table) {
    var lines = scoring.list("buckets").reversed().map { ($0.shown("bucket"), $0) }
    lines.append(("all", scoring))
    for (index, (name, rates)) in lines.enumerated() {
      var cells = [Table.Cell(index == 0 ? scoring.shown("asOf") : "")]
      if hasSets { cells.append(Table.Cell(index == 0 ? scoring.shown("set") : "")) }
      cells.append(Table.Cell(index == 0 ? scoring.shown("modelVersion") : ""))
      cells += [
        Table.Cell(name), Table.Cell(rates.count("profiles")),
        Table.Cell(PastRate.expected(rates)), Table.Cell(PastRate.actual(rates, of: scoring)),
      ]
      table.add(cells)
    }
  }
}
