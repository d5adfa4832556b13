import Bytes
import Domain

/// One profile's score and everything that moved it.
package enum ScoreView {
  private static let barWidth = 12

  package static func lines(_ document: Document, _ context: ViewContext) -> [String] {
    let name = "\(document.shown("instance")) as of \(document.shown("asOf"))"
    guard document.flag("isEligible") == true else {
      return [
        "\(document.shown("key")) is not eligible for \(name): it has no score, and is not counted",
        "the rule 'eligible' of the instance says who is",
      ] + (document.part("stored").map { earlier($0) } ?? [])
        + NextSteps.lines(["covey propensity show \(document.shown("instance"))"], context.style)
    }
    var lines = [
      "\(document.shown("key")) scores \(score(document)) with \(name)",
      "",
    ]
    lines += notes(document, context)
    lines += factors(document, context)
    return lines + ["", sum(document)]
  }

  /// `91 (high), probability 18.3%, percentile 97`.
  private static func score(_ document: Document) -> String {
    let probability = document.share("probability").map { Human.percentage($0) } ?? Human.unknown
    return "\(document.shown("score")) (\(document.shown("bucket"))), probability \(probability), "
      + "percentile \(document.shown("percentile"))"
  }

  private static func earlier(_ stored: Document) -> [String] {
    ["stored: \(score(stored)) of \(stored.shown("scoreDate")), from an earlier scoring"]
  }

  /// Where what the profile has is not what is explained.
  private static func notes(_ document: Document, _ context: ViewContext) -> [String] {
    let instance = document.shown("instance")
    let again = "covey propensity score \(instance) --set \(document.shown("set"))"
    guard let stored = document.part("stored") else {
      return [
        context.style.painted(
          "the profile has no score of the last scoring: it came later; '\(again)' gives it one",
          .warning
        ),
        "",
      ]
    }
    if stored.number("modelVersion") != document.number("modelVersion") {
      return [
        context.style.painted(
          "stored is \(score(stored)) of model \(stored.shown("modelVersion")); this is model "
            + "\(document.shown("modelVersion")), trained since; '\(again)' writes its scores",
          .warning
        ),
        "",
      ]
    }
    guard
      stored.value["score"] != document.value["score"]
        || stored.value["probability"] != document.value["probability"]
    else { return [] }
    return [
      context.style.painted(
        "stored is \(score(stored)): the profile has changed since; '\(again)' scores it anew",
        .warning
      ),
      "",
    ]
  }

  private static func factors(_ document: Document, _ context: ViewContext) -> [String] {
    let factors = document.list("factors")
    guard !factors.isEmpty else { return ["nothing that is known of it moves the score"] }
    var table = Table([
      .elastic("FACTOR"), .text("EFFECT"), .number("LOG-ODDS"), .number("SHARE"), .text(""),
    ])
    for factor in factors {
      let isRaising = factor.text("direction") == "up"
      let share = factor.share("share") ?? 0
      table.add([
        Table.Cell(worded(factor)),
        Table.Cell(isRaising ? "raises" : "lowers", isRaising ? .good : .bad),
        Table.Cell(signed(factor.share("shap") ?? 0)), Table.Cell(Human.percentage(share)),
        Table.Cell(bar(share)),
      ])
      let features = factor.list("features")
      guard features.count > 1 else { continue }
      for feature in features {
        table.add([
          Table.Cell("  " + worded(feature), .quiet), "",
          Table.Cell(signed(feature.share("shap") ?? 0), .quiet), "", "",
        ])
      }
    }
    return table.lines(context.style)
  }

  private static func bar(_ share: Double) -> String {
    String(repeating: "▪", count: Int((min(1, max(0, share)) * Double(barWidth)).rounded(.up)))
  }

  /// `days since last purchase = 203`.
  private static func worded(_ factor: Document) -> String {
    "\(factor.shown("code")) = \(factor.text("value") ?? "unknown")"
  }

  private static func signed(_ number: Double) -> String {
    (number > 0 ? "+" : "") + Human.decimal(number, digits: 3)
  }

  private static func sum(_ document: Document) -> String {
    let (base, margin) = (document.share("base") ?? 0, document.share("margin") ?? 0)
    return "base \(signed(base)) and all factors make a margin of \(signed(margin)) in log-odds"
  }
}
