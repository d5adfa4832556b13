import Bytes
import Domain

/// Tests on text: false with a null operand or one that is no text, the negative ones too.
extension Evaluator {
  /// `R.f(texts…, [caseSensitive])`: positive tests want any text to fit, negative ones all.
  ///
  /// A last argument that is no boolean is no flag but one more text; so null makes the test false.
  func textTest(_ function: Function, _ operands: Operands) throws(EvaluationError) -> Bool {
    var texts = Array(operands.values.dropFirst())
    var isCaseSensitive = true
    if texts.count > 1, let flag = texts.last??.boolean {
      isCaseSensitive = flag
      texts.removeLast()
    }
    if texts.count > 1, function != .equals, function != .notEqualTo { return false }
    return try textTest(
      function,
      operands[0]?.text,
      texts.map { $0?.text },
      isCaseSensitive: isCaseSensitive
    )
  }

  /// `stringCompare(test, text, list or text [, caseSensitive])`.
  func stringCompare(_ operands: Operands) throws(EvaluationError) -> Bool {
    guard let function = operands[0]?.text.flatMap(Function.init), function.isTextTest else {
      return false
    }
    var isCaseSensitive = true
    if operands.count > 3 {
      guard let flag = operands[3]?.boolean else { return false }
      isCaseSensitive = flag
    }
    let texts = operands[2]?.elements.map { $0.map(\.text) } ?? [operands[2]?.text]
    return try textTest(function, operands[1]?.text, texts, isCaseSensitive: isCaseSensitive)
  }

  private func textTest(
    _ function: Function,
    _ receiver: Text?,
    _ texts: [Text?],
    isCaseSensitive: Bool
  ) throws(EvaluationError) -> Bool {
    let known = texts.compactMap { $0 }
    guard let receiver, known.count == texts.count, !known.isEmpty else { return false }
    let left = isCaseSensitive ? receiver : receiver.lowerCased
    for text in known {
      try charge(bytes: left.byteCount + text.byteCount)
      let fits = function.textFits(left, isCaseSensitive ? text : text.lowerCased)
      if fits { return !function.isNegativeTextTest }
    }
    return function.isNegativeTextTest
  }

  func isLike(_ operands: Operands) throws(EvaluationError) -> Bool {
    guard let text = operands[0]?.text, let pattern = operands[1]?.text else { return false }
    try charge(bytes: text.byteCount + pattern.byteCount)
    let stepsLeft = context.stepCountMax - stepCount
    guard let isLike = text.isLike(pattern, stepMax: stepsLeft) else {
      throw .stepLimitExceeded(limit: context.stepCountMax)
    }
    return isLike
  }

  func matches(_ operands: Operands) throws(EvaluationError) -> Bool {
    guard let text = operands[0]?.text, let source = operands[1]?.text,
      let pattern = try pattern(source)
    else { return false }
    try charge(bytes: (text.byteCount + 1) * pattern.stateCount)
    return pattern.occurs(in: text)
  }

  func regexGroup(_ operands: Operands) throws(EvaluationError) -> RuntimeValue? {
    guard let text = operands[0]?.text, let source = operands[1]?.text,
      let pattern = try pattern(source)
    else { return nil }
    var number = 1
    if operands.count > 2 {
      guard let given = operands[2]?.whole else { return nil }
      number = given
    }
    try charge(bytes: (text.byteCount + 1) * pattern.stateCount)
    return pattern.group(number, in: text).map(RuntimeValue.text)
  }
}

extension Function {
  /// Whether `stringCompare` may name the function.
  var isTextTest: Bool {
    switch self {
    case .startsWith, .doesNotStartWith, .endsWith, .doesNotEndWith, .contains, .doesNotContain,
      .equals, .notEqualTo:
      true
    default: false
    }
  }

  fileprivate var isNegativeTextTest: Bool {
    switch self {
    case .doesNotStartWith, .doesNotEndWith, .doesNotContain, .notEqualTo: true
    default: false
    }
  }

  /// The positive test behind the function, or behind its negation.
  fileprivate func textFits(_ left: Text, _ right: Text) -> Bool {
    switch self {
    case .startsWith, .doesNotStartWith: left.begins(with: right)
    case .endsWith, .doesNotEndWith: left.ends(with: right)
    case .contains, .doesNotContain: left.contains(right)
    default: left == right
    }
  }
}
