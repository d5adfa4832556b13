import Bytes
import Domain

/// How many customers have each score, in the colours of the buckets.
enum ScoresDrawing {
  static func draw(_ counts: [Double], _ buckets: [Document], into markup: inout Markup) {
    guard counts.count == 101, counts.contains(where: { $0 > 0 }) else { return }
    var drawing = Drawing()
    drawing.width = 900
    drawing.height = 260
    drawing.left = 64
    let (ticks, end) = Drawing.ticks(to: max(5, counts.max() ?? 1)) { Human.count($0) }
    let words = buckets.map { bucket in
      "\(bucket.shown("bucket")) \(bucket.count("profiles"))"
    }.joined(separator: ", ")
    drawing.draw(
      into: &markup,
      "scores",
      title: "Distribution of scores",
      description: "Profiles by bucket: \(words)."
    ) { markup in
      drawing.axes(
        into: &markup,
        x: [0, 25, 50, 75, 100].map {
          Drawing.Tick(share: (Double($0) + 0.5) / 101, label: "\($0)")
        },
        xTitle: "score",
        y: ticks,
        yTitle: "profiles"
      )
      let width = Drawing.number((drawing.x(1) - drawing.x(0)) / 101 - 1)
      for (score, count) in counts.enumerated() where count > 0 {
        let top = drawing.y(count / end)
        markup.element(
          "rect",
          [
            "class": score < 25 ? "low" : score < 75 ? "medium" : "high",
            "x": Drawing.number(drawing.x(Double(score) / 101) + 0.5), "y": Drawing.number(top),
            "width": width, "height": Drawing.number(max(0.5, drawing.y(0) - top)),
          ]
        ) { $0.element("title", "score \(score): \(Human.count(count)) profiles") }
      }
    }
  }
}
