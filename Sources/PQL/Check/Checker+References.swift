import Bytes

extension Checker {
  /// Resolves a name, an item, or a path from one.
  mutating func reference(_ expression: Expression) throws(Fault) -> TypedExpression {
    let range = expression.range
    switch expression.form {
    case .name(let name):
      if let binding = binding(of: name) {
        return TypedExpression(.variable(binding.variable), kind: .unknown, at: range)
      }
      let item = TypedExpression(.item(level: level), kind: .unknown, at: range)
      return TypedExpression(.path(item, [name]), kind: .unknown, at: range)
    case .events: return TypedExpression(.events, kind: .unknown, at: range)
    case .parameter(let number):
      guard number == 1 else { throw Fault(.noSuchParameter(number), at: range) }
      return TypedExpression(.item(level: 0), kind: .unknown, at: range)
    case .this: return TypedExpression(.item(level: level), kind: .unknown, at: range)
    case .outer(let levels):
      guard levels <= level else {
        throw Fault(.climbsTooFar(levels: levels, available: level), at: range)
      }
      return TypedExpression(.item(level: level - levels), kind: .unknown, at: range)
    case .path(let object, let names):
      return try path(try check(object), names, isProfile: isProfile(object), at: range)
    default: return try check(expression)
    }
  }

  /// Whether an expression is the profile itself, so that its `xEvent` are the events.
  private func isProfile(_ expression: Expression) -> Bool {
    switch expression.form {
    case .parameter: true
    case .this: level == 0
    case .outer(let levels): levels == level
    case .name(let name): if case .profile? = binding(of: name)?.role { true } else { false }
    default: false
    }
  }

  private func path(
    _ object: TypedExpression,
    _ names: [Identifier],
    isProfile: Bool,
    at range: SourceRange
  ) throws(Fault) -> TypedExpression {
    guard object.kind.fits([.array, .object]), let first = names.first else {
      throw Fault(
        .propertyOf(object.kind, names.first?.text ?? ""),
        at: names.first?.range ?? range
      )
    }
    let texts = names.map(\.text)
    if isProfile, first.text == "xEvent" {
      let events = TypedExpression(.events, kind: .unknown, at: object.range.through(first.range))
      guard names.count > 1 else { return events }
      return TypedExpression(.path(events, Array(texts.dropFirst())), kind: .unknown, at: range)
    }
    if case .path(let inner, let innerNames) = object.form {
      return TypedExpression(.path(inner, innerNames + texts), kind: .unknown, at: range)
    }
    return TypedExpression(.path(object, texts), kind: .unknown, at: range)
  }

  // MARK: Time

  /// Checks what is read as a time; a chain's label stands for its event's instant.
  mutating func moment(_ expression: Expression, by taker: String) throws(Fault) -> TypedExpression
  {
    let typed = try check(expression, as: [.time, .string, .number], by: taker)
    guard case .name(let name) = expression.form,
      case .label(let timestamp)? = binding(of: name)?.role
    else { return typed }
    return TypedExpression(.path(typed, timestamp), kind: .unknown, at: expression.range)
  }

  mutating func timeTest(
    _ test: TimeTest<Expression>
  ) throws(Fault) -> TimeTest<TypedExpression> {
    let form: TimeTest<TypedExpression>.Form
    switch test.form {
    case .on(let moment): form = .on(try timeReference(moment))
    case .before(let moment): form = .before(try timeReference(moment))
    case .after(let moment): form = .after(try timeReference(moment))
    case .from(let moment): form = .from(try timeReference(moment))
    case .between(let first, let last):
      form = .between(try timeReference(first), try timeReference(last))
    case .offset(let comparison, let count, let unit, let direction, let moment):
      let further: Direction = direction == .before ? .before : .after
      form = .offset(comparison, count: count, unit, further, try timeReference(moment))
    }
    if test.isIgnoringYear, let open = test.openEnd {
      let place = test.moments.first?.range ?? .none
      throw Fault(.yearMatters(open), at: place)
    }
    return TimeTest(form, isIgnoringYear: test.isIgnoringYear)
  }

  private mutating func timeReference(
    _ reference: TimeTest<Expression>.Reference
  ) throws(Fault) -> TimeTest<TypedExpression>.Reference {
    switch reference {
    case .unit(let word, let unit): return .unit(word, unit)
    case .moment(let expression):
      if case .literal(.string(let text)) = expression.form, TimeText(text) == nil {
        throw Fault(.notATime(text), at: expression.range)
      }
      return .moment(try moment(expression, by: "a time test"))
    }
  }
}

extension TimeTest {
  /// The form in words if it has no end on one side, so that leaving out the year says nothing.
  fileprivate var openEnd: String? {
    switch form {
    case .on, .between: nil
    case .before: "'before' a time"
    case .after: "'after' a time"
    case .from: "'from' a time"
    case .offset(.equal, count: _, _, _, _), .offset(.less, count: _, _, _, _),
      .offset(.lessOrEqual, count: _, _, _, _):
      nil
    case .offset(let comparison, count: _, _, _, _): "'\(comparison.rawValue)'"
    }
  }
}
