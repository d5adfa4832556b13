import Bytes

extension Parser {
  /// `chain(array, timestamp.path, [steps])`.
  mutating func chain() throws(Fault) -> Expression {
    let start = token().range
    advance()
    try expect(.openParenthesis, .openParenthesis)
    let array = try postfixExpression(false)
    try expect(.comma, .comma)
    var timestamp = [try identifier(.propertyName)]
    while take(.dot) { timestamp.append(try identifier(.propertyName)) }
    try expect(.comma, .comma)
    try expect(.openBracket, .openBracket)
    var steps: [Chain.Step] = []
    repeat { steps.append(try step()) } while take(.comma)
    guard take(.closeBracket) else {
      throw unexpected(.closeBracket, nearestOf: [.where, .when, .count])
    }
    try expect(.closeParenthesis, .closeParenthesis)
    let chain = Chain(array: array, timestamp: timestamp, steps: steps)
    return try make(.chain(chain), from: start)
  }

  private mutating func step() throws(Fault) -> Chain.Step {
    let isExcluded = isWord(.exclude) && token(1).isVariable
    if isExcluded { advance() }
    let label = try variable(.label)
    try expect(.colon, .colon)
    try expect(.what, .what)
    try expect(.openParenthesis, .openParenthesis)
    guard !isSymbol(.star) else { throw Fault(.foreign(.whatStar), at: token().range) }
    let what = try expression()
    try expect(.closeParenthesis, .closeParenthesis)
    var step = Chain.Step(label: label, isExcluded: isExcluded, what: what)
    while try clause(of: &step) {}
    return step
  }

  /// Reads one more clause; each may stand once, in any order.
  private mutating func clause(of step: inout Chain.Step) throws(Fault) -> Bool {
    let start = token()
    switch start.word {
    case .where:
      guard step.condition == nil else { throw Fault(.clauseTwice("where"), at: start.range) }
      try openClause()
      step.condition = try expression()
    case .when:
      guard step.when.isEmpty else { throw Fault(.clauseTwice("when"), at: start.range) }
      try openClause()
      repeat { step.when.append(try timeTest(false)) } while take(.and)
    case .count:
      guard step.count == nil else { throw Fault(.clauseTwice("count"), at: start.range) }
      try openClause()
      step.count = try countRange()
    default: return false
    }
    try expect(.closeParenthesis, .closeParenthesis)
    return true
  }

  private mutating func openClause() throws(Fault) {
    advance()
    try expect(.openParenthesis, .openParenthesis)
  }

  private mutating func countRange() throws(Fault) -> CountRange {
    if take(.between) {
      let low = try integer(.integer)
      try expect(.and, .andWord)
      return CountRange(low: low, high: try integer(.integer))
    }
    guard let comparison = comparisonSign() else { return CountRange(low: try integer(.count)) }
    guard comparison != .notEqual else { throw unexpected(.count) }
    advance()
    let number = try integer(.integer)
    return switch comparison {
    case .equal: CountRange(low: number, high: number)
    case .greater: CountRange(low: min(number + 1, QueryLimits.integerMax))
    case .lessOrEqual: CountRange(low: 0, high: number)
    case .less: CountRange(low: 0, high: number - 1)
    case .greaterOrEqual, .notEqual: CountRange(low: number)
    }
  }
}
