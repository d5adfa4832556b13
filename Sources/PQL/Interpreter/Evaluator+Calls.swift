import Bytes
import Domain

/// Functions whose arguments are all values.
extension Evaluator {
  func call(
    _ function: Function,
    _ arguments: [TypedExpression]
  ) throws(EvaluationError) -> RuntimeValue? {
    var values: [RuntimeValue?] = []
    values.reserveCapacity(arguments.count)
    for argument in arguments { values.append(try value(of: argument)) }
    let operands = Operands(values)
    switch function {
    case .intersects, .intersection, .subsetOf, .supersetOf, .includes, .distinct, .head, .count,
      .get, .keys, .values:
      return try collectionCall(function, operands)
    case .startsWith, .doesNotStartWith, .endsWith, .doesNotEndWith, .contains, .doesNotContain,
      .equals, .notEqualTo:
      return .boolean(try textTest(function, operands))
    case .stringCompare: return .boolean(try stringCompare(operands))
    case .like: return .boolean(try isLike(operands))
    case .matches: return .boolean(try matches(operands))
    case .regexGroup: return try regexGroup(operands)
    case .isNull: return .boolean(operands[0] == nil)
    case .isNotNull: return .boolean(operands[0] != nil)
    case .currentMonth, .currentYear, .currentDayOfMonth, .getMonth, .getYear, .getDayOfMonth,
      .date, .timestamp:
      return timeCall(function, operands)
    case .inSegment: return .boolean(isInSegment(operands[0]?.text))
    case .filter, .map, .groupBy, .topN, .bottomN, .exists, .forall, .sum, .average, .min, .max,
      .mapEntry:
      // These are evaluated once an element; a checked definition has no such call.
      return nil
    }
  }

  /// The values of the arguments; one that is not there is null.
  struct Operands {
    let values: [RuntimeValue?]

    init(_ values: [RuntimeValue?]) { self.values = values }

    subscript(index: Int) -> RuntimeValue? { index < values.count ? values[index] : nil }

    var count: Int { values.count }
  }

  // MARK: Collections

  private func collectionCall(
    _ function: Function,
    _ operands: Operands
  ) throws(EvaluationError) -> RuntimeValue? {
    let elements = operands[0]?.elements
    switch function {
    case .count:
      return .number(Double(elements?.count ?? operands[0]?.fieldCount ?? 0))
    case .head: return elements?.first
    case .get:
      guard let name = operands[1]?.text, elements == nil else { return nil }
      return operands[0]?.property(name)
    case .keys:
      return operands[0]?.fields.map { .data(.array($0.map { .string($0.name) })) }
    case .values:
      return operands[0]?.fields.map { fields in
        var builder = RuntimeArrayBuilder()
        for field in fields { builder.append(field.value) }
        return builder.array
      }
    case .includes:
      guard let elements, let item = operands[1] else { return .boolean(false) }
      return .boolean(try contains(elements, item))
    case .distinct:
      guard let elements else { return nil }
      return try distinct(elements)
    default: return try setCall(function, elements, operands[1]?.elements)
    }
  }

  private func setCall(
    _ function: Function,
    _ left: RuntimeElements?,
    _ right: RuntimeElements?
  ) throws(EvaluationError) -> RuntimeValue? {
    guard let left, let right else { return function == .intersection ? nil : .boolean(false) }
    switch function {
    case .intersects: return .boolean(try hasAny(of: left, in: right))
    case .subsetOf: return .boolean(try hasAll(of: left, in: right))
    case .supersetOf: return .boolean(try hasAll(of: right, in: left))
    default:
      let isCommon = try lookup(right, left)
      var common = RuntimeArrayBuilder()
      var isEmpty = true
      for element in left where try isCommon.contains(element, self) {
        common.append(element)
        isEmpty = false
      }
      guard !isEmpty, let elements = common.array.elements else { return nil }
      return try distinct(elements)
    }
  }

  private func hasAny(
    of left: RuntimeElements,
    in right: RuntimeElements
  ) throws(EvaluationError) -> Bool {
    let lookup = try lookup(right, left)
    for element in left where try lookup.contains(element, self) { return true }
    return false
  }

  private func hasAll(
    of left: RuntimeElements,
    in right: RuntimeElements
  ) throws(EvaluationError) -> Bool {
    let lookup = try lookup(right, left)
    for element in left where !(try lookup.contains(element, self)) { return false }
    return true
  }

  private func distinct(_ elements: RuntimeElements) throws(EvaluationError) -> RuntimeValue {
    if let data = elements.data {
      _ = try builtIn(.data(.array(data)))
      var seen: Set<ComparedValue> = []
      return .data(.array(data.filter { seen.insert(ComparedValue(value: $0)).inserted }))
    }
    var kept: [RuntimeValue] = []
    for element in elements where !(try contains(RuntimeElements(kept), element)) {
      kept.append(element)
    }
    return RuntimeArrayBuilder.of(kept)
  }

  /// Prepares to ask for each of `others` whether it is among `elements`.
  private func lookup(
    _ elements: RuntimeElements,
    _ others: RuntimeElements
  ) throws(EvaluationError) -> Lookup {
    guard let data = elements.data else { return Lookup(elements: elements, hashed: nil) }
    // Hashing walks through both.
    _ = try builtIn(.data(.array(data)))
    if let others = others.data { _ = try builtIn(.data(.array(others))) }
    return Lookup(elements: elements, hashed: Set(data.map(ComparedValue.init)))
  }

  /// Whether a value is among some elements, by hash where no time is involved.
  private struct Lookup {
    let elements: RuntimeElements
    let hashed: Set<ComparedValue>?

    func contains(
      _ value: RuntimeValue,
      _ evaluator: Evaluator
    ) throws(EvaluationError) -> Bool {
      if let hashed, case .data(let value) = value {
        try evaluator.charge(1)
        return hashed.contains(ComparedValue(value: value))
      }
      return try evaluator.contains(elements, value)
    }
  }

  // MARK: Time

  private func timeCall(_ function: Function, _ operands: Operands) -> RuntimeValue? {
    switch function {
    case .currentMonth:
      clock?.noteUnit(.month)
      return .number(Double(calendar.civil(context.now).month))
    case .currentYear:
      clock?.noteUnit(.year)
      return .number(Double(calendar.civil(context.now).year))
    case .currentDayOfMonth:
      clock?.noteUnit(.day)
      return .number(Double(calendar.civil(context.now).day))
    case .date:
      guard let year = operands[0]?.whole, let month = operands[1]?.whole,
        let day = operands[2]?.whole
      else { return nil }
      return calendar.day(year: year, month: month, day: day).map(RuntimeValue.time)
    case .timestamp:
      guard operands[0]?.text != nil || operands[0]?.isTime == true else { return nil }
      return operands[0].flatMap(relations.reference).map(RuntimeValue.time)
    default:
      guard let moment = operands[0].flatMap(relations.moment) else { return nil }
      if let clock, case .time(let span)? = operands[0] {
        clock.noteUnit(unit(read: function), of: span)
      }
      let civil = calendar.civil(moment)
      switch function {
      case .getMonth: return .number(Double(civil.month))
      case .getYear: return .number(Double(civil.year))
      default: return .number(Double(civil.day))
      }
    }
  }

  /// The unit that `getMonth` and its like read.
  private func unit(read function: Function) -> TimeUnit {
    switch function {
    case .getMonth: .month
    case .getYear: .year
    default: .day
    }
  }

  // MARK: Membership

  private func isInSegment(_ id: Text?) -> Bool {
    guard let id else { return false }
    if let answer = context.membership?(id) {
      clock?.note(askedFor: id)
      return answer
    }
    guard case .data(let profile)? = items[0],
      case .object(let namespaces)? = profile["segmentMembership"]
    else { return false }
    return namespaces.fields.contains { namespace in
      guard let entry = namespace.value[id], let status = entry["status"]?.text,
        status == "realized" || status == "existing"
      else { return false }
      guard let end = entry["validUntil"].flatMap(relations.moment) else { return true }
      clock?.note(end)
      return end > context.now
    }
  }
}

extension RuntimeValue {
  /// The number when it is whole and fits an integer.
  var whole: Int? { number.flatMap(Int.init(exactly:)) }

  var isTime: Bool { if case .time = self { true } else { false } }

  fileprivate var fieldCount: Int? {
    switch self {
    case .data(.object(let object)): object.fields.count
    case .object(let fields): fields.count
    default: nil
    }
  }
}

extension RuntimeArrayBuilder {
  /// An array of exactly these values.
  static func of(_ values: [RuntimeValue]) -> RuntimeValue {
    var builder = RuntimeArrayBuilder()
    for value in values { builder.append(value) }
    return builder.array
  }
}
