import Bytes

/// How a definition uses events and segments.
struct EventReview {
  struct Use {
    enum Kind: Equatable {
      case single(isWithinDay: Bool)
      case sequence(isWithinDay: Bool)
      case aggregated
    }

    var kind: Kind
    var range: SourceRange
  }

  private(set) var uses: [Use] = []
  private(set) var segments: [(id: Text?, range: SourceRange)] = []
  private(set) var ignoringYear: [SourceRange] = []

  init(_ body: TypedExpression) { visit(body) }

  /// Visits what stands where a condition is wanted.
  private mutating func visit(_ expression: TypedExpression) {
    collect(expression)
    review(expression)
  }

  /// The clauses that count wherever they stand.
  private mutating func collect(_ expression: TypedExpression) {
    expression.forEachExpression { inner in
      switch inner.form {
      case .call(.inSegment, let arguments):
        segments.append((arguments.first?.literalText, inner.range))
      case .occurs(_, let test) where test.isIgnoringYear: ignoringYear.append(inner.range)
      case .chain(let chain) where chain.steps.flatMap(\.when).contains(where: \.isIgnoringYear):
        ignoringYear.append(inner.range)
      default: break
      }
    }
  }

  private mutating func review(_ expression: TypedExpression) {
    guard expression.usesEvents else { return }
    switch expression.form {
    case .and(let terms), .or(let terms): for term in terms { review(term) }
    case .not(let operand): review(operand)
    default: uses.append(Use(kind: kind(of: expression), range: expression.range))
    }
  }

  private func kind(of expression: TypedExpression) -> Use.Kind {
    switch expression.form {
    case .perItem(let function, let call)
    where (function == .filter || function == .exists) && call.receiver.form == .events:
      guard let body = call.body else { return .single(isWithinDay: false) }
      if body.expression.usesEvents { return .aggregated }
      return .single(isWithinDay: body.expression.isWithinDay)
    case .comprehension(let comprehension, let declarations)
    where (comprehension == .exists || comprehension == .select) && declarations.count == 1
      && declarations[0].source.form == .events:
      guard let condition = declarations[0].condition else { return .single(isWithinDay: false) }
      if condition.usesEvents { return .aggregated }
      return .single(isWithinDay: condition.isWithinDay)
    case .chain(let chain) where chain.array.form == .events: return kind(of: chain)
    case .events: return .single(isWithinDay: false)
    default: return .aggregated
    }
  }

  private func kind(of chain: TypedChain) -> Use.Kind {
    let conditions = chain.steps.flatMap { [$0.what] + ($0.condition.map { [$0] } ?? []) }
    if conditions.contains(where: \.usesEvents) { return .aggregated }
    if chain.steps.contains(where: { $0.count != CountRange(low: 1) }) { return .aggregated }
    guard let first = chain.steps.first(where: { !$0.isExcluded }) else { return .aggregated }
    // All later events are younger than the first.
    let isWithinDay =
      first.when.contains(where: \.isWithinDay) || first.what.isWithinDay
      || first.condition?.isWithinDay == true
    return chain.steps.count == 1
      ? .single(isWithinDay: isWithinDay) : .sequence(isWithinDay: isWithinDay)
  }
}

extension TypedExpression {
  fileprivate var usesEvents: Bool {
    var found = false
    forEachExpression { if case .events = $0.form { found = true } }
    return found
  }

  /// Whether the condition holds only for an event of the last 24 hours.
  fileprivate var isWithinDay: Bool {
    switch form {
    case .and(let terms): terms.contains(where: \.isWithinDay)
    case .or(let terms): terms.allSatisfy(\.isWithinDay)
    case .occurs(let subject, let test): subject.isTimestamp && test.isWithinDay
    default: false
    }
  }

  private var isTimestamp: Bool {
    if case .path(_, let names) = form { names.last == "timestamp" } else { false }
  }

  fileprivate var isNow: Bool { form == .timeWord(.now) }
}

extension TimeTest<TypedExpression> {
  /// Whether the test holds only for instants of the last 24 hours, or of the future.
  fileprivate var isWithinDay: Bool {
    if isIgnoringYear { return false }
    switch form {
    case .on(let reference), .from(let reference), .between(let reference, _):
      return reference.startsWithinDay
    case .after(.moment(let operand)): return operand.isNow || operand.form == .timeWord(.today)
    case .offset(let comparison, let count, let unit, .before, .moment(let operand)):
      let isWindow = comparison == .less || comparison == .lessOrEqual || comparison == .equal
      return isWindow && operand.isNow && unit.isAtMostDay(count: count)
    default: return false
    }
  }
}

extension TimeTest<TypedExpression>.Reference {
  fileprivate var startsWithinDay: Bool {
    switch self {
    case .unit(.this, let unit): unit.isAtMostDay(count: 1)
    case .unit(.last, let unit): unit != .day && unit.isAtMostDay(count: 1)
    case .unit(.next, _): false
    case .moment(let operand): operand.isNow || operand.form == .timeWord(.today)
    }
  }
}

extension TimeUnit {
  /// Whether so many of the unit are at most 24 hours.
  fileprivate func isAtMostDay(count: Int) -> Bool {
    switch self {
    case .millisecond: count <= 86_400_000
    case .second: count <= 86_400
    case .minute: count <= 1_440
    case .hour: count <= 24
    case .day: count <= 1
    case .week, .month, .year, .decade, .century, .millennium: count == 0
    }
  }
}
