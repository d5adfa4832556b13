import Bytes
import Domain

/// A model's report: what it was learned from, how good it is, and what it uses.
package enum ModelView {
  private static let featureCount = 10

  package static func lines(_ report: Document, _ context: ViewContext) -> [String] {
    var lines = [
      "\(report.counted("rows", "row")), \(report.count("positives")) positive "
        + "(\(Human.percentage(report.share("baseRate") ?? 0))), "
        + "\(report.count("holdOutRows")) held out, \(report.counted("trees", "tree")), "
        + "calibration \(report.shown("calibration"))"
    ]
    if let quality = report.part("quality") { lines.append(figures(quality)) }
    if let test = report.part("outOfTime"), let quality = test.part("quality") {
      lines.append(
        "out of time, \(quality.counted("rows", "row")) at \(test.shown("cutOff")): "
          + figures(quality)
      )
    }
    for warning in report.sentences("warnings") {
      lines.append(context.style.painted(warning, .warning))
    }
    var table = Table([.text("FEATURE"), .text("KIND"), .number("SPLITS")])
    let features = report.list("features")
    for feature in features.prefix(featureCount) {
      table.add([
        Table.Cell(feature.shown("name")), Table.Cell(feature.shown("kind")),
        Table.Cell(feature.count("splits")),
      ])
    }
    lines += table.lines(context.style)
    if features.count > featureCount {
      lines.append("and \(Human.counted(features.count - featureCount, "feature")) more")
    }
    lines += unused(report, "unused", "not used")
    lines += unused(report, "omitted", "left out")
    return lines
  }

  static func figures(_ quality: Document) -> String {
    func figure(_ name: Text, digits: Int = 3) -> String {
      quality.share(name).map { Human.decimal($0, digits: digits) } ?? Human.unknown
    }
    return "area under the curve \(figure("areaUnderCurve")) ± \(figure("areaStandardError")), "
      + "log loss \(figure("logLoss")), Brier score \(figure("brierScore")), "
      + "calibration error \(figure("calibrationError")), KS \(figure("kolmogorovSmirnov"))"
  }

  /// `left out: Churn (goalReadsIt), customerID (tellsProfilesApart)`.
  private static func unused(_ report: Document, _ name: Text, _ words: String) -> [String] {
    let features = report.list(name)
    guard !features.isEmpty else { return [] }
    let shown = features.prefix(featureCount).map { "\($0.shown("name")) (\($0.shown("reason")))" }
    let more =
      features.count > featureCount ? " and \(Human.count(features.count - featureCount)) more" : ""
    return ["\(words): " + shown.joined(separator: ", ") + more]
  }
}
