package import Bytes

/// What is wrong with a definition, by its facts.
package enum Problem: Equatable, Sendable {
  // The text is not of the language.
  case textTooLong(byteCount: Int, limit: Int)
  case tooManyNodes(limit: Int)
  case nestedTooDeeply(limit: Int)
  case foreign(ForeignSpelling)
  case unexpectedScalar(Unicode.Scalar)
  case openString
  case openBacktick
  case emptyBackticks
  case badEscape(Unicode.Scalar)
  case shortUnicodeEscape
  case loneSurrogate
  case badParameter
  case numberWithoutFraction
  case numberThenName(String, String)
  case numberTooLarge
  case expected(Expectation, found: String, nearest: String?)
  case reservedName(String)
  case misspelt(String, meant: String)
  case clauseTwice(String)

  // The text cannot mean anything.
  case unknownFunction(Text, nearest: Text?)
  case missingReceiver(Function)
  case argumentCount(String, Arity, actual: Int)
  case lambdaNotTaken(function: String)
  case lambdaParameterCount(Function, most: Int, actual: Int)
  case wrongKind(ValueKind, wanted: [ValueKind], by: String)
  case noOrder(ValueKind, Comparison)
  case textNotOrdered(Text, Comparison)
  case propertyOf(ValueKind, Text)
  case indexInFilter(Literal)
  case noSuchParameter(Int)
  case profileParameterCount(Int)
  case climbsTooFar(levels: Int, available: Int)
  case noSuchDate(year: Double, month: Double, day: Double)
  case notATime(Text)
  case badRegularExpression(RegularExpressionError)
  case noSuchGroup(Double, groupCount: Int?)
  case badAmount(Double, Function)
  case entryOutsideMap
  case duplicateVariable(Text)
  case duplicateKey(Text)
  case duplicateLabel(Text)
  case shortAggregateVariables(Aggregate, count: Int)
  case unknownTextTest(Text, nearest: Text?)
  case onlyExcludedSteps
  case countOnExcludedStep(Text)
  case countAdmitsNothing(Text)
  case countAdmitsEverything(Text)
  case upperBoundInSequence(Text)
  case yearMatters(String)

  package var kind: LanguageError.Kind {
    switch self {
    case .textTooLong, .tooManyNodes, .nestedTooDeeply, .foreign, .unexpectedScalar, .openString,
      .openBacktick, .emptyBackticks, .badEscape, .shortUnicodeEscape, .loneSurrogate,
      .badParameter, .numberWithoutFraction, .numberThenName, .numberTooLarge, .expected,
      .reservedName, .misspelt, .clauseTwice:
      .parse
    case .unknownFunction, .missingReceiver, .argumentCount, .lambdaNotTaken,
      .lambdaParameterCount, .wrongKind, .noOrder, .textNotOrdered, .propertyOf, .indexInFilter,
      .noSuchParameter, .profileParameterCount, .climbsTooFar, .noSuchDate, .notATime,
      .badRegularExpression, .noSuchGroup, .badAmount, .entryOutsideMap, .duplicateVariable,
      .duplicateKey, .duplicateLabel, .shortAggregateVariables, .unknownTextTest,
      .onlyExcludedSteps, .countOnExcludedStep, .countAdmitsNothing, .countAdmitsEverything,
      .upperBoundInSequence, .yearMatters:
      .type
    }
  }
}

/// What the grammar wants at a place.
package enum Expectation: String, Hashable, Sendable {
  case end = "the end of the definition"
  case value = "a value"
  case variable = "a variable"
  case propertyName = "a property name after the dot"
  case outerName = "a property name after '^'"
  case key = "a key in double quotes"
  case label = "a label"
  case what = "'what(' after the label"
  case integer = "a whole number"
  case unit = "a unit of time, as in '3 days before now'"
  case calendarUnit = "a unit of time"
  case direction = "'before', 'after' or 'from'"
  case timeReference = "a time"
  case over = "'over'"
  case from = "'from'"
  case inWord = "'in' after the binding"
  case andWord = "'and' and the end of the span"
  case count = "a number, a comparison, or 'between'"
  case openParenthesis = "'('"
  case closeParenthesis = "')'"
  case openBracket = "'['"
  case closeBracket = "']'"
  case closeBrace = "'}'"
  case comma = "','"
  case equalSign = "'='"
  case colon = "':'"
  case arrow = "'=>'"
}

/// How many arguments a call takes, its receiver left out.
package struct Arity: Hashable, Sendable {
  package var least: Int
  /// The most; `nil` without a limit.
  package var most: Int?

  package init(least: Int, most: Int?) {
    self.least = least
    self.most = most
  }

  package func admits(_ count: Int) -> Bool { count >= least && count <= most ?? .max }
}
