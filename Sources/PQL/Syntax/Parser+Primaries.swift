import Bytes

extension Parser {
  mutating func primary(_ isInBinding: Bool) throws(Fault) -> Expression {
    try nested { parser throws(Fault) in try parser.unguardedPrimary(isInBinding) }
  }

  private mutating func unguardedPrimary(_ isInBinding: Bool) throws(Fault) -> Expression {
    let start = token().range
    switch token().kind {
    case .string(let text): return try leaf(.literal(.string(text)))
    case .number(let number, isInteger: _): return try leaf(.literal(.number(number)))
    case .parameter(let number): return try leaf(.parameter(number))
    case .quotedName: return try leaf(.name(name(of: token()).text))
    case .name(let word): return try named(word, isInBinding)
    case .symbol(.openParenthesis):
      guard !startsLambda() else { throw Fault(.foreign(.lambdaInParentheses), at: start) }
      advance()
      guard !startsLambda() else {
        throw Fault(.foreign(.lambdaInParentheses), at: token().range)
      }
      let inner = try expression()
      try expect(.closeParenthesis, .closeParenthesis)
      return inner
    case .symbol(.openBracket): return try list()
    case .symbol(.openBrace): return try object()
    case .symbol(.caret): return try outer()
    case .symbol, .end: throw unexpected(.value)
    }
  }

  private mutating func leaf(_ form: Expression.Form) throws(Fault) -> Expression {
    let start = token().range
    advance()
    return try make(form, from: start)
  }

  /// What an unquoted name starts.
  private mutating func named(_ word: Word?, _ isInBinding: Bool) throws(Fault) -> Expression {
    if let timeWord = word?.timeWord { return try leaf(.timeWord(timeWord)) }
    switch word {
    case .true: return try leaf(.literal(.boolean(true)))
    case .false: return try leaf(.literal(.boolean(false)))
    case .null: return try leaf(.literal(.null))
    case .this: return try leaf(.this)
    case .if: return try conditional()
    case .let: return try binding(isInBinding)
    case .select, .exists, .forall:
      if let comprehension = try comprehension(isInBinding) { return comprehension }
    case .chain: return try chain()
    case .sum, .average, .min, .max:
      if let aggregate = try aggregate(isInBinding) { return aggregate }
    case .like, .matches:
      if isSymbol(.openParenthesis, 1) { return try call() }
      throw unexpected(.value)
    case .some(let word) where word.isReserved: throw unexpected(.value)
    default: break
    }
    if isSymbol(.openParenthesis, 1) { return try call() }
    let text = name(of: token()).text
    return try leaf(text == "xEvent" ? .events : .name(text))
  }

  // MARK: Calls

  private mutating func call() throws(Fault) -> Expression {
    let start = token().range
    var name = name(of: token())
    if let word = token().word, word == .like || word == .matches {
      name = Identifier(Text(word.spelling), at: name.range)
    }
    advance()
    return try make(.call(name, try arguments()), from: start)
  }

  mutating func arguments() throws(Fault) -> [Argument] {
    try expect(.openParenthesis, .openParenthesis)
    if take(.closeParenthesis) { return [] }
    var arguments: [Argument] = []
    repeat {
      if startsLambda() {
        let parameters = try lambdaParameters()
        arguments.append(.lambda(parameters: parameters, body: try expression()))
      } else {
        arguments.append(.expression(try expression()))
      }
    } while take(.comma)
    try expect(.closeParenthesis, .closeParenthesis)
    return arguments
  }

  /// Whether `(a, b) =>` stands here.
  func startsLambda() -> Bool {
    guard isSymbol(.openParenthesis), token(1).isVariable else { return false }
    var ahead = 2
    while isSymbol(.comma, ahead), token(ahead + 1).isVariable { ahead += 2 }
    return isSymbol(.closeParenthesis, ahead) && isSymbol(.arrow, ahead + 1)
  }

  mutating func lambdaParameters() throws(Fault) -> [Identifier] {
    try expect(.openParenthesis, .openParenthesis)
    var parameters: [Identifier] = []
    repeat { parameters.append(try variable(.variable)) } while take(.comma)
    try expect(.closeParenthesis, .closeParenthesis)
    try expect(.arrow, .arrow)
    return parameters
  }

  /// `if(test, then, otherwise)`; with any other arguments a call, which no function answers.
  private mutating func conditional() throws(Fault) -> Expression {
    let start = token().range
    let name = Identifier("if", at: start)
    advance()
    guard isSymbol(.openParenthesis) else {
      throw Fault(.foreign(.thenWord), at: token().range)
    }
    let arguments = try arguments()
    if arguments.count == 3, case .expression(let test) = arguments[0],
      case .expression(let then) = arguments[1], case .expression(let otherwise) = arguments[2]
    {
      return try make(.conditional(test, then, otherwise), from: start)
    }
    return try make(.call(name, arguments), from: start)
  }

  // MARK: Literals

  private mutating func list() throws(Fault) -> Expression {
    let start = token().range
    advance()
    var items: [Expression] = []
    if !take(.closeBracket) {
      repeat { items.append(try expression()) } while take(.comma)
      try expect(.closeBracket, .closeBracket)
    }
    return try make(.list(items), from: start)
  }

  private mutating func object() throws(Fault) -> Expression {
    let start = token().range
    advance()
    var entries: [ObjectEntry] = []
    if !take(.closeBrace) {
      repeat { entries.append(try entry()) } while take(.comma)
      try expect(.closeBrace, .closeBrace)
    }
    return try make(.object(entries), from: start)
  }

  private mutating func entry() throws(Fault) -> ObjectEntry {
    let token = token()
    guard case .string(let key) = token.kind else {
      guard token.isName else { throw unexpected(.key) }
      let isSetForm = isName("as", 1)
      throw Fault(.foreign(isSetForm ? .straySetForm : .bareObjectKey), at: token.range)
    }
    advance()
    try expect(.colon, .colon)
    return ObjectEntry(key: Identifier(key, at: token.range), value: try expression())
  }

  func isName(_ text: Text, _ ahead: Int) -> Bool {
    if case .name = token(ahead).kind { Text(written(token(ahead))) == text } else { false }
  }

  // MARK: Outer items

  /// `^.name`, `^^name`, or the same with a call.
  private mutating func outer() throws(Fault) -> Expression {
    let start = token().range
    var levels = 0
    while take(.caret) { levels += 1 }
    let item = try make(.outer(levels: levels), from: start)
    _ = take(.dot)
    let isCall = token().kind != .quotedName && isSymbol(.openParenthesis, 1)
    let name = try identifier(.outerName)
    if isCall {
      return try make(.call(name, [.expression(item)] + (try arguments())), from: start)
    }
    return try make(.path(item, [name]), from: start)
  }
}
