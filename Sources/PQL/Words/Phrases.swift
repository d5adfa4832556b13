import Bytes

/// Puts expressions into English.
///
/// A phrase shows the pieces inside it down to `depthMax` levels; what lies deeper stands as it is
/// written.
struct Phrases {
  private static let depthMax = 4
  /// The most items of a list, or terms of a condition, that are said one by one.
  private static let itemCountMax = 5
  /// Longest piece shown as it is written, in scalars.
  private static let quotationLengthMax = 40

  let source: Text
  /// The level of the innermost implicit item.
  let level: Int

  /// The phrase of an expression whose terms are described one by one below it.
  func headline(of expression: TypedExpression) -> String {
    switch expression.form {
    case .and(let terms): "all of these \(terms.count) are true"
    case .or(let terms): "at least one of these \(terms.count) is true"
    case .not(let operand) where !operand.isWord: "the following is not true"
    default: phrase(expression, 0)
    }
  }

  /// An expression as it stands in the phrase of another one.
  func phrase(_ expression: TypedExpression, _ depth: Int) -> String {
    guard depth <= Self.depthMax || expression.isWord else { return quotation(of: expression) }
    let inner = depth + 1
    switch expression.form {
    case .literal(let literal): return word(for: literal)
    case .list(let items):
      return items.isEmpty ? "an empty list" : enumeration(items, inner, last: "and")
    case .object(let entries): return "an object with \(counted(entries.count, "field"))"
    case .item(let level): return item(level)
    case .events: return "the events"
    case .variable(let variable): return variable.name.string
    case .timeWord(let word): return word.rawValue
    case .path(let object, let names): return path(object, names, depth)
    case .call(let function, let arguments): return call(function, arguments, inner)
    case .perItem(let function, let call): return perItem(function, call, inner)
    case .conditional(let test, let then, let otherwise):
      return "\(phrase(then, inner)) if \(phrase(test, inner)), otherwise "
        + phrase(otherwise, inner)
    case .negative(let operand):
      return expression.literalNumber.map(numberText) ?? "minus \(phrase(operand, inner))"
    case .arithmetic(let first, let steps): return arithmetic(first, steps, inner)
    case .comparison(let comparison, let left, let right):
      let isOfTimes = left.kind == .time || right.kind == .time
      return "\(phrase(left, inner)) \(verb(of: comparison, isOfTimes)) \(phrase(right, inner))"
    case .membership(let isNegated, let item, let array):
      return "\(phrase(item, inner)) is \(isNegated ? "none" : "one") of "
        + alternatives(array, inner)
    case .occurs(let subject, let test): return "\(phrase(subject, inner)) is \(when(test, inner))"
    case .not(let operand): return "it is not true that \(phrase(operand, inner))"
    case .and(let terms): return enumeration(terms, inner, last: "and")
    case .or(let terms): return "either \(enumeration(terms, inner, last: "or"))"
    case .binding(let variable, let value, let body):
      return "\(phrase(body, inner)), where \(variable.name) is \(phrase(value, inner))"
    case .comprehension(let comprehension, let declarations):
      return self.comprehension(comprehension, declarations, inner)
    case .chain(let chain): return self.chain(chain, inner)
    }
  }

  private func quotation(of expression: TypedExpression) -> String {
    let text = expression.range.slice(of: source)
    return "‘\(Explanation.cut(text, lengthMax: Self.quotationLengthMax))’"
  }

  private func word(for literal: Literal) -> String {
    switch literal {
    case .null: "no value"
    case .boolean(let value): value ? "true" : "false"
    case .number(let number): numberText(number)
    case .string(let text): quoted(text)
    }
  }

  // MARK: Items and paths

  private func item(_ level: Int) -> String {
    if level == 0 { return "the profile" }
    return level == self.level ? "the item" : "the item \(counted(self.level - level, "level")) out"
  }

  private func path(_ object: TypedExpression, _ names: [Text], _ depth: Int) -> String {
    let dotted = names.map(\.string).joined(separator: ".")
    switch object.form {
    case .item(0) where level == 0: return dotted
    case .item(0): return "the profile's \(dotted)"
    case .item(let level) where level == self.level: return "its \(dotted)"
    case .item(let level): return "\(dotted) of \(item(level))"
    case .variable(let variable): return "\(variable.name).\(dotted)"
    default: return "\(dotted) of \(phrase(object, depth + 1))"
    }
  }

  // MARK: Several

  func enumeration(_ items: [TypedExpression], _ depth: Int, last: String) -> String {
    enumeration(items.prefix(Self.itemCountMax).map { phrase($0, depth) }, items.count, last: last)
  }

  private func enumeration(_ phrases: [String], _ count: Int, last word: String) -> String {
    if count > phrases.count {
      return phrases.joined(separator: ", ") + " \(word) \(count - phrases.count) more"
    }
    guard let last = phrases.last, phrases.count > 1 else { return phrases.first ?? "" }
    return phrases.dropLast().joined(separator: ", ") + " \(word) \(last)"
  }

  /// A list as what one may choose from.
  func alternatives(_ array: TypedExpression, _ depth: Int) -> String {
    guard case .list(let items) = array.form, !items.isEmpty else { return phrase(array, depth) }
    return enumeration(items, depth, last: "or")
  }

  // MARK: Operators

  private func verb(of comparison: Comparison, _ isOfTimes: Bool) -> String {
    switch comparison {
    case .equal: "is"
    case .notEqual: "is not"
    case .less: isOfTimes ? "is before" : "is less than"
    case .lessOrEqual: isOfTimes ? "is not after" : "is at most"
    case .greater: isOfTimes ? "is after" : "is more than"
    case .greaterOrEqual: isOfTimes ? "is not before" : "is at least"
    }
  }

  private func arithmetic(
    _ first: TypedExpression,
    _ steps: [ArithmeticStep<TypedExpression>],
    _ depth: Int
  ) -> String {
    var result = phrase(first, depth)
    for step in steps.prefix(Self.itemCountMax) {
      let word =
        switch step.symbol {
        case .add: "plus"
        case .subtract: "minus"
        case .multiply: "times"
        case .divide: "divided by"
        case .remainder: "modulo"
        }
      result += " \(word) \(phrase(step.operand, depth))"
    }
    return steps.count > Self.itemCountMax ? result + " and so on" : result
  }

  // MARK: Comprehensions

  private func comprehension(
    _ comprehension: Comprehension,
    _ declarations: [TypedDeclaration],
    _ depth: Int
  ) -> String {
    let sources = declarations.map { "\($0.variable.name) from \(phrase($0.source, depth))" }
    let tuples = enumeration(sources, sources.count, last: "and")
    let conditions = declarations.compactMap(\.condition).map { phrase($0, depth) }
    let condition = enumeration(conditions, conditions.count, last: "and")
    let tail = conditions.isEmpty ? "" : " for which \(condition)"
    switch comprehension {
    case .select: return "every \(tuples)\(tail)"
    case .exists: return "there is \(tuples)\(tail)"
    case .forall: return "for every \(tuples), \(conditions.isEmpty ? "nothing more" : condition)"
    case .aggregate(let aggregate, let value):
      return "\(noun(for: aggregate)) \(phrase(value, depth)) over every \(tuples)\(tail)"
    }
  }

  func noun(for aggregate: Aggregate) -> String {
    switch aggregate {
    case .sum: "the sum of"
    case .average: "the average of"
    case .min: "the smallest of"
    case .max: "the largest of"
    }
  }
}
