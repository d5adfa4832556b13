import Bytes
import Domain

/// What operators, functions and comprehensions expect of their operands.
extension SchemaAdviser {
  /// Remarks on an operand that is never of the kinds that are wanted.
  mutating func expect(_ operand: TypedExpression, _ wanted: DataKinds, by taker: String) {
    expect(shape(of: operand), wanted, by: taker, at: operand.range)
  }

  mutating func expect(
    _ shape: FieldShape,
    _ wanted: DataKinds,
    by taker: String,
    at range: SourceRange
  ) {
    guard shape.kinds.isKnown, wanted.isKnown, shape.kinds.isDisjoint(with: wanted) else { return }
    remark(.neverFits(shape.kinds, wanted: wanted, by: taker), at: range)
  }

  mutating func expectMoment(_ operand: TypedExpression, by taker: String) {
    let shape = shape(of: operand)
    if shape.kinds == .text, shape.hasPlainText {
      remark(.textIsNoTime(by: taker), at: operand.range)
    } else {
      expect(shape, [.time, .text, .number], by: taker, at: operand.range)
    }
  }

  mutating func expectEqual(_ left: FieldShape, _ right: FieldShape, at range: SourceRange) {
    guard left.kinds.isKnown, right.kinds.isKnown else { return }
    // A time value is equal to what can be read as one.
    let moments: DataKinds = [.text, .number, .time]
    let first = left.kinds.contains(.time) ? left.kinds.union(moments) : left.kinds
    let second = right.kinds.contains(.time) ? right.kinds.union(moments) : right.kinds
    if first.isDisjoint(with: second) { remark(.neverEqual(left.kinds, right.kinds), at: range) }
  }

  mutating func compare(
    _ left: TypedExpression,
    _ comparison: Comparison,
    _ right: TypedExpression,
    at range: SourceRange
  ) {
    let first = shape(of: left)
    let second = shape(of: right)
    if comparison == .equal || comparison == .notEqual {
      return expectEqual(first, second, at: range)
    }
    for (operand, shape) in [(left, first), (right, second)]
    where shape.kinds == .text && shape.hasPlainText {
      return remark(.textIsNoTime(by: "'\(comparison.rawValue)'"), at: operand.range)
    }
    guard first.kinds.isKnown, second.kinds.isKnown else { return }
    let isOrdered =
      first.kinds.contains(.time) && !second.kinds.isDisjoint(with: [.time, .text, .number])
      || second.kinds.contains(.time) && !first.kinds.isDisjoint(with: [.time, .text, .number])
      || !first.kinds.isDisjoint(with: second.kinds.intersection([.number, .text]))
    if !isOrdered { remark(.noOrder(first.kinds, second.kinds, comparison), at: range) }
  }

  // MARK: Calls

  mutating func call(
    _ function: Function,
    _ arguments: [TypedExpression],
    _ expression: TypedExpression
  ) -> FieldShape {
    let signature = function.signature
    let taker = "'\(function.rawValue)'"
    var shapes: [FieldShape] = []
    for (index, argument) in arguments.enumerated() {
      let shape = shape(of: argument)
      shapes.append(shape)
      let wanted = DataKinds(signature.kinds(ofOperand: index, of: arguments.count))
      if wanted.contains(.time), shape.kinds == .text, shape.hasPlainText {
        remark(.textIsNoTime(by: taker), at: argument.range)
      } else {
        expect(shape, wanted, by: taker, at: argument.range)
      }
    }
    let receiver = shapes.first ?? .unknown
    switch function {
    case .includes:
      if shapes.count > 1 { expectEqual(shapes[1], receiver.element, at: expression.range) }
      return FieldShape(kinds: .boolean)
    case .head: return receiver.element
    case .distinct, .intersection: return receiver.kinds == .array ? receiver : .unknown
    case .values: return FieldShape(arrayOf: receiver.element)
    case .keys: return FieldShape(arrayOf: FieldShape(kinds: .text))
    case .get:
      guard arguments.count > 1, let key = arguments[1].literalText,
        case .known(let shape) = receiver.property(key)
      else { return receiver.element }
      return shape
    default: return FieldShape(kinds: DataKinds(signature.result))
    }
  }

  mutating func perItem(
    _ function: Function,
    _ call: PerItemCall,
    _ expression: TypedExpression
  ) -> FieldShape {
    let signature = function.signature
    let taker = function == .filter ? "a filter" : "'\(function.rawValue)'"
    let receiver = shape(of: call.receiver)
    expect(receiver, DataKinds(signature.receiver ?? []), by: taker, at: call.receiver.range)
    var result = FieldShape.unknown
    if let body = call.body {
      bind(body.binding, to: receiver)
      result = shape(of: body.expression)
      if function == .sum || function == .average {
        expect(result, .number, by: taker, at: body.expression.range)
      }
    }
    if let amount = call.amount { expect(amount, .number, by: taker) }
    switch function {
    case .filter, .topN, .bottomN: return receiver.kinds == .array ? receiver : .unknown
    case .map:
      let isOfEntries = call.body?.expression.kind == .entry
      return isOfEntries ? FieldShape(kinds: .object) : FieldShape(arrayOf: result)
    default: return FieldShape(kinds: DataKinds(signature.result))
    }
  }

  // MARK: Comprehensions and chains

  mutating func comprehension(
    _ comprehension: Comprehension,
    _ declarations: [TypedDeclaration],
    _ expression: TypedExpression
  ) -> FieldShape {
    var first: FieldShape?
    for declaration in declarations {
      let source = shape(of: declaration.source)
      expect(source, .array, by: "'from'", at: declaration.source.range)
      bind(declaration.variable, to: source.element)
      if first == nil { first = source.element }
      if let condition = declaration.condition { _ = shape(of: condition) }
    }
    switch comprehension {
    case .select:
      return FieldShape(arrayOf: declarations.count == 1 ? first : FieldShape(kinds: .array))
    case .exists, .forall: return FieldShape(kinds: .boolean)
    case .aggregate(let aggregate, let value):
      if aggregate == .sum || aggregate == .average {
        expect(value, .number, by: "'\(aggregate.rawValue)'")
      } else {
        _ = shape(of: value)
      }
      return FieldShape(kinds: DataKinds(expression.kind))
    }
  }

  mutating func chain(_ chain: TypedChain) {
    let array = shape(of: chain.array)
    expect(array, .array, by: "'chain'", at: chain.array.range)
    let event = array.element
    for step in chain.steps {
      setItem(event, at: chain.itemLevel)
      _ = shape(of: step.what)
      if let condition = step.condition { _ = shape(of: condition) }
      for test in step.when {
        for operand in test.operands { expectMoment(operand, by: "a time test") }
      }
      if !step.isExcluded { bind(step.label, to: event) }
    }
  }
}

extension Signature {
  /// What fits an operand, the receiver counted as the first; nothing special where it is empty.
  fileprivate func kinds(ofOperand index: Int, of count: Int) -> Kinds {
    guard let receiver else { return kinds(ofArgument: index, isLast: index == count - 1) }
    return index == 0 ? receiver : kinds(ofArgument: index - 1, isLast: index == count - 1)
  }
}
