import Bytes

extension TypedExpression {
  /// The expressions directly inside this one, in the order they are written.
  package var children: [TypedExpression] {
    switch form {
    case .literal, .item, .events, .variable, .timeWord: []
    case .list(let items): items
    case .object(let entries): entries.map(\.value)
    case .path(let object, _): [object]
    case .call(_, let arguments): arguments
    case .perItem(_, let call):
      [call.receiver] + (call.body.map { [$0.expression] } ?? []) + (call.amount.map { [$0] } ?? [])
    case .conditional(let test, let first, let second): [test, first, second]
    case .negative(let operand), .not(let operand): [operand]
    case .arithmetic(let first, let steps): [first] + steps.map(\.operand)
    case .comparison(_, let left, let right), .membership(_, let left, let right): [left, right]
    case .occurs(let subject, let test): [subject] + test.operands
    case .and(let terms), .or(let terms): terms
    case .binding(_, let value, let body): [value, body]
    case .comprehension(let comprehension, let declarations):
      comprehension.values
        + declarations.flatMap { [$0.source] + ($0.condition.map { [$0] } ?? []) }
    case .chain(let chain): [chain.array] + chain.steps.flatMap(\.conditions)
    }
  }

  /// The slots of all variables read anywhere inside.
  var slotsRead: Set<Int> {
    var slots: Set<Int> = []
    forEachExpression { if case .variable(let variable) = $0.form { slots.insert(variable.slot) } }
    return slots
  }

  /// Visits this expression and everything inside it; no definition is nested deeper than the
  /// language allows.
  package func forEachExpression(_ visit: (TypedExpression) -> Void) {
    visit(self)
    forEachChild { $0.forEachExpression(visit) }
  }

  /// Whether this expression or something inside it is what is asked for.
  package func contains(where isWanted: (TypedExpression) -> Bool) -> Bool {
    if isWanted(self) { return true }
    var isFound = false
    forEachChild { if !isFound { isFound = $0.contains(where: isWanted) } }
    return isFound
  }

  /// Visits the expressions directly inside this one, in the order of `children`.
  @inline(__always)
  package func forEachChild(_ visit: (TypedExpression) -> Void) {
    switch form {
    case .literal, .item, .events, .variable, .timeWord: break
    case .path(let only, _), .negative(let only), .not(let only): visit(only)
    case .list(let several), .call(_, let several), .and(let several), .or(let several):
      for expression in several { visit(expression) }
    case .comparison(_, let left, let right), .membership(_, let left, let right),
      .binding(_, let left, let right):
      visit(left)
      visit(right)
    default: for child in children { visit(child) }
    }
  }

  func forEachLiteralPattern(_ visit: (Text) -> Void) {
    forEachExpression { expression in
      guard case .call(let function, let arguments) = expression.form,
        function == .matches || function == .regexGroup, arguments.count > 1,
        case .literal(.string(let pattern)) = arguments[1].form
      else { return }
      visit(pattern)
    }
  }
}

extension TimeTest<TypedExpression> {
  /// The expressions of the references.
  package var operands: [TypedExpression] {
    references.compactMap { if case .moment(let operand) = $0 { operand } else { nil } }
  }

  /// The same test of other references.
  package func mapOperands(_ change: (TypedExpression) -> TypedExpression) -> Self {
    func changed(_ reference: Reference) -> Reference {
      if case .moment(let operand) = reference { .moment(change(operand)) } else { reference }
    }
    let form: Form =
      switch self.form {
      case .on(let reference): .on(changed(reference))
      case .before(let reference): .before(changed(reference))
      case .after(let reference): .after(changed(reference))
      case .from(let reference): .from(changed(reference))
      case .between(let first, let last): .between(changed(first), changed(last))
      case .offset(let comparison, let count, let unit, let direction, let reference):
        .offset(comparison, count: count, unit, direction, changed(reference))
      }
    return TimeTest(form, isIgnoringYear: isIgnoringYear)
  }
}

extension Comprehension {
  fileprivate var values: [TypedExpression] {
    if case .aggregate(_, let value) = self { [value] } else { [] }
  }
}

extension TypedChain.Step {
  /// Everything that has to hold for an item.
  fileprivate var conditions: [TypedExpression] {
    [what] + (condition.map { [$0] } ?? []) + when.flatMap(\.operands)
  }
}
