import Bytes

/// Resolves names and refuses what cannot mean anything, by section 4 of the language's reference.
///
/// A kind is known for literals, operators, functions and time words, and unknown for paths and
/// variables; unknown fits everywhere.
struct Checker {
  /// What a name in scope stands for.
  struct Binding {
    enum Role {
      case value
      case profile
      /// An earlier step of a chain; as a time it stands for this path of the event.
      case label(timestamp: [Text])
    }

    var variable: Variable
    var role: Role
  }

  /// Bindings in scope by name, the innermost last.
  private var bindings: [Text: [Binding]] = [:]
  /// How many slots are in use.
  private(set) var slotsInUse = 0
  private var slotCount = 0
  /// The level of the innermost implicit item.
  private(set) var level = 0
  private var levelMax = 0

  mutating func check(_ query: Query) throws(Fault) -> CheckedQuery {
    var profileVariable: Variable?
    if let parameters = query.parameters {
      guard parameters.count == 1 else {
        throw Fault(
          .profileParameterCount(parameters.count),
          at: parameters.last?.range ?? .none
        )
      }
      profileVariable = bind(parameters[0].text, role: .profile)
    }
    let body = try check(query.body)
    return CheckedQuery(
      body: body,
      slotCount: slotCount,
      itemLevelCount: levelMax + 1,
      profileVariable: profileVariable,
      source: query.source
    )
  }

  // MARK: Scopes

  mutating func bind(_ name: Text, role: Binding.Role = .value) -> Variable {
    let variable = Variable(slot: slotsInUse, name: name)
    slotsInUse += 1
    slotCount = max(slotCount, slotsInUse)
    bindings[name, default: []].append(Binding(variable: variable, role: role))
    return variable
  }

  /// Ends the scopes of some names, the innermost first.
  mutating func unbind(_ names: [Text]) {
    for name in names.reversed() {
      bindings[name]?.removeLast()
      slotsInUse -= 1
    }
  }

  /// A slot for what no name reaches.
  mutating func reserveSlot(_ name: Text) -> Variable {
    slotCount = max(slotCount, slotsInUse + 1)
    return Variable(slot: slotsInUse, name: name)
  }

  func binding(of name: Text) -> Binding? { bindings[name]?.last }

  /// Checks what sees a further implicit item.
  mutating func insideItem<Result>(
    _ read: (inout Checker) throws(Fault) -> Result
  ) throws(Fault) -> Result {
    level += 1
    levelMax = max(levelMax, level)
    let result = try read(&self)
    level -= 1
    return result
  }

  // MARK: Expressions

  mutating func check(_ expression: Expression) throws(Fault) -> TypedExpression {
    let range = expression.range
    switch expression.form {
    case .literal(let literal):
      return TypedExpression(.literal(literal), kind: literal.kind, at: range)
    case .list(let items):
      return TypedExpression(.list(try checkAll(items)), kind: .array, at: range)
    case .object(let entries): return try object(entries, at: range)
    case .timeWord(let word): return TypedExpression(.timeWord(word), kind: .time, at: range)
    case .name, .events, .parameter, .this, .outer, .path: return try reference(expression)
    case .filter(let array, let condition): return try filter(array, condition, at: range)
    case .call(let name, let arguments): return try call(name, arguments, at: range)
    case .conditional(let test, let then, let otherwise):
      return try conditional(test, then, otherwise, at: range)
    case .negative(let operand):
      let typed = try check(operand, as: [.number], by: "'-'")
      return TypedExpression(.negative(typed), kind: .number, at: range)
    case .arithmetic(let first, let steps): return try arithmetic(first, steps, at: range)
    case .comparison(let comparison, let left, let right):
      return try self.comparison(comparison, left, right, at: range)
    case .membership(let isNegated, let left, let right):
      let item = try check(left)
      let array = try check(right, as: [.array], by: isNegated ? "'notIn'" : "'in'")
      return TypedExpression(
        .membership(isNegated: isNegated, item, array),
        kind: .boolean,
        at: range
      )
    case .occurs(let subject, let test):
      let moment = try self.moment(subject, by: "'occurs'")
      return TypedExpression(.occurs(moment, try timeTest(test)), kind: .boolean, at: range)
    case .not(let operand):
      return TypedExpression(.not(try check(operand)), kind: .boolean, at: range)
    case .and(let terms):
      return TypedExpression(.and(try checkAll(terms)), kind: .boolean, at: range)
    case .or(let terms):
      return TypedExpression(.or(try checkAll(terms)), kind: .boolean, at: range)
    case .binding(let name, let value, let body):
      let bound = try check(value)
      let variable = bind(name.text)
      let result = try check(body)
      unbind([name.text])
      return TypedExpression(
        .binding(variable, value: bound, body: result),
        kind: result.kind,
        at: range
      )
    case .select, .exists, .forall, .aggregate: return try comprehension(expression)
    case .chain(let chain):
      return TypedExpression(.chain(try self.chain(chain)), kind: .boolean, at: range)
    }
  }

  mutating func checkAll(_ expressions: [Expression]) throws(Fault) -> [TypedExpression] {
    var typed: [TypedExpression] = []
    typed.reserveCapacity(expressions.count)
    for expression in expressions { typed.append(try check(expression)) }
    return typed
  }

  /// Checks an operand and that its kind, where known, is one of some.
  mutating func check(
    _ expression: Expression,
    as wanted: [ValueKind],
    by taker: String
  ) throws(Fault) -> TypedExpression {
    let typed = try check(expression)
    guard typed.kind.fits(wanted) else {
      throw Fault(.wrongKind(typed.kind, wanted: wanted, by: taker), at: expression.range)
    }
    return typed
  }

  private mutating func object(
    _ entries: [ObjectEntry],
    at range: SourceRange
  ) throws(Fault) -> TypedExpression {
    var typed: [TypedEntry] = []
    var keys: Set<Text> = []
    for entry in entries {
      guard keys.insert(entry.key.text).inserted else {
        throw Fault(.duplicateKey(entry.key.text), at: entry.key.range)
      }
      typed.append(TypedEntry(key: entry.key.text, value: try check(entry.value)))
    }
    return TypedExpression(.object(typed), kind: .object, at: range)
  }

  private mutating func conditional(
    _ test: Expression,
    _ then: Expression,
    _ otherwise: Expression,
    at range: SourceRange
  ) throws(Fault) -> TypedExpression {
    let test = try check(test)
    let then = try check(then)
    let otherwise = try check(otherwise)
    let kind = then.kind == otherwise.kind ? then.kind : .unknown
    return TypedExpression(.conditional(test, then, otherwise), kind: kind, at: range)
  }

  private mutating func arithmetic(
    _ first: Expression,
    _ steps: [ArithmeticStep<Expression>],
    at range: SourceRange
  ) throws(Fault) -> TypedExpression {
    let symbol = steps.first.map { "'\($0.symbol.rawValue)'" } ?? ""
    let start = try check(first, as: [.number], by: symbol)
    var typed: [ArithmeticStep<TypedExpression>] = []
    for step in steps {
      let operand = try check(step.operand, as: [.number], by: "'\(step.symbol.rawValue)'")
      typed.append(ArithmeticStep(step.symbol, operand))
    }
    return TypedExpression(.arithmetic(start, typed), kind: .number, at: range)
  }

  private mutating func comparison(
    _ comparison: Comparison,
    _ left: Expression,
    _ right: Expression,
    at range: SourceRange
  ) throws(Fault) -> TypedExpression {
    let first = try check(left)
    let second = try check(right)
    if comparison != .equal && comparison != .notEqual {
      for operand in [first, second] { try checkOrder(operand, comparison) }
    }
    return TypedExpression(.comparison(comparison, first, second), kind: .boolean, at: range)
  }

  private func checkOrder(_ operand: TypedExpression, _ comparison: Comparison) throws(Fault) {
    guard operand.kind.fits([.number, .time, .string]) else {
      throw Fault(.noOrder(operand.kind, comparison), at: operand.range)
    }
    if case .literal(.string(let text)) = operand.form, TimeText(text) == nil {
      throw Fault(.textNotOrdered(text, comparison), at: operand.range)
    }
  }
}

extension Literal {
  var kind: ValueKind {
    switch self {
    case .null: .null
    case .boolean: .boolean
    case .number: .number
    case .string: .string
    }
  }
}
