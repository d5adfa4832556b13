import Bytes
import PQL

/// Numbers, text, arrays, maps and objects.
extension RandomPrograms {
  mutating func elementType() -> ProgramType {
    pick([
      .number, .text, .record(.order), .record(.order), .record(.event), .record(.event),
      .record(.item),
    ])
  }

  mutating func number(_ depth: Int) -> Expression {
    switch random.below(11) {
    case 0, 1:
      let isMultiplicative = random.oneIn(2)
      let symbols = ArithmeticOperator.allCases.filter { $0.isMultiplicative == isMultiplicative }
      let first = expression(.number, depth)
      let steps = several(1...3) { program in
        ArithmeticStep(program.pick(symbols), program.expression(.number, depth - 1))
      }
      return .arithmetic(first, steps)
    case 2: return Expression(.negative(expression(.number, depth)))
    case 3, 4: return call(.count, collection(depth))
    case 5: return aggregateCall(depth)
    case 6: return aggregate(depth)
    case 7:
      let function = pick([Function.getMonth, .getYear, .getDayOfMonth])
      return call(function, expression(.time, depth))
    case 8: return .call(pick([.currentMonth, .currentYear, .currentDayOfMonth]), [])
    case 9:
      return .call(.get, [expression(.map(.number), depth), .literal(pick(ProgramWords.keys))])
    default: return .call(.head, [expression(.array(.number), depth)])
    }
  }

  private mutating func collection(_ depth: Int) -> Expression {
    if random.oneIn(6) { return expression(.map(.number), depth) }
    return expression(.array(elementType()), depth)
  }

  private mutating func aggregateCall(_ depth: Int) -> Expression {
    let function = pick([Function.sum, .average, .min, .max])
    if random.oneIn(3) { return call(function, expression(.array(.number), depth)) }
    let element = elementType()
    let array = expression(.array(element), depth)
    return call(function, array, perItem(element, .number, depth - 1))
  }

  private mutating func aggregate(_ depth: Int) -> Expression {
    let aggregate = pick(Aggregate.allCases)
    if random.oneIn(3) {
      let (declarations, _) = self.declarations(depth, count: 1, of: .number)
      return Expression(.aggregate(aggregate, value: nil, declarations))
    }
    let (declarations, bound) = self.declarations(depth, count: 1 + random.below(2))
    let value = binding(bound) { $0.expression(.number, depth - 1) }
    return Expression(.aggregate(aggregate, value: value, declarations))
  }

  mutating func text(_ depth: Int) -> Expression {
    switch random.below(5) {
    case 0:
      var operands = [expression(.text, depth), .literal(pick(ProgramWords.patterns))]
      if random.oneIn(2) { operands.append(.literal(0)) }
      return .call(.regexGroup, operands)
    case 1: return call(.head, expression(.array(.text), depth))
    case 2:
      return .path(call(.head, expression(.array(.record(.order)), depth)), ["sku"])
    case 3: return call(pick([.min, .max]), expression(.array(.time), depth))
    default: return leaf(.text)
    }
  }

  mutating func array(_ element: ProgramType, _ depth: Int) -> Expression {
    let whole = ProgramType.array(element)
    switch random.below(10) {
    case 0: return Expression(.list(several(0...4) { $0.expression(element, depth) }))
    case 1, 2:
      let array = expression(whole, depth)
      return Expression(.filter(array, insideItem(element) { $0.expression(.boolean, depth) }))
    case 3:
      let array = expression(whole, depth)
      return call(.filter, array, perItem(element, .boolean, depth))
    case 4: return call(.distinct, expression(whole, depth))
    case 5: return .call(.intersection, [expression(whole, depth), expression(whole, depth)])
    case 6:
      let array = expression(whole, depth)
      let key = perItem(element, random.oneIn(2) ? .number : .time, depth - 1)
      let amount = Expression.literal(Double(random.below(4)))
      return call(pick([.topN, .bottomN]), array, key, .expression(amount))
    case 7:
      let from = elementType()
      let array = expression(.array(from), depth)
      return call(.map, array, perItem(from, element, depth - 1))
    case 8: return select(element, depth)
    default:
      if element == .text { return call(.keys, expression(.map(.number), depth)) }
      return call(.values, expression(.map(element), depth))
    }
  }

  private mutating func select(_ element: ProgramType, _ depth: Int) -> Expression {
    let isOfTuples = random.oneIn(5)
    let (declarations, _) = declarations(depth, count: isOfTuples ? 2 : 1, of: element)
    return Expression(.select(declarations))
  }

  /// Declarations from left to right, and what they bind.
  mutating func declarations(
    _ depth: Int,
    count: Int,
    of first: ProgramType? = nil
  ) -> (declarations: [Declaration], bound: [(name: Text, type: ProgramType)]) {
    var declarations: [Declaration] = []
    var bound: [(name: Text, type: ProgramType)] = []
    for index in 0..<count {
      let element = index == 0 ? first ?? elementType() : elementType()
      let source = binding(bound) { $0.expression(.array(element), depth - 1) }
      var name = variableName()
      while bound.contains(where: { $0.name == name }) { name = variableName() }
      bound.append((name, element))
      let condition =
        random.oneIn(3) ? nil : binding(bound) { $0.expression(.boolean, depth - 1) }
      declarations.append(
        Declaration(variable: Identifier(name), source: source, condition: condition)
      )
    }
    return (declarations, bound)
  }

  mutating func map(_ element: ProgramType, _ depth: Int) -> Expression {
    if case .array(let item) = element, random.oneIn(2) {
      let array = expression(.array(item), depth)
      return call(.groupBy, array, perItem(item, .text, depth - 1))
    }
    switch random.below(4) {
    case 0:
      let from = elementType()
      let array = expression(.array(from), depth)
      let name = variableName()
      let entry = binding([(name, from)]) { program in
        Expression.call(
          .mapEntry,
          [program.expression(.text, depth - 1), program.expression(element, depth - 1)]
        )
      }
      return call(.map, array, .lambda(parameters: [Identifier(name)], body: entry))
    case 1:
      let map = expression(.map(.number), depth)
      let entry = binding([("K", .text), ("V", .number)]) { program in
        Expression.call(
          .mapEntry,
          [Expression(.name("K")), program.expression(element, depth - 1)]
        )
      }
      let parameters = [Identifier("K"), Identifier("V")]
      return call(.map, map, .lambda(parameters: parameters, body: entry))
    default:
      let keys = ProgramWords.keys.shuffled(using: &random).prefix(random.below(3))
      return Expression(
        .object(
          keys.map { ObjectEntry(key: Identifier($0), value: expression(element, depth)) }
        )
      )
    }
  }

  mutating func record(_ record: ProgramRecord, _ depth: Int) -> Expression {
    if random.oneIn(4) {
      return Expression(
        .object(
          record.fields.prefix(3).map {
            ObjectEntry(key: Identifier($0.name), value: expression($0.type, depth))
          }
        )
      )
    }
    return call(.head, expression(.array(.record(record)), depth))
  }
}
