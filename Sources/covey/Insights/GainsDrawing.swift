import Bytes
import Domain

/// The share of all outcomes that the customers with the highest scores hold, against their share.
enum GainsDrawing {
  static func draw(_ quality: Document, into markup: inout Markup) {
    let gains = quality.list("gains").map { $0.share("cumulativeGain") ?? 0 }
    guard gains.count == 10 else { return }
    let rows = quality.share("rows") ?? 0
    let rate = rows > 0 ? (quality.share("positives") ?? 0) / rows : 0
    let drawing = Drawing()
    let two = Human.percentage(gains[1])
    drawing.draw(
      into: &markup,
      "gains",
      title: "Cumulative gains",
      description: "The fifth of customers with the highest scores holds \(two) of all outcomes; "
        + "a fifth drawn at random would hold 20%."
    ) { markup in
      drawing.axes(
        into: &markup,
        x: Drawing.shares,
        xTitle: "customers, highest scores first",
        y: Drawing.shares,
        yTitle: "outcomes reached"
      )
      let points = ([0] + gains).enumerated().map { drawing.point(Double($0) / 10, $1) }
      let area = [drawing.point(0, 0)] + points + [drawing.point(1, 0)]
      markup.leaf("polygon", ["class": "area", "points": area.joined(separator: " ")])
      line("guide", [drawing.point(0, 0), drawing.point(1, 1)], &markup)
      line(
        "guide dashed",
        [drawing.point(0, 0), drawing.point(rate, 1), drawing.point(1, 1)],
        &markup
      )
      line("line", points, &markup)
      for (index, gain) in gains.enumerated() {
        markup.element(
          "circle",
          [
            "class": "dot", "cx": Drawing.number(drawing.x(Double(index + 1) / 10)),
            "cy": Drawing.number(drawing.y(gain)), "r": "3.5",
          ]
        ) {
          $0.element("title", "the first \((index + 1) * 10)% hold \(Human.percentage(gain))")
        }
      }
    }
  }

  private static func line(_ style: String, _ points: [String], _ markup: inout Markup) {
    markup.leaf("polyline", ["class": style, "points": points.joined(separator: " ")])
  }
}
