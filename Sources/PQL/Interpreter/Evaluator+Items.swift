import Bytes
import Domain

/// Functions that evaluate an expression once an element.
extension Evaluator {
  func perItem(
    _ function: Function,
    _ call: PerItemCall
  ) throws(EvaluationError) -> RuntimeValue? {
    let receiver = try value(of: call.receiver)
    switch function {
    case .map: return try map(receiver, call.body)
    case .exists, .forall:
      let elements = receiver?.elements ?? .none
      return .boolean(try quantify(elements, call.body, isForAll: function == .forall))
    case .sum, .average, .min, .max:
      var aggregation = Aggregation(relations, clock)
      for element in receiver?.elements ?? .none {
        aggregation.add(try value(of: call.body, for: element))
      }
      return aggregation.result(of: Aggregate(function))
    default: break
    }
    guard let elements = receiver?.elements else { return nil }
    switch function {
    case .filter: return try filter(elements, call.body)
    case .groupBy: return try groupBy(elements, call.body)
    case .topN, .bottomN:
      guard let expression = call.amount, let amount = try value(of: expression)?.number,
        amount >= 0, amount == amount.rounded(.down)
      else { return nil }
      let count = Int(min(amount, Double(elements.count)))
      return try sorted(elements, call.body, isDescending: function == .topN, count: count)
    default: return nil
    }
  }

  /// The value of a body for an element; the element itself without a body.
  func value(
    of body: ItemBody?,
    for element: RuntimeValue
  ) throws(EvaluationError) -> RuntimeValue? {
    try charge(1)
    guard let body else { return element }
    switch body.binding {
    case .item(let level): items[level] = element
    case .variable(let variable): slots[variable.slot] = element
    case .entry: return nil
    }
    return try value(of: body.expression)
  }

  /// The elements for which a body is true, in order.
  func filter(
    _ elements: RuntimeElements,
    _ body: ItemBody?
  ) throws(EvaluationError) -> RuntimeValue {
    var kept = RuntimeArrayBuilder()
    for element in elements where try value(of: body, for: element).inBooleanPosition {
      kept.append(element)
    }
    return kept.array
  }

  private func quantify(
    _ elements: RuntimeElements,
    _ body: ItemBody?,
    isForAll: Bool
  ) throws(EvaluationError) -> Bool {
    guard let body else { return isForAll || !elements.isEmpty }
    for element in elements where try value(of: body, for: element).inBooleanPosition != isForAll {
      return !isForAll
    }
    return isForAll
  }

  // MARK: Maps

  /// What a function given to `map` yields: a value, or an entry of the map that results.
  private enum Mapped {
    case value(RuntimeValue?)
    case entry(key: Text, value: RuntimeValue)
  }

  private func map(
    _ receiver: RuntimeValue?,
    _ body: ItemBody?
  ) throws(EvaluationError) -> RuntimeValue? {
    guard let receiver, let body else { return nil }
    var values = RuntimeArrayBuilder()
    var entries: [(Text, RuntimeValue?)] = []
    func take(_ mapped: Mapped) {
      switch mapped {
      case .value(let value): values.append(value)
      case .entry(let key, let value): entries.append((key, value))
      }
    }
    if let elements = receiver.elements {
      if case .entry = body.binding { return nil }
      for element in elements {
        bind(body, key: nil, element)
        take(try mapped(body.expression))
      }
    } else if let fields = receiver.fields {
      for field in fields {
        bind(body, key: field.name, field.value)
        take(try mapped(body.expression))
      }
    } else {
      return nil
    }
    return entries.isEmpty ? values.array : RuntimeArrayBuilder.object(entries)
  }

  private func bind(_ body: ItemBody, key: Text?, _ value: RuntimeValue) {
    switch body.binding {
    case .item(let level): items[level] = value
    case .variable(let variable): slots[variable.slot] = value
    case .entry(let keyVariable, let valueVariable):
      slots[keyVariable.slot] = key.map(RuntimeValue.text)
      slots[valueVariable.slot] = value
    }
  }

  /// Evaluates the whole function given to `map`; an entry without key or value is null.
  private func mapped(_ expression: TypedExpression) throws(EvaluationError) -> Mapped {
    try charge(1)
    guard case .call(.mapEntry, let arguments) = expression.form, arguments.count == 2 else {
      return .value(try builtIn(try value(of: expression)))
    }
    let key = try value(of: arguments[0])?.mapKey
    guard let value = try builtIn(try value(of: arguments[1])), let key else { return .value(nil) }
    return .entry(key: key, value: value)
  }

  private func groupBy(
    _ elements: RuntimeElements,
    _ body: ItemBody?
  ) throws(EvaluationError) -> RuntimeValue {
    var groups: [Text: RuntimeArrayBuilder] = [:]
    for element in elements {
      guard let key = try value(of: body, for: element)?.mapKey else { continue }
      groups[key, default: RuntimeArrayBuilder()].append(element)
    }
    return RuntimeArrayBuilder.object(groups.map { ($0.key, $0.value.array) })
  }

  // MARK: Sorting

  /// The first `count` elements in order of the body's value; elements without one stand last.
  private func sorted(
    _ elements: RuntimeElements,
    _ body: ItemBody?,
    isDescending: Bool,
    count: Int
  ) throws(EvaluationError) -> RuntimeValue {
    var keys: [Double?] = []
    keys.reserveCapacity(elements.count)
    var times: [TimeSpan] = []
    for element in elements {
      let value = try value(of: body, for: element)
      keys.append(value.flatMap(relations.sortKey))
      if clock != nil { times += value.map(sortTimes) ?? [] }
    }
    clock?.noteOrders(times)
    let order = keys.indices.sorted { left, right in
      switch (keys[left], keys[right]) {
      case (let first?, let second?) where first != second:
        isDescending ? first > second : first < second
      case (.some, nil): true
      case (nil, .some): false
      default: left < right
      }
    }
    var taken = RuntimeArrayBuilder()
    for index in order.prefix(count) { taken.append(elements[index]) }
    return taken.array
  }

  /// The times between which a time changes places with a value in an order.
  private func sortTimes(_ value: RuntimeValue) -> [TimeSpan] {
    guard let number = value.number else { return relations.reference(value).map { [$0] } ?? [] }
    return [number.rounded(.down), number.rounded(.up)].map {
      TimeSpan(TimeCalendar.instant(milliseconds: $0))
    }
  }
}

extension RuntimeValue {
  /// The value as a key of a map: a string as it is, a number in its shortest form, a boolean, or
  /// the one element of an array; nothing else is a key.
  var mapKey: Text? {
    guard case .data(let data) = self else { return nil }
    switch data {
    case .string(let text): return text
    case .boolean(let value): return value ? "true" : "false"
    case .integer, .double: return data.number.map { Text(NumberText.formatKey($0)) }
    case .array(let values):
      return values.count == 1 ? RuntimeValue.data(values[0]).mapKey : nil
    case .object: return nil
    }
  }
}

extension Aggregate {
  init(_ function: Function) {
    switch function {
    case .average: self = .average
    case .min: self = .min
    case .max: self = .max
    default: self = .sum
    }
  }
}
