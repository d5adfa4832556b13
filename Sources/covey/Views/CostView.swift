import Bytes
package import Domain

/// What the segments of an evaluation took, the costliest first.
package enum CostView {
  /// Reads the costs out of a job's document.
  ///
  /// ```
  /// {"job", "set", "state", "asOf", "elapsedMilliseconds", "nanoseconds", "ownNanoseconds",
  ///  "sharedNanoseconds", "segmentCount",
  ///  "segments": [{"segment", "nanoseconds", "share", "rows", "steps"}],
  ///  "shared": [{"name", "nanoseconds", "share", "rows"}], "error"?, "next"?}
  /// ```
  ///
  /// A share is one of the time that all threads spent. Of equal times the smaller name comes first.
  ///
  /// - Parameters:
  ///   - job: an evaluation, with its results where it is done.
  ///   - countMax: how many segments are listed; `nil` for all.
  /// - Returns: the costs as a document of their own.
  package static func document(_ job: Value, countMax: Int?) -> Value {
    let document = Document(job)
    let results = document.list("results")
    let costs = document.list("sharedCosts")
    let own = results.reduce(0) { $0 + $1.nanoseconds }
    let shared = costs.reduce(0) { $0 + $1.nanoseconds }
    let total = own + shared
    let sorted = results.sorted { left, right in
      left.nanoseconds == right.nanoseconds
        ? left.shown("segment") < right.shown("segment") : left.nanoseconds > right.nanoseconds
    }
    var fields: [(Text, Value)] = [
      "set", "state", "asOf", "elapsedMilliseconds", "profiles", "events", "error", "next",
    ].compactMap { name in job[name].map { (name, $0) } }
    fields += [
      ("nanoseconds", .integer(Int64(total))), ("ownNanoseconds", .integer(Int64(own))),
      ("sharedNanoseconds", .integer(Int64(shared))),
      ("segmentCount", .integer(Int64(results.count))),
      ("segments", .array(sorted.prefix(countMax ?? .max).map { segment(of: $0, total) })),
      ("shared", .array(costs.map { part(of: $0, total) })),
    ]
    if let id = job["id"] { fields.append(("job", id)) }
    return .object(fields)
  }

  private static func segment(of result: Document, _ total: Int) -> Value {
    var fields = common(result, total)
    for name in ["segment", "steps"] as [Text] {
      if let value = result.value[name] { fields.append((name, value)) }
    }
    return .object(fields)
  }

  private static func part(of cost: Document, _ total: Int) -> Value {
    var fields = common(cost, total)
    if let name = cost.value["name"] { fields.append(("name", name)) }
    return .object(fields)
  }

  private static func common(_ cost: Document, _ total: Int) -> [(Text, Value)] {
    let share = Double(cost.nanoseconds) / Double(max(1, total))
    var fields: [(Text, Value)] = [
      ("nanoseconds", .integer(Int64(cost.nanoseconds))), ("share", .double(share)),
    ]
    if let rows = cost.value["rows"] { fields.append(("rows", rows)) }
    return fields
  }

  package static func lines(_ costs: Document, _ context: ViewContext) -> [String] {
    let count = costs.number("segmentCount") ?? 0
    var lines = [
      "\(costs.shown("job"))  evaluate of \(costs.shown("set"))  "
        + context.style.painted(
          costs.shown("state").uppercased(),
          Style.tone(ofState: costs.shown("state"))
        )
    ]
    if let error = costs.part("error") {
      lines.append("error \(error.shown("code")): \(error.shown("message"))")
      return lines + NextSteps.lines([costs.text("next")].compactMap { $0 }, context.style)
    }
    guard count > 0 else { return lines + ["no costs are known until it is done"] }
    lines.append(
      "\(Human.counted(count, "segment")) in \(costs.elapsed("elapsedMilliseconds")); threads worked "
        + "\(time(costs, "nanoseconds")), \(time(costs, "sharedNanoseconds")) of it for all together"
    )
    var table = Table([
      .elastic("SEGMENT"), .number("TIME"), .number("SHARE"), .number("ROWS"), .number("STEPS"),
    ])
    let listed = costs.list("segments")
    for segment in listed {
      table.add([
        Table.Cell(segment.shown("segment")), Table.Cell(time(segment, "nanoseconds")),
        Table.Cell(segment.share("share").map(Human.percentage) ?? Human.unknown),
        Table.Cell(segment.count("rows")), Table.Cell(segment.count("steps")),
      ])
    }
    for part in costs.list("shared") {
      table.add([
        Table.Cell("(\(part.shown("name")))"), Table.Cell(time(part, "nanoseconds")),
        Table.Cell(part.share("share").map(Human.percentage) ?? Human.unknown),
        Table.Cell(part.count("rows")), "",
      ])
    }
    lines += table.lines(context.style)
    let hidden = count - listed.count
    if hidden > 0 {
      let noun = hidden == 1 ? "cheaper one" : "cheaper ones"
      lines.append("  \(Human.count(hidden)) \(noun); '--top N' shows more")
    }
    return lines
  }

  private static func time(_ document: Document, _ name: Text) -> String {
    document.number(name).map { DurationText.elapsed(nanoseconds: $0) } ?? Human.unknown
  }
}

extension Document {
  fileprivate var nanoseconds: Int { number("nanoseconds") ?? 0 }
}
