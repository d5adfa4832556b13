import Bytes
import Domain

/// What moved the scores of one bucket, a line a factor, with the values that its profiles have.
enum FactorSection {
  private static let effectWidth = 150.0
  private static let effectHeight = 22.0
  private static let valuesWidth = 260.0
  private static let valuesHeight = 46.0

  static func add(_ bucket: Document, to markup: inout Markup) {
    let factors = bucket.list("factors")
    guard !factors.isEmpty else { return }
    let most = factors.compactMap { $0.share("meanSize") }.max() ?? 1
    let name = bucket.shown("bucket")
    markup.element("section", ["class": "factors"]) { markup in
      markup.element("h3") { markup in
        markup.element("span", ["class": "swatch \(name)"], "")
        markup.say("Bucket \(name): \(bucket.count("profiles")) profiles")
      }
      markup.element("table", ["class": "plain"]) { markup in
        markup.element("thead") { markup in
          markup.element("tr") { markup in
            for title in ["Factor", "Effect", "Values in the bucket, and of all"] {
              markup.element("th", ["scope": "col"], title)
            }
          }
        }
        markup.element("tbody") { markup in
          for (index, factor) in factors.enumerated() {
            markup.element("tr") { markup in
              row(factor, "\(name)-\(index)", most, &markup)
            }
            markup.breakLine()
          }
        }
      }
    }
  }

  private static func row(
    _ factor: Document,
    _ name: String,
    _ most: Double,
    _ markup: inout Markup
  ) {
    markup.element("th", ["scope": "row"]) { markup in
      markup.say(factor.shown("code"))
      let known = factor.share("coverage") ?? 0
      let raised = Human.percentage(factor.share("raisedShare") ?? 0)
      markup.element(
        "small",
        "raises \(raised) of the scores"
          + (known < 1 ? ", known of \(Human.percentage(known))" : "")
      )
    }
    markup.element("td") { effect(factor, name, most, &$0) }
    markup.element("td") { markup in
      values(factor, name, &markup)
      markup.element("details") { markup in
        let words = InsightsView.values(factor)
        markup.element("summary", words.isEmpty ? "as all profiles" : words)
        table(factor, &markup)
      }
    }
  }

  /// A bar from the middle: to the right what raises, to the left what lowers, as means a profile.
  private static func effect(
    _ factor: Document,
    _ name: String,
    _ most: Double,
    _ markup: inout Markup
  ) {
    let (mean, size) = (factor.share("meanContribution") ?? 0, factor.share("meanSize") ?? 0)
    let (raising, lowering) = ((size + mean) / 2, (size - mean) / 2)
    let middle = effectWidth / 2
    let scale = most > 0 ? (middle - 4) / most : 0
    var drawing = Drawing()
    drawing.width = effectWidth
    drawing.height = effectHeight
    drawing.draw(
      into: &markup,
      "effect-\(name)",
      title: "Effect of \(factor.shown("code"))",
      description: "On average \(signed(mean)) in log-odds: it raises by \(signed(raising)) and "
        + "lowers by \(Human.decimal(lowering, digits: 3))."
    ) { markup in
      for (style, x, width) in [
        ("lowers", middle - lowering * scale, lowering * scale),
        ("raises", middle, raising * scale),
      ] where width > 0 {
        markup.leaf(
          "rect",
          [
            "class": style, "x": Drawing.number(x), "y": "4", "width": Drawing.number(width),
            "height": "14", "rx": "2",
          ]
        )
      }
      let at = Drawing.number(middle)
      markup.leaf("line", ["class": "axis", "x1": at, "x2": at, "y1": "0", "y2": "22"])
    }
    markup.element("small", ["class": "number"], signed(mean))
  }

  /// Bars of the values that the bucket's profiles have; a mark on each says how many of all do.
  private static func values(_ factor: Document, _ name: String, _ markup: inout Markup) {
    let values = factor.list("values")
    let most = values.map { max($0.share("share") ?? 0, $0.share("shareOfAll") ?? 0) }.max() ?? 1
    guard most > 0 else { return }
    let slot = valuesWidth / Double(max(values.count, 4))
    let floor = valuesHeight - 2
    var drawing = Drawing()
    drawing.width = valuesWidth
    drawing.height = valuesHeight
    drawing.draw(
      into: &markup,
      "values-\(name)",
      title: "Values of \(factor.shown("code"))",
      description: values.map { value in
        "\(ValueGroupText.text(value)) \(Human.percentage(value.share("share") ?? 0))"
      }.joined(separator: ", ")
    ) { markup in
      for (index, value) in values.enumerated() {
        let (own, all) = (value.share("share") ?? 0, value.share("shareOfAll") ?? 0)
        let left = slot * Double(index) + 2
        let top = floor - own / most * (floor - 4)
        markup.element(
          "rect",
          [
            "class": value.flag("missing") == true ? "bar faint" : "bar",
            "x": Drawing.number(left), "y": Drawing.number(top),
            "width": Drawing.number(slot - 4), "height": Drawing.number(max(0.5, floor - top)),
          ]
        ) {
          $0.element(
            "title",
            "\(ValueGroupText.text(value)): \(Human.percentage(own)), of all "
              + Human.percentage(all)
          )
        }
        let mark = Drawing.number(floor - all / most * (floor - 4))
        markup.leaf(
          "line",
          [
            "class": "mark", "x1": Drawing.number(left - 1), "x2": Drawing.number(left + slot - 3),
            "y1": mark, "y2": mark,
          ]
        )
      }
      markup.leaf(
        "line",
        [
          "class": "axis", "x1": "0", "x2": Drawing.number(slot * Double(values.count)),
          "y1": Drawing.number(floor), "y2": Drawing.number(floor),
        ]
      )
    }
  }

  private static func table(_ factor: Document, _ markup: inout Markup) {
    DataTable(
      ["value", "profiles", "in the bucket", "of all"],
      factor.list("values").map { value in
        [
          ValueGroupText.text(value), value.count("profiles"),
          Human.percentage(value.share("share") ?? 0),
          Human.percentage(value.share("shareOfAll") ?? 0),
        ]
      }
    ).add(to: &markup)
  }

  private static func signed(_ number: Double) -> String {
    (number > 0 ? "+" : "") + Human.decimal(number, digits: 3)
  }
}
