import Bytes
import Domain
import PQL

/// Sums, averages, least and greatest values of events' fields in relation to a number.
extension ProgramCompiler {
  /// A value of each of some events.
  struct EventValues {
    var events: EventCondition
    var value: TypedExpression
    /// Where the value stands: the event is bound in it.
    var scope: Scope
  }

  /// The values of a function that evaluates something for each event; `nil` for other arrays.
  mutating func values(of call: PerItemCall, _ scope: Scope) -> EventValues? {
    guard let body = call.body, let events = events(call.receiver, scope) else { return nil }
    var inner = scope
    inner.bind(body.binding, to: .event)
    return EventValues(events: events, value: body.expression, scope: inner)
  }

  /// An aggregate of values in relation to a number.
  mutating func aggregated(
    _ aggregate: Aggregate,
    _ values: EventValues,
    _ comparison: Comparison,
    _ bound: Double,
    _ expression: TypedExpression,
    _ scope: Scope
  ) -> NodeReference? {
    guard let path = values.scope.path(of: values.value), path.root == .event, !path.names.isEmpty,
      values.events.isPlain
    else { return guardedAggregate(aggregate, values.events, comparison, bound, expression, scope) }
    switch aggregate {
    case .min, .max:
      return extreme(isGreatest: aggregate == .max, values, comparison, bound)
        ?? guardedAggregate(aggregate, values.events, comparison, bound, expression, scope)
    case .sum, .average:
      guard values.events.alternatives.count == 1, bound.magnitude < 1e300 else {
        return guardedAggregate(aggregate, values.events, comparison, bound, expression, scope)
      }
      let test = SumTest(
        match: match(values.events.alternatives[0]),
        value: path,
        aggregate: aggregate,
        comparison: comparison,
        bound: bound,
        residual: residualNumber(Rewriter.query(expression, in: scope))
      )
      return graph.node(.sum(test))
    }
  }

  private mutating func guardedAggregate(
    _ aggregate: Aggregate,
    _ events: EventCondition,
    _ comparison: Comparison,
    _ bound: Double,
    _ expression: TypedExpression,
    _ scope: Scope
  ) -> NodeReference {
    if aggregate == .sum { return guarded(events, comparison, bound, expression, scope) }
    // There is no average, least or greatest of nothing.
    return graph.and([exists(events), residual(expression, scope)])
  }

  /// The least or greatest value: some value reaches the number and none goes beyond.
  private mutating func extreme(
    isGreatest: Bool,
    _ values: EventValues,
    _ comparison: Comparison,
    _ bound: Double
  ) -> NodeReference? {
    func some(_ compiler: inout ProgramCompiler, _ comparison: Comparison) -> NodeReference {
      compiler.exists(compiler.narrowed(values, [(comparison, bound)]))
    }
    func someNumber(_ compiler: inout ProgramCompiler) -> NodeReference {
      compiler.exists(compiler.narrowed(values, [(.less, 0), (.greaterOrEqual, 0)]))
    }
    let towards: Comparison = isGreatest ? .greater : .less
    switch comparison {
    case .equal: return graph.and([some(&self, .equal), !some(&self, towards)])
    case .notEqual: return nil
    case towards, towards.orEqual: return some(&self, comparison)
    default: return graph.and([someNumber(&self), !some(&self, comparison.inverse)])
    }
  }

  /// The events whose value stands in any of some relations.
  private mutating func narrowed(
    _ values: EventValues,
    _ relations: [(Comparison, Double)]
  ) -> EventCondition {
    let terms = relations.map { comparison, bound in
      let literal = TypedExpression(.literal(.number(bound)), kind: .number)
      return TypedExpression(.comparison(comparison, values.value, literal), kind: .boolean)
    }
    let any = terms.count == 1 ? terms[0] : TypedExpression(.or(terms), kind: .boolean)
    return values.events.and(condition(ofEvent: any, values.scope))
  }
}

extension Aggregate {
  /// The aggregate that a function is, if it is one.
  init?(_ function: Function) {
    switch function {
    case .sum: self = .sum
    case .average: self = .average
    case .min: self = .min
    case .max: self = .max
    default: return nil
    }
  }
}

extension Comparison {
  /// `<=` for `<`, `>=` for `>`; itself otherwise.
  fileprivate var orEqual: Comparison {
    switch self {
    case .less: .lessOrEqual
    case .greater: .greaterOrEqual
    default: self
    }
  }

  /// The relation that holds between two numbers where this one does not.
  fileprivate var inverse: Comparison {
    switch self {
    case .equal: .notEqual
    case .notEqual: .equal
    case .less: .greaterOrEqual
    case .lessOrEqual: .greater
    case .greater: .lessOrEqual
    case .greaterOrEqual: .less
    }
  }
}
