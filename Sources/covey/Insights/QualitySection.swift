import Bytes
import Domain

/// How good a model is: its figures, and drawings with the numbers behind them.
enum QualitySection {
  static func add(_ quality: Document, to markup: inout Markup) {
    markup.element("section") { markup in
      markup.element("h2", "How good the model is")
      markup.element("div", ["class": "tiles"]) { tiles(quality, &$0) }
      markup.element("div", ["class": "plots"]) { markup in
        gains(quality, &markup)
        lift(quality, &markup)
        reliability(quality, &markup)
      }
    }
  }

  private static func tiles(_ quality: Document, _ markup: inout Markup) {
    func tile(_ title: String, _ figure: String, _ more: String) {
      markup.element("div", ["class": "tile"]) { markup in
        markup.element("span", ["class": "title"], title)
        markup.element("b", figure)
        markup.element("span", ["class": "more"], more)
      }
    }
    func decimal(_ name: Text, digits: Int = 3) -> String {
      quality.share(name).map { Human.decimal($0, digits: digits) } ?? Human.unknown
    }
    tile(
      "Area under curve",
      decimal("areaUnderCurve"),
      "± \(decimal("areaStandardError")); 0.5 is chance, 1 is perfect"
    )
    tile(
      "Calibration error",
      quality.share("calibrationError").map { Human.percentage($0) } ?? Human.unknown,
      "between predicted and actual rates, on average"
    )
    tile(
      "Lift of first tenth",
      quality.list("gains").first?.share("lift").map { Human.decimal($0, digits: 1) + "×" }
        ?? Human.unknown,
      "the base rate of \(quality.share("baseRate").map { Human.percentage($0) } ?? Human.unknown)"
    )
    if let area = quality.part("outOfTime")?.share("areaUnderCurve") {
      tile(
        "Area out of time",
        Human.decimal(area, digits: 3),
        "at a later time than all that the model has seen"
      )
    }
    tile("Log loss", decimal("logLoss"), "lower is better")
    tile("Brier score", decimal("brierScore"), "lower is better; 0.25 is a blind guess")
    tile("Separation (KS)", decimal("kolmogorovSmirnov"), "largest distance of the two outcomes")
  }

  private static func gains(_ quality: Document, _ markup: inout Markup) {
    let deciles = quality.list("gains")
    guard !deciles.isEmpty else { return }
    plot(
      "Cumulative gains",
      caption: "Whoever reaches the first fifth by score reaches "
        + "\(Human.percentage(deciles.dropFirst().first?.share("cumulativeGain") ?? 0)) of the "
        + "outcomes. The straight line is chance, the dashed one perfect foresight.",
      DataTable(
        ["decile", "outcomes", "gains", "cumulative lift"],
        deciles.enumerated().map { index, decile in
          [
            "\(index + 1)", Human.tenths(decile.share("positives") ?? 0),
            Human.percentage(decile.share("cumulativeGain") ?? 0),
            Human.decimal(decile.share("cumulativeLift") ?? 0, digits: 2),
          ]
        }
      ),
      into: &markup
    ) { GainsDrawing.draw(quality, into: &$0) }
  }

  private static func lift(_ quality: Document, _ markup: inout Markup) {
    let deciles = quality.list("gains")
    guard !deciles.isEmpty else { return }
    plot(
      "Lift by decile",
      caption: "How much more frequent the outcome is in each tenth than among all. A good model"
        + " starts high and descends.",
      DataTable(
        ["decile", "lift"],
        deciles.enumerated().map { index, decile in
          ["\(index + 1)", Human.decimal(decile.share("lift") ?? 0, digits: 3)]
        }
      ),
      into: &markup
    ) { LiftDrawing.draw(quality, into: &$0) }
  }

  private static func reliability(_ quality: Document, _ markup: inout Markup) {
    let groups = quality.list("reliability")
    guard !groups.isEmpty else { return }
    plot(
      "Reliability",
      caption: "Predicted against actual rates of groups of equally many profiles, with twice the"
        + " standard error. On the diagonal, probabilities can be taken at their word.",
      DataTable(
        ["group", "profiles", "predicted", "actual"],
        groups.enumerated().map { index, group in
          [
            "\(index + 1)", group.count("rows"),
            Human.percentage(group.share("meanProbability") ?? 0),
            Human.percentage(group.share("actualRate") ?? 0),
          ]
        }
      ),
      into: &markup
    ) { ReliabilityDrawing.draw(quality, into: &$0) }
  }

  /// A drawing with what it shows in words above and below, and its numbers folded away.
  private static func plot(
    _ title: String,
    caption: String,
    _ numbers: DataTable,
    into markup: inout Markup,
    drawing: (inout Markup) -> Void
  ) {
    markup.element("figure") { markup in
      markup.element("h3", title)
      drawing(&markup)
      markup.element("figcaption", caption)
      numbers.addFolded(to: &markup)
    }
  }
}
