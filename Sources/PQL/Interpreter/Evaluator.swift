import Bytes
import Domain

/// One evaluation of a definition on one profile.
///
/// A class, so that the stacks are shared by the whole recursion. Recursion is bounded by the depth
/// of the definition's tree and of the profile's data, both limited when they are read.
final class Evaluator {
  let interpreter: ReferenceInterpreter
  let context: EvaluationContext
  let relations: ValueRelations
  /// Notes what is asked of the clock; `nil` where nobody wants to know.
  let clock: ClockWatch?
  /// The implicit item of each level; level 0 is the profile.
  var items: [RuntimeValue?]
  /// The variables' values; a bound variable may be null.
  var slots: [RuntimeValue?]
  private(set) var stepCount = 0
  /// Patterns that came from the data, at most `patternCountMax`.
  private var patterns: [Text: RegularExpression?] = [:]

  private static let patternCountMax = 100
  /// Bytes of text that count as one step.
  private static let byteCountOfStep = 64

  init(
    _ interpreter: ReferenceInterpreter,
    profile: Value,
    context: EvaluationContext,
    clock: ClockWatch? = nil
  ) {
    self.interpreter = interpreter
    self.context = context
    self.clock = clock
    relations = ValueRelations(context.calendar)
    let query = interpreter.query
    items = Array(repeating: nil, count: max(query.itemLevelCount, 1))
    slots = Array(repeating: nil, count: query.slotCount)
    items[0] = .data(profile)
    if let variable = query.profileVariable { slots[variable.slot] = .data(profile) }
  }

  var calendar: TimeCalendar { context.calendar }

  func charge(_ steps: Int) throws(EvaluationError) {
    stepCount += steps
    if stepCount > context.stepCountMax { throw .stepLimitExceeded(limit: context.stepCountMax) }
  }

  func charge(bytes: Int) throws(EvaluationError) {
    try charge(1 + bytes / Self.byteCountOfStep)
  }

  /// Charges for everything inside a value that is put into another one.
  ///
  /// A value may be put in many times, which costs nothing as long as its parts are shared; but what
  /// later walks through the result would need time without limit.
  func builtIn(_ value: RuntimeValue?) throws(EvaluationError) -> RuntimeValue? {
    if let value { try chargeParts(of: value) }
    return value
  }

  private func chargeParts(of value: RuntimeValue) throws(EvaluationError) {
    switch value {
    case .data(let data): try chargeParts(of: data)
    case .time: return
    case .array(let values):
      try charge(values.count)
      for value in values { try chargeParts(of: value) }
    case .object(let fields):
      try charge(fields.count)
      for field in fields { try chargeParts(of: field.value) }
    }
  }

  private func chargeParts(of data: Value) throws(EvaluationError) {
    switch data {
    case .array(let values):
      try charge(values.count)
      for value in values { try chargeParts(of: value) }
    case .object(let object):
      try charge(object.fields.count)
      for field in object.fields { try chargeParts(of: field.value) }
    case .boolean, .integer, .double, .string: return
    }
  }

  /// Whether an expression is true in boolean position.
  func holds(_ expression: TypedExpression) throws(EvaluationError) -> Bool {
    try value(of: expression).inBooleanPosition
  }

  func value(of expression: TypedExpression) throws(EvaluationError) -> RuntimeValue? {
    try charge(1)
    switch expression.form {
    case .literal(let literal): return literal.value
    case .list(let items): return try list(items)
    case .object(let entries): return try object(entries)
    case .item(let level): return items[level]
    case .events: return events
    case .variable(let variable): return slots[variable.slot]
    case .timeWord(let word):
      return .time(clock?.span(of: word) ?? calendar.span(of: word, at: context.now))
    case .path(let object, let names): return try path(object, names)
    case .call(let function, let arguments): return try call(function, arguments)
    case .perItem(let function, let call): return try perItem(function, call)
    case .conditional(let test, let first, let second):
      return try value(of: try holds(test) ? first : second)
    case .negative(let operand): return try negative(operand)
    case .arithmetic(let first, let steps): return try arithmetic(first, steps)
    case .comparison(let comparison, let left, let right):
      return .boolean(try compare(left, comparison, right))
    case .membership(let isNegated, let item, let array):
      return .boolean(try isMember(item, of: array, isNegated: isNegated))
    case .occurs(let subject, let test): return .boolean(try occurs(subject, test))
    case .not(let operand): return .boolean(!(try holds(operand)))
    case .and(let terms): return .boolean(try allHold(terms))
    case .or(let terms): return .boolean(try anyHolds(terms))
    case .binding(let variable, let bound, let body):
      slots[variable.slot] = try value(of: bound)
      return try value(of: body)
    case .comprehension(let comprehension, let declarations):
      return try comprehend(comprehension, declarations)
    case .chain(let chain): return .boolean(try ChainSearch(chain, self).isTrue())
    }
  }

  /// The profile's events; none when the profile has no array of them.
  private var events: RuntimeValue {
    if case .data(let profile)? = items[0], let events = profile[.xEvent], events.elements != nil {
      return .data(events)
    }
    return .data(.array([]))
  }

  private func allHold(_ terms: [TypedExpression]) throws(EvaluationError) -> Bool {
    for term in terms where !(try holds(term)) { return false }
    return true
  }

  private func anyHolds(_ terms: [TypedExpression]) throws(EvaluationError) -> Bool {
    for term in terms where try holds(term) { return true }
    return false
  }

  func contains(
    _ elements: RuntimeElements,
    _ item: RuntimeValue
  ) throws(EvaluationError) -> Bool {
    if let clock { for element in elements { clock.noteOrder(element, item, relations) } }
    var steps = 0
    let isThere = relations.contains(elements, item, counting: &steps)
    try charge(steps)
    return isThere
  }

  private func list(_ items: [TypedExpression]) throws(EvaluationError) -> RuntimeValue {
    var builder = RuntimeArrayBuilder()
    for item in items { builder.append(try builtIn(try value(of: item))) }
    return builder.array
  }

  private func object(_ entries: [TypedEntry]) throws(EvaluationError) -> RuntimeValue {
    var pairs: [(Text, RuntimeValue?)] = []
    for entry in entries { pairs.append((entry.key, try builtIn(try value(of: entry.value)))) }
    return RuntimeArrayBuilder.object(pairs)
  }

  private func path(
    _ object: TypedExpression,
    _ names: [Text]
  ) throws(EvaluationError) -> RuntimeValue? {
    var result = try value(of: object)
    for name in names {
      if let count = result?.elements?.count { try charge(count) }
      result = result?.property(name)
    }
    return result
  }

  private func negative(_ operand: TypedExpression) throws(EvaluationError) -> RuntimeValue? {
    try value(of: operand)?.number.flatMap { RuntimeValue.number(-$0) }
  }

  private func arithmetic(
    _ first: TypedExpression,
    _ steps: [ArithmeticStep<TypedExpression>]
  ) throws(EvaluationError) -> RuntimeValue? {
    guard var result = try value(of: first)?.number else { return nil }
    for step in steps {
      guard let operand = try value(of: step.operand)?.number else { return nil }
      switch step.symbol {
      case .add: result += operand
      case .subtract: result -= operand
      case .multiply: result *= operand
      case .divide: result /= operand
      case .remainder: result = result.truncatingRemainder(dividingBy: operand)
      }
      if !result.isFinite { return nil }
    }
    return .number(result)
  }

  private func compare(
    _ left: TypedExpression,
    _ comparison: Comparison,
    _ right: TypedExpression
  ) throws(EvaluationError) -> Bool {
    guard let left = try value(of: left), let right = try value(of: right) else { return false }
    clock?.noteOrder(left, right, relations)
    var steps = 0
    let holds = relations.compare(left, comparison, right, counting: &steps)
    try charge(steps)
    return holds
  }

  private func isMember(
    _ item: TypedExpression,
    of array: TypedExpression,
    isNegated: Bool
  ) throws(EvaluationError) -> Bool {
    guard let item = try value(of: item), let elements = try value(of: array)?.elements else {
      return false
    }
    return try contains(elements, item) != isNegated
  }

  // MARK: Time

  private func occurs(
    _ subject: TypedExpression,
    _ test: TimeTest<TypedExpression>
  ) throws(EvaluationError) -> Bool {
    guard let value = try value(of: subject), let moment = relations.moment(value) else {
      return false
    }
    return try occurs(moment, moving: value.motion, test)
  }

  /// Whether a time test holds for an instant, which may move; false when a reference is no time.
  func occurs(
    _ moment: Instant,
    moving motion: ClockMotion?,
    _ test: TimeTest<TypedExpression>
  ) throws(EvaluationError) -> Bool {
    guard let (first, last) = try spans(of: test) else { return false }
    if let clock {
      var subject = TimeSpan(moment)
      subject.motion = motion
      clock.note(test, of: subject, first: first, last: last)
    }
    if test.isIgnoringYear {
      try charge(max(0, calendar.civil(last.start).year - calendar.civil(first.start).year))
    }
    return test.holds(at: moment, first: first, last: last, in: calendar)
  }

  /// The first and the last reference of a test; `nil` when one is no time.
  func spans(
    of test: TimeTest<TypedExpression>
  ) throws(EvaluationError) -> (first: TimeSpan, last: TimeSpan)? {
    var spans: [TimeSpan] = []
    for reference in test.references {
      switch reference {
      case .unit(let word, let unit):
        spans.append(
          clock?.span(of: unit, shift: word.shift)
            ?? calendar.unit(unit, at: context.now, shift: word.shift)
        )
      case .moment(let operand):
        guard let value = try value(of: operand), let span = relations.reference(value) else {
          return nil
        }
        spans.append(span)
      }
    }
    guard let first = spans.first, let last = spans.last else { return nil }
    return (first, last)
  }

  // MARK: Patterns

  /// The regular expression of a pattern; `nil` when it is none.
  func pattern(_ text: Text) throws(EvaluationError) -> RegularExpression? {
    if let known = interpreter.patterns[text] { return known }
    if let known = patterns[text] { return known }
    try charge(bytes: text.byteCount * 64)
    let compiled = try? RegularExpression(text)
    if patterns.count == Self.patternCountMax { patterns.removeAll() }
    patterns[text] = .some(compiled)
    return compiled
  }
}

extension Literal {
  var value: RuntimeValue? {
    switch self {
    case .null: nil
    case .boolean(let value): .boolean(value)
    case .number(let value): .number(value)
    case .string(let text): .text(text)
    }
  }
}
