import Bytes
import Domain

/// How much more frequent the outcome is in each tenth of the customers than among all.
enum LiftDrawing {
  static func draw(_ quality: Document, into markup: inout Markup) {
    let lifts = quality.list("gains").map { $0.share("lift") ?? 0 }
    guard lifts.count == 10 else { return }
    let (ticks, end) = Drawing.ticks(to: max(1, lifts.max() ?? 1)) {
      "\(ValueGroupText.number($0))×"
    }
    let drawing = Drawing()
    drawing.draw(
      into: &markup,
      "lift",
      title: "Lift by decile",
      description: "In the tenth of customers with the highest scores the outcome is "
        + "\(Human.decimal(lifts[0], digits: 1)) times as frequent as among all, in the last tenth "
        + "\(Human.decimal(lifts[9], digits: 1)) times."
    ) { markup in
      drawing.axes(
        into: &markup,
        x: (0..<10).map { Drawing.Tick(share: (Double($0) + 0.5) / 10, label: "\($0 + 1)") },
        xTitle: "decile of customers, highest scores first",
        y: ticks,
        yTitle: "times the mean rate"
      )
      for (index, lift) in lifts.enumerated() {
        let (top, bottom) = (drawing.y(lift / end), drawing.y(0))
        let left = drawing.x((Double(index) + 0.14) / 10)
        markup.leaf(
          "rect",
          [
            "class": lift >= 1 ? "bar" : "bar faint", "x": Drawing.number(left),
            "y": Drawing.number(top),
            "width": Drawing.number(drawing.x((Double(index) + 0.86) / 10) - left),
            "height": Drawing.number(max(0.5, bottom - top)), "rx": "2",
          ]
        )
        markup.element(
          "text",
          [
            "class": "label middle", "x": Drawing.number(drawing.x((Double(index) + 0.5) / 10)),
            "y": Drawing.number(top - 5),
          ],
          Human.decimal(lift, digits: 1)
        )
      }
      let mean = Drawing.number(drawing.y(1 / end))
      markup.leaf(
        "line",
        [
          "class": "guide dashed", "x1": Drawing.number(drawing.x(0)),
          "x2": Drawing.number(drawing.x(1)), "y1": mean, "y2": mean,
        ]
      )
    }
  }
}
