import Bytes
import PQL

/// Conditions that mostly depend on the clock.
extension RandomPrograms {
  mutating func clockCondition(_ depth: Int) -> Expression {
    guard depth > 0 else { return clockTest(0) }
    switch random.below(12) {
    case 0, 1: return .conjunction(several(2...3) { $0.clockCondition(depth - 1) })
    case 2, 3: return .disjunction(several(2...3) { $0.clockCondition(depth - 1) })
    case 4, 5: return Expression(.not(clockCondition(depth - 1)))
    case 6:
      let then = clockCondition(depth - 1)
      return Expression(
        .conditional(clockCondition(depth - 1), then, clockCondition(depth - 1))
      )
    default: return clockTest(depth - 1)
    }
  }

  private mutating func clockTest(_ depth: Int) -> Expression {
    switch random.below(20) {
    case 0:
      let (left, right) = (time(depth), expression(.time, depth))
      return Expression(.comparison(pick(Comparison.allCases), left, right))
    case 1:
      let (current, part) = pick([
        (Function.currentMonth, Function.getMonth), (.currentYear, .getYear),
        (.currentDayOfMonth, .getDayOfMonth),
      ])
      let read = call(part, expression(.time, depth))
      return Expression(.comparison(pick(Comparison.allCases), read, .call(current, [])))
    case 2:
      let day = Expression.literal(Double(1 + random.below(31)))
      let date = Expression.call(.date, [.call(.currentYear, []), .call(.currentMonth, []), day])
      let other = TimeTest<Expression>.Reference.moment(leaf(.time))
      let test = pick([.on(other), .before(other), .after(other)] as [TimeTest<Expression>.Form])
      return Expression(.occurs(date, TimeTest(test)))
    case 3, 4:
      let recent = insideItem(.record(.event)) { $0.clockCondition(min(depth, 1)) }
      let events = Expression(.filter(Expression(.events), recent))
      let count = Expression.literal(Double(random.below(3)))
      return Expression(
        .comparison(pick(Comparison.allCases), .call(.count, [events]), count)
      )
    case 5: return chain(depth)
    case 6: return .call(.inSegment, [.literal(pick(["s1", "s2"]))])
    case 7: return sorted(depth)
    case 8:
      let array = Expression(.list(several(1...3) { $0.expression(.time, depth) }))
      let item = expression(.time, depth)
      return pick([
        Expression(.membership(isNegated: false, item, array)), .call(.includes, [array, item]),
        .call(.intersects, [array, Expression(.list([item]))]),
      ])
    case 9:
      let array = Expression(.list(several(1...3) { $0.expression(.time, depth) }))
      let extreme = call(pick([.min, .max]), array)
      return Expression(.occurs(extreme, timeTest(depth)))
    case 10: return occurs(depth)
    default:
      return Expression(.occurs(leaf(.time), clockTimeTest()))
    }
  }

  /// A window that moves with the clock, mostly of ordinary length.
  private mutating func clockTimeTest() -> TimeTest<Expression> {
    let words: [TimeWord] = [.now, .now, .now, .today, .today, .yesterday, .tomorrow]
    let reference: TimeTest<Expression>.Reference =
      random.oneIn(3)
      ? .unit(pick(CalendarWord.allCases), pick(Self.usualUnits))
      : .moment(Expression(.timeWord(pick(words))))
    switch random.below(6) {
    case 0: return TimeTest(.on(reference), isIgnoringYear: random.oneIn(2))
    case 1: return TimeTest(pick([.before(reference), .after(reference), .from(reference)]))
    case 2:
      let other = TimeTest<Expression>.Reference.moment(leaf(.time))
      return TimeTest(pick([.between(reference, other), .between(other, reference)]))
    default:
      return TimeTest(
        .offset(
          pick(Comparison.allCases),
          count: pick([1, 2, 3, 7, 10, 30, 45, 90]),
          pick([.hour, .day, .day, .week, .month, .month]),
          pick(Direction.allCases),
          reference
        )
      )
    }
  }

  /// Whether the first or last of some times, or of what has one, is a certain one.
  private mutating func sorted(_ depth: Int) -> Expression {
    let array = Expression(.list(several(2...3) { $0.expression(.time, depth) }))
    let function = pick([Function.topN, .bottomN])
    let first = Expression.call(
      .head,
      [
        call(function, array, .expression(Expression(.this)), .expression(.literal(1)))
      ]
    )
    return Expression(.comparison(pick(Comparison.allCases), first, expression(.time, depth)))
  }
}
