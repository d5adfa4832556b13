import Bytes

/// Jobs as a listing, and one job as a page.
package enum JobsView {
  package static func lines(_ document: Document, _ context: ViewContext) -> [String] {
    let jobs = document.list("jobs")
    guard !jobs.isEmpty else { return ["no job has run yet"] }
    var table = Table([
      .text("JOB"), .text("KIND"), .text("SET"), .text("STATE"), .text("PHASE"),
      .number("PROGRESS"), .number("STARTED"), .number("ELAPSED"), .number("SEGMENTS"),
      .text("AS-OF"), .elastic("REASON"),
    ])
    for job in jobs {
      table.add([
        Table.Cell(job.shown("id")), Table.Cell(job.shown("kind")), Table.Cell(job.shown("set")),
        .state(job.shown("state")),
        Table.Cell(job.text("state") == job.text("phase") ? "" : job.shown("phase")),
        Table.Cell(progress(job)),
        Table.Cell(job.age("createdAt", now: context.now)),
        Table.Cell(job.elapsed("elapsedMilliseconds")),
        Table.Cell(job.number("segments").map(Human.count) ?? ""),
        Table.Cell(job.text("asOf") ?? ""),
        Table.Cell(job.text("reason") ?? job.part("error")?.text("message") ?? ""),
      ])
    }
    return table.lines(context.style)
  }

  /// How far a job is: `12/64 shards`, with `?` for a total that nobody knows yet.
  ///
  /// Of a training also its loss and how long it may still take; nothing of a job that has ended and of
  /// which no total is known.
  package static func progress(_ job: Document) -> String {
    if job.instant("endedAt") != nil, job.number("total") == nil { return "" }
    var parts = ["\(job.count("done"))/\(job.count("total")) \(job.shown("unit"))"]
    if let loss = job.share("holdOutLoss") {
      parts.append("hold-out loss \(Human.decimal(loss, digits: 4))")
    }
    if job.number("millisecondsLeft") != nil {
      parts.append("at most \(job.elapsed("millisecondsLeft")) left")
    }
    return parts.joined(separator: ", ")
  }

  package static func page(_ job: Document, _ context: ViewContext) -> [String] {
    let state = job.shown("state")
    var lines = [
      "\(job.shown("id"))  \(job.shown("kind")) of \(job.shown("set"))  "
        + context.style.painted(state.uppercased(), Style.tone(ofState: state))
        + (job.text("reason").map { ": \($0)" } ?? "")
    ]
    let facts = [
      "started \(job.shown("createdAt"))", "took \(job.elapsed("elapsedMilliseconds"))",
      progress(job),
    ]
    lines.append(
      facts.filter { !$0.isEmpty }.joined(separator: ", ") + " (\(job.shown("phase")))"
    )
    switch job.text("kind") {
    case "import": lines += importLines(job)
    case "train": lines += trainingLines(job, context)
    case "check": lines += job.text("state") == "done" ? CheckView.lines(job, context) : []
    case "score":
      lines.append(
        "model \(job.shown("modelVersion")) of \(job.shown("instance")) as of "
          + "\(job.shown("asOf")), \(job.count("scored")) scored, attempt \(job.shown("attempt"))"
      )
      lines += TrainingView.warningLines(job, context)
    default: lines += evaluationLines(job, context)
    }
    if let error = job.part("error"), error.text("message") != job.text("reason") {
      lines.append("error \(error.shown("code")): \(error.shown("message"))")
    }
    return lines + NextSteps.lines([job.text("next")].compactMap { $0 }, context.style)
  }

  private static func importLines(_ job: Document) -> [String] {
    [
      "\(job.count("attributeRows")) profile rows, \(job.count("eventRows")) event rows, "
        + "\(job.size("bytes")), \(job.count("rejected")) rejected, attempt \(job.shown("attempt"))",
      "import id \(job.shown("importId"))",
    ] + job.texts("sources").map { "  from \($0)" }
  }

  private static func trainingLines(_ job: Document, _ context: ViewContext) -> [String] {
    let head =
      "instance \(job.shown("instance")) (version \(job.shown("instanceVersion"))) as of "
      + "\(job.shown("asOf")), \(job.counted("profiles", "profile")), "
      + job.counted("events", "event")
    guard let report = job.part("report") else { return [head] }
    return [head] + ModelView.lines(report, context)
  }

  private static func evaluationLines(_ job: Document, _ context: ViewContext) -> [String] {
    var lines = [
      "\(job.counted("segments", "segment")) as of \(job.shown("asOf")), "
        + "\(job.counted("profiles", "profile")), \(job.counted("events", "event"))"
    ]
    var waiting = Table([.number("SHARD"), .text("WORKER"), .elastic("WAITING FOR")])
    for shard in job.list("waiting") {
      waiting.add([
        Table.Cell(shard.shown("shard")), Table.Cell(shard.shown("worker")),
        Table.Cell(shard.shown("reason")),
      ])
    }
    if !waiting.isEmpty { lines += waiting.lines(context.style) }
    let results = job.list("results")
    guard !results.isEmpty else { return lines }
    var table = Table([
      .text("SEGMENT"), .number("MEMBERS"), .number("SHARE"), .number("REALIZED"),
      .number("EXITED"), .number("TIME"),
    ])
    let profiles = job.number("profiles") ?? 0
    for result in results {
      table.add([
        Table.Cell(result.shown("segment")), Table.Cell(result.count("members")),
        Table.Cell(
          result.number("members").map { Human.percentage($0, of: profiles) } ?? Human.unknown
        ),
        Table.Cell(result.count("realized")), Table.Cell(result.count("exited")),
        Table.Cell(result.elapsed("milliseconds")),
      ])
    }
    return lines + table.lines(context.style) + costLines(job)
  }

  /// Where the time of an evaluation went: what its segments share, and the costliest of them.
  private static func costLines(_ job: Document) -> [String] {
    let costs = Document(CostView.document(job.value, countMax: 1))
    guard let total = costs.number("nanoseconds"), total > 0 else { return [] }
    let shared = Double(costs.number("sharedNanoseconds") ?? 0) / Double(total)
    var line = "cost: segments share \(Human.percentage(shared))"
    if let first = costs.list("segments").first {
      line +=
        "; '\(first.shown("segment"))' took most, \(Human.percentage(first.share("share") ?? 0))"
    }
    return ["\(line); 'covey segments cost \(job.shown("id"))' tells more"]
  }
}
