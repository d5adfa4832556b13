import Bytes

/// Time tests and chains.
extension Phrases {
  /// What follows `T is`.
  func when(_ test: TimeTest<TypedExpression>, _ depth: Int) -> String {
    let words: String
    switch test.form {
    case .on(let reference): words = on(reference, depth)
    case .before(let reference): words = "before \(self.reference(reference, depth))"
    case .after(let reference): words = "after \(self.reference(reference, depth))"
    case .from(let reference):
      words = "at or after the start of \(self.reference(reference, depth))"
    case .between(let first, let last):
      words = "from \(reference(first, depth)) through \(reference(last, depth))"
    case .offset(let comparison, let count, let unit, let direction, let reference):
      let noun = count == 1 ? unit.rawValue : unit.plural
      words =
        "\(degree(of: comparison)) \(count) \(noun) \(direction.rawValue) "
        + self.reference(reference, depth)
    }
    return test.isIgnoringYear ? words + ", whatever the year" : words
  }

  private func on(_ reference: TimeTest<TypedExpression>.Reference, _ depth: Int) -> String {
    switch reference {
    case .unit: return "within \(self.reference(reference, depth))"
    case .moment(let expression):
      if case .timeWord(let word) = expression.form { return word == .now ? "now" : word.rawValue }
      return "at the time or on the day \(phrase(expression, depth))"
    }
  }

  private func reference(
    _ reference: TimeTest<TypedExpression>.Reference,
    _ depth: Int
  ) -> String {
    switch reference {
    case .unit(let word, let unit): "\(word.rawValue) \(unit.rawValue)"
    case .moment(let expression): phrase(expression, depth)
    }
  }

  private func degree(of comparison: Comparison) -> String {
    switch comparison {
    case .equal: "exactly"
    case .notEqual: "not exactly"
    case .less: "less than"
    case .lessOrEqual: "at most"
    case .greater: "more than"
    case .greaterOrEqual: "at least"
    }
  }

  // MARK: Chains

  func chain(_ chain: TypedChain, _ depth: Int) -> String {
    let array = phrase(chain.array, depth)
    if chain.steps.count == 1 { return "this happens among \(array)" }
    return "these \(chain.steps.count) steps happen one after the other among \(array)"
  }

  /// One step; the phrases are those inside its item.
  func step(_ step: TypedChain.Step) -> String {
    let wanted = [step.what] + (step.condition.map { [$0] } ?? [])
    let conditions = wanted.filter { $0.form != .literal(.boolean(true)) }.map { phrase($0, 1) }
    let item =
      conditions.isEmpty ? "item" : "item for which \(conditions.joined(separator: " and "))"
    let moments = step.when.map { when($0, 1) }.joined(separator: " and ")
    let time = moments.isEmpty ? "" : ", \(moments)"
    let times = step.isExcluded ? "" : count(step.count)
    return "\(step.label.name): \(step.isExcluded ? "no" : "an") \(item)\(time)\(times)"
  }

  private func count(_ range: CountRange) -> String {
    switch (range.low, range.high) {
    case (1, nil): ""
    case (let low, nil): ", at least \(counted(low, "time"))"
    case (let low, let high?) where low == high: ", exactly \(counted(low, "time"))"
    case (0, let high?): ", at most \(counted(high, "time"))"
    case (let low, let high?): ", \(low) to \(counted(high, "time"))"
    }
  }
}
