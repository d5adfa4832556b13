/// A habit of another language that is not part of this one.
package enum ForeignSpelling: Hashable, Sendable {
  case doubleEqual
  case angleNotEqual
  case doubleAmpersand
  case doubleBar
  case singleQuote
  case curlyQuote
  case semicolon
  case contextReference
  case comment
  case notInWords
  case postfixExists
  case isNullWords
  case countedCalendarUnit
  case whatStar
  case chainedComparison
  case straySetForm
  case bareObjectKey
  case lambdaInParentheses
  case negatedOperand
  case thenWord
  case aggregateWithoutOver(Aggregate)
  case infixCall(Function)
  case betweenNumbers
  case stepOutsideChain

  /// The habit that two bytes show.
  init?(_ first: UInt8, _ second: UInt8) {
    switch (first, second) {
    case (UInt8(ascii: "="), UInt8(ascii: "=")): self = .doubleEqual
    case (UInt8(ascii: "<"), UInt8(ascii: ">")): self = .angleNotEqual
    case (UInt8(ascii: "&"), UInt8(ascii: "&")): self = .doubleAmpersand
    case (UInt8(ascii: "|"), UInt8(ascii: "|")): self = .doubleBar
    case (UInt8(ascii: "/"), UInt8(ascii: "/")), (UInt8(ascii: "/"), UInt8(ascii: "*")):
      self = .comment
    default: return nil
    }
  }

  init?(scalar: Unicode.Scalar) {
    switch scalar {
    case "'": self = .singleQuote
    case "\u{2018}", "\u{2019}", "\u{201C}", "\u{201D}", "\u{201E}", "\u{00AB}", "\u{00BB}":
      self = .curlyQuote
    case ";": self = .semicolon
    case "@": self = .contextReference
    case "#": self = .comment
    default: return nil
    }
  }

  /// What is wrong and what would be right.
  package var advice: String {
    switch self {
    case .doubleEqual: "'==' is not PQL; write '='"
    case .angleNotEqual: "'<>' is not PQL; write '!='"
    case .doubleAmpersand: "'&&' is not PQL; write 'and'"
    case .doubleBar: "'||' is not PQL; write 'or'"
    case .singleQuote: "single quotes are not PQL; write text in double quotes"
    case .curlyQuote: "curly quotes are not PQL; write text in straight double quotes"
    case .semicolon: "';' is not PQL; a definition is one expression"
    case .contextReference: "'@' references are not PQL; '$1' is the profile"
    case .comment: "PQL has no comments"
    case .notInWords: "'not in' is not PQL; write 'notIn'"
    case .postfixExists: "'exists' does not follow a path; write '.isNotNull()'"
    case .isNullWords: "'is' is not PQL; write '.isNull()' or '.isNotNull()'"
    case .countedCalendarUnit:
      "a counted span is measured from a time; write '<= 30 days before now'"
    case .whatStar: "'*' matches no event; write 'what(true)' for any event"
    case .chainedComparison: "comparisons do not chain; join them with 'and' or use parentheses"
    case .straySetForm: "braces hold an object literal; write 'select X from array where condition'"
    case .bareObjectKey: "the keys of an object literal are in double quotes"
    case .lambdaInParentheses:
      "a lambda stands alone as the whole definition or as an argument, not in parentheses"
    case .negatedOperand: "put 'not' and what it negates in parentheses here"
    case .thenWord: "write 'if(test, then, otherwise)'"
    case .aggregateWithoutOver(let aggregate):
      "write '\(aggregate.rawValue) value over X from array', or 'array.\(aggregate.rawValue)(value)'"
    case .infixCall(let function):
      "'\(function.rawValue)' is called with a dot; write 'value.\(function.rawValue)(…)'"
    case .betweenNumbers: "'between' is for times; write 'a >= 1 and a <= 9'"
    case .stepOutsideChain:
      "labelled steps belong in a chain; write 'chain(array, timestamp, [A: what(…)])'"
    }
  }
}
