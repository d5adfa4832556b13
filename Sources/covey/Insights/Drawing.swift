/// An area with two axes into which shares of them are drawn.
///
/// Colours come from the page's style, so that a drawing is light or dark as the page is.
struct Drawing {
  /// In units of the drawing, which are pixels at its full width.
  var width = 340.0
  var height = 280.0
  var left = 52.0
  var right = 16.0
  var top = 16.0
  var bottom = 46.0

  /// A tick of an axis: how far along it, 0…1, and its words.
  struct Tick {
    var share: Double
    var label: String
  }

  /// Where a share of the horizontal axis is.
  func x(_ share: Double) -> Double { left + share * (width - left - right) }

  /// Where a share of the vertical axis is; 0 is at the bottom.
  func y(_ share: Double) -> Double { height - bottom - share * (height - top - bottom) }

  func point(_ x: Double, _ y: Double) -> String {
    "\(Drawing.number(self.x(x))),\(Drawing.number(self.y(y)))"
  }

  static func number(_ number: Double) -> String { Human.decimal(number, digits: 1) }

  /// Draws into a new image.
  ///
  /// - Parameters:
  ///   - markup: takes the image.
  ///   - name: unique in the page, of letters.
  ///   - title: what it shows.
  ///   - description: what is to be seen, for whoever does not see it.
  ///   - body: draws.
  func draw(
    into markup: inout Markup,
    _ name: String,
    title: String,
    description: String,
    _ body: (inout Markup) -> Void
  ) {
    markup.element(
      "svg",
      [
        "viewBox": "0 0 \(Drawing.number(width)) \(Drawing.number(height))", "role": "img",
        "aria-labelledby": "\(name)-title \(name)-text",
      ]
    ) { markup in
      markup.element("title", ["id": "\(name)-title"], title)
      markup.element("desc", ["id": "\(name)-text"], description)
      body(&markup)
    }
    markup.breakLine()
  }

  /// Lines and labels of both axes.
  func axes(
    into markup: inout Markup,
    x horizontal: [Tick],
    xTitle: String,
    y vertical: [Tick],
    yTitle: String
  ) {
    for tick in vertical {
      let at = Drawing.number(y(tick.share))
      markup.leaf(
        "line",
        [
          "class": tick.share == 0 ? "axis" : "grid", "x1": Drawing.number(x(0)),
          "x2": Drawing.number(x(1)), "y1": at, "y2": at,
        ]
      )
      markup.element(
        "text",
        [
          "class": "tick end", "x": Drawing.number(x(0) - 8),
          "y": Drawing.number(y(tick.share) + 4),
        ],
        tick.label
      )
    }
    for tick in horizontal {
      markup.element(
        "text",
        [
          "class": "tick middle", "x": Drawing.number(x(tick.share)),
          "y": Drawing.number(y(0) + 18),
        ],
        tick.label
      )
    }
    markup.element(
      "text",
      ["class": "name middle", "x": Drawing.number(x(0.5)), "y": Drawing.number(height - 6)],
      xTitle
    )
    let middle = Drawing.number(y(0.5))
    markup.element(
      "text",
      [
        "class": "name middle", "x": "12", "y": middle, "transform": "rotate(-90 12 \(middle))",
      ],
      yTitle
    )
  }

  /// Five ticks of a share from 0% to 100%.
  static let shares: [Tick] = (0...4).map {
    Tick(share: Double($0) / 4, label: "\($0 * 25)%")
  }

  /// `2.5%`.
  static func percents(_ share: Double) -> String {
    "\(ValueGroupText.number((share * 1_000).rounded() / 10))%"
  }

  /// Ticks from 0 to a round number that is at least `most`, and that number.
  static func ticks(to most: Double, _ label: (Double) -> String) -> (ticks: [Tick], end: Double) {
    guard most > 0, most.isFinite else { return ([Tick(share: 0, label: label(0))], 1) }
    var step = 1.0
    while step * 5 < most { step *= 10 }
    while step * 0.5 >= most { step /= 10 }
    for finer in [0.1, 0.2, 0.25, 0.5] where step * finer * 5 >= most {
      step *= finer
      break
    }
    let count = max(1, Int((most / step).rounded(.up)))
    let end = step * Double(count)
    return (
      (0...count).map { Tick(share: Double($0) / Double(count), label: label(step * Double($0))) },
      end
    )
  }
}
