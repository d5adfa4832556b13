import Bytes

/// The smallest piece of a definition that means something.
struct Token: Sendable {
  enum Kind: Equatable, Sendable {
    /// An unquoted name and the word it may be.
    case name(Word?)
    case quotedName
    case string(Text)
    case number(Double, isInteger: Bool)
    /// `$1`.
    case parameter(Int)
    case symbol(Symbol)
    case end
  }

  enum Symbol: String, CaseIterable, Sendable {
    case openParenthesis = "("
    case closeParenthesis = ")"
    case openBracket = "["
    case closeBracket = "]"
    case openBrace = "{"
    case closeBrace = "}"
    case comma = ","
    case dot = "."
    case colon = ":"
    case caret = "^"
    case plus = "+"
    case minus = "-"
    case star = "*"
    case slash = "/"
    case percent = "%"
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case bang = "!"
    case arrow = "=>"

    private static let ofOneByte = bySpelling { $0.count == 1 ? Int($0[0]) : nil }
    private static let ofTwoBytes = bySpelling {
      $0.count == 2 ? Int($0[0]) << 8 | Int($0[1]) : nil
    }

    init?(_ byte: UInt8) {
      guard let symbol = Symbol.ofOneByte[Int(byte)] else { return nil }
      self = symbol
    }

    /// Every sign of two bytes ends with `=` or `>`.
    init?(_ first: UInt8, _ second: UInt8) {
      guard second == UInt8(ascii: "=") || second == UInt8(ascii: ">"),
        let symbol = Symbol.ofTwoBytes[Int(first) << 8 | Int(second)]
      else { return nil }
      self = symbol
    }

    private static func bySpelling(_ key: ([UInt8]) -> Int?) -> [Int: Symbol] {
      var symbols: [Int: Symbol] = [:]
      for symbol in allCases {
        if let key = key(Array(symbol.rawValue.utf8)) { symbols[key] = symbol }
      }
      return symbols
    }
  }

  var kind: Kind
  var range: SourceRange

  var word: Word? { if case .name(let word) = kind { word } else { nil } }

  var isName: Bool {
    switch kind {
    case .name, .quotedName: true
    default: false
    }
  }

  /// Whether a name, text or number stands here.
  var startsValue: Bool {
    switch kind {
    case .name, .quotedName, .string, .number, .parameter: true
    case .symbol, .end: false
    }
  }

  /// Whether it can name a variable: a name that is not reserved, or any name in backticks.
  var isVariable: Bool {
    switch kind {
    case .name(let word): word?.isReserved != true
    case .quotedName: true
    default: false
    }
  }
}
