import Bytes
import Domain

/// Two models side by side, and what their difference is worth.
package enum ComparisonView {
  private static let featureCount = 5

  package static func lines(_ comparison: Document, _ context: ViewContext) -> [String] {
    let models = comparison.list("models")
    guard models.count == 2 else { return [] }
    var table = Table(
      [.text("FIGURE")] + models.map { .number($0.shown("model")) }
    )
    for (label, shown) in rows {
      table.add([Table.Cell(label)] + models.map { Table.Cell(shown($0)) })
    }
    var lines = table.lines(context.style)
    lines.append(verdict(comparison, models))
    if comparison.flag("isSameData") == false {
      lines.append(
        context.style.painted(
          "they were not trained on the same rows: figures that depend on the base rate do not compare",
          .warning
        )
      )
    }
    let only = comparison.value["onlyUsedBy"]?.elements ?? []
    for (model, features) in zip(models, only) {
      let names = features.elements?.compactMap { $0.text?.string } ?? []
      guard !names.isEmpty else { continue }
      let more = names.count > featureCount ? " and \(names.count - featureCount) more" : ""
      lines.append(
        "only \(model.shown("model")) uses " + names.prefix(featureCount).joined(separator: ", ")
          + more
      )
    }
    return lines
  }

  private static let rows: [(String, @Sendable (Document) -> String)] = [
    ("rows", { $0.count("rows") }),
    ("base rate", { percentage($0, "baseRate") }),
    ("held out", { $0.count("holdOutRows") }),
    ("trees", { $0.count("trees") }),
    ("features used", { $0.count("featuresUsed") }),
    ("area under the curve", { decimal($0, "areaUnderCurve") }),
    ("standard error", { decimal($0, "areaStandardError") }),
    ("log loss", { decimal($0, "logLoss") }),
    ("Brier score", { decimal($0, "brierScore") }),
    ("calibration error", { decimal($0, "calibrationError") }),
    ("KS", { decimal($0, "kolmogorovSmirnov") }),
    ("lift of the first tenth", { decimal($0, "topDecileLift", digits: 2) }),
  ]

  private static func decimal(_ model: Document, _ name: Text, digits: Int = 4) -> String {
    model.share(name).map { Human.decimal($0, digits: digits) } ?? Human.unknown
  }

  private static func percentage(_ model: Document, _ name: Text) -> String {
    model.share(name).map { Human.percentage($0) } ?? Human.unknown
  }

  private static func verdict(_ comparison: Document, _ models: [Document]) -> String {
    guard let difference = comparison.part("difference"),
      let change = difference.share("areaUnderCurve")
    else { return "nothing is known of the difference: a model has no area under the curve" }
    let better = models[change > 0 ? 1 : 0].shown("model")
    let errors = difference.share("standardErrors").map {
      ", \(Human.decimal($0, digits: 1)) standard errors"
    }
    let size = "\(Human.decimal(abs(change), digits: 4))\(errors ?? "")"
    return difference.flag("counts") == true
      ? "\(better) ranks better: its area is larger by \(size)"
      : "neither ranks better: the areas differ by \(size), which chance may do"
  }
}
