import Bytes
import Domain

/// Operators, functions, bindings and filters.
extension QueryJSONReader {
  mutating func application(_ object: ObjectValue) throws(PQLJSONError) -> Expression {
    let name = try text("fnName", of: object)
    if let function = Function(name) { return try call(function, object) }
    if let comparison = Comparison(rawValue: name.string) {
      let operands = try operands(name, object, 2...2)
      return Expression(.comparison(comparison, operands[0], operands[1]))
    }
    if let symbol = ArithmeticOperator(rawValue: name.string) {
      return try arithmetic(symbol, object)
    }
    switch name == "!" ? .not : Word(name.utf8) {
    case .and:
      let terms = try operands("and", object, 2...Int.max)
      return Expression(
        .and(terms.flatMap { if case .and(let inner) = $0.form { inner } else { [$0] } })
      )
    case .or:
      let terms = try operands("or", object, 2...Int.max)
      return Expression(
        .or(terms.flatMap { if case .or(let inner) = $0.form { inner } else { [$0] } })
      )
    case .not: return Expression(.not(try operands("not", object, 1...1)[0]))
    case .in:
      let operands = try operands("in", object, 2...2)
      return Expression(.membership(isNegated: false, operands[0], operands[1]))
    case .notIn:
      let operands = try operands("notIn", object, 2...2)
      return Expression(.membership(isNegated: true, operands[0], operands[1]))
    case .if:
      let operands = try operands("if", object, 3...3)
      return Expression(.conditional(operands[0], operands[1], operands[2]))
    case .like: return try call(.like, object)
    case .matches: return try call(.matches, object)
    default:
      throw fault(.unknownFunction(name, nearest: nearest(to: name, among: Self.applicable)))
    }
  }

  /// Every name of an operator or function that is a word.
  private static let applicable =
    ["and", "or", "not", "in", "notIn", "if"] + Function.allCases.map { Text($0.rawValue) }

  /// Reads `params` that are all values; `count` says how many there have to be.
  private mutating func operands(
    _ name: Text,
    _ object: ObjectValue,
    _ count: ClosedRange<Int>
  ) throws(PQLJSONError) -> [Expression] {
    let operands = try nodes("params", of: object)
    guard count.contains(operands.count) else {
      let most = count.upperBound == .max ? nil : count.upperBound
      let arity = Arity(least: count.lowerBound, most: most)
      throw fault(.parameterCount(function: name, arity, actual: operands.count))
    }
    return operands
  }

  private mutating func arithmetic(
    _ symbol: ArithmeticOperator,
    _ object: ObjectValue
  ) throws(PQLJSONError) -> Expression {
    let name = Text(symbol.rawValue)
    let operands = try operands(name, object, symbol == .subtract ? 1...Int.max : 2...Int.max)
    if operands.count == 1 { return Expression(.negative(operands[0])) }
    let steps = operands.dropFirst().map { ArithmeticStep(symbol, $0) }
    return arithmetic(operands[0], Array(steps))
  }

  mutating func mixedArithmetic(_ object: ObjectValue) throws(PQLJSONError) -> Expression {
    let first = try node("first", of: object)
    let steps = try elements("steps", of: object, atLeast: 1) {
      reader,
      value throws(PQLJSONError) in
      let step = try reader.object(value)
      let symbol: ArithmeticOperator = try reader.word("fnName", of: step)
      return ArithmeticStep(symbol, try reader.node("operand", of: step))
    }
    // Operators of the other rank take all that stands left of them, so they begin a new node.
    var result = first
    for step in steps { result = arithmetic(result, [step]) }
    return result
  }

  /// A sum or product; a first operand of the same rank is spliced in.
  private func arithmetic(
    _ first: Expression,
    _ steps: [ArithmeticStep<Expression>]
  ) -> Expression {
    if case .arithmetic(let inner, let innerSteps) = first.form,
      innerSteps.first?.symbol.isMultiplicative == steps.first?.symbol.isMultiplicative
    {
      return Expression(.arithmetic(inner, innerSteps + steps))
    }
    return Expression(.arithmetic(first, steps))
  }

  private mutating func call(
    _ function: Function,
    _ object: ObjectValue
  ) throws(PQLJSONError) -> Expression {
    let arguments = try member("params", of: object) { reader, value throws(PQLJSONError) in
      guard let params = value.elements else {
        throw reader.fault(.expected("an array", found: value.kindInWords))
      }
      var arguments: [Argument] = []
      for (index, param) in params.enumerated() {
        arguments.append(
          try reader.element(index, param) { reader, param throws(PQLJSONError) in
            try reader.argument(param, index, of: function)
          }
        )
      }
      return arguments
    }
    return Expression(.call(Identifier(Text(function.rawValue)), arguments))
  }

  private mutating func argument(
    _ value: Value,
    _ index: Int,
    of function: Function
  ) throws(PQLJSONError) -> Argument {
    if case .object(let object) = value, try type(of: object) == .lambda {
      return try lambda(object)
    }
    if function.isPerItem(argument: index) {
      return .expression(
        try insideItem { reader throws(PQLJSONError) in try reader.node(value) }
      )
    }
    return .expression(index == 0 ? try base(value) : try node(value))
  }

  mutating func lambda(_ object: ObjectValue) throws(PQLJSONError) -> Argument {
    let parameters = try elements("params", of: object, atLeast: 1) {
      reader,
      value throws(PQLJSONError) in try reader.name(value)
    }
    bind(parameters)
    let body = try node("body", of: object)
    unbind(parameters)
    return .lambda(parameters: parameters, body: body)
  }

  mutating func binding(_ object: ObjectValue) throws(PQLJSONError) -> Expression {
    let variable = try name("varName", of: object)
    let value = try node("value", of: object)
    bind([variable])
    let body = try node("in", of: object)
    unbind([variable])
    return Expression(.binding(variable, value: value, body: body))
  }

  mutating func filter(_ object: ObjectValue) throws(PQLJSONError) -> Expression {
    let array = try member("array", of: object) { reader, value throws(PQLJSONError) in
      try reader.node(value)
    }
    let condition = try insideItem { reader throws(PQLJSONError) in
      try reader.node("where", of: object)
    }
    return Expression(.filter(array, condition))
  }
}
