import Bytes
import Domain

/// What was predicted against what happened, for groups of about equally many customers.
enum ReliabilityDrawing {
  static func draw(_ quality: Document, into markup: inout Markup) {
    let groups = quality.list("reliability").map { group in
      (
        rows: group.share("rows") ?? 0, predicted: group.share("meanProbability") ?? 0,
        actual: group.share("actualRate") ?? 0
      )
    }
    guard let most = groups.map({ max($0.predicted, $0.actual) }).max() else { return }
    let (ticks, end) = Drawing.ticks(to: min(1, max(0.01, most * 1.05))) { Drawing.percents($0) }
    let drawing = Drawing()
    let error = (quality.share("calibrationError") ?? 0) * 100
    drawing.draw(
      into: &markup,
      "reliability",
      title: "Reliability",
      description:
        "Predicted and actual rates of \(groups.count) groups are \(Human.tenths(error)) "
        + "percentage points apart on average; on the diagonal they are equal."
    ) { markup in
      drawing.axes(
        into: &markup,
        x: ticks,
        xTitle: "predicted rate",
        y: ticks,
        yTitle: "actual rate"
      )
      markup.leaf(
        "line",
        [
          "class": "guide dashed", "x1": Drawing.number(drawing.x(0)),
          "y1": Drawing.number(drawing.y(0)), "x2": Drawing.number(drawing.x(1)),
          "y2": Drawing.number(drawing.y(1)),
        ]
      )
      // Twice the standard error of a rate of so many rows, either way.
      for group in groups where group.rows > 0 {
        let error = 2 * (group.actual * (1 - group.actual) / group.rows).squareRoot()
        let at = Drawing.number(drawing.x(group.predicted / end))
        markup.leaf(
          "line",
          [
            "class": "whisker", "x1": at, "x2": at,
            "y1": Drawing.number(drawing.y(max(0, group.actual - error) / end)),
            "y2": Drawing.number(drawing.y(min(end, group.actual + error) / end)),
          ]
        )
      }
      markup.leaf(
        "polyline",
        [
          "class": "line",
          "points": groups.map { drawing.point($0.predicted / end, $0.actual / end) }
            .joined(separator: " "),
        ]
      )
      for group in groups {
        markup.element(
          "circle",
          [
            "class": "dot", "cx": Drawing.number(drawing.x(group.predicted / end)),
            "cy": Drawing.number(drawing.y(group.actual / end)), "r": "4",
          ]
        ) {
          $0.element(
            "title",
            "predicted \(Human.percentage(group.predicted)), actual "
              + Human.percentage(group.actual)
          )
        }
      }
    }
  }
}
