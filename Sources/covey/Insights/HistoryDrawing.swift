import Bytes
import Domain

/// Expected against actual rates of one bucket over the scorings.
enum HistoryDrawing {
  private struct Point {
    var day: String
    var profiles: Double
    var expected: Double
    /// `nil` until it is known.
    var actual: Double?

    /// Twice the standard error of a rate of so many rows.
    var error: Double {
      guard let actual, profiles > 0 else { return 0 }
      return 2 * (actual * (1 - actual) / profiles).squareRoot()
    }
  }

  /// - Parameters:
  ///   - scorings: the oldest first.
  ///   - bucket: its name, which also names the drawing.
  ///   - markup: takes the drawing.
  static func draw(_ scorings: [Document], _ bucket: String, into markup: inout Markup) {
    let points = scorings.compactMap { scoring -> Point? in
      guard let rates = scoring.list("buckets").first(where: { $0.text("bucket") == bucket }),
        let expected = rates.share("expectedRate")
      else { return nil }
      return Point(
        day: Document.day(scoring.text("asOf")),
        profiles: rates.share("judged") ?? 0,
        expected: expected,
        actual: rates.share("actualRate")
      )
    }
    guard !points.isEmpty else {
      return markup.element("p", ["class": "more"], "No profile was in it.")
    }
    let most = points.map { max($0.expected, ($0.actual ?? 0) + $0.error) }.max() ?? 0
    let (ticks, end) = Drawing.ticks(to: min(1, max(0.01, most * 1.05))) { Drawing.percents($0) }
    var drawing = Drawing()
    drawing.right = 30
    drawing.draw(
      into: &markup,
      "history-\(bucket)",
      title: "Expected and actual rates of bucket \(bucket)",
      description: description(points)
    ) { markup in
      drawing.axes(
        into: &markup,
        x: days(points),
        xTitle: "scored as of",
        y: ticks,
        yTitle: "rate of the goal"
      )
      for (index, point) in points.enumerated() {
        guard let actual = point.actual else { continue }
        let at = Drawing.number(drawing.x(share(index, of: points.count)))
        markup.leaf(
          "line",
          [
            "class": "whisker", "x1": at, "x2": at,
            "y1": Drawing.number(drawing.y(max(0, actual - point.error) / end)),
            "y2": Drawing.number(drawing.y(min(end, actual + point.error) / end)),
          ]
        )
      }
      let expected = points.enumerated().map { ($0.offset, $0.element.expected) }
      let actual = points.enumerated().compactMap { index, point in
        point.actual.map { (index, $0) }
      }
      line("guide dashed", expected, points.count, end, drawing, &markup)
      line("line", actual, points.count, end, drawing, &markup)
      for (index, point) in points.enumerated() {
        dot("dot expected", index, point.expected, point, points.count, end, drawing, &markup)
        guard let actual = point.actual else { continue }
        dot("dot full", index, actual, point, points.count, end, drawing, &markup)
      }
    }
  }

  private static func description(_ points: [Point]) -> String {
    let known = points.filter { $0.actual != nil }
    guard let last = known.last, let actual = last.actual else {
      return "Of \(points.count) scorings no outcome is known yet."
    }
    return
      "Of \(points.count) scorings the outcomes of \(known.count) are known. Of the last of these, "
      + "as of \(last.day), \(Human.percentage(last.expected)) were expected to reach the goal and "
      + "\(Human.percentage(actual)) did."
  }

  /// Where a scoring stands: in the middle when it is alone.
  private static func share(_ index: Int, of count: Int) -> Double {
    (Double(index) + 0.5) / Double(count)
  }

  /// The days of the first, the middle and the last scoring.
  private static func days(_ points: [Point]) -> [Drawing.Tick] {
    let last = points.count - 1
    let shown = Set([0, last] + (points.count > 4 ? [last / 2] : []))
    return shown.sorted().map {
      Drawing.Tick(share: share($0, of: points.count), label: points[$0].day)
    }
  }

  private static func line(
    _ kind: String,
    _ places: [(index: Int, rate: Double)],
    _ count: Int,
    _ end: Double,
    _ drawing: Drawing,
    _ markup: inout Markup
  ) {
    guard places.count > 1 else { return }
    markup.leaf(
      "polyline",
      [
        "class": kind,
        "points": places.map { drawing.point(share($0.index, of: count), $0.rate / end) }
          .joined(separator: " "),
      ]
    )
  }

  private static func dot(
    _ kind: String,
    _ index: Int,
    _ rate: Double,
    _ point: Point,
    _ count: Int,
    _ end: Double,
    _ drawing: Drawing,
    _ markup: inout Markup
  ) {
    markup.element(
      "circle",
      [
        "class": kind, "cx": Drawing.number(drawing.x(share(index, of: count))),
        "cy": Drawing.number(drawing.y(rate / end)), "r": "4",
      ]
    ) {
      $0.element(
        "title",
        "\(point.day): expected \(Human.percentage(point.expected))"
          + (point.actual.map { ", actual \(Human.percentage($0))" } ?? ", not known yet")
      )
    }
  }
}
