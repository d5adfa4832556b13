import Bytes

extension Parser {
  /// The current token is not what the grammar wants.
  ///
  /// The one that was meant may be among `words`, which would have done.
  func unexpected(_ expectation: Expectation, nearestOf words: [Word] = []) -> Fault {
    if let foreign = foreignSpelling(expectation) {
      return Fault(.foreign(foreign), at: token().range)
    }
    if let misspelt = misspeltOpening(expectation) { return misspelt }
    var candidates = words
    if Parser.closing.contains(expectation) { candidates += Parser.infixWords }
    var nearestWord: String?
    if case .name = token().kind {
      let name = Text(written(token()))
      nearestWord = nearest(to: name, among: candidates.map { Text($0.spelling) })?.string
      if nearestWord.map({ Text($0) == name }) == true { nearestWord = nil }
    }
    return Fault(
      .expected(expectation, found: shown(token()), nearest: nearestWord),
      at: token().range
    )
  }

  private static let closing: Set<Expectation> = [
    .end, .closeParenthesis, .closeBracket, .closeBrace, .comma, .inWord,
  ]

  private static let infixWords: [Word] = [
    .and, .or, .in, .notIn, .like, .matches, .occurs, .where, .over,
  ]

  /// The habit of another language that explains the current token.
  private func foreignSpelling(_ expectation: Expectation) -> ForeignSpelling? {
    if expectation == .value { return isWord(.not) ? .negatedOperand : nil }
    guard Parser.closing.contains(expectation) else { return nil }
    if comparisonSign() != nil { return .chainedComparison }
    if isSymbol(.arrow) { return .lambdaInParentheses }
    if isName("is", 0) { return .isNullWords }
    if isName("then", 0) { return .thenWord }
    if expectation == .closeBracket, isSymbol(.colon) { return .stepOutsideChain }
    if let aggregate = previousToken?.word?.aggregate, token().startsValue {
      return .aggregateWithoutOver(aggregate)
    }
    if token().isName, let function = Function(Text(written(token()))), function.hasReceiver,
      token().word?.isReserved != true
    {
      return .infixCall(function)
    }
    switch token().word {
    case .not: return isWord(.in, 1) ? .notInWords : nil
    case .exists: return .postfixExists
    case .between: return .betweenNumbers
    case .in, .notIn, .like, .matches, .occurs:
      return expectation == .inWord ? nil : .chainedComparison
    default: return nil
    }
  }

  /// The words that open a construct, which misspelt look like a property before something else.
  private static let openingWords: [Word] = [.select, .exists, .forall, .let, .not, .exclude]

  private func misspeltOpening(_ expectation: Expectation) -> Fault? {
    guard Parser.closing.contains(expectation), token().startsValue, let previous = previousToken,
      case .name(nil) = previous.kind
    else { return nil }
    let name = written(previous)
    let words = Parser.openingWords.map { Text($0.spelling) }
    guard let meant = nearest(to: Text(name), among: words) else { return nil }
    return Fault(.misspelt(name, meant: meant.string), at: previous.range)
  }

  private func shown(_ token: Token) -> String {
    switch token.kind {
    case .end: "the end"
    case .string(let text): "the text \(quoted(text))"
    default: "'\(String(written(token).unicodeScalars.prefix(40)))'"
    }
  }
}
