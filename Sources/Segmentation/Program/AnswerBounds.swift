import Bytes
import Domain
import PQL

/// Where the answer of a field's test may change as the value grows, read off its form.
///
/// A list that is `nil` says that nothing is known; an empty one that the answer is the same for all
/// values of the kind.
struct AnswerBounds {
  /// Numbers at which, or right above which, the answer may change.
  private(set) var numbers: Set<Double>? = []
  /// The first milliseconds of instants, as texts, from which the answer may be another.
  private(set) var instants: Set<Int64>? = []
  /// The texts whose answer may differ from that of all others.
  private(set) var texts: Set<Text>? = []

  /// Whether texts are looked for by themselves.
  private var namesTexts = false

  private let path: FieldPath
  private let context: EvaluationContext

  /// Reads a test that stands by itself: the field is a path from item level 0.
  init(_ body: TypedExpression, of path: FieldPath, in context: EvaluationContext) {
    self.path = path
    self.context = context
    read(body)
    // A time may be one of the texts that are compared as such.
    if namesTexts { instants = nil }
  }

  private func isField(_ expression: TypedExpression) -> Bool {
    guard case .path(let base, let names) = expression.form, case .item(level: 0) = base.form
    else { return false }
    return names == path.names
  }

  /// The value of an expression without the field; `nil` when the field is in it.
  private func constant(_ expression: TypedExpression) -> RuntimeValue?? {
    if case .literal(let literal) = expression.form { return .some(literal.runtimeValue) }
    return ConstantValue.value(of: expression, in: context)
  }

  private mutating func giveUp() {
    numbers = nil
    instants = nil
    texts = nil
  }

  private mutating func read(_ expression: TypedExpression) {
    if isField(expression) { return }
    switch expression.form {
    case .literal: break
    case .not(let operand): read(operand)
    case .and(let terms), .or(let terms): for term in terms { read(term) }
    case .comparison(let comparison, let left, let right):
      if isField(left), let other = constant(right) {
        read(comparison, with: other)
      } else if isField(right), let other = constant(left) {
        read(comparison, with: other)
      } else {
        giveUp()
      }
    case .membership(_, let item, let array):
      guard isField(item), let other = constant(array) else { return giveUp() }
      for element in other?.elements ?? .none { read(.equal, with: element) }
    case .occurs(let subject, let test): readOccurs(subject, test)
    case .call(let function, let arguments): readCall(function, arguments)
    default: giveUp()
    }
  }

  private mutating func read(_ comparison: Comparison, with other: RuntimeValue?) {
    switch other {
    case nil: break
    case .data(.integer), .data(.double): if let number = other?.number { numbers?.insert(number) }
    case .data(.string(let text)):
      if comparison == .equal || comparison == .notEqual {
        texts?.insert(text)
        namesTexts = true
      } else {
        texts = nil
        if let moment = ValueRelations(context.calendar).moment(.string(text)) { add(moment) }
      }
    case .time(let span):
      numbers = nil
      texts = nil
      add(span.start)
    case .data(.boolean), .data(.array), .data(.object), .array, .object: break
    }
  }

  /// Notes an instant and the millisecond after it.
  private mutating func add(_ moment: Instant) {
    instants?.insert(moment.milliseconds)
    instants?.insert(moment.advanced(byMilliseconds: 1).milliseconds)
  }

  private mutating func readOccurs(
    _ subject: TypedExpression,
    _ test: TimeTest<TypedExpression>
  ) {
    numbers = nil
    texts = nil
    guard isField(subject), !test.isIgnoringYear else { return giveUp() }
    var spans: [TimeSpan] = []
    for reference in test.references {
      switch reference {
      case .unit(let word, let unit):
        spans.append(context.calendar.unit(unit, at: context.now, shift: word.shift))
      case .moment(let operand):
        guard let value = constant(operand) else { return giveUp() }
        // A reference that is no time: the test never holds.
        guard let span = value.flatMap(ValueRelations(context.calendar).reference) else { return }
        spans.append(span)
      }
    }
    guard let first = spans.first, let last = spans.last else { return giveUp() }
    let window = test.window(first: first, last: last, in: context.calendar)
    instants?.insert(window.first.milliseconds)
    instants?.insert(window.last.advanced(byMilliseconds: 1).milliseconds)
  }

  private mutating func readCall(_ function: Function, _ arguments: [TypedExpression]) {
    guard let receiver = arguments.first, isField(receiver) else { return giveUp() }
    switch function {
    case .isNull, .isNotNull: break
    case .equals, .notEqualTo:
      var keys: [Text] = []
      for argument in arguments.dropFirst() {
        guard let value = constant(argument) else { return giveUp() }
        switch value {
        case .data(.string(let text)): keys.append(text)
        case .data(.boolean(true)): break
        default: texts = nil
        }
      }
      texts?.formUnion(keys)
      namesTexts = true
    case .like, .matches, .startsWith, .doesNotStartWith, .endsWith, .doesNotEndWith, .contains,
      .doesNotContain:
      guard arguments.dropFirst().allSatisfy({ constant($0) != nil }) else { return giveUp() }
      texts = nil
      instants = nil
    default: giveUp()
    }
  }
}

/// Values of expressions that read nothing but the instant of evaluation.
enum ConstantValue {
  /// The value; `nil` when the expression reads the profile or takes too long.
  static func value(
    of expression: TypedExpression,
    in context: EvaluationContext
  ) -> RuntimeValue?? {
    if case .timeWord(let word) = expression.form {
      return .some(.time(context.calendar.span(of: word, at: context.now)))
    }
    guard !readsAnything(expression) else { return nil }
    let query = Rewriter.query(expression, in: Scope())
    do throws(EvaluationError) {
      return .some(try ReferenceInterpreter(query).value(of: .object([]), in: context))
    } catch {
      return nil
    }
  }

  private static func readsAnything(_ expression: TypedExpression) -> Bool {
    var pending = [expression]
    while let next = pending.popLast() {
      switch next.form {
      case .item(level: 0), .events, .call(.inSegment, _): return true
      default: pending += next.children
      }
    }
    return false
  }
}
