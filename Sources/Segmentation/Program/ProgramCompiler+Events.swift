import Bytes
import Domain
import PQL

/// Conditions on a profile's events.
extension ProgramCompiler {
  /// A condition on the profile's events; `nil` for a form that is not known.
  mutating func ofEvents(_ expression: TypedExpression, _ scope: Scope) -> NodeReference? {
    switch expression.form {
    case .perItem(.exists, let call):
      guard var events = events(call.receiver, scope) else { return nil }
      if let body = call.body { narrow(&events, by: body, scope) }
      return exists(events, or: expression, scope)
    case .perItem(.forall, let call):
      guard var events = events(call.receiver, scope) else { return nil }
      guard let body = call.body else { return .always }
      narrow(&events, by: body, isNegated: true, scope)
      return all(events, or: expression, scope)
    case .comprehension(.exists, let declarations):
      guard let events = events(declarations, scope) else { return nil }
      return exists(events, or: expression, scope)
    case .comprehension(.forall, let declarations):
      guard declarations.count == 1, var events = events(declarations[0].source, scope) else {
        return nil
      }
      guard let condition = declarations[0].condition else { return .always }
      var inner = scope
      inner.bind(declarations[0].variable, to: .event)
      events = events.and(self.condition(ofEvent: !condition, inner))
      return all(events, or: expression, scope)
    case .comparison(let comparison, let left, let right):
      return ofComparison(comparison, left, right, expression, scope)
        ?? ofComparison(comparison.flipped, right, left, expression, scope)
    case .chain(let chain): return ofChain(chain, expression, scope)
    default:
      guard let events = events(expression, scope) else { return nil }
      return exists(events, or: expression, scope)
    }
  }

  private mutating func exists(
    _ events: EventCondition,
    or expression: TypedExpression,
    _ scope: Scope
  ) -> NodeReference {
    let condition = exists(events)
    if events.isExact { return condition }
    return graph.and([condition, residual(expression, scope)])
  }

  /// Whether no event fulfils the condition, which is the negation of what all have to fulfil.
  private mutating func all(
    _ events: EventCondition,
    or expression: TypedExpression,
    _ scope: Scope
  ) -> NodeReference {
    let some = exists(events)
    if events.isExact { return !some }
    // Where nothing can contradict, it holds.
    return graph.or([!some, residual(expression, scope)])
  }

  mutating func exists(_ condition: EventCondition) -> NodeReference {
    let terms = condition.alternatives.map { alternative in
      let match = match(alternative)
      return graph.and(alternative.ofProfile + [graph.node(.exists(match))])
    }
    return graph.or(terms)
  }

  // MARK: Counts

  private mutating func ofComparison(
    _ comparison: Comparison,
    _ left: TypedExpression,
    _ right: TypedExpression,
    _ expression: TypedExpression,
    _ scope: Scope
  ) -> NodeReference? {
    guard let bound = constantNumber(right, scope) else { return nil }
    switch left.form {
    case .call(.count, let arguments):
      guard let receiver = arguments.first, let events = events(receiver, scope) else {
        return nil
      }
      return count(events, comparison, bound)
        ?? guarded(events, comparison, bound, expression, scope)
    default: return nil
    }
  }

  /// A count in relation to a number; `nil` when its events cannot be counted by a match.
  private mutating func count(
    _ events: EventCondition,
    _ comparison: Comparison,
    _ bound: Double
  ) -> NodeReference? {
    guard events.isExact, events.alternatives.count <= 1 else { return nil }
    guard let alternative = events.alternatives.first else {
      return comparison.holds(0, bound) ? .always : .never
    }
    let match = match(alternative)
    func atLeast(_ compiler: inout ProgramCompiler, _ count: Double) -> NodeReference? {
      if count <= 0 { return .always }
      guard count <= Double(UInt16.max) else { return nil }
      if count == 1 { return compiler.graph.node(.exists(match)) }
      return compiler.graph.node(.count(match, atLeast: Int(count)))
    }
    let answer: NodeReference?
    switch comparison {
    case .greaterOrEqual: answer = atLeast(&self, bound.rounded(.up))
    case .greater: answer = atLeast(&self, bound.rounded(.down) + 1)
    case .less: answer = atLeast(&self, bound.rounded(.up)).map { !$0 }
    case .lessOrEqual: answer = atLeast(&self, bound.rounded(.down) + 1).map { !$0 }
    case .equal, .notEqual:
      guard bound == bound.rounded(), bound >= 0 else {
        answer = comparison == .equal ? .never : .always
        break
      }
      guard let low = atLeast(&self, bound), let high = atLeast(&self, bound + 1) else {
        return nil
      }
      let isEqual = graph.and([low, !high])
      answer = comparison == .equal ? isEqual : !isEqual
    }
    guard let answer else { return nil }
    if alternative.ofProfile.isEmpty { return answer }
    // Profiles that do not fulfil their own part have no such event.
    let ofProfile = graph.and(alternative.ofProfile)
    let ofNone: NodeReference = comparison.holds(0, bound) ? .always : .never
    return graph.or([graph.and([ofProfile, answer]), graph.and([!ofProfile, ofNone])])
  }

  /// A residual that is asked only where some event may be counted.
  private mutating func guarded(
    _ events: EventCondition,
    _ comparison: Comparison,
    _ bound: Double,
    _ expression: TypedExpression,
    _ scope: Scope
  ) -> NodeReference {
    let some = exists(events)
    let residual = residual(expression, scope)
    return comparison.holds(0, bound)
      ? graph.or([!some, residual]) : graph.and([some, residual])
  }

  /// The number of an expression that reads nothing.
  func constantNumber(_ expression: TypedExpression, _ scope: Scope) -> Double? {
    if case .literal(.number(let number)) = expression.form { return number }
    guard FieldReads(expression, in: scope).isConstant else { return nil }
    let query = Rewriter.query(expression, in: scope)
    guard let value = try? ReferenceInterpreter(query).value(of: .object([]), in: context) else {
      return nil
    }
    return value.number
  }

  // MARK: Chains

  private mutating func ofChain(
    _ chain: TypedChain,
    _ expression: TypedExpression,
    _ scope: Scope
  ) -> NodeReference? {
    guard chain.timestamp == [.timestamp], let events = events(chain.array, scope) else {
      return nil
    }
    var inner = scope
    inner.bind(level: chain.itemLevel, to: .event)
    var steps: [EventCondition] = []
    for step in chain.steps {
      steps.append(events.and(condition(of: step, inner)))
      if !step.isExcluded { inner.bind(step.label, to: .label) }
    }
    if chain.steps.count == 1 { return ofOneStep(chain.steps[0], steps[0], expression, scope) }
    var necessary: [NodeReference] = []
    for (step, condition) in zip(chain.steps, steps) where !step.isExcluded {
      necessary.append(exists(condition))
    }
    return graph.and(necessary + [residual(expression, scope)])
  }

  private mutating func ofOneStep(
    _ step: TypedChain.Step,
    _ condition: EventCondition,
    _ expression: TypedExpression,
    _ scope: Scope
  ) -> NodeReference {
    let (low, high) = (Double(step.count.low), step.count.high.map(Double.init))
    let isAtLeast = count(condition, .greaterOrEqual, low)
    let isAtMost = high.map { count(condition, .lessOrEqual, $0) } ?? .always
    if step.count.low == 1, high == nil { return exists(condition, or: expression, scope) }
    guard let isAtLeast, let isAtMost else {
      let some = exists(condition)
      let residual = residual(expression, scope)
      return low == 0 ? graph.or([!some, residual]) : graph.and([some, residual])
    }
    return graph.and([isAtLeast, isAtMost])
  }

  /// What a step asks of an event without looking back; labels are bound inside.
  private mutating func condition(of step: TypedChain.Step, _ scope: Scope) -> EventCondition {
    var result = condition(ofEvent: step.what, scope)
    if let condition = step.condition {
      result = result.and(self.condition(ofEvent: condition, scope))
    }
    let item = TypedExpression(.item(level: 0), kind: .unknown)
    let timestamp = TypedExpression(.path(item, [.timestamp]), kind: .unknown)
    var ofEvent = Scope()
    ofEvent.bind(level: 0, to: .event)
    for test in step.when {
      if test.operands.allSatisfy({ FieldReads($0, in: scope).isConstant }) {
        let fixed = test.mapOperands { Rewriter.query($0, in: scope).body }
        let occurs = TypedExpression(.occurs(timestamp, fixed), kind: .boolean)
        result = result.and(condition(ofEvent: occurs, ofEvent))
      } else {
        result = result.and(.unknown)
      }
    }
    if step.when.isEmpty || !result.isExact {
      // Events without a readable time take no part.
      let earliest = TypedExpression(.literal(.string("0001-01-01T00:00:00Z")), kind: .string)
      let test = TimeTest<TypedExpression>(
        .from(.moment(TypedExpression(.call(.timestamp, [earliest]), kind: .time)))
      )
      let occurs = TypedExpression(.occurs(timestamp, test), kind: .boolean)
      result = result.and(condition(ofEvent: occurs, ofEvent))
    }
    return result
  }

  // MARK: Sources

  /// The events that an expression yields; `nil` when it yields something else.
  mutating func events(_ expression: TypedExpression, _ scope: Scope) -> EventCondition? {
    switch expression.form {
    case .events: return .always
    case .variable(let variable):
      guard case .value(let value, let outer)? = scope.meaning(of: variable) else { return nil }
      return events(value, outer)
    case .perItem(.filter, let call):
      guard var events = events(call.receiver, scope), let body = call.body else { return nil }
      narrow(&events, by: body, scope)
      return events
    case .comprehension(.select, let declarations): return events(declarations, scope)
    default: return nil
    }
  }

  private mutating func events(
    _ declarations: [TypedDeclaration],
    _ scope: Scope
  ) -> EventCondition? {
    guard let first = declarations.first, var events = events(first.source, scope) else {
      return nil
    }
    var inner = scope
    inner.bind(first.variable, to: .event)
    if let condition = first.condition {
      events = events.and(self.condition(ofEvent: condition, inner))
    }
    if declarations.count > 1 { events = events.and(.unknown) }
    return events
  }

  private mutating func narrow(
    _ events: inout EventCondition,
    by body: ItemBody,
    isNegated: Bool = false,
    _ scope: Scope
  ) {
    var inner = scope
    inner.bind(body.binding, to: .event)
    let condition = isNegated ? !body.expression : body.expression
    events = events.and(self.condition(ofEvent: condition, inner))
  }

  // MARK: Conditions on an event

  /// What an expression in boolean position asks of the event in its scope.
  mutating func condition(
    ofEvent expression: TypedExpression,
    _ scope: Scope,
    isNegated: Bool = false
  ) -> EventCondition {
    let reads = FieldReads(expression, in: scope)
    if let path = reads.single, path.root == .event, !expression.hasElements {
      return EventCondition(
        alternatives: [.init(tests: [path: [(expression, scope, isNegated)]])]
      )
    }
    if !reads.isOpaque, !reads.readsEvent {
      let condition = self.condition(expression, scope)
      return EventCondition(
        alternatives: [.init(ofProfile: [isNegated ? !condition : condition])]
      )
    }
    switch expression.form {
    case .not(let operand):
      return condition(ofEvent: operand, scope, isNegated: !isNegated)
    case .and(let terms): return combined(terms, scope, isNegated: isNegated, isAll: !isNegated)
    case .or(let terms): return combined(terms, scope, isNegated: isNegated, isAll: isNegated)
    case .binding(let variable, let value, let body):
      var inner = scope
      inner.bind(variable, to: .value(value, scope))
      return condition(ofEvent: body, inner, isNegated: isNegated)
    case .variable(let variable):
      guard case .value(let value, let outer)? = scope.meaning(of: variable) else {
        return .unknown
      }
      return condition(ofEvent: value, outer, isNegated: isNegated)
    default: return .unknown
    }
  }

  private mutating func combined(
    _ terms: [TypedExpression],
    _ scope: Scope,
    isNegated: Bool,
    isAll: Bool
  ) -> EventCondition {
    terms.reduce(isAll ? .always : .never) { result, term in
      let next = condition(ofEvent: term, scope, isNegated: isNegated)
      return isAll ? result.and(next) : result.or(next)
    }
  }

  /// The match of an alternative: one test for each field.
  mutating func match(_ alternative: EventCondition.Alternative) -> Int {
    let byPath = alternative.tests.sorted { $0.key.description < $1.key.description }
    let tests = byPath.map { path, conditions in
      let terms = conditions.map { condition in
        let body = Rewriter.query(condition.expression, in: condition.scope).body
        return condition.isNegated ? !body : body
      }
      let all = terms.count == 1 ? terms[0] : TypedExpression(.and(terms), kind: .boolean)
      return test(Rewriter.query(all, in: .ofField), of: path)
    }
    return graph.match(tests)
  }
}

extension Scope {
  /// A field's test that stands by itself already.
  fileprivate static var ofField: Scope {
    var scope = Scope()
    scope.bind(level: 0, to: .event)
    return scope
  }
}

extension TypedExpression {
  fileprivate static prefix func ! (expression: TypedExpression) -> TypedExpression {
    if case .not(let operand) = expression.form { return operand }
    return TypedExpression(.not(expression), kind: .boolean, at: expression.range)
  }
}

extension Comparison {
  /// The relation with its sides exchanged.
  var flipped: Comparison {
    switch self {
    case .equal: .equal
    case .notEqual: .notEqual
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    }
  }

  /// Whether the relation holds between two numbers.
  func holds(_ left: Double, _ right: Double) -> Bool {
    switch self {
    case .equal: left == right
    case .notEqual: left != right
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    case .greaterOrEqual: left >= right
    }
  }
}
