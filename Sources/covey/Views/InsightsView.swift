import Bytes
import Domain

/// Insights into a model and its last scoring, as tables.
package enum InsightsView {
  private static let barWidth = 24
  /// Values of a factor that are told in its line.
  private static let valueCount = 2
  private static let driftCount = 10

  package static func lines(_ document: Document, _ context: ViewContext) -> [String] {
    var lines = head(document)
    for warning in document.list("warnings") {
      let isLoud = warning.flag("isLoud") == true
      lines.append(
        context.style.painted(
          (isLoud ? "WARNING " : "") + warning.shown("message"),
          isLoud ? .bad : .warning
        )
      )
    }
    if let quality = document.part("quality") { lines += self.quality(quality, context) }
    lines += scores(document, context)
    for bucket in document.list("buckets").reversed() { lines += factors(bucket, context) }
    if let history = document.part("history") { lines += HistoryView.lines(history, context) }
    if let drift = document.part("drift") { lines += self.drift(drift, context) }
    return lines + NextSteps.lines(document.text("next").map { [$0] } ?? [], context.style)
  }

  private static func head(_ document: Document) -> [String] {
    let name = document.text("instance") ?? "a model of no known instance"
    var lines = [name + (document.text("type").map { "  \($0)" } ?? "")]
    if let description = document.text("description") { lines.append(description) }
    if let goal = GoalText.words(of: document) { lines.append("goal    \(goal)") }
    if let model = document.part("model") {
      lines.append(
        "model   \(model.shown("version")) of set \(model.shown("set")) as of \(model.shown("asOf")), "
          + "\(model.counted("rows", "row"))"
          + (model.flag("isCurrent") == false ? "; the instance has changed since" : "")
      )
    }
    guard let scoring = document.part("scoring") else {
      return lines + ["scored  never"]
    }
    let job = scoring.text("job").map { " (\($0), set \(scoring.shown("set")))" } ?? ""
    let old =
      scoring.flag("isOfModel") == false
      ? " with model \(scoring.shown("modelVersion")), before this one was trained" : ""
    lines.append(
      "scored  \(scoring.count("scored")) of \(scoring.counted("profiles", "profile")) as of "
        + scoring.shown("asOf") + job + old
    )
    return lines
  }

  private static func quality(_ quality: Document, _ context: ViewContext) -> [String] {
    var gains = Table([
      .number("DECILE"), .number("POSITIVES"), .number("LIFT"), .number("GAINS"), .text(""),
    ])
    for (index, decile) in quality.list("gains").enumerated() {
      let gain = decile.share("cumulativeGain") ?? 0
      gains.add([
        Table.Cell("\(index + 1)"), Table.Cell(Human.tenths(decile.share("positives") ?? 0)),
        Table.Cell(Human.decimal(decile.share("lift") ?? 0, digits: 2)),
        Table.Cell(Human.percentage(gain)), Table.Cell(bar(gain)),
      ])
    }
    var reliability = Table([
      .number("GROUP"), .number("ROWS"), .number("PREDICTED"), .number("ACTUAL"),
    ])
    for (index, group) in quality.list("reliability").enumerated() {
      reliability.add([
        Table.Cell("\(index + 1)"), Table.Cell(group.count("rows")),
        Table.Cell(Human.percentage(group.share("meanProbability") ?? 0)),
        Table.Cell(Human.percentage(group.share("actualRate") ?? 0)),
      ])
    }
    let later = quality.part("outOfTime").map { ["out of time: " + ModelView.figures($0)] } ?? []
    return [
      "",
      context.style.painted("QUALITY", .strong) + " on \(quality.counted("rows", "row")) held out, "
        + "\(quality.count("positives")) positive",
      ModelView.figures(quality),
    ] + later + (gains.isEmpty ? [] : [""] + gains.lines(context.style))
      + (reliability.isEmpty ? [] : [""] + reliability.lines(context.style))
  }

  private static func scores(_ document: Document, _ context: ViewContext) -> [String] {
    let counts = document.value["scores"]?.elements?.map { $0.number ?? 0 } ?? []
    guard counts.count == 101 else { return [] }
    var buckets = Table([
      .text("BUCKET"), .text("SCORES"), .number("PROFILES"), .number("SHARE"), .number("EXPECTED"),
    ])
    for bucket in document.list("buckets").reversed() {
      buckets.add([
        Table.Cell(bucket.shown("bucket")),
        Table.Cell("\(bucket.shown("from"))–\(bucket.shown("to"))"),
        Table.Cell(bucket.count("profiles")),
        Table.Cell(bucket.share("share").map { Human.percentage($0) } ?? Human.missing),
        Table.Cell(bucket.share("expectedRate").map { Human.percentage($0) } ?? Human.missing),
      ])
    }
    var distribution = Table([.text("SCORES"), .number("PROFILES"), .text("")])
    let tens = (0..<10).map { ten in
      counts[ten * 10..<(ten == 9 ? 101 : ten * 10 + 10)].reduce(0, +)
    }
    let most = max(1, tens.max() ?? 1)
    for (ten, count) in tens.enumerated() {
      distribution.add([
        Table.Cell("\(ten * 10)–\(ten == 9 ? 100 : ten * 10 + 9)"),
        Table.Cell(Human.count(count)), Table.Cell(bar(count / most)),
      ])
    }
    return ["", context.style.painted("SCORES", .strong)] + buckets.lines(context.style) + [""]
      + distribution.lines(context.style)
  }

  private static func factors(_ bucket: Document, _ context: ViewContext) -> [String] {
    let factors = bucket.list("factors")
    guard !factors.isEmpty else { return [] }
    var table = Table([
      .text("FACTOR"), .text("EFFECT"), .number("MEAN"), .number("SIZE"), .number("KNOWN"),
      .elastic("VALUES MORE FREQUENT THAN ELSEWHERE"),
    ])
    for factor in factors {
      let mean = factor.share("meanContribution") ?? 0
      table.add([
        Table.Cell(factor.shown("code")), Table.Cell(effect(factor)),
        Table.Cell((mean > 0 ? "+" : "") + Human.decimal(mean, digits: 3)),
        Table.Cell(Human.decimal(factor.share("meanSize") ?? 0, digits: 3)),
        Table.Cell(Human.percentage(factor.share("coverage") ?? 0)), Table.Cell(values(factor)),
      ])
    }
    return [
      "",
      context.style.painted("FACTORS", .strong) + " of bucket \(bucket.shown("bucket")), "
        + "in log-odds a profile",
    ] + table.lines(context.style)
  }

  /// `raises`, `lowers`, or both ways.
  static func effect(_ factor: Document) -> String {
    switch factor.text("direction") {
    case "up": "raises"
    case "down": "lowers"
    default: "both ways"
    }
  }

  /// The values that a bucket has most more often than all profiles: `> 61.5 48% (all 20%)`.
  static func values(_ factor: Document) -> String {
    factor.list("values").map { value in
      (value, (value.share("share") ?? 0) - (value.share("shareOfAll") ?? 0))
    }
    .filter { $0.1 > 0.005 }.sorted { $0.1 > $1.1 }.prefix(valueCount).map { value, _ in
      "\(ValueGroupText.text(value)): \(Human.percentage(value.share("share") ?? 0))"
        + " (all \(Human.percentage(value.share("shareOfAll") ?? 0)))"
    }.joined(separator: ", ")
  }

  private static func drift(_ drift: Document, _ context: ViewContext) -> [String] {
    var table = Table([.elastic("DRIFT"), .number("INDEX"), .text("VERDICT")])
    let features = drift.list("features")
    let shown = features.prefix(driftCount)
    func add(_ name: String, _ drift: Document) {
      let verdict = drift.shown("verdict")
      let tone: Style.Tone? = verdict == "shifted" ? .bad : verdict == "watch" ? .warning : nil
      table.add([
        Table.Cell(name), Table.Cell(Human.decimal(drift.share("index") ?? 0, digits: 3)),
        Table.Cell(verdict == "chance" ? "no more than chance" : verdict, tone),
      ])
    }
    if let score = drift.part("score") { add("score", score) }
    for feature in shown { add(feature.shown("code"), feature) }
    guard !table.isEmpty else { return [] }
    let rest = features.count - shown.count
    return [""] + table.lines(context.style)
      + (rest > 0 ? ["and \(Human.counted(rest, "feature")) that moved less"] : [])
      + (features.isEmpty
        ? ["the model does not know the values it was trained on; one trained anew does"] : [])
  }

  private static func bar(_ share: Double) -> String {
    String(repeating: "▪", count: Int((min(1, max(0, share)) * Double(barWidth)).rounded()))
  }
}
