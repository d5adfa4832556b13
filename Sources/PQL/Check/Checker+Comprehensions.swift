import Bytes

extension Checker {
  mutating func comprehension(_ expression: Expression) throws(Fault) -> TypedExpression {
    let range = expression.range
    switch expression.form {
    case .select(let declarations):
      return try comprehension(.select, declarations, kind: .array, at: range)
    case .exists(let declarations):
      return try comprehension(.exists, declarations, kind: .boolean, at: range)
    case .forall(let declarations):
      return try comprehension(.forall, declarations, kind: .boolean, at: range)
    case .aggregate(let aggregate, let value, let declarations):
      return try self.aggregate(aggregate, value, declarations, at: range)
    default: return try check(expression)
    }
  }

  private mutating func comprehension(
    _ comprehension: Comprehension,
    _ declarations: [Declaration],
    kind: ValueKind,
    at range: SourceRange
  ) throws(Fault) -> TypedExpression {
    let typed = try self.declarations(declarations)
    unbind(declarations.map(\.variable.text))
    return TypedExpression(.comprehension(comprehension, typed), kind: kind, at: range)
  }

  private mutating func aggregate(
    _ aggregate: Aggregate,
    _ value: Expression?,
    _ declarations: [Declaration],
    at range: SourceRange
  ) throws(Fault) -> TypedExpression {
    let typed = try self.declarations(declarations)
    defer { unbind(declarations.map(\.variable.text)) }
    let takesNumbers = aggregate == .sum || aggregate == .average
    let result: TypedExpression
    if let value {
      result = try check(
        value,
        as: takesNumbers ? [.number] : [],
        by: "'\(aggregate.rawValue)'"
      )
    } else {
      guard declarations.count == 1 else {
        throw Fault(
          .shortAggregateVariables(aggregate, count: declarations.count),
          at: range
        )
      }
      let variable = typed[0].variable
      result = TypedExpression(
        .variable(variable),
        kind: .unknown,
        at: declarations[0].variable.range
      )
    }
    return TypedExpression(
      .comprehension(.aggregate(aggregate, result), typed),
      kind: takesNumbers ? .number : .unknown,
      at: range
    )
  }

  /// Checks declarations from left to right and leaves their variables bound.
  private mutating func declarations(
    _ declarations: [Declaration]
  ) throws(Fault) -> [TypedDeclaration] {
    var names: Set<Text> = []
    var typed: [TypedDeclaration] = []
    for declaration in declarations {
      let name = declaration.variable
      guard names.insert(name.text).inserted else {
        throw Fault(.duplicateVariable(name.text), at: name.range)
      }
      let source = try check(declaration.source, as: [.array], by: "'from'")
      let variable = bind(name.text)
      var condition: TypedExpression?
      if let written = declaration.condition { condition = try check(written) }
      typed.append(TypedDeclaration(variable: variable, source: source, condition: condition))
    }
    return typed
  }

  // MARK: Chains

  mutating func chain(_ chain: Chain) throws(Fault) -> TypedChain {
    let array = try check(chain.array, as: [.array], by: "'chain'")
    let timestamp = chain.timestamp.map(\.text)
    guard let first = chain.steps.first else { throw Fault(.onlyExcludedSteps, at: .none) }
    if chain.steps.allSatisfy(\.isExcluded) {
      throw Fault(.onlyExcludedSteps, at: first.label.range)
    }
    var labels: Set<Text> = []
    var bound: [Text] = []
    var steps: [TypedChain.Step] = []
    for step in chain.steps {
      let label = step.label
      guard labels.insert(label.text).inserted else {
        throw Fault(.duplicateLabel(label.text), at: label.range)
      }
      let count = try count(of: step, isOnly: chain.steps.count == 1)
      var typed = try conditions(of: step, count)
      if !step.isExcluded {
        typed.label = bind(label.text, role: .label(timestamp: timestamp))
        bound.append(label.text)
      }
      steps.append(typed)
    }
    unbind(bound)
    return TypedChain(array: array, timestamp: timestamp, itemLevel: level + 1, steps: steps)
  }

  private mutating func conditions(
    of step: Chain.Step,
    _ count: CountRange
  ) throws(Fault) -> TypedChain.Step {
    let label = reserveSlot(step.label.text)
    return try insideItem { checker throws(Fault) in
      var typed = TypedChain.Step(
        label: label,
        isExcluded: step.isExcluded,
        what: try checker.check(step.what),
        condition: nil,
        when: [],
        count: count
      )
      if let condition = step.condition { typed.condition = try checker.check(condition) }
      for test in step.when { typed.when.append(try checker.timeTest(test)) }
      return typed
    }
  }

  private func count(of step: Chain.Step, isOnly: Bool) throws(Fault) -> CountRange {
    guard let count = step.count else { return CountRange(low: 1) }
    let label = step.label
    func refuse(_ problem: Problem) -> Fault { Fault(problem, at: label.range) }
    if step.isExcluded && count != CountRange(low: 1) {
      throw refuse(.countOnExcludedStep(label.text))
    }
    guard let high = count.high else {
      guard count.low > 0 else { throw refuse(.countAdmitsEverything(label.text)) }
      return count
    }
    guard high >= count.low else { throw refuse(.countAdmitsNothing(label.text)) }
    guard isOnly else { throw refuse(.upperBoundInSequence(label.text)) }
    return count
  }
}
