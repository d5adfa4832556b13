import Bytes
import Domain

/// Writes a definition as a tree of `pql/json` nodes.
struct QueryJSONWriter {
  /// Whole numbers up to this are integers; above, not every one is a double.
  private static let integerMax = 0x1p53

  private var scope = NameScope()

  mutating func query(_ query: Query) -> Value {
    guard let parameters = query.parameters else { return node(query.body) }
    return lambda(parameters, query.body)
  }

  mutating func node(_ expression: Expression) -> Value {
    switch expression.form {
    case .literal(let literal): return Self.literal(literal)
    case .list(let items): return list(items)
    case .object(let entries): return object(entries)
    case .name(let name):
      if scope.isBound(name) { return Self.node(.varRef, [("varName", .string(name))]) }
      // `this` keeps a property apart that is called like the events.
      let isOfProfile = scope.level == 0 && name != .xEvent
      return Self.lookup(name, in: isOfProfile ? Self.profile : Self.node(.this))
    case .events: return Self.lookup(.xEvent, in: Self.profile)
    case .parameter(let number):
      return Self.node(.parameterReference, [("position", .integer(Int64(number)))])
    case .this: return Self.node(.this)
    case .outer(let levels): return Self.node(.up, [("levels", .integer(Int64(levels)))])
    case .timeWord(let word): return Self.node(.timeWord, [("word", .string(word.rawValue))])
    case .path(let object, let names): return path(object, names)
    case .filter(let array, let condition):
      let array = node(array)
      return Self.node(.filter, [("array", array), ("where", insideItem(condition))])
    case .binding(let variable, let value, let body):
      let value = node(value)
      let inner = bound([variable]) { writer in writer.node(body) }
      return Self.node(
        .binding,
        [("varName", .string(variable.text)), ("value", value), ("in", inner)]
      )
    case .occurs(let subject, let test):
      return Self.node(.occurs, [("subject", node(subject)), ("test", timeTest(test))])
    case .select, .exists, .forall, .aggregate, .chain: return construct(expression.form)
    default: return application(expression.form)
    }
  }

  // MARK: Operators and functions

  private mutating func application(_ form: Expression.Form) -> Value {
    switch form {
    case .call(let name, let arguments): call(name.text, arguments)
    case .conditional(let test, let then, let otherwise): apply("if", [test, then, otherwise])
    case .negative(let operand): apply("-", [operand])
    case .arithmetic(let first, let steps): arithmetic(first, steps)
    case .comparison(let comparison, let left, let right):
      apply(Text(comparison.rawValue), [left, right])
    case .membership(let isNegated, let left, let right):
      apply(isNegated ? "notIn" : "in", [left, right])
    case .not(let operand): apply("not", [operand])
    case .and(let terms): apply("and", terms)
    case .or(let terms): apply("or", terms)
    default: node(Expression(form))
    }
  }

  private mutating func apply(_ name: Text, _ operands: [Expression]) -> Value {
    Self.apply(name, operands.map { node($0) })
  }

  private static func apply(_ name: Text, _ params: [Value]) -> Value {
    node(.fnApply, [("fnName", .string(name)), ("params", .array(params))])
  }

  private mutating func call(_ name: Text, _ arguments: [Argument]) -> Value {
    let function = Function(name)
    var params: [Value] = []
    for (index, argument) in arguments.enumerated() {
      switch argument {
      case .lambda(let parameters, let body): params.append(lambda(parameters, body))
      case .expression(let expression):
        let isPerItem = function?.isPerItem(argument: index) == true
        params.append(isPerItem ? insideItem(expression) : node(expression))
      }
    }
    return Self.apply(name, params)
  }

  private mutating func lambda(_ parameters: [Identifier], _ body: Expression) -> Value {
    let inner = bound(parameters) { writer in writer.node(body) }
    return Self.node(
      .lambda,
      [("params", .array(parameters.map { .string($0.text) })), ("body", inner)]
    )
  }

  /// One application for each run of the same operator, around what stands left of it.
  private mutating func arithmetic(
    _ first: Expression,
    _ steps: [ArithmeticStep<Expression>]
  ) -> Value {
    var runs: [(symbol: ArithmeticOperator, operands: [Value])] = []
    let start = node(first)
    for step in steps {
      let operand = node(step.operand)
      if let last = runs.last, last.symbol == step.symbol {
        runs[runs.count - 1].operands.append(operand)
      } else {
        runs.append((step.symbol, [operand]))
      }
    }
    if runs.count <= NodeType.nestedRunCountMax {
      return runs.reduce(start) { inner, run in
        Self.apply(Text(run.symbol.rawValue), [inner] + run.operands)
      }
    }
    let flat = runs.flatMap { run in
      run.operands.map { operand in
        Value.object([("fnName", .string(Text(run.symbol.rawValue))), ("operand", operand)])
      }
    }
    return Self.node(.arithmetic, [("first", start), ("steps", .array(flat))])
  }

  // MARK: Literals and paths

  private static func literal(_ literal: Literal) -> Value {
    let type: Value
    switch literal {
    case .null: return node(.literal, [("literalType", .string("Null"))])
    case .boolean: type = .string("Boolean")
    case .number(let number): type = .string(isInteger(number) ? "Integer" : "Double")
    case .string: type = .string("String")
    }
    var members: [(Text, Value)] = [("literalType", type)]
    if let value = raw(literal) { members.append(("value", value)) }
    return node(.literal, members)
  }

  private static func isInteger(_ number: Double) -> Bool {
    number <= integerMax && number.rounded(.towardZero) == number
  }

  /// The literal as plain JSON; null is nothing.
  private static func raw(_ literal: Literal) -> Value? {
    switch literal {
    case .null: nil
    case .boolean(let value): .boolean(value)
    case .number(let number): isInteger(number) ? .integer(Int64(number)) : .double(number)
    case .string(let text): .string(text)
    }
  }

  private mutating func list(_ items: [Expression]) -> Value {
    let values = items.compactMap { item -> Value? in
      if case .literal(let literal) = item.form { Self.raw(literal) } else { nil }
    }
    guard values.count == items.count else {
      return Self.node(.list, [("items", .array(items.map { node($0) }))])
    }
    return Self.node(.literal, [("literalType", .string("List")), ("value", .array(values))])
  }

  private mutating func object(_ entries: [ObjectEntry]) -> Value {
    let pairs: [(Text, Value)] = entries.map { ($0.key.text, node($0.value)) }
    let ascends = zip(pairs, pairs.dropFirst()).allSatisfy { $0.0 < $1.0 }
    if ascends { return Self.node(.object, [("fields", .object(pairs))]) }
    let fields = pairs.map { key, value in
      Value.object([("key", .string(key)), ("value", value)])
    }
    return Self.node(.object, [("fields", .array(fields))])
  }

  private mutating func path(_ object: Expression, _ names: [Identifier]) -> Value {
    var base: Value
    if case .this = object.form, scope.level == 0 {
      base = Self.profile
    } else {
      base = node(object)
    }
    guard names.count <= NodeType.nestedNameCountMax else {
      return Self.node(
        .path,
        [("object", base), ("names", .array(names.map { .string($0.text) }))]
      )
    }
    for name in names { base = Self.lookup(name.text, in: base) }
    return base
  }

  private static let profile = node(.parameterReference, [("position", .integer(1))])

  private static func lookup(_ name: Text, in object: Value) -> Value {
    node(.fieldLookup, [("fieldName", .string(name)), ("object", object)])
  }

  // MARK: Shared

  static func node(_ type: NodeType, _ members: [(Text, Value)] = []) -> Value {
    .object([("nodeType", .string(type.rawValue))] + members)
  }

  mutating func insideItem(_ expression: Expression) -> Value {
    enterItem()
    defer { leaveItem() }
    return node(expression)
  }

  mutating func enterItem() { scope.enterItem() }

  mutating func leaveItem() { scope.leaveItem() }

  mutating func bind(_ names: [Identifier]) { for name in names { scope.bind(name.text) } }

  mutating func unbind(_ names: [Identifier]) { for name in names { scope.unbind(name.text) } }

  private mutating func bound(
    _ names: [Identifier],
    _ write: (inout QueryJSONWriter) -> Value
  ) -> Value {
    bind(names)
    defer { unbind(names) }
    return write(&self)
  }
}
