import Bytes

extension Problem: CustomStringConvertible {
  /// One lower-case sentence: what is wrong, the value, and what would be right.
  package var description: String {
    switch self {
    case .textTooLong(let byteCount, let limit):
      "the definition has \(byteCount) bytes; at most \(limit) are read"
    case .tooManyNodes(let limit): "the definition has more than \(limit) parts; split it"
    case .nestedTooDeeply(let limit):
      "the definition is nested more than \(limit) levels deep; bind inner parts with 'let'"
    case .foreign(let spelling): spelling.advice
    case .unexpectedScalar(let scalar): "\(shown(scalar)) is not part of PQL outside text"
    case .openString: "this text is not closed; add '\"'"
    case .openBacktick: "this name is not closed; add '`'"
    case .emptyBackticks: "a name in backticks needs at least one character"
    case .badEscape(let scalar):
      "'\\' before \(shown(scalar)) is no escape; write '\\\\' for a backslash"
    case .shortUnicodeEscape: "'\\u' needs four hexadecimal digits"
    case .loneSurrogate: "this escape is half a surrogate pair; write both halves"
    case .badParameter: "'$' needs a number from 1; '$1' is the profile"
    case .numberWithoutFraction:
      "a number needs digits after its dot; put it in parentheses to call a function on it"
    case .numberThenName(let number, let name):
      "'\(number)\(name)' is neither a number nor a name; put a name that starts with a digit in "
        + "backticks"
    case .numberTooLarge: "this number is too large for a 64-bit double"
    case .expected(let expectation, let found, let nearest):
      "expected \(expectation.rawValue), found \(found)"
        + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    case .reservedName(let word):
      "'\(word)' is a word of the language; put it in backticks to use it as a name"
    case .misspelt(let name, let meant):
      "'\(name)' is no word of the language here; did you mean '\(meant)'?"
    case .clauseTwice(let clause): "a step has at most one '\(clause)'"
    default: typeDescription
    }
  }

  private var typeDescription: String {
    switch self {
    case .unknownFunction(let name, let nearest):
      "no function is called '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? "")
    case .missingReceiver(let function):
      "'\(function.rawValue)' is called on a value; write 'value.\(function.rawValue)(…)'"
    case .argumentCount(let function, let arity, let actual):
      Function(Text(function))?.hasReceiver == true
        ? "'\(function)' takes \(arity) after its value, not \(actual)"
        : "'\(function)' takes \(arity), not \(actual)"
    case .lambdaNotTaken(let function): "'\(function)' takes no lambda here"
    case .lambdaParameterCount(let function, let most, let actual):
      "the lambda of '\(function.rawValue)' has at most \(counted(most, "parameter")), not \(actual)"
    case .wrongKind(let kind, let wanted, let taker):
      "this is \(kind.article), \(taker) needs \(alternatives(wanted.map(\.article)))"
    case .noOrder(let kind, let comparison):
      "this is \(kind.article), '\(comparison.rawValue)' needs numbers or times"
    case .textNotOrdered(let text, let comparison):
      "'\(comparison.rawValue)' orders numbers and times, and \(quoted(text)) is no ISO 8601 time"
    case .propertyOf(let kind, let name): "this is \(kind.article), it has no property '\(name)'"
    case .indexInFilter(.string(let text)):
      "'[ ]' filters by a condition; write '.get(\(quoted(text)))' for the entry of a map"
    case .indexInFilter:
      "'[ ]' filters by a condition; write '.head()' for the first item of an array"
    case .noSuchParameter(let number):
      "a definition has one parameter, the profile; '$\(number)' does not exist"
    case .profileParameterCount(let count):
      "a definition has exactly one parameter, the profile, not \(count)"
    case .climbsTooFar(_, available: 0): "'^' climbs above the profile, which is not inside an item"
    case .climbsTooFar(let levels, let available):
      "'\(String(repeating: "^", count: min(levels, 8)))' climbs \(counted(levels, "level")), "
        + "and the profile is \(counted(available, "level")) up"
    case .noSuchDate(let year, let month, let day):
      "there is no day \(shown(day)) in month \(shown(month)) of year \(shown(year))"
    case .notATime(let text):
      "\(quoted(text)) is no ISO 8601 time; write it like 2026-01-31 or 2026-01-31T10:00:00Z"
    case .badRegularExpression(let error): "this is no regular expression: \(error)"
    case .noSuchGroup(let number, let count):
      "there is no group \(shown(number))"
        + (count.map { "; the expression has \(counted($0, "group"))" } ?? "")
    case .badAmount(let amount, let function):
      "'\(function.rawValue)' takes a whole number of items from 0, not \(shown(amount))"
    case .entryOutsideMap:
      "'mapEntry' may only be the whole result of the function given to 'map'"
    default: scopeDescription
    }
  }

  private var scopeDescription: String {
    switch self {
    case .duplicateVariable(let name): "the variable '\(name)' is declared twice"
    case .duplicateKey(let key): "the key \(quoted(key)) stands twice in one object"
    case .duplicateLabel(let label): "the label '\(label)' stands twice in one chain"
    case .shortAggregateVariables(let aggregate, let count):
      "'\(aggregate.rawValue)' of \(count) variables needs a value; write "
        + "'\(aggregate.rawValue) value over …'"
    case .unknownTextTest(let name, let nearest):
      "\(quoted(name)) is no test of text"
        + (nearest.map { "; did you mean \(quoted($0))?" } ?? "")
    case .onlyExcludedSteps: "a chain needs a step that is not excluded"
    case .countOnExcludedStep(let label):
      "the excluded step '\(label)' forbids even one event; it takes no 'count'"
    case .countAdmitsNothing(let label): "no number of events fits the count of step '\(label)'"
    case .countAdmitsEverything(let label):
      "every number of events fits the count of step '\(label)'; ask for at least 1"
    case .upperBoundInSequence(let label):
      "the count of step '\(label)' has an upper bound, which only a chain of one step may have"
    case .yearMatters(let form):
      "'ignoring year' needs a span of time, and \(form) has an open end"
    default: ""
    }
  }
}

extension Arity: CustomStringConvertible {
  /// The range in words: `2 arguments`, `1 to 3 arguments`.
  package var description: String {
    switch most {
    case .none: "at least \(counted(least, "argument"))"
    case .some(0): "no arguments"
    case .some(least): counted(least, "argument")
    case .some(least + 1): "\(least) or \(least + 1) arguments"
    case .some(let most): "\(least) to \(most) arguments"
    }
  }
}

extension ValueKind {
  /// The kind as it stands in a sentence.
  package var article: String {
    switch self {
    case .unknown: "any value"
    case .null: "null"
    case .boolean: "a boolean"
    case .number: "a number"
    case .string: "text"
    case .time: "a time"
    case .array: "an array"
    case .object: "an object"
    case .collection: "an array or object"
    case .entry: "a map entry"
    }
  }
}

/// `1 step`, `2 steps`.
func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// `a`, `a or b`, `a, b or c`.
func alternatives(_ words: [String]) -> String {
  guard let last = words.last else { return "" }
  return words.count == 1 ? last : words.dropLast().joined(separator: ", ") + " or " + last
}

/// A text in quotes, cut where it gets long.
func quoted(_ text: Text) -> String {
  let scalars = text.string.unicodeScalars
  guard scalars.count > 40 else { return "\"\(text)\"" }
  return "\"\(String(String.UnicodeScalarView(scalars.prefix(40))))…\""
}

private func shown(_ scalar: Unicode.Scalar) -> String {
  scalar.properties.isWhitespace || scalar.value < 0x20
    || scalar.properties.isDefaultIgnorableCodePoint
    ? "U+" + String(repeating: "0", count: max(0, 4 - String(scalar.value, radix: 16).count))
      + String(scalar.value, radix: 16, uppercase: true)
    : "'\(scalar)'"
}

private func shown(_ number: Double) -> String { numberText(number) }
