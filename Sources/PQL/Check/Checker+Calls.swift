import Bytes

extension Checker {
  mutating func call(
    _ name: Identifier,
    _ arguments: [Argument],
    at range: SourceRange,
    isMapBody: Bool = false
  ) throws(Fault) -> TypedExpression {
    guard let function = Function(name.text) else { throw unknown(name, arguments.count) }
    if function == .mapEntry && !isMapBody { throw Fault(.entryOutsideMap, at: range) }
    let signature = function.signature
    var rest = arguments[...]
    var operands: [TypedExpression] = []
    if let wanted = signature.receiver {
      guard let receiver = rest.popFirst() else {
        throw Fault(.missingReceiver(function), at: name.range)
      }
      operands.append(try value(receiver, as: wanted, of: function))
    }
    guard signature.arity.admits(rest.count) else {
      throw Fault(
        .argumentCount(function.rawValue, signature.arity, actual: rest.count),
        at: name.range
      )
    }
    if signature.isPerItem, let receiver = operands.first {
      return try perItem(function, receiver, rest, at: range)
    }
    for (index, argument) in rest.enumerated() {
      let isLast = index == rest.count - 1
      let wanted = signature.kinds(ofArgument: index, isLast: isLast)
      operands.append(try value(argument, as: wanted, of: function))
    }
    try checkLiterals(of: function, operands, at: range)
    return TypedExpression(.call(function, operands), kind: signature.result, at: range)
  }

  private func unknown(_ name: Identifier, _ argumentCount: Int) -> Fault {
    if name.text == "if" {
      return Fault(
        .argumentCount("if", Arity(least: 3, most: 3), actual: argumentCount),
        at: name.range
      )
    }
    let names = Function.allCases.map { Text($0.rawValue) } + ["if", "chain"]
    return Fault(
      .unknownFunction(name.text, nearest: nearest(to: name.text, among: names)),
      at: name.range
    )
  }

  private mutating func value(
    _ argument: Argument,
    as wanted: [ValueKind],
    of function: Function
  ) throws(Fault) -> TypedExpression {
    guard case .expression(let expression) = argument else {
      throw Fault(.lambdaNotTaken(function: function.rawValue), at: argument.body.range)
    }
    return try check(expression, as: wanted, by: "'\(function.rawValue)'")
  }

  // MARK: Bodies evaluated once an element

  mutating func filter(
    _ array: Expression,
    _ condition: Expression,
    at range: SourceRange
  ) throws(Fault) -> TypedExpression {
    let receiver = try check(array, as: [.array], by: "'[ ]'")
    if case .literal(let literal) = condition.form {
      switch literal {
      case .number, .string: throw Fault(.indexInFilter(literal), at: condition.range)
      case .null, .boolean: break
      }
    }
    return try perItem(.filter, receiver, [.expression(condition)], at: range)
  }

  private mutating func perItem(
    _ function: Function,
    _ receiver: TypedExpression,
    _ arguments: ArraySlice<Argument>,
    at range: SourceRange
  ) throws(Fault) -> TypedExpression {
    let signature = function.signature
    var call = PerItemCall(receiver: receiver)
    for (parameter, argument) in zip(signature.parameters, arguments) {
      switch parameter {
      case .perItem(let wanted):
        let body = try itemBody(argument, of: function)
        guard body.expression.kind.fits(wanted) else {
          throw Fault(
            .wrongKind(body.expression.kind, wanted: wanted, by: "'\(function.rawValue)'"),
            at: body.expression.range
          )
        }
        call.body = body
      case .value(let wanted):
        let amount = try value(argument, as: wanted, of: function)
        try checkAmount(amount, of: function)
        call.amount = amount
      }
    }
    return TypedExpression(.perItem(function, call), kind: signature.result, at: range)
  }

  private mutating func itemBody(
    _ argument: Argument,
    of function: Function
  ) throws(Fault) -> ItemBody {
    switch argument {
    case .expression(let expression):
      return try insideItem { checker throws(Fault) in
        let body = try checker.body(expression, of: function)
        return ItemBody(.item(level: checker.level), body)
      }
    case .lambda(let parameters, let expression):
      let most = function.signature.lambdaParameterMax
      guard parameters.count <= most else {
        throw Fault(
          .lambdaParameterCount(function, most: most, actual: parameters.count),
          at: parameters.last?.range ?? expression.range
        )
      }
      let variables = parameters.map { bind($0.text) }
      let body = try self.body(expression, of: function)
      unbind(parameters.map(\.text))
      return variables.count == 2
        ? ItemBody(.entry(key: variables[0], value: variables[1]), body)
        : ItemBody(.variable(variables[0]), body)
    }
  }

  /// What is evaluated for each element; for `map` it may be a `mapEntry`.
  private mutating func body(
    _ expression: Expression,
    of function: Function
  ) throws(Fault) -> TypedExpression {
    if function == .map, case .call(let name, let arguments) = expression.form {
      return try call(name, arguments, at: expression.range, isMapBody: true)
    }
    return try check(expression)
  }
}

extension Signature {
  /// What fits an argument; where the first parameter repeats, the last argument may be the flag.
  func kinds(ofArgument index: Int, isLast: Bool) -> Kinds {
    guard repeatsFirst else { return kinds(of: index) }
    return index > 0 && isLast ? kinds(of: 0) + kinds(of: 1) : kinds(of: 0)
  }

  private func kinds(of parameter: Int) -> Kinds {
    guard parameter < parameters.count else { return [] }
    switch parameters[parameter] {
    case .value(let kinds), .perItem(let kinds): return kinds
    }
  }
}
