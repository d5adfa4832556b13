import Bytes
import Domain

/// How far the score and the features have moved, beside what is to be watched.
enum DriftDrawing {
  private static let rowHeight = 24.0
  private static let featureCountMax = 20
  private static let nameLengthMax = 40

  static func draw(_ drift: Document, into markup: inout Markup) {
    var rows = drift.list("features").prefix(featureCountMax).map { ($0.shown("code"), $0) }
    if let score = drift.part("score") { rows.insert(("the score itself", score), at: 0) }
    guard !rows.isEmpty else { return }
    let (ticks, end) = Drawing.ticks(
      to: max(0.3, rows.compactMap { $0.1.share("index") }.max() ?? 0)
    ) { Human.decimal($0, digits: 2) }
    var drawing = Drawing()
    drawing.width = 900
    drawing.left = 300
    drawing.right = 60
    drawing.height = drawing.top + drawing.bottom + rowHeight * Double(rows.count)
    let shifted = rows.count { $0.1.text("verdict") == "shifted" }
    let watched = rows.count { $0.1.text("verdict") == "watch" }
    drawing.draw(
      into: &markup,
      "drift",
      title: "Drift since training",
      description:
        "Of \(rows.count) distributions \(shifted) have shifted and \(watched) are to be "
        + "watched."
    ) { markup in
      for tick in ticks {
        let at = Drawing.number(drawing.x(tick.share))
        markup.leaf(
          "line",
          [
            "class": tick.share == 0 ? "axis" : "grid", "x1": at, "x2": at,
            "y1": Drawing.number(drawing.y(1)), "y2": Drawing.number(drawing.y(0)),
          ]
        )
        markup.element(
          "text",
          ["class": "tick middle", "x": at, "y": Drawing.number(drawing.y(0) + 18)],
          tick.label
        )
      }
      markup.element(
        "text",
        [
          "class": "name middle", "x": Drawing.number(drawing.x(0.5)),
          "y": Drawing.number(drawing.height - 6),
        ],
        "population stability index; dashed: to be watched, shifted"
      )
      for (index, row) in rows.enumerated() {
        bar(row.0, row.1, at: drawing.top + rowHeight * Double(index), end, drawing, &markup)
      }
      for limit in [0.1, 0.25] {
        let at = Drawing.number(drawing.x(limit / end))
        markup.leaf(
          "line",
          [
            "class": "guide dashed", "x1": at, "x2": at, "y1": Drawing.number(drawing.y(1)),
            "y2": Drawing.number(drawing.y(0)),
          ]
        )
      }
    }
  }

  private static func bar(
    _ name: String,
    _ drift: Document,
    at top: Double,
    _ end: Double,
    _ drawing: Drawing,
    _ markup: inout Markup
  ) {
    let index = drift.share("index") ?? 0
    let isLong = name.count > nameLengthMax
    markup.element(
      "text",
      ["class": "tick end", "x": Drawing.number(drawing.x(0) - 10), "y": Drawing.number(top + 16)]
    ) { markup in
      if isLong { markup.element("title", name) }
      markup.say(isLong ? String(name.prefix(nameLengthMax - 1)) + "…" : name)
    }
    let width = drawing.x(index / end) - drawing.x(0)
    markup.leaf(
      "rect",
      [
        "class": "drift \(drift.shown("verdict"))", "x": Drawing.number(drawing.x(0)),
        "y": Drawing.number(top + 4), "width": Drawing.number(max(1, width)),
        "height": Drawing.number(rowHeight - 8), "rx": "2",
      ]
    )
    markup.element(
      "text",
      [
        "class": "label", "x": Drawing.number(drawing.x(index / end) + 6),
        "y": Drawing.number(top + 16),
      ],
      Human.decimal(index, digits: 3)
    )
  }
}
