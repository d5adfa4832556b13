package import Bytes

extension Checker {
  /// The names that `stringCompare` takes as its first argument.
  static let textTests: [Function] = [
    .startsWith, .doesNotStartWith, .endsWith, .doesNotEndWith, .contains, .doesNotContain,
    .equals, .notEqualTo,
  ]

  /// Refuses literal arguments that no profile could make sense of.
  func checkLiterals(
    of function: Function,
    _ operands: [TypedExpression],
    at range: SourceRange
  ) throws(Fault) {
    switch function {
    case .matches: _ = try regularExpression(operands[1])
    case .regexGroup:
      let expression = try regularExpression(operands[1])
      guard operands.count > 2, let number = operands[2].literalNumber else { return }
      let groupCount = expression?.groupCount
      let isThere = number >= 0 && number.isWhole && number <= groupCount.map(Double.init) ?? number
      guard isThere else {
        throw Fault(.noSuchGroup(number, groupCount: groupCount), at: operands[2].range)
      }
    case .stringCompare:
      guard let name = operands[0].literalText else { return }
      let tests = Checker.textTests.map { Text($0.rawValue) }
      guard tests.contains(name) else {
        throw Fault(
          .unknownTextTest(name, nearest: nearest(to: name, among: tests)),
          at: operands[0].range
        )
      }
    case .date:
      let parts = operands.compactMap(\.literalNumber)
      guard parts.count == 3 else { return }
      guard Checker.isDate(year: parts[0], month: parts[1], day: parts[2]) else {
        throw Fault(.noSuchDate(year: parts[0], month: parts[1], day: parts[2]), at: range)
      }
    case .timestamp:
      guard let text = operands[0].literalText, TimeText(text) == nil else { return }
      throw Fault(.notATime(text), at: operands[0].range)
    default: break
    }
  }

  func checkAmount(_ amount: TypedExpression, of function: Function) throws(Fault) {
    guard let number = amount.literalNumber, number < 0 || !number.isWhole else { return }
    throw Fault(.badAmount(number, function), at: amount.range)
  }

  private func regularExpression(
    _ pattern: TypedExpression
  ) throws(Fault) -> RegularExpression? {
    guard let text = pattern.literalText else { return nil }
    do throws(RegularExpressionError) {
      return try RegularExpression(text)
    } catch {
      throw Fault(.badRegularExpression(error), at: pattern.range)
    }
  }

  private static func isDate(year: Double, month: Double, day: Double) -> Bool {
    guard let year = Int(exactly: year), let month = Int(exactly: month),
      let day = Int(exactly: day), (1...9999).contains(year), (1...12).contains(month)
    else { return false }
    return day >= 1 && day <= CivilTime.dayCount(year: year, month: month)
  }
}

extension TypedExpression {
  /// The number of a literal, signs included; `nil` for anything else.
  package var literalNumber: Double? {
    switch form {
    case .literal(.number(let number)): number
    case .negative(let operand): operand.literalNumber.map { -$0 }
    default: nil
    }
  }

  package var literalText: Text? {
    if case .literal(.string(let text)) = form { text } else { nil }
  }
}

extension Double {
  fileprivate var isWhole: Bool { rounded(.towardZero) == self }
}
