/// Why a text is no regular expression of the dialect.
///
/// Offsets count Unicode scalars from the start of the pattern.
package enum RegularExpressionError: Error, Equatable, Sendable {
  case openGroup(offset: Int)
  case unexpectedClosingParenthesis(offset: Int)
  case openClass(offset: Int)
  case emptyClass(offset: Int)
  case nestedClass(offset: Int)
  case classOperator(sign: String, offset: Int)
  case rangeWithoutScalar(offset: Int)
  case reversedRange(from: Unicode.Scalar, to: Unicode.Scalar, offset: Int)
  case nothingToRepeat(sign: Unicode.Scalar, offset: Int)
  case repeatedQuantifier(sign: Unicode.Scalar, offset: Int)
  case badCount(offset: Int)
  case reversedCount(low: Int, high: Int, offset: Int)
  case loneBackslash(offset: Int)
  case unknownEscape(Unicode.Scalar, offset: Int)
  case unsupportedGroup(sign: String, offset: Int)
  case tooDeep(limit: Int)
  case tooManyStates(limit: Int)
}

extension RegularExpressionError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .openGroup(let offset):
      "the group opened at \(offset) is not closed; add ')'"
    case .unexpectedClosingParenthesis(let offset):
      "')' at \(offset) closes no group; write '\\)' for the sign itself"
    case .openClass(let offset):
      "the class opened at \(offset) is not closed; add ']'"
    case .emptyClass(let offset):
      "']' stands first in a class at \(offset); write '\\]' for the sign itself"
    case .nestedClass(let offset):
      "'[' inside a class at \(offset); classes do not nest, write '\\[' for the sign itself"
    case .classOperator(let sign, let offset):
      "'\(sign)' inside a class at \(offset) is no operator here; put a backslash before the sign"
    case .rangeWithoutScalar(let offset):
      "the range at \(offset) ends in a set of characters; it needs one character on each side"
    case .reversedRange(let from, let to, let offset):
      "the range '\(from)-\(to)' at \(offset) is reversed"
    case .nothingToRepeat(let sign, let offset):
      "'\(sign)' at \(offset) has nothing to repeat; write '\\\(sign)' for the sign itself"
    case .repeatedQuantifier(let sign, let offset):
      "'\(sign)' at \(offset) follows a quantifier; only a single '?' may, to make it lazy"
    case .badCount(let offset):
      "'{' at \(offset) starts no quantifier {m}, {m,} or {m,n}; write '\\{' for the sign itself"
    case .reversedCount(let low, let high, let offset):
      "the quantifier {\(low),\(high)} at \(offset) is reversed"
    case .loneBackslash(let offset):
      "the backslash at \(offset) ends the pattern; write '\\\\' for the sign itself"
    case .unknownEscape(let letter, let offset):
      "'\\\(letter)' at \(offset) is not supported; known are \\d \\D \\w \\W \\s \\S \\b \\B \\t \\n \\r \\f"
    case .unsupportedGroup(let sign, let offset):
      "'\(sign)' at \(offset) is not supported; a group is '(…)' or '(?:…)', and '(?i)' may stand first"
    case .tooDeep(let limit):
      "groups are nested deeper than \(limit)"
    case .tooManyStates(let limit):
      "the pattern needs more than \(limit) states; use smaller repetition counts"
    }
  }
}
