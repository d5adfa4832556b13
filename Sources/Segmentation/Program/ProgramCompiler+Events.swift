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

  mutating func exists(
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

  mutating func events(
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

  mutating func narrow(
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
