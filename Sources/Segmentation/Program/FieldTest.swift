import Bytes
import Domain
import PQL

/// A condition on the value of one field, whatever kind the value has.
///
/// It stands for a definition of an object that has the field alone, so its meaning is that of the
/// reference interpreter. Where the answer is known for whole ranges of numbers or times, or for all
/// texts but some, it was asked for there when the test was made; elsewhere it is asked for each
/// different value.
final class FieldTest: Sendable {
  let path: FieldPath
  let query: CheckedQuery
  let zone: Int
  /// It is about the type of an event.
  let isOfEventType: Bool
  private let interpreter: ReferenceInterpreter
  private let context: EvaluationContext

  let ofMissing: Bool
  let ofFalse: Bool
  let ofTrue: Bool
  /// Of texts that are no times, where `instants` are known and `texts` are not.
  let ofNoTime: Bool
  /// Answers by number; `nil` where each has to be asked for.
  let numbers: Pieces<Double>?
  /// Answers for texts that are times, by instant in milliseconds; `nil` where each text has to be
  /// asked for.
  let instants: Pieces<Int64>?
  /// Answers for texts; `nil` where each has to be asked for.
  let texts: TextAnswers?

  struct TextAnswers: Hashable, Sendable {
    var usual: Bool
    /// The texts whose answer is the other one.
    var others: Set<Text>
  }

  init(
    _ query: CheckedQuery,
    of path: FieldPath,
    zone: Int,
    in context: EvaluationContext
  ) {
    self.path = path
    isOfEventType = path.names == [.eventType]
    self.query = query
    self.zone = zone
    self.context = context
    let interpreter = ReferenceInterpreter(query)
    self.interpreter = interpreter
    let question = FieldQuestion(query, of: path, interpreter, context)
    ofMissing = question.answer(nil)
    ofFalse = question.answer(.boolean(false))
    ofTrue = question.answer(.boolean(true))
    ofNoTime = question.answer(.string("?"))
    let bounds = AnswerBounds(query.body, of: path, in: context)
    numbers = bounds.numbers.map { keys in
      Pieces(keys.flatMap { [$0, $0.nextUp] }, lowest: -.greatestFiniteMagnitude) {
        question.answer(.double($0))
      }
    }
    instants = bounds.instants.map { keys in
      Pieces(keys, lowest: Instant.earliest.milliseconds) {
        question.answer(.string(Text(Instant(milliseconds: $0).clamped.isoMilliseconds)))
      }
    }
    texts = bounds.texts.map { keys in
      var fresh = "?"
      while keys.contains(Text(fresh)) { fresh += "?" }
      let usual = question.answer(.string(fresh))
      return TextAnswers(
        usual: usual,
        others: keys.filter { question.answer(.string($0)) != usual }
      )
    }
  }

  /// Asks the reference interpreter about a value of any kind.
  func answer(_ value: Value?) -> Bool {
    FieldQuestion(query, of: path, interpreter, context).answer(value)
  }

  /// The calendar its texts are read with.
  var calendar: TimeCalendar { context.calendar }
}

/// Asks for the answer of a test, without the interpreter where the test is plain.
private struct FieldQuestion {
  private let body: TypedExpression
  private let path: FieldPath
  private let interpreter: ReferenceInterpreter
  private let context: EvaluationContext
  private let relations: ValueRelations

  init(
    _ query: CheckedQuery,
    of path: FieldPath,
    _ interpreter: ReferenceInterpreter,
    _ context: EvaluationContext
  ) {
    body = query.body
    self.path = path
    self.interpreter = interpreter
    self.context = context
    relations = ValueRelations(context.calendar)
  }

  func answer(_ value: Value?) -> Bool {
    if let answer = plainAnswer(body, value) { return answer }
    var object = ObjectValue()
    if let value {
      var nested = value
      for name in path.names.dropFirst().reversed() { nested = .object([(name, nested)]) }
      object[path.names[0]] = nested
    }
    // Without elements to go through it takes few steps; one that needs too many holds for none.
    return (try? interpreter.isMember(.object(object), in: context)) ?? false
  }

  /// The answer of comparisons with literals, by the interpreter's own relations; `nil` for any
  /// other form.
  private func plainAnswer(_ expression: TypedExpression, _ value: Value?) -> Bool? {
    switch expression.form {
    case .not(let operand): return plainAnswer(operand, value).map { !$0 }
    case .and(let terms): return plainAnswer(terms, value) { !$0.contains(false) }
    case .or(let terms): return plainAnswer(terms, value) { $0.contains(true) }
    case .call(.isNull, let arguments) where arguments.count == 1 && isField(arguments[0]):
      return value == nil
    case .call(.isNotNull, let arguments) where arguments.count == 1 && isField(arguments[0]):
      return value != nil
    case .comparison(let comparison, let left, let right):
      guard isField(left), case .literal(let literal) = right.form else { return nil }
      guard let value, let other = literal.runtimeValue else { return false }
      var steps = 0
      return relations.compare(.data(value), comparison, other, counting: &steps)
    case .membership(let isNegated, let item, let array):
      guard isField(item), case .list(let items) = array.form else { return nil }
      var elements: [Value] = []
      for item in items {
        guard case .literal(let literal) = item.form else { return nil }
        if case .data(let element)? = literal.runtimeValue { elements.append(element) }
      }
      guard let value else { return false }
      var steps = 0
      let isThere = relations.contains(RuntimeElements(elements), .data(value), counting: &steps)
      return isThere != isNegated
    default: return nil
    }
  }

  private func plainAnswer(
    _ terms: [TypedExpression],
    _ value: Value?,
    _ combined: ([Bool]) -> Bool
  ) -> Bool? {
    var answers: [Bool] = []
    for term in terms {
      guard let answer = plainAnswer(term, value) else { return nil }
      answers.append(answer)
    }
    return combined(answers)
  }

  private func isField(_ expression: TypedExpression) -> Bool {
    guard case .path(let base, let names) = expression.form, case .item(level: 0) = base.form
    else { return false }
    return names == path.names
  }
}

extension Literal {
  /// The literal's value; `nil` is null.
  var runtimeValue: RuntimeValue? {
    switch self {
    case .null: nil
    case .boolean(let value): .boolean(value)
    case .number(let value): .number(value)
    case .string(let text): .text(text)
    }
  }
}
