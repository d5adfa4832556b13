import Bytes

extension Parser {
  /// `let variable = value in body`.
  mutating func binding(_ isInBinding: Bool) throws(Fault) -> Expression {
    let start = token().range
    advance()
    let variable = try variable(.variable)
    try expect(.equal, .equalSign)
    let value = try expression(isInBinding: true)
    try expect(.in, .inWord)
    let body = try expression(isInBinding: isInBinding)
    return try make(.binding(variable, value: value, body: body), from: start)
  }

  /// `select …`, `exists …` or `forall …`; `nil` where the last two are names.
  mutating func comprehension(_ isInBinding: Bool) throws(Fault) -> Expression? {
    let start = token()
    guard start.word == .select || startsDeclaration(1) else { return nil }
    advance()
    let declarations = try declarations(isInBinding)
    let form: Expression.Form =
      switch start.word {
      case .exists: .exists(declarations)
      case .forall: .forall(declarations)
      default: .select(declarations)
      }
    return try make(form, from: start.range)
  }

  /// `sum value over …`, or `sum variable from …`; `nil` where the word is a name.
  mutating func aggregate(_ isInBinding: Bool) throws(Fault) -> Expression? {
    let start = token()
    guard let aggregate = start.word?.aggregate else { return nil }
    var value: Expression?
    if startsDeclaration(1) {
      advance()
    } else {
      guard let read = try aggregateValue(isInBinding) else { return nil }
      value = read
    }
    let declarations = try declarations(isInBinding)
    return try make(.aggregate(aggregate, value: value, declarations), from: start.range)
  }

  /// The value up to `over`; `nil` when none follows, which is found out once a place.
  private mutating func aggregateValue(_ isInBinding: Bool) throws(Fault) -> Expression? {
    let place = position
    guard isOverPossible else { return nil }
    switch aggregateAttempts[place] {
    case false: return nil
    case true:
      advance()
      let value = try additive(isInBinding)
      try expect(.over, .over)
      return value
    default:
      let value = try attempt { parser throws(Fault) -> Expression? in
        parser.advance()
        let value = try parser.additive(isInBinding)
        return parser.take(.over) ? value : nil
      }
      aggregateAttempts[place] = value != nil
      return value
    }
  }

  private mutating func declarations(_ isInBinding: Bool) throws(Fault) -> [Declaration] {
    var declarations = [try declaration(isInBinding)]
    while isSymbol(.comma), startsDeclaration(1) {
      advance()
      declarations.append(try declaration(isInBinding))
    }
    return declarations
  }

  private mutating func declaration(_ isInBinding: Bool) throws(Fault) -> Declaration {
    guard !isWord(.from) || isWord(.from, 1) else { throw unexpected(.variable) }
    let variable = try variable(.variable)
    try expect(.from, .from)
    let source = try postfixExpression(isInBinding)
    let hasCondition = take(.where) || take(.colon)
    return Declaration(
      variable: variable,
      source: source,
      condition: hasCondition ? try expression(isInBinding: isInBinding) : nil
    )
  }
}
