import Bytes
package import Domain

/// What the segments of an evaluation took, and the parts of its program that they share, the costliest
/// first.
package enum CostView {
  /// Reads the costs out of a job's document.
  ///
  /// ```
  /// {"job", "set", "state", "asOf", "elapsedMilliseconds", "profiles", "events", "error"?, "next"?,
  ///  COST of all, "ownNanoseconds", "ownRows", "ownSteps", "sharedNanoseconds", "segmentCount",
  ///  "segments": [{"segment", COST, "ownNanoseconds", "ownRows", "ownSteps"}],
  ///  "otherSegments"?: {"count", COST, "ownNanoseconds", "ownRows", "ownSteps"},
  ///  "shared": [{"kind", "part", "segments", "segmentIds", COST}],
  ///  "otherShared"?: {"count", COST}}
  ///
  /// COST is "nanoseconds", "share", "rows", "steps"
  /// ```
  ///
  /// A segment's cost is what was spent on it alone and its part of whatever it shares, so all segments
  /// together are the whole; so are all shared parts with what segments took alone. A share is one of
  /// the time that all threads spent. Of equal times the smaller name comes first.
  ///
  /// - Parameters:
  ///   - job: an evaluation, with its results where it is done.
  ///   - countMax: how many segments, and how many shared parts, are listed; `nil` for all.
  /// - Returns: the costs as a document of their own.
  package static func document(_ job: Value, countMax: Int?) -> Value {
    let document = Document(job)
    let results = document.list("results")
    let own = results.reduce(Cost()) { $0 + Cost($1, "ownNanoseconds", "ownRows", "ownSteps") }
    let parts = document.list("sharedCosts")
    let shared = parts.reduce(Cost()) { $0 + Cost($1) }
    let total = own + shared
    let segments = listed(results, by: "segment", countMax)
    let listedParts = listed(parts, by: "part", countMax)
    let ids = results.map { $0.value["segment"] }
    var fields: [(Text, Value)] = [
      "set", "state", "asOf", "elapsedMilliseconds", "profiles", "events", "error", "next",
    ].compactMap { name in job[name].map { (name, $0) } }
    fields += total.fields(of: total) + own.ownFields
    fields += [
      ("sharedNanoseconds", .integer(Int64(shared.nanoseconds))),
      ("segmentCount", .integer(Int64(results.count))),
      ("segments", .array(segments.first.map { segment(of: $0, total) })),
      ("shared", .array(listedParts.first.map { part(of: $0, ids, total) })),
    ]
    if !segments.others.isEmpty {
      let own = segments.others.reduce(Cost()) {
        $0 + Cost($1, "ownNanoseconds", "ownRows", "ownSteps")
      }
      fields.append(("otherSegments", others(segments.others, total, own.ownFields)))
    }
    if !listedParts.others.isEmpty {
      fields.append(("otherShared", others(listedParts.others, total, [])))
    }
    if let id = job["id"] { fields.append(("job", id)) }
    return .object(fields)
  }

  /// The costliest ones, and the others.
  private static func listed(
    _ documents: [Document],
    by name: Text,
    _ countMax: Int?
  ) -> (first: [Document], others: [Document]) {
    let sorted = documents.sorted { left, right in
      let (leftTime, rightTime) = (Cost(left).nanoseconds, Cost(right).nanoseconds)
      return leftTime == rightTime ? left.shown(name) < right.shown(name) : leftTime > rightTime
    }
    let count = min(countMax ?? .max, sorted.count)
    return (Array(sorted[..<count]), Array(sorted[count...]))
  }

  private static func segment(of result: Document, _ total: Cost) -> Value {
    let own = Cost(result, "ownNanoseconds", "ownRows", "ownSteps")
    var fields = Cost(result).fields(of: total) + own.ownFields
    if let id = result.value["segment"] { fields.append(("segment", id)) }
    return .object(fields)
  }

  private static func part(of cost: Document, _ ids: [Value?], _ total: Cost) -> Value {
    var fields = Cost(cost).fields(of: total)
    for name in ["kind", "part", "segments"] as [Text] {
      if let value = cost.value[name] { fields.append((name, value)) }
    }
    let users =
      cost.value["resultNumbers"]?.elements.map { numbers in
        numbers.compactMap(\.integer).compactMap { number in
          ids.indices.contains(Int(clamping: number)) ? ids[Int(clamping: number)] : nil
        }
      } ?? ids.compactMap { $0 }
    fields.append(("segmentIds", .array(users)))
    return .object(fields)
  }

  private static func others(
    _ documents: [Document],
    _ total: Cost,
    _ own: [(Text, Value)]
  ) -> Value {
    let cost = documents.reduce(Cost()) { $0 + Cost($1) }
    return .object(
      [("count", .integer(Int64(documents.count)))] + cost.fields(of: total) + own
    )
  }

  // MARK: Lines

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
        + "\(time(costs, "nanoseconds")): \(time(costs, "ownNanoseconds")) for single segments, "
        + "\(time(costs, "sharedNanoseconds")) for what they share"
    )
    lines += segmentTable(costs).lines(context.style)
    lines += partTable(costs).lines(context.style)
    if costs.part("otherSegments") != nil || costs.part("otherShared") != nil {
      lines.append("'--top N' shows more")
    }
    return lines
  }

  private static func segmentTable(_ costs: Document) -> Table {
    var table = Table([
      .elastic("SEGMENT"), .number("TIME"), .number("SHARE"), .number("ALONE"), .number("ROWS"),
      .number("STEPS"),
    ])
    func add(_ name: String, _ cost: Document) {
      table.add([
        Table.Cell(name), Table.Cell(time(cost, "nanoseconds")), share(cost),
        Table.Cell(time(cost, "ownNanoseconds")), Table.Cell(cost.count("rows")),
        Table.Cell(cost.count("steps")),
      ])
    }
    for segment in costs.list("segments") { add(segment.shown("segment"), segment) }
    if let others = costs.part("otherSegments") {
      add("(\(others.counted("count", "cheaper segment")))", others)
    }
    add("(all)", costs)
    return table
  }

  private static func partTable(_ costs: Document) -> Table {
    var table = Table([
      .elastic("SHARED"), .number("TIME"), .number("SHARE"), .number("SEGMENTS"), .number("ROWS"),
      .number("STEPS"),
    ])
    func add(_ name: String, _ cost: Document, users: String = "") {
      table.add([
        Table.Cell(name), Table.Cell(time(cost, "nanoseconds")), share(cost), Table.Cell(users),
        Table.Cell(cost.count("rows")), Table.Cell(cost.count("steps")),
      ])
    }
    for part in costs.list("shared") {
      add(part.shown("part"), part, users: part.count("segments"))
    }
    if let others = costs.part("otherShared") {
      add("(\(others.counted("count", "cheaper part")))", others)
    }
    let own = Cost(costs, "ownNanoseconds", "ownRows", "ownSteps")
    add("(single segments)", Document(.object(own.fields(of: Cost(costs)))))
    add("(all)", costs)
    return table
  }

  private static func share(_ cost: Document) -> Table.Cell {
    Table.Cell(cost.share("share").map(Human.percentage) ?? Human.unknown)
  }

  private static func time(_ document: Document, _ name: Text) -> String {
    document.number(name).map { DurationText.elapsed(nanoseconds: $0) } ?? Human.unknown
  }
}

/// What some work took, as documents tell it.
private struct Cost {
  var nanoseconds = 0
  var rows = 0
  var steps = 0

  init() {}

  init(
    _ document: Document,
    _ nanoseconds: Text = "nanoseconds",
    _ rows: Text = "rows",
    _ steps: Text = "steps"
  ) {
    self.nanoseconds = document.number(nanoseconds) ?? 0
    self.rows = document.number(rows) ?? 0
    self.steps = document.number(steps) ?? 0
  }

  static func + (left: Cost, right: Cost) -> Cost {
    var sum = left
    sum.nanoseconds &+= right.nanoseconds
    sum.rows &+= right.rows
    sum.steps &+= right.steps
    return sum
  }

  func fields(of total: Cost) -> [(Text, Value)] {
    [
      ("nanoseconds", .integer(Int64(nanoseconds))),
      ("share", .double(Double(nanoseconds) / Double(max(1, total.nanoseconds)))),
      ("rows", .integer(Int64(rows))), ("steps", .integer(Int64(steps))),
    ]
  }

  var ownFields: [(Text, Value)] {
    [
      ("ownNanoseconds", .integer(Int64(nanoseconds))), ("ownRows", .integer(Int64(rows))),
      ("ownSteps", .integer(Int64(steps))),
    ]
  }
}
