package import Bytes

/// Reads a definition by recursive descent; the grammar is that of the language's reference, each
/// rule a function.
struct Parser {
  /// How many nodes may be made in all, those of attempts given up included.
  ///
  /// Only what follows `sum`, `average`, `min` and `max` is ever read twice.
  private static let workMax = 4 * QueryLimits.nodeCountMax

  let source: Text
  private let tokens: [Token]
  /// Whether an `over` follows a token before the bracket around it closes.
  private let isOverAhead: [Bool]
  private(set) var position = 0
  private var nodeCount = 0
  private var work = 0
  private var nesting = 0
  /// What the first attempt at an aggregate found, by the position of its word.
  var aggregateAttempts: [Int: Bool] = [:]
  /// The problem furthest into the text that an attempt was given up for.
  var abandoned: Fault?

  init(_ source: Text) throws(Fault) {
    self.source = source
    tokens = try Lexer.tokens(of: source)
    isOverAhead = Parser.overAhead(tokens)
  }

  // MARK: Looking at tokens

  /// The token `ahead` of the current one; past the end, the end.
  func token(_ ahead: Int = 0) -> Token { tokens[min(position + ahead, tokens.count - 1)] }

  /// The token taken last; none at the start.
  var previousToken: Token? { position > 0 ? tokens[position - 1] : nil }

  func range(from start: SourceRange) -> SourceRange {
    let last = position > 0 ? tokens[position - 1].range : start
    return SourceRange(start: start.start, end: max(start.start, last.end))
  }

  func isSymbol(_ symbol: Token.Symbol, _ ahead: Int = 0) -> Bool {
    token(ahead).kind == .symbol(symbol)
  }

  func isWord(_ word: Word, _ ahead: Int = 0) -> Bool { token(ahead).word == word }

  /// Whether a declaration starts `ahead`: `variable from`.
  func startsDeclaration(_ ahead: Int = 0) -> Bool {
    token(ahead).isVariable && isWord(.from, ahead + 1)
  }

  var isOverPossible: Bool { isOverAhead[position] }

  // MARK: Taking tokens

  mutating func advance() { position = min(position + 1, tokens.count - 1) }

  mutating func take(_ symbol: Token.Symbol) -> Bool {
    guard isSymbol(symbol) else { return false }
    advance()
    return true
  }

  mutating func take(_ word: Word) -> Bool {
    guard isWord(word) else { return false }
    advance()
    return true
  }

  mutating func expect(_ symbol: Token.Symbol, _ expectation: Expectation) throws(Fault) {
    guard take(symbol) else { throw unexpected(expectation) }
  }

  mutating func expect(_ word: Word, _ expectation: Expectation) throws(Fault) {
    guard take(word) else { throw unexpected(expectation, nearestOf: [word]) }
  }

  /// Takes a name wherever any name will do.
  mutating func identifier(_ expectation: Expectation) throws(Fault) -> Identifier {
    guard token().isName else { throw unexpected(expectation) }
    let name = name(of: token())
    advance()
    return name
  }

  mutating func variable(_ expectation: Expectation) throws(Fault) -> Identifier {
    if let word = token().word, word.isReserved {
      throw Fault(.reservedName(written(token())), at: token().range)
    }
    return try identifier(expectation)
  }

  mutating func integer(_ expectation: Expectation) throws(Fault) -> Int {
    guard case .number(_, isInteger: true) = token().kind else { throw unexpected(expectation) }
    let number = Lexer.integer(written(token()).utf8)
    advance()
    return number
  }

  func name(of token: Token) -> Identifier {
    let text = written(token)
    let isQuoted = token.kind == .quotedName
    return Identifier(Text(isQuoted ? String(text.dropFirst().dropLast()) : text), at: token.range)
  }

  func written(_ token: Token) -> String { token.range.slice(of: source) }

  // MARK: Making nodes

  mutating func make(_ form: Expression.Form, from start: SourceRange) throws(Fault) -> Expression {
    let expression = Expression(form, at: range(from: start))
    try countNode()
    if expression.height > QueryLimits.treeDepthMax {
      throw Fault(.nestedTooDeeply(limit: QueryLimits.treeDepthMax), at: expression.range)
    }
    return expression
  }

  mutating func countNode() throws(Fault) {
    nodeCount += 1
    work += 1
    if nodeCount > QueryLimits.nodeCountMax || work > Parser.workMax {
      throw Fault(.tooManyNodes(limit: QueryLimits.nodeCountMax), at: token().range)
    }
  }

  /// Reads something one level further in.
  mutating func nested<Result>(
    _ read: (inout Parser) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    nesting += 1
    if nesting > QueryLimits.nestingMax {
      throw Fault(.nestedTooDeeply(limit: QueryLimits.nestingMax), at: token().range)
    }
    let result = try read(&self)
    nesting -= 1
    return result
  }

  /// Reads something, or stands where it stood when that fails.
  mutating func attempt<Result>(
    _ read: (inout Parser) throws(Fault) -> Result?
  ) throws(Fault) -> Result? {
    let before = (position, nodeCount, nesting)
    do throws(Fault) {
      if let result = try read(&self) { return result }
    } catch {
      switch error.problem {
      case .tooManyNodes, .nestedTooDeeply: throw error
      default: break
      }
      if error.range.start > abandoned?.range.start ?? -1 { abandoned = error }
    }
    (position, nodeCount, nesting) = before
    return nil
  }

  // MARK: Brackets

  private static func overAhead(_ tokens: [Token]) -> [Bool] {
    var isAhead = [Bool](repeating: false, count: tokens.count)
    // One flag for each bracket around the token, from the outermost; read from the end.
    var open = [false]
    for index in tokens.indices.reversed() {
      isAhead[index] = open[open.count - 1]
      switch tokens[index].kind {
      case .symbol(.closeParenthesis), .symbol(.closeBracket), .symbol(.closeBrace):
        open.append(false)
      case .symbol(.openParenthesis), .symbol(.openBracket), .symbol(.openBrace):
        if open.count > 1 { open.removeLast() } else { open[0] = false }
      case .name(.over): open[open.count - 1] = true
      default: break
      }
    }
    return isAhead
  }
}

extension Query {
  /// Reads the text of a definition; nothing but its grammar is checked.
  package static func parse(_ source: Text) throws(LanguageError) -> Query {
    do throws(Fault) {
      var parser = try Parser(source)
      return try parser.query()
    } catch {
      throw LanguageError(error, in: source)
    }
  }
}
