import Bytes
import PQL

/// Conditions.
extension RandomPrograms {
  mutating func boolean(_ depth: Int) -> Expression {
    if isAboutTime, !random.oneIn(3) { return clockCondition(depth) }
    switch random.below(15) {
    case 0, 1: return .conjunction(several(2...3) { $0.expression(.boolean, depth) })
    case 2: return .disjunction(several(2...3) { $0.expression(.boolean, depth) })
    case 3: return Expression(.not(expression(.boolean, depth)))
    case 4, 5: return comparison(depth)
    case 6: return membership(depth)
    case 7, 8: return occurs(depth)
    case 9: return textTest(depth)
    case 10: return arrayTest(depth)
    case 11: return quantified(depth)
    case 12: return chain(depth)
    case 13:
      let type = ProgramType.roots[random.below(ProgramType.roots.count)]
      return call(pick([.isNull, .isNotNull]), expression(type, depth))
    default:
      if random.oneIn(3) { return .call(.inSegment, [.literal(pick(["s1", "s2"]))]) }
      // An array counts as true where a condition is wanted.
      return expression(.array(elementType()), depth)
    }
  }

  private mutating func comparison(_ depth: Int) -> Expression {
    let type = pick([ProgramType.number, .number, .time, .text, .boolean, .array(.number)])
    let isOrdered = type == .number || type == .time
    let comparison = pick(isOrdered ? Comparison.allCases : [.equal, .notEqual])
    return Expression(.comparison(comparison, expression(type, depth), expression(type, depth)))
  }

  private mutating func membership(_ depth: Int) -> Expression {
    let type = pick([ProgramType.number, .text])
    let item = expression(type, depth)
    return Expression(
      .membership(isNegated: random.oneIn(3), item, expression(.array(type), depth))
    )
  }

  private mutating func textTest(_ depth: Int) -> Expression {
    let receiver = expression(.text, depth)
    switch random.below(6) {
    case 0:
      return .call(.like, [receiver, .literal(pick(["a%", "%b_", "_", "%", "50%"]))])
    case 1: return .call(.matches, [receiver, .literal(pick(ProgramWords.patterns))])
    case 2:
      let texts = several(1...3) { $0.expression(.text, depth - 1) }
      let flag = random.oneIn(2) ? [Expression.literal(random.oneIn(2))] : []
      return .call(pick([.equals, .notEqualTo]), [receiver] + texts + flag)
    case 3:
      let test = pick(["startsWith", "equals", "doesNotContain", "notEqualTo"] as [Text])
      let texts = expression(random.oneIn(2) ? .text : .array(.text), depth - 1)
      let flag = random.oneIn(2) ? [Expression.literal(false)] : []
      return .call(.stringCompare, [.literal(test), receiver, texts] + flag)
    default:
      let function = pick([
        Function.startsWith, .doesNotStartWith, .endsWith, .doesNotEndWith, .contains,
        .doesNotContain,
      ])
      let flag = random.oneIn(2) ? [expression(.boolean, 0)] : []
      return .call(function, [receiver, expression(.text, depth - 1)] + flag)
    }
  }

  private mutating func arrayTest(_ depth: Int) -> Expression {
    let element = pick([ProgramType.number, .text, .record(.item)])
    let array = expression(.array(element), depth)
    switch random.below(4) {
    case 0: return .call(.includes, [array, expression(element, depth - 1)])
    case 1: return call(pick([.exists, .forall]), array)
    default:
      let function = pick([Function.intersects, .subsetOf, .supersetOf])
      return .call(function, [array, expression(.array(element), depth - 1)])
    }
  }

  private mutating func quantified(_ depth: Int) -> Expression {
    if random.oneIn(2) {
      let element = elementType()
      let array = expression(.array(element), depth)
      return call(pick([.exists, .forall]), array, perItem(element, .boolean, depth))
    }
    let (declarations, _) = declarations(depth, count: 1 + random.below(2))
    return Expression(random.oneIn(2) ? .exists(declarations) : .forall(declarations))
  }

  // MARK: Time

  /// Each unit, and those that people use more often.
  static let usualUnits: [TimeUnit] =
    [.hour, .day, .day, .day, .week, .month, .month, .year] + TimeUnit.allCases

  mutating func timeLiteral() -> Expression {
    switch random.below(4) {
    case 0, 1: return Expression(.timeWord(pick(TimeWord.allCases)))
    case 2:
      let parts = [
        isAboutTime ? 2025 + random.below(3) : 1990 + random.below(50), 1 + random.below(12),
        1 + random.below(28),
      ]
      return .call(.date, parts.map { .literal(Double($0)) })
    default: return .call(.timestamp, [.literal(pick(ProgramWords.times))])
    }
  }

  mutating func time(_ depth: Int) -> Expression {
    switch random.below(4) {
    case 0:
      return .call(.date, [.literal(2026), expression(.number, depth), .literal(14)])
    case 1: return .path(call(.head, expression(.array(.record(.order)), depth)), ["at"])
    default: return timeLiteral()
    }
  }

  mutating func occurs(_ depth: Int) -> Expression {
    Expression(.occurs(expression(.time, depth), timeTest(depth)))
  }

  /// What follows `occurs`, or stands in `when`.
  mutating func timeTest(_ depth: Int) -> TimeTest<Expression> {
    switch random.below(8) {
    case 0: return TimeTest(.before(reference(depth)))
    case 1: return TimeTest(.after(reference(depth)))
    case 2: return TimeTest(.from(reference(depth)))
    case 3:
      return TimeTest(
        .between(reference(depth), reference(depth)),
        isIgnoringYear: random.oneIn(4)
      )
    case 4: return TimeTest(.on(reference(depth)), isIgnoringYear: random.oneIn(4))
    default:
      let comparison = pick(Comparison.allCases)
      let isWindow = comparison == .equal || comparison == .less || comparison == .lessOrEqual
      return TimeTest(
        .offset(
          comparison,
          count: pick(
            isAboutTime ? [0, 1, 2, 3, 7, 10, 24, 30, 45] : [0, 1, 2, 7, 24, 30, 1_000]
          ),
          pick(isAboutTime ? Self.usualUnits : TimeUnit.allCases),
          pick(Direction.allCases),
          reference(depth)
        ),
        isIgnoringYear: isWindow && random.oneIn(6)
      )
    }
  }

  private mutating func reference(_ depth: Int) -> TimeTest<Expression>.Reference {
    if random.oneIn(4) {
      return .unit(
        pick(CalendarWord.allCases),
        pick(isAboutTime ? Self.usualUnits : TimeUnit.allCases)
      )
    }
    return .moment(expression(.time, depth - 1))
  }

  // MARK: Chains

  mutating func chain(_ depth: Int) -> Expression {
    let isOfOrders = random.oneIn(4)
    let element: ProgramType = .record(isOfOrders ? .order : .event)
    let array = expression(.array(element), random.oneIn(3) ? depth : 0)
    let count = pick([1, 1, 2, 2, 3])
    let picked = random.below(count)
    var bound: [(name: Text, type: ProgramType)] = []
    var steps: [Chain.Step] = []
    for (index, label) in (["A", "my step", "from"] as [Text]).prefix(count).enumerated() {
      let isExcluded = index != picked && random.oneIn(3)
      let labels = bound
      var step = binding(bound) { program in
        program.insideItem(element) {
          $0.step(label, isExcluded: isExcluded, after: labels, depth)
        }
      }
      if !isExcluded, random.oneIn(3) { step.count = countRange(isOnly: count == 1) }
      steps.append(step)
      if !isExcluded { bound.append((label, element)) }
    }
    let timestamp = Identifier(isOfOrders ? "at" : "timestamp")
    return Expression(.chain(Chain(array: array, timestamp: [timestamp], steps: steps)))
  }

  private mutating func step(
    _ label: Text,
    isExcluded: Bool,
    after labels: [(name: Text, type: ProgramType)],
    _ depth: Int
  ) -> Chain.Step {
    var step = Chain.Step(
      label: Identifier(label),
      isExcluded: isExcluded,
      what: expression(.boolean, min(depth, 2))
    )
    if random.oneIn(4) { step.condition = expression(.boolean, min(depth, 1)) }
    if random.oneIn(3) { step.when = several(1...2) { $0.timeTest(min(depth, 1)) } }
    if let earlier = labels.last, random.oneIn(3) {
      let moment = TimeTest<Expression>.Reference.moment(Expression(.name(earlier.name)))
      step.when.append(TimeTest(.offset(.lessOrEqual, count: 2, .day, .after, moment)))
    }
    return step
  }

  private mutating func countRange(isOnly: Bool) -> CountRange {
    let low = 1 + random.below(3)
    guard isOnly, random.oneIn(2) else { return CountRange(low: low) }
    return random.oneIn(2)
      ? CountRange(low: 0, high: low) : CountRange(low: low, high: low + random.below(2))
  }
}
