import Bytes

extension Parser {
  /// What follows `occurs`, or stands in `when(…)`.
  mutating func timeTest(_ isInBinding: Bool) throws(Fault) -> TimeTest<Expression> {
    let form = try timeTestForm(isInBinding)
    let isIgnoringYear = isWord(.ignoring) && isWord(.year, 1)
    if isIgnoringYear {
      advance()
      advance()
    }
    return TimeTest(form, isIgnoringYear: isIgnoringYear)
  }

  private mutating func timeTestForm(
    _ isInBinding: Bool
  ) throws(Fault) -> TimeTest<Expression>.Form {
    if let comparison = comparisonSign() {
      advance()
      return try offset(comparison, isInBinding)
    }
    if startsReference(1) {
      switch token().word {
      case .before:
        advance()
        return .before(try reference(isInBinding))
      case .after:
        advance()
        return .after(try reference(isInBinding))
      case .from:
        advance()
        return .from(try reference(isInBinding))
      case .between:
        advance()
        let first = try reference(isInBinding)
        try expect(.and, .andWord)
        return .between(first, try reference(isInBinding))
      case .on: advance()
      default: break
      }
    }
    return .on(try reference(isInBinding))
  }

  private mutating func offset(
    _ comparison: Comparison,
    _ isInBinding: Bool
  ) throws(Fault) -> TimeTest<Expression>.Form {
    let count = try integer(.integer)
    guard let unit = token().word?.unit else {
      throw unexpected(.unit, nearestOf: Word.allCases.filter { $0.unit != nil })
    }
    advance()
    let direction: Direction
    switch token().word {
    case .before: direction = .before
    case .after: direction = .after
    case .from: direction = .from
    default: throw unexpected(.direction, nearestOf: [.before, .after, .from])
    }
    advance()
    return .offset(comparison, count: count, unit, direction, try reference(isInBinding))
  }

  private mutating func reference(
    _ isInBinding: Bool
  ) throws(Fault) -> TimeTest<Expression>.Reference {
    guard startsReference(0) else { throw unexpected(.timeReference) }
    guard let calendarWord = token().word?.calendarWord else {
      return .moment(try postfixExpression(isInBinding))
    }
    if let unit = token(1).word?.unit {
      advance()
      advance()
      return .unit(calendarWord, unit)
    }
    if case .number = token(1).kind {
      throw Fault(.foreign(.countedCalendarUnit), at: token().range)
    }
    return .moment(try postfixExpression(isInBinding))
  }

  /// Whether a time may start `ahead`, so that a word before it is a keyword and not a property.
  private func startsReference(_ ahead: Int) -> Bool {
    switch token(ahead).kind {
    case .string, .number, .parameter, .quotedName: return true
    case .symbol(.openParenthesis), .symbol(.openBracket), .symbol(.openBrace), .symbol(.caret):
      return true
    case .name(let word):
      switch word {
      case .and, .or, .not, .in, .notIn, .occurs: return false
      case .like, .matches: return isSymbol(.openParenthesis, ahead + 1)
      case .ignoring: return !isWord(.year, ahead + 1)
      default: return true
      }
    default: return false
    }
  }
}
