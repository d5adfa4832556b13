import Bytes
import Domain
import PQL

/// Counts and aggregates of events in relation to a number.
extension ProgramCompiler {
  mutating func ofComparison(
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
    case .perItem(let function, let call):
      guard let aggregate = Aggregate(function),
        let values = values(of: call, scope)
      else { return nil }
      return aggregated(aggregate, values, comparison, bound, expression, scope)
    case .comprehension(.aggregate(let aggregate, let value), let declarations):
      guard declarations.count == 1, let events = events(declarations, scope) else { return nil }
      var inner = scope
      inner.bind(declarations[0].variable, to: .event)
      let values = EventValues(events: events, value: value, scope: inner)
      return aggregated(aggregate, values, comparison, bound, expression, scope)
    default: return nil
    }
  }

  /// A count in relation to a number; `nil` when its events cannot be counted by a match.
  mutating func count(
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
  mutating func guarded(
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
