import Bytes
import Domain

/// How earlier scorings have held: what was expected of each bucket, and what came of it.
enum HistorySection {
  /// Scorings in the drawings at most, the newest; the table has all.
  private static let drawnCountMax = 26

  static func add(_ history: Document, to markup: inout Markup) {
    let scorings = history.list("scorings")
    markup.element("section") { markup in
      markup.element("h2", "What came of earlier scores")
      if let remark = history.text("remark") { markup.element("p", ["class": "lead"], remark) }
      guard let newest = scorings.first else { return }
      markup.element(
        "p",
        ["class": "lead"],
        "The rate that was expected of each bucket when it was scored, and the rate that came, once "
          + "the outcome window had passed. Dots on the solid line are actual rates, with twice their "
          + "standard error; rings on the dashed line are expected ones. \(outlook(newest))"
      )
      let drawn = scorings.filter { $0.text("set") == newest.text("set") }.prefix(drawnCountMax)
      markup.element("div", ["class": "plots"]) { markup in
        for bucket in ["high", "medium", "low"] {
          markup.element("figure") { markup in
            markup.element("h3") { markup in
              markup.element("span", ["class": "swatch \(bucket)"], "")
              markup.say("Bucket \(bucket)")
            }
            HistoryDrawing.draw(drawn.reversed(), bucket, into: &markup)
          }
        }
      }
      table(scorings).addFolded(to: &markup)
    }
  }

  private static func outlook(_ newest: Document) -> String {
    guard newest.flag("isKnown") == false else { return "" }
    return "What comes of the newest one is found out by the first scoring from "
      + "\(Document.day(newest.text("windowEnd"))) on, when there are events up to then."
  }

  private static func table(_ scorings: [Document]) -> DataTable {
    let hasSets = Set(scorings.map { $0.text("set") }).count > 1
    var titles = ["scored as of"]
    if hasSets { titles.append("set") }
    titles += ["model", "bucket", "profiles", "expected", "actual", "area under curve"]
    var rows: [[String]] = []
    for scoring in scorings {
      for bucket in scoring.list("buckets").reversed() {
        var row = [scoring.shown("asOf")]
        if hasSets { row.append(scoring.shown("set")) }
        row += [
          scoring.shown("modelVersion"), bucket.shown("bucket"), bucket.count("profiles"),
          PastRate.expected(bucket), PastRate.actual(bucket, of: scoring),
          scoring.share("areaUnderCurve").map { Human.decimal($0, digits: 3) } ?? Human.missing,
        ]
        rows.append(row)
      }
    }
    return DataTable(titles, rows)
  }
}
