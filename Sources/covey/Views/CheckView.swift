import Bytes
import Domain

/// What a check found: rows, history, features and leaks, and what to do about each.
package enum CheckView {
  private static let featureCount = 10

  package static func lines(_ job: Document, _ context: ViewContext) -> [String] {
    guard let report = job.part("report") else {
      return ["\(job.shown("id")): a later check of \(job.shown("instance")) has the findings"]
    }
    let style = context.style
    let verdict =
      report.flag("isTrainable") == true
      ? style.painted("can be trained", .good) : style.painted("cannot be trained", .bad)
    var lines = [
      "\(job.shown("instance")) on \(job.shown("set")) as of \(job.shown("asOf")): \(verdict)"
    ]
    for problem in report.list("problems") {
      lines.append(style.painted("problem   \(problem.shown("message"))", .bad))
      if let next = problem.text("next") { lines.append("          \(next)") }
    }
    for warning in report.list("warnings") {
      lines.append(style.painted("warning   \(warning.shown("message"))", .warning))
      lines.append("          \(warning.shown("next"))")
    }
    lines.append(
      "rows      \(report.count("rows")), \(report.count("positives")) positive and "
        + "\(report.count("negatives")) negative; \(report.count("neededOfEither")) of either are needed"
    )
    if let history = report.part("history") { lines.append(historyLine(history)) }
    lines += cutOffs(report, style)
    return lines + features(report, style) + leftOut(report, style)
  }

  private static func historyLine(_ history: Document) -> String {
    let needed = "history   \(history.count("neededDays")) days needed, "
    guard history.number("availableDays") != nil else { return needed + "no events" }
    return needed + "\(history.count("availableDays")) there, from \(history.shown("first")) to "
      + history.shown("last")
  }

  private static func cutOffs(_ report: Document, _ style: Style) -> [String] {
    let cutOffs = report.list("cutOffs")
    guard cutOffs.count > 1 else { return [] }
    var table = Table([
      .text("CUT-OFF"), .text("FOR"), .number("ROWS"), .number("POSITIVE"), .number("NEGATIVE"),
    ])
    for cutOff in cutOffs {
      table.add([
        Table.Cell(cutOff.shown("cutOff")),
        Table.Cell(cutOff.flag("isOutOfTime") == true ? "out-of-time test" : "learning"),
        Table.Cell(cutOff.count("rows")), Table.Cell(cutOff.count("positives")),
        Table.Cell(cutOff.count("negatives")),
      ])
    }
    return table.lines(style)
  }

  private static func features(_ report: Document, _ style: Style) -> [String] {
    let features = report.list("features")
    guard !features.isEmpty else { return [] }
    let leaks = Set(report.list("leaks").map { $0.shown("name") })
    var table = Table([
      .text("FEATURE"), .text("KIND"), .number("AUC ALONE"), .number("MISSING"), .text(""),
    ])
    for feature in features.prefix(featureCount) {
      table.add([
        Table.Cell(feature.shown("name")), Table.Cell(feature.shown("kind")),
        Table.Cell(feature.share("areaAlone").map { Human.decimal($0, digits: 3) } ?? ""),
        Table.Cell(Human.percentage(feature.share("missing") ?? 0)),
        leaks.contains(feature.shown("name")) ? Table.Cell("leaks", .warning) : "",
      ])
    }
    let more = features.count - featureCount
    return table.lines(style)
      + (more > 0 ? ["and \(Human.counted(more, "feature")) more"] : [])
  }

  /// `3 left out because constant (age, name, sex): nothing: all rows are alike in it`.
  private static func leftOut(_ report: Document, _ style: Style) -> [String] {
    let all = report.list("unused") + report.list("omitted")
    guard !all.isEmpty else { return [] }
    var reasons: [String] = []
    for feature in all where !reasons.contains(feature.shown("reason")) {
      reasons.append(feature.shown("reason"))
    }
    var table = Table([
      .text("LEFT OUT"), .number("COUNT"), .elastic("FEATURES"), .elastic("WHAT TO DO"),
    ])
    for reason in reasons {
      let features = all.filter { $0.shown("reason") == reason }
      let names = features.prefix(5).map { $0.shown("name") }.joined(separator: ", ")
      table.add([
        Table.Cell(reason), Table.Cell(Human.count(features.count)),
        Table.Cell(features.count > 5 ? names + ", …" : names),
        Table.Cell(features.first?.shown("next") ?? ""),
      ])
    }
    return table.lines(style)
  }
}
