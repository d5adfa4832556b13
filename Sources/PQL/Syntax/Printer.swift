import Bytes

/// Writes an expression as text that reads back as the same expression, with as few parentheses as
/// that takes.
struct Printer {
  /// How tightly something binds; what binds less than its place wants gets parentheses.
  enum Rank: Int, Comparable {
    case any, or, and, not, comparison, additive, multiplicative, unary, postfix

    static func < (left: Rank, right: Rank) -> Bool { left.rawValue < right.rawValue }
  }

  /// Where something is about to be written.
  struct Place {
    var rank = Rank.any
    /// Whether nothing follows before the end or the next closing bracket, so that a comprehension
    /// or a `let`, which run as far as they can, need no parentheses.
    var isLast = true
    /// Whether a bare `in` would end the binding around.
    var isInBinding = false
    /// Whether the first word may be taken for one of a time test.
    var startsTimeTest = false

    /// An operand at this place that must bind at least as tightly as `rank`.
    func operand(_ rank: Rank, isLast: Bool) -> Place {
      Place(rank: rank, isLast: isLast && self.isLast, isInBinding: isInBinding)
    }
  }

  func layout(_ expression: Expression, _ place: Place = Place()) -> Layout {
    needsParentheses(expression.form, place)
      ? parenthesised(bare(expression.form, Place())) : bare(expression.form, place)
  }

  private func parenthesised(_ inner: Layout) -> Layout {
    .group([.text("("), .indented([.nothing, inner]), .nothing, .text(")")])
  }

  private func needsParentheses(_ form: Expression.Form, _ place: Place) -> Bool {
    switch form {
    case .or: place.rank > .or
    case .and: place.rank > .and
    case .not: place.rank > .not
    case .comparison, .occurs: place.rank > .comparison
    case .membership(let isNegated, _, _):
      place.rank > .comparison || place.isInBinding && !isNegated
    case .call(let name, let arguments):
      Printer.isInfix(name, arguments)
        ? place.rank > .comparison : place.startsTimeTest && isKeywordCall(name, arguments)
    case .arithmetic(_, let steps):
      place.rank > (steps.first?.symbol.isMultiplicative == true ? .multiplicative : .additive)
    case .negative: place.rank > .unary
    case .binding, .select, .exists, .forall, .aggregate: place.rank > .not || !place.isLast
    default: false
    }
  }

  private func bare(_ form: Expression.Form, _ place: Place) -> Layout {
    switch form {
    case .literal(let literal): .text(literal.text)
    case .list(let items): list(items)
    case .object(let entries): object(entries)
    case .name(let name): .text(Printer.bareName(name, startsTimeTest: place.startsTimeTest))
    case .events: .text("xEvent")
    case .parameter(let number): .text("$\(number)")
    case .this: .text("this")
    case .outer(let levels): .text(String(repeating: "^", count: levels))
    case .timeWord(let word): .text(word.rawValue)
    case .path(let object, let names):
      .sequence([
        base(object, place), .text(names.map { "." + Printer.name($0.text) }.joined()),
      ])
    case .filter(let array, let condition):
      .sequence([base(array, place), bracketed("[", [layout(condition)], "]")])
    case .call(let name, let arguments): call(name, arguments, place)
    case .conditional(let test, let then, let otherwise):
      bracketed("if(", [layout(test), layout(then), layout(otherwise)], ")")
    case .negative(let operand):
      .sequence([.text("-"), layout(operand, place.operand(.unary, isLast: false))])
    case .arithmetic(let first, let steps): arithmetic(first, steps, place)
    case .comparison(let comparison, let left, let right):
      infix(left, comparison.rawValue, right, place)
    case .membership(let isNegated, let left, let right):
      infix(left, isNegated ? "notIn" : "in", right, place)
    case .occurs(let subject, let test):
      .sequence([
        layout(subject, place.operand(.additive, isLast: false)), .text(" occurs "),
        timeTest(test),
      ])
    case .not(let operand):
      .sequence([.text("not "), layout(operand, place.operand(.not, isLast: true))])
    case .and(let terms): chained(terms, "and ", .not, place)
    case .or(let terms): chained(terms, "or ", .and, place)
    case .binding(let variable, let value, let body): binding(variable, value, body, place)
    case .select(let declarations): comprehension("select ", nil, declarations, place)
    case .exists(let declarations): comprehension("exists ", nil, declarations, place)
    case .forall(let declarations): comprehension("forall ", nil, declarations, place)
    case .aggregate(let aggregate, let value, let declarations):
      comprehension(aggregate.rawValue + " ", value, declarations, place)
    case .chain(let chain): self.chain(chain)
    }
  }

  // MARK: Operators

  private func chained(
    _ terms: [Expression],
    _ word: String,
    _ rank: Rank,
    _ place: Place
  ) -> Layout {
    var parts: [Layout] = []
    for (index, term) in terms.enumerated() {
      if index > 0 { parts += [.blank, .text(word)] }
      parts.append(layout(term, place.operand(rank, isLast: index == terms.count - 1)))
    }
    return .group(parts)
  }

  private func infix(
    _ left: Expression,
    _ symbol: String,
    _ right: Expression,
    _ place: Place
  ) -> Layout {
    .sequence([
      layout(left, place.operand(.additive, isLast: false)), .text(" \(symbol) "),
      layout(right, place.operand(.additive, isLast: false)),
    ])
  }

  private func arithmetic(
    _ first: Expression,
    _ steps: [ArithmeticStep<Expression>],
    _ place: Place
  ) -> Layout {
    let isMultiplicative = steps.first?.symbol.isMultiplicative == true
    let rank: Rank = isMultiplicative ? .multiplicative : .additive
    let tighter: Rank = isMultiplicative ? .unary : .multiplicative
    let further = steps.flatMap { step in
      [
        .blank, .text(step.symbol.rawValue + " "),
        layout(step.operand, place.operand(tighter, isLast: false)),
      ]
    }
    return .group([layout(first, place.operand(rank, isLast: false)), .indented(further)])
  }

  // MARK: Brackets

  func bracketed(_ open: String, _ parts: [Layout], _ close: String) -> Layout {
    guard !parts.isEmpty else { return .text(open + close) }
    var inner: [Layout] = [.nothing]
    for (index, part) in parts.enumerated() {
      inner += index > 0 ? [.text(","), .blank, part] : [part]
    }
    return .group([.text(open), .indented(inner), .nothing, .text(close)])
  }

  /// A list; long lists of plain values fill their lines.
  private func list(_ items: [Expression]) -> Layout {
    let isPlain = items.allSatisfy { $0.height <= 2 }
    guard isPlain, items.count > 1 else { return bracketed("[", items.map { layout($0) }, "]") }
    let pieces = items.enumerated().map { index, item in
      index < items.count - 1 ? Layout.sequence([layout(item), .text(",")]) : layout(item)
    }
    return .group([.text("["), .indented([.nothing, .filled(pieces)]), .nothing, .text("]")])
  }

  private func object(_ entries: [ObjectEntry]) -> Layout {
    bracketed(
      "{",
      entries.map { entry in
        .sequence([.text(Literal.string(entry.key.text).text + ": "), layout(entry.value)])
      },
      "}"
    )
  }

  // MARK: Paths and calls

  /// What a property, a filter or a method is taken from; a number's dot needs parentheses.
  private func base(_ expression: Expression, _ place: Place) -> Layout {
    if case .literal(.number) = expression.form { return parenthesised(layout(expression)) }
    return layout(
      expression,
      Place(rank: .postfix, isLast: false, startsTimeTest: place.startsTimeTest)
    )
  }

  private func call(_ name: Identifier, _ arguments: [Argument], _ place: Place) -> Layout {
    if Printer.isInfix(name, arguments) {
      return infix(arguments[0].body, name.text.string, arguments[1].body, place)
    }
    guard isMethod(name, arguments), let receiver = arguments.first?.body else {
      return bracketed(name.text.string + "(", arguments.map(argument), ")")
    }
    return .sequence([
      base(receiver, place),
      bracketed(".\(name.text)(", arguments.dropFirst().map(argument), ")"),
    ])
  }

  private func argument(_ argument: Argument) -> Layout {
    switch argument {
    case .expression(let expression): layout(expression)
    case .lambda(let parameters, let body):
      .sequence([.text(Printer.lambdaHead(parameters)), layout(body)])
    }
  }

  private static func isInfix(_ name: Identifier, _ arguments: [Argument]) -> Bool {
    guard name.text == "like" || name.text == "matches", arguments.count == 2 else { return false }
    // An outer item stands only before a dot.
    if case .expression(let receiver) = arguments[0], case .outer = receiver.form { return false }
    return arguments.allSatisfy { if case .expression = $0 { true } else { false } }
  }

  /// Whether a call is written `a.f(b)`: for a function of a receiver, and for a name that is a word
  /// of the language, which before a parenthesis would be read as that.
  private func isMethod(_ name: Identifier, _ arguments: [Argument]) -> Bool {
    guard case .expression(let receiver)? = arguments.first else { return false }
    if case .outer = receiver.form { return true }
    if let function = Function(name.text) { return function.hasReceiver }
    if name.text == "if" {
      return arguments.count == 3
        && arguments.allSatisfy { if case .expression = $0 { true } else { false } }
    }
    guard let word = Word(name.text.utf8) else { return false }
    return word.isReserved || word.opensComprehension || word.opensTimeTest
  }

  /// Whether a call at the start of a time test would be read as the test's own word.
  private func isKeywordCall(_ name: Identifier, _ arguments: [Argument]) -> Bool {
    !isMethod(name, arguments) && Word(name.text.utf8)?.opensTimeTest == true
  }
}
