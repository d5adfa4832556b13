import Bytes
import PQL

/// Sequences of events.
extension ProgramCompiler {
  mutating func ofChain(
    _ chain: TypedChain,
    _ expression: TypedExpression,
    _ scope: Scope
  ) -> NodeReference? {
    guard chain.timestamp == [.timestamp], let events = events(chain.array, scope) else {
      return nil
    }
    if let pair = ofPair(chain, events, expression, scope) { return pair }
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

  // MARK: Pairs

  /// A chain of two events, of which the second may have to come within a fixed time; `nil` for any
  /// other chain.
  private mutating func ofPair(
    _ chain: TypedChain,
    _ events: EventCondition,
    _ expression: TypedExpression,
    _ scope: Scope
  ) -> NodeReference? {
    guard chain.steps.count == 2,
      chain.steps.allSatisfy({ !$0.isExcluded && $0.count == CountRange(low: 1) })
    else { return nil }
    var gapMax = Int64.max
    var second = chain.steps[1]
    second.when = []
    for test in chain.steps[1].when {
      if let gap = gap(of: test, after: chain.steps[0].label) {
        gapMax = min(gapMax, gap)
      } else {
        second.when.append(test)
      }
    }
    var inner = scope
    inner.bind(level: chain.itemLevel, to: .event)
    let first = events.and(condition(of: chain.steps[0], inner))
    inner.bind(chain.steps[0].label, to: .label)
    let then = events.and(condition(of: second, inner))
    guard first.isPlain, then.isPlain else { return nil }
    if gapMax < 1 { return .never }
    let residual = residualNumber(Rewriter.query(expression, in: scope))
    var terms: [NodeReference] = []
    for first in first.alternatives {
      for then in then.alternatives {
        let test = PairTest(
          first: match(first),
          second: match(then),
          gap: 1...gapMax,
          isUTC: context.calendar.zone.isUTC,
          residual: residual
        )
        terms.append(graph.node(.pair(test)))
      }
    }
    return graph.or(terms)
  }

  /// The milliseconds of `<= n units after` a label's event; `nil` for any other test, and where the
  /// length of a unit depends on the calendar.
  private func gap(of test: TimeTest<TypedExpression>, after label: Variable) -> Int64? {
    guard
      case .offset(.lessOrEqual, let count, let unit, let direction, .moment(let moment)) = test
        .form, direction != .before, !test.isIgnoringYear,
      case .path(let base, [.timestamp]) = moment.form, case .variable(let variable) = base.form,
      variable == label
    else { return nil }
    let length: Int64
    switch unit {
    case .millisecond: length = 1
    case .second: length = 1_000
    case .minute: length = 60_000
    case .hour: length = 3_600_000
    case .day where context.calendar.zone.isUTC: length = CivilTime.millisecondsPerDay
    case .week where context.calendar.zone.isUTC: length = 7 * CivilTime.millisecondsPerDay
    default: return nil
    }
    let (product, isOver) = Int64(count).multipliedReportingOverflow(by: length)
    return isOver ? .max : product
  }
}
