import Bytes

extension Parser {
  mutating func query() throws(Fault) -> Query {
    do throws(Fault) {
      let parameters = startsLambda() ? try lambdaParameters() : nil
      let body = try expression()
      guard token().kind == .end else { throw unexpected(.end) }
      return Query(parameters: parameters, body: body, source: source)
    } catch {
      if let abandoned, abandoned.range.start > error.range.start { throw abandoned }
      throw error
    }
  }

  /// An expression inside brackets or on its own; in a binding an `in` outside brackets ends it.
  mutating func expression(isInBinding: Bool = false) throws(Fault) -> Expression {
    let start = token().range
    var terms = [try conjunction(isInBinding)]
    while take(.or) { terms.append(try conjunction(isInBinding)) }
    guard terms.count > 1 else { return terms[0] }
    let flat = terms.flatMap { if case .or(let inner) = $0.form { inner } else { [$0] } }
    return try make(.or(flat), from: start)
  }

  private mutating func conjunction(_ isInBinding: Bool) throws(Fault) -> Expression {
    let start = token().range
    var terms = [try negation(isInBinding)]
    while take(.and) { terms.append(try negation(isInBinding)) }
    guard terms.count > 1 else { return terms[0] }
    let flat = terms.flatMap { if case .and(let inner) = $0.form { inner } else { [$0] } }
    return try make(.and(flat), from: start)
  }

  private mutating func negation(_ isInBinding: Bool) throws(Fault) -> Expression {
    let start = token().range
    guard take(.not) || take(.bang) else { return try comparison(isInBinding) }
    let operand = try nested { parser throws(Fault) in try parser.negation(isInBinding) }
    return try make(.not(operand), from: start)
  }

  private mutating func comparison(_ isInBinding: Bool) throws(Fault) -> Expression {
    let start = token().range
    let left = try additive(isInBinding)
    if let comparison = comparisonSign() {
      advance()
      let right = try additive(isInBinding)
      return try make(.comparison(comparison, left, right), from: start)
    }
    switch token().word {
    case .in where !isInBinding:
      advance()
      let right = try additive(isInBinding)
      return try make(.membership(isNegated: false, left, right), from: start)
    case .notIn:
      advance()
      let right = try additive(isInBinding)
      return try make(.membership(isNegated: true, left, right), from: start)
    case .like, .matches:
      let word = token()
      advance()
      let right = try additive(isInBinding)
      let name = Identifier(Text(word.word?.spelling ?? ""), at: word.range)
      return try make(.call(name, [.expression(left), .expression(right)]), from: start)
    case .occurs:
      advance()
      let test = try timeTest(isInBinding)
      return try make(.occurs(left, test), from: start)
    default: return left
    }
  }

  func comparisonSign() -> Comparison? {
    switch token().kind {
    case .symbol(.equal): .equal
    case .symbol(.notEqual): .notEqual
    case .symbol(.less): .less
    case .symbol(.lessOrEqual): .lessOrEqual
    case .symbol(.greater): .greater
    case .symbol(.greaterOrEqual): .greaterOrEqual
    default: nil
    }
  }

  mutating func additive(_ isInBinding: Bool) throws(Fault) -> Expression {
    let start = token().range
    let first = try multiplicative(isInBinding)
    var steps: [ArithmeticStep<Expression>] = []
    while let symbol = sign([.plus: .add, .minus: .subtract]) {
      steps.append(ArithmeticStep(symbol, try multiplicative(isInBinding)))
    }
    return try arithmetic(first, steps, from: start)
  }

  private mutating func multiplicative(_ isInBinding: Bool) throws(Fault) -> Expression {
    let start = token().range
    let first = try unary(isInBinding)
    var steps: [ArithmeticStep<Expression>] = []
    while let symbol = sign([.star: .multiply, .slash: .divide, .percent: .remainder]) {
      steps.append(ArithmeticStep(symbol, try unary(isInBinding)))
    }
    return try arithmetic(first, steps, from: start)
  }

  private mutating func sign(
    _ signs: KeyValuePairs<Token.Symbol, ArithmeticOperator>
  ) -> ArithmeticOperator? {
    for (symbol, sign) in signs where take(symbol) { return sign }
    return nil
  }

  /// A chain of operators of one rank; a first operand of the same rank is spliced in.
  private mutating func arithmetic(
    _ first: Expression,
    _ steps: [ArithmeticStep<Expression>],
    from start: SourceRange
  ) throws(Fault) -> Expression {
    guard let symbol = steps.first?.symbol else { return first }
    if case .arithmetic(let inner, let innerSteps) = first.form,
      innerSteps.first?.symbol.isMultiplicative == symbol.isMultiplicative
    {
      return try make(.arithmetic(inner, innerSteps + steps), from: start)
    }
    return try make(.arithmetic(first, steps), from: start)
  }

  private mutating func unary(_ isInBinding: Bool) throws(Fault) -> Expression {
    let start = token().range
    guard take(.minus) else { return try postfix(try primary(isInBinding)) }
    let operand = try nested { parser throws(Fault) in try parser.unary(isInBinding) }
    return try make(.negative(operand), from: start)
  }

  /// A primary with what follows it.
  mutating func postfixExpression(_ isInBinding: Bool) throws(Fault) -> Expression {
    try postfix(try primary(isInBinding))
  }

  /// What follows a primary: properties, calls and filters.
  private mutating func postfix(_ primary: Expression) throws(Fault) -> Expression {
    var base = primary
    let start = primary.range
    while true {
      if take(.openBracket) {
        let condition = try nested { parser throws(Fault) in try parser.expression() }
        try expect(.closeBracket, .closeBracket)
        base = try make(.filter(base, condition), from: start)
      } else if isSymbol(.dot) {
        base = try properties(of: base)
        guard take(.dot) else { continue }
        let name = try identifier(.propertyName)
        let arguments = try nested { parser throws(Fault) in try parser.arguments() }
        base = try make(.call(name, [.expression(base)] + arguments), from: start)
      } else {
        return base
      }
    }
  }

  /// All properties up to the next call, if any, as one path.
  private mutating func properties(of base: Expression) throws(Fault) -> Expression {
    var object = base
    var names: [Identifier] = []
    if case .path(let inner, let innerNames) = base.form {
      object = inner
      names = innerNames
    }
    let innerCount = names.count
    while isSymbol(.dot), !startsCall(1) {
      advance()
      names.append(try identifier(.propertyName))
      try countNode()
    }
    return names.count == innerCount ? base : try make(.path(object, names), from: base.range)
  }

  /// Whether a function's name and its opening parenthesis stand `ahead`.
  private func startsCall(_ ahead: Int) -> Bool {
    if case .name = token(ahead).kind { isSymbol(.openParenthesis, ahead + 1) } else { false }
  }
}
