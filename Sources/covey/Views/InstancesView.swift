import Bytes
import Domain

/// Propensity instances: listed, and one with its model.
package enum InstancesView {
  package static func lines(_ document: Document, _ context: ViewContext) -> [String] {
    let instances = document.list("instances")
    guard !instances.isEmpty else {
      return ["no propensity instance is defined yet"]
        + NextSteps.lines(["covey propensity apply FILES"], context.style)
    }
    var table = Table([
      .text("INSTANCE"), .text("TYPE"), .number("VERSION"), .text("STATE"), .number("MODEL"),
      .text("SET"), .number("TRAINED"), .number("ROWS"), .number("AUC"), .number("SCORED"),
      .elastic("DESCRIPTION"),
    ])
    for instance in instances {
      let model = instance.part("model")
      table.add([
        Table.Cell(instance.shown("name")), Table.Cell(instance.shown("type")),
        Table.Cell(instance.shown("version")), Table.Cell(state(of: instance)),
        Table.Cell(model?.shown("version") ?? ""), Table.Cell(model?.shown("set") ?? ""),
        Table.Cell(model?.age("trainedAt", now: context.now) ?? ""),
        Table.Cell(model?.count("rows") ?? ""),
        Table.Cell(model?.share("areaUnderCurve").map { Human.decimal($0, digits: 3) } ?? ""),
        Table.Cell(instance.part("scored")?.age("scoredAt", now: context.now) ?? ""),
        Table.Cell(instance.text("description") ?? ""),
      ])
    }
    return table.lines(context.style)
  }

  package static func page(_ instance: Document, _ context: ViewContext) -> [String] {
    let name = instance.shown("name")
    var lines = ["\(name)  \(instance.shown("type")), version \(instance.shown("version"))"]
    if let description = instance.text("description") { lines.append(description) }
    if let rules = instance.part("document") {
      lines.append("goal      \(GoalText.words(of: rules) ?? Human.unknown)")
      if let eligible = rules.text("eligible") { lines.append("eligible  \(eligible)") }
    }
    guard let model = instance.part("model") else {
      let step = instance.text("job").map { "covey jobs \($0)" } ?? "covey propensity train \(name)"
      return lines + ["", state(of: instance)] + NextSteps.lines([step], context.style)
    }
    lines += [
      "",
      "model \(model.shown("version")) of set \(model.shown("set")) as of \(model.shown("asOf")), "
        + "\(model.shown("job")), \(model.size("bytes")); \(state(of: instance))",
    ]
    lines += scores(instance)
    return lines + (instance.part("report").map { ModelView.lines($0, context) } ?? [])
  }

  /// When scores were written last, and when they will be by themselves.
  private static func scores(_ instance: Document) -> [String] {
    var parts: [String] = []
    if let scored = instance.part("scored") {
      parts.append(
        "\(scored.counted("profiles", "profile")) scored as of \(scored.shown("asOf")) with model "
          + "\(scored.shown("modelVersion")), \(scored.shown("job"))"
      )
    }
    if let due = instance.text("due") { parts.append("by itself from \(due) on") }
    return parts.isEmpty ? [] : [parts.joined(separator: "; ")]
  }

  private static func state(of instance: Document) -> String {
    if let job = instance.text("job") { return "in training (\(job))" }
    guard let model = instance.part("model") else { return "not trained" }
    return model.flag("isCurrent") == true ? "trained" : "changed since"
  }
}
