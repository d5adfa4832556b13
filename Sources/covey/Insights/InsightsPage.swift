import Bytes
import Domain

/// Insights as one page that needs nothing else: no script, and nothing from elsewhere.
package enum InsightsPage {
  /// The page, well-formed as XML too.
  package static func html(_ document: Document) -> [UInt8] {
    var markup = Markup()
    markup.put("<!DOCTYPE html>\n")
    let name = document.text("instance") ?? "model"
    markup.element("html", ["lang": "en"]) { markup in
      markup.element("head") { markup in
        markup.leaf("meta", ["charset": "utf-8"])
        markup.leaf(
          "meta",
          ["name": "viewport", "content": "width=device-width, initial-scale=1"]
        )
        markup.leaf("meta", ["name": "color-scheme", "content": "light dark"])
        markup.element("title", "\(name): propensity insights")
        markup.element("style") { $0.put(InsightsStyle.rules) }
      }
      markup.breakLine()
      // Colours follow what a high score stands for.
      let kind = document.text("type") == "churn" ? "churn" : "conversion"
      markup.element("body", ["class": kind]) { markup in
        markup.element("main") { add(document, name, to: &$0) }
      }
    }
    markup.breakLine()
    return Array(markup.text.utf8)
  }

  private static func add(_ document: Document, _ name: String, to markup: inout Markup) {
    markup.element("header") { head(document, name, &$0) }
    for warning in document.list("warnings") {
      let isLoud = warning.flag("isLoud") == true
      markup.element("p", ["class": isLoud ? "note loud" : "note", "role": "note"]) { markup in
        if isLoud { markup.element("strong", "Warning: ") }
        markup.say(warning.shown("message"))
      }
    }
    if let quality = document.part("quality") {
      markup.breakLine()
      QualitySection.add(quality, to: &markup)
    }
    markup.breakLine()
    if document.list("buckets").isEmpty {
      markup.element(
        "p",
        ["class": "note"],
        "No profile has been scored with this model yet"
          + (document.text("next").map { ": \($0)" } ?? "")
      )
    } else {
      scores(document, &markup)
    }
    if let history = document.part("history") { HistorySection.add(history, to: &markup) }
    if let drift = document.part("drift") { self.drift(drift, &markup) }
    markup.element("footer") { explanations(&$0) }
  }

  private static func head(_ document: Document, _ name: String, _ markup: inout Markup) {
    markup.element("p", ["class": "kicker"], "Propensity insights")
    markup.element("h1") { markup in
      markup.say(name)
      if let type = document.text("type") { markup.element("span", ["class": "pill"], type) }
    }
    if let description = document.text("description") { markup.element("p", description) }
    markup.element("dl", ["class": "facts"]) { markup in
      func fact(_ title: String, _ words: String) {
        markup.element("div") { markup in
          markup.element("dt", title)
          markup.element("dd", words)
        }
      }
      if let goal = GoalText.words(of: document) {
        // A goal over attributes alone knows no window.
        let isOfEvents = document.value["goal"]?.text == nil || goal.contains("xEvent")
        let days = isOfEvents ? document.text("outcomeWindowDays") : nil
        fact("Goal", goal + (days.map { ", within \($0) days" } ?? ""))
      }
      if let model = document.part("model") {
        fact(
          "Model",
          "\(model.shown("version")), learned from \(model.counted("rows", "row")) of set "
            + "\(model.shown("set")) as of \(Document.day(model.text("asOf")))"
        )
      }
      if let scoring = document.part("scoring") {
        fact(
          "Scored",
          "\(scoring.count("scored")) of \(scoring.counted("profiles", "profile"))"
            + (scoring.text("set").map { " of set \($0)" } ?? "")
            + " as of \(Document.day(scoring.text("asOf")))"
        )
      }
    }
  }

  private static func scores(_ document: Document, _ markup: inout Markup) {
    let buckets = document.list("buckets")
    let counts = document.value["scores"]?.elements?.map { $0.number ?? 0 } ?? []
    markup.element("section") { markup in
      markup.element("h2", "Who scored what")
      markup.element("div", ["class": "tiles"]) { markup in
        for bucket in buckets.reversed() { tile(bucket, &markup) }
      }
      markup.element("figure") { markup in
        ScoresDrawing.draw(counts, buckets, into: &markup)
        markup.element(
          "figcaption",
          "How many profiles have each score. A score is where a profile stands among those the "
            + "model was measured by, so the picture moves when customers do."
        )
        DataTable(
          ["scores", "profiles"],
          stride(from: 0, to: 100, by: 5).map { first in
            let end = first == 95 ? 100 : first + 4
            let part = counts.dropFirst(first).prefix(end - first + 1)
            return ["\(first)–\(end)", Human.count(part.reduce(0, +))]
          }
        ).addFolded(to: &markup)
      }
    }
    markup.element("section") { markup in
      markup.element("h2", "What moves the scores")
      markup.element(
        "p",
        ["class": "lead"],
        "The factors of each bucket, those that move its scores most first. A bar to the right "
          + "raises, to the left lowers. The bars of values are the bucket's profiles; the marks "
          + "are all profiles."
      )
      for bucket in buckets.reversed() { FactorSection.add(bucket, to: &markup) }
    }
  }

  private static func tile(_ bucket: Document, _ markup: inout Markup) {
    let name = bucket.shown("bucket")
    markup.element("div", ["class": "tile \(name)"]) { markup in
      markup.element("span", ["class": "title"]) { markup in
        markup.element("span", ["class": "swatch \(name)"], "")
        markup.say("\(name), scores \(bucket.shown("from"))–\(bucket.shown("to"))")
      }
      markup.element("b", bucket.count("profiles"))
      let share = bucket.share("share").map { Human.percentage($0) } ?? Human.missing
      let rate = bucket.share("expectedRate").map { Human.percentage($0) } ?? Human.missing
      markup.element(
        "span",
        ["class": "more"],
        "\(share) of all; \(rate) are expected to reach the goal"
      )
    }
  }

  private static func drift(_ drift: Document, _ markup: inout Markup) {
    let features = drift.list("features")
    guard !features.isEmpty || drift.part("score") != nil else { return }
    markup.element("section") { markup in
      markup.element("h2", "What has moved since training")
      markup.element("figure") { markup in
        DriftDrawing.draw(drift, into: &markup)
        markup.element(
          "figcaption",
          "The population stability index compares the profiles scored with those trained on. Under "
            + "0.1 is stable, above 0.25 has shifted; pale bars are no more than chance."
        )
        var rows = features.map { ($0.shown("code"), $0) }
        if let score = drift.part("score") { rows.insert(("the score itself", score), at: 0) }
        DataTable(
          ["distribution", "index", "by chance up to", "verdict"],
          rows.map { name, drift in
            [
              name, Human.decimal(drift.share("index") ?? 0, digits: 4),
              Human.decimal(drift.share("chance") ?? 0, digits: 4), drift.shown("verdict"),
            ]
          }
        ).addFolded(to: &markup)
      }
      for feature in features where feature.text("verdict") == "shifted" {
        markup.element("details") { markup in
          markup.element("summary", "how \(feature.shown("code")) has shifted")
          DataTable(
            ["value", "at training", "now"],
            feature.list("values").map { value in
              [
                ValueGroupText.text(value), Human.percentage(value.share("training") ?? 0),
                Human.percentage(value.share("now") ?? 0),
              ]
            }
          ).add(to: &markup)
        }
      }
    }
  }

  private static func explanations(_ markup: inout Markup) {
    markup.element(
      "p",
      "A probability is calibrated: of many profiles with 20%, about a fifth reach the goal, as long "
        + "as profiles are like those learned from. Factors are exact Shapley values in log-odds; "
        + "they say what the model used, not what causes the goal. Quality is measured on profiles "
        + "that the model has not learned from."
    )
  }
}
