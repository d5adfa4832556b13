import Bytes

extension Parser {
  /// The current token is not what the grammar wants.
  ///
  /// The one that was meant may be among `words`, which would have done.
  func unexpected(_ expectation: Expectation, nearestOf words: [Word] = []) -> Fault {
    if let foreign = foreignSpelling(expectation) {
      return Fault(.foreign(foreign), at: token().range)
    }
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
    switch token().word {
    case .not: return isWord(.in, 1) ? .notInWords : nil
    case .exists: return .postfixExists
    case .in, .notIn, .like, .matches, .occurs:
      return expectation == .inWord ? nil : .chainedComparison
    default: return nil
    }
  }

  private func shown(_ token: Token) -> String {
    switch token.kind {
    case .end: "the end"
    case .string(let text): "the text \(quoted(text))"
    default: "'\(String(written(token).unicodeScalars.prefix(40)))'"
    }
  }
}
