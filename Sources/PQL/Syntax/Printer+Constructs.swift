package import Bytes

extension Printer {
  // MARK: Bindings and comprehensions

  func binding(
    _ variable: Identifier,
    _ value: Expression,
    _ body: Expression,
    _ place: Place
  ) -> Layout {
    let bound = layout(value, Place(isInBinding: true))
    var bodyPlace = place
    bodyPlace.rank = .any
    bodyPlace.startsTimeTest = false
    return .group([
      .text("let \(Printer.variable(variable)) = "), .indented([bound]), .text(" in"), .blank,
      layout(body, bodyPlace),
    ])
  }

  func comprehension(
    _ word: String,
    _ value: Expression?,
    _ declarations: [Declaration],
    _ place: Place
  ) -> Layout {
    var parts: [Layout] = []
    if let value {
      parts += [
        layout(value, Place(rank: .additive, isLast: false, isInBinding: place.isInBinding)),
        .blank, .text("over "),
      ]
    }
    for (index, declaration) in declarations.enumerated() {
      if index > 0 { parts += [.text(","), .blank] }
      let isLast = index == declarations.count - 1
      parts.append(self.declaration(declaration, place.operand(.any, isLast: isLast)))
    }
    return .group([.text(word), .indented(parts)])
  }

  private func declaration(_ declaration: Declaration, _ place: Place) -> Layout {
    let source = layout(
      declaration.source,
      Place(rank: .postfix, isLast: false, isInBinding: place.isInBinding)
    )
    let head = Layout.text("\(Printer.variable(declaration.variable)) from ")
    guard let condition = declaration.condition else { return .sequence([head, source]) }
    return .group([
      head, source, .indented([.blank, .text("where "), .indented([layout(condition, place)])]),
    ])
  }

  // MARK: Time

  func timeTest(_ test: TimeTest<Expression>) -> Layout {
    var parts: [Layout]
    switch test.form {
    case .on(let moment): parts = [reference(moment)]
    case .before(let moment): parts = [.text("before "), reference(moment)]
    case .after(let moment): parts = [.text("after "), reference(moment)]
    case .from(let moment): parts = [.text("from "), reference(moment)]
    case .between(let first, let last):
      parts = [.text("between "), reference(first), .text(" and "), reference(last)]
    case .offset(let comparison, let count, let unit, let direction, let moment):
      let noun = count == 1 ? unit.rawValue : unit.plural
      parts = [
        .text("\(comparison.rawValue) \(count) \(noun) \(direction.rawValue) "),
        reference(moment),
      ]
    }
    if test.isIgnoringYear { parts.append(.text(" ignoring year")) }
    return .sequence(parts)
  }

  private func reference(_ reference: TimeTest<Expression>.Reference) -> Layout {
    switch reference {
    case .unit(let word, let unit): .text("\(word.rawValue) \(unit.rawValue)")
    case .moment(let expression):
      layout(expression, Place(rank: .postfix, isLast: false, startsTimeTest: true))
    }
  }

  // MARK: Chains

  func chain(_ chain: Chain) -> Layout {
    let path = chain.timestamp.map { Printer.name($0.text) }.joined(separator: ".")
    let array = layout(chain.array, Place(rank: .postfix, isLast: false))
    return .group([
      .text("chain("), array, .text(", \(path), "),
      bracketed("[", chain.steps.map(step), "]"), .text(")"),
    ])
  }

  private func step(_ step: Chain.Step) -> Layout {
    let exclude = step.isExcluded ? "EXCLUDE " : ""
    var clauses = [bracketed("WHAT(", [layout(step.what)], ")")]
    if let condition = step.condition {
      clauses.append(bracketed("WHERE(", [layout(condition)], ")"))
    }
    if !step.when.isEmpty {
      var tests: [Layout] = []
      for (index, test) in step.when.enumerated() {
        if index > 0 { tests += [.blank, .text("and ")] }
        tests.append(timeTest(test))
      }
      clauses.append(bracketed("WHEN(", [.sequence(tests)], ")"))
    }
    if let count = step.count { clauses.append(.text("COUNT(\(Printer.count(count)))")) }
    var parts: [Layout] = []
    for (index, clause) in clauses.enumerated() {
      parts += index > 0 ? [.blank, clause] : [clause]
    }
    return .group([
      .text("\(exclude)\(Printer.variable(step.label)): "), .indented(parts),
    ])
  }

  private static func count(_ range: CountRange) -> String {
    switch range.high {
    case .none: "\(range.low)"
    case .some(range.low): "= \(range.low)"
    case .some(let high) where high < 0: "< \(high + 1)"
    case .some(let high) where range.low == 0: "<= \(high)"
    case .some(let high): "between \(range.low) and \(high)"
    }
  }

  // MARK: Names

  /// A name after a dot: in backticks unless it is plain.
  static func name(_ name: Text) -> String { isPlainName(name) ? name.string : "`\(name)`" }

  /// A variable where it is bound; before `from` a word followed by it would be read as another one.
  static func variable(_ name: Identifier) -> String {
    let word = Word(name.text.utf8)
    return word?.isReserved == true || word == .from
      ? "`\(name.text)`" : Printer.name(name.text)
  }

  /// A name on its own, in backticks also where it would be read as a word of the language.
  static func bareName(_ name: Text, startsTimeTest: Bool) -> String {
    if name == "xEvent" { return "`xEvent`" }
    guard let word = Word(name.utf8) else { return Printer.name(name) }
    let isKeyword =
      word.isReserved || word.opensComprehension || word == .from
      || startsTimeTest && word.opensTimeTest
    return isKeyword ? "`\(name)`" : name.string
  }

  static func lambdaHead(_ parameters: [Identifier]) -> String {
    "(\(parameters.map(Printer.variable).joined(separator: ", "))) => "
  }
}

extension Literal {
  /// The literal as it is written.
  package var text: String {
    switch self {
    case .null: "null"
    case .boolean(let value): value ? "true" : "false"
    case .number(let number): numberText(number)
    case .string(let text): "\"" + text.string.unicodeScalars.map(Literal.escaped).joined() + "\""
    }
  }

  private static func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\"": return "\\\""
    case "\\": return "\\\\"
    case "\n": return "\\n"
    case "\t": return "\\t"
    case "\r": return "\\r"
    default:
      guard scalar.value < 0x20 || scalar.value == 0x7F else { return String(scalar) }
      let digits = String(scalar.value, radix: 16)
      return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
  }
}

extension Expression {
  /// The expression as canonical text.
  package func text(width: Int = Query.lineWidth) -> Text {
    Text(Printer().layout(self).rendered(width: width))
  }
}

extension Query {
  /// How many columns canonical text fills before it breaks a line.
  package static let lineWidth = 80

  /// The definition as canonical text: reading it gives an equal definition.
  package func text(width: Int = lineWidth) -> Text {
    let head = parameters.map { [Layout.text(Printer.lambdaHead($0))] } ?? []
    let layout = Layout.sequence(head + [Printer().layout(body)])
    return Text(layout.rendered(width: width))
  }
}
