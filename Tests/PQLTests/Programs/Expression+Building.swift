import Bytes
import PQL

/// Expressions put together as the parser would: flat where it is flat.
extension Expression {
  static func literal(_ number: Double) -> Expression {
    let literal = Expression(.literal(.number(number.magnitude)))
    return number < 0 ? Expression(.negative(literal)) : literal
  }

  static func literal(_ text: Text) -> Expression { Expression(.literal(.string(text))) }

  static func literal(_ value: Bool) -> Expression { Expression(.literal(.boolean(value))) }

  static func call(_ function: Function, _ arguments: [Expression]) -> Expression {
    Expression(
      .call(Identifier(Text(function.rawValue)), arguments.map(Argument.expression))
    )
  }

  static func conjunction(_ terms: [Expression]) -> Expression {
    let flat = terms.flatMap { if case .and(let inner) = $0.form { inner } else { [$0] } }
    return flat.count == 1 ? flat[0] : Expression(.and(flat))
  }

  static func disjunction(_ terms: [Expression]) -> Expression {
    let flat = terms.flatMap { if case .or(let inner) = $0.form { inner } else { [$0] } }
    return flat.count == 1 ? flat[0] : Expression(.or(flat))
  }

  static func arithmetic(
    _ first: Expression,
    _ steps: [ArithmeticStep<Expression>]
  ) -> Expression {
    guard let symbol = steps.first?.symbol else { return first }
    if case .arithmetic(let inner, let innerSteps) = first.form,
      innerSteps.first?.symbol.isMultiplicative == symbol.isMultiplicative
    {
      return Expression(.arithmetic(inner, innerSteps + steps))
    }
    return Expression(.arithmetic(first, steps))
  }

  static func path(_ object: Expression, _ names: [Text]) -> Expression {
    guard !names.isEmpty else { return object }
    if case .path(let inner, let innerNames) = object.form {
      return Expression(.path(inner, innerNames + names.map { Identifier($0) }))
    }
    return Expression(.path(object, names.map { Identifier($0) }))
  }

  /// The expression with other children, as many as it has and in the same order.
  func replacingChildren(_ children: [Expression]) -> Expression {
    var rest = children[...]
    func next() -> Expression { rest.popFirst() ?? Expression(.this) }
    func declarations(_ declarations: [Declaration]) -> [Declaration] {
      declarations.map {
        Declaration(
          variable: $0.variable,
          source: next(),
          condition: $0.condition == nil ? nil : next()
        )
      }
    }
    switch form {
    case .literal, .name, .events, .parameter, .this, .outer, .timeWord: return self
    case .list: return Expression(.list(children))
    case .object(let entries):
      return Expression(.object(entries.map { ObjectEntry(key: $0.key, value: next()) }))
    case .path(_, let names): return .path(next(), names.map(\.text))
    case .filter: return Expression(.filter(next(), next()))
    case .call(let name, let arguments):
      let replaced = arguments.map { argument -> Argument in
        switch argument {
        case .expression: .expression(next())
        case .lambda(let parameters, _): .lambda(parameters: parameters, body: next())
        }
      }
      return Expression(.call(name, replaced))
    case .conditional: return Expression(.conditional(next(), next(), next()))
    case .negative: return Expression(.negative(next()))
    case .arithmetic(_, let steps):
      let first = next()
      return .arithmetic(first, steps.map { ArithmeticStep($0.symbol, next()) })
    case .comparison(let comparison, _, _):
      return Expression(.comparison(comparison, next(), next()))
    case .membership(let isNegated, _, _):
      return Expression(.membership(isNegated: isNegated, next(), next()))
    case .occurs(_, let test):
      let subject = next()
      return Expression(.occurs(subject, test.replacingMoments(next)))
    case .not: return Expression(.not(next()))
    case .and: return .conjunction(children)
    case .or: return .disjunction(children)
    case .binding(let name, _, _): return Expression(.binding(name, value: next(), body: next()))
    case .select(let inner): return Expression(.select(declarations(inner)))
    case .exists(let inner): return Expression(.exists(declarations(inner)))
    case .forall(let inner): return Expression(.forall(declarations(inner)))
    case .aggregate(let aggregate, let value, let inner):
      let value = value == nil ? nil : next()
      return Expression(.aggregate(aggregate, value: value, declarations(inner)))
    case .chain(var chain):
      chain.array = next()
      chain.steps = chain.steps.map { step in
        var step = step
        step.what = next()
        if step.condition != nil { step.condition = next() }
        step.when = step.when.map { $0.replacingMoments(next) }
        return step
      }
      return Expression(.chain(chain))
    }
  }
}

extension TimeTest<Expression> {
  fileprivate func replacingMoments(_ next: () -> Expression) -> TimeTest {
    func replaced(_ reference: Reference) -> Reference {
      if case .moment = reference { .moment(next()) } else { reference }
    }
    let form: Form =
      switch self.form {
      case .on(let reference): .on(replaced(reference))
      case .before(let reference): .before(replaced(reference))
      case .after(let reference): .after(replaced(reference))
      case .from(let reference): .from(replaced(reference))
      case .between(let first, let last): .between(replaced(first), replaced(last))
      case .offset(let comparison, let count, let unit, let direction, let reference):
        .offset(comparison, count: count, unit, direction, replaced(reference))
      }
    return TimeTest(form, isIgnoringYear: isIgnoringYear)
  }
}
