extension Expression.Form {
  /// The expressions directly inside, in the order they are written.
  package var children: [Expression] {
    switch self {
    case .literal, .name, .events, .parameter, .this, .outer, .timeWord: []
    case .list(let items): items
    case .object(let entries): entries.map(\.value)
    case .path(let object, _): [object]
    case .filter(let array, let condition): [array, condition]
    case .call(_, let arguments): arguments.map(\.body)
    case .conditional(let test, let then, let otherwise): [test, then, otherwise]
    case .negative(let operand), .not(let operand): [operand]
    case .arithmetic(let first, let steps): [first] + steps.map(\.operand)
    case .comparison(_, let left, let right), .membership(_, let left, let right): [left, right]
    case .occurs(let subject, let test): [subject] + test.moments
    case .and(let terms), .or(let terms): terms
    case .binding(_, let value, let body): [value, body]
    case .select(let declarations), .exists(let declarations), .forall(let declarations):
      declarations.flatMap(\.children)
    case .aggregate(_, let value, let declarations):
      (value.map { [$0] } ?? []) + declarations.flatMap(\.children)
    case .chain(let chain): [chain.array] + chain.steps.flatMap(\.children)
    }
  }
}

extension Argument {
  /// The expression, or what a lambda yields.
  package var body: Expression {
    switch self {
    case .expression(let expression): expression
    case .lambda(_, let body): body
    }
  }
}

extension Declaration {
  var children: [Expression] { [source] + (condition.map { [$0] } ?? []) }
}

extension Chain.Step {
  var children: [Expression] {
    [what] + (condition.map { [$0] } ?? []) + when.flatMap(\.moments)
  }
}

extension TimeTest {
  /// The operands of its references; calendar units have none.
  package var moments: [Operand] {
    references.compactMap { if case .moment(let operand) = $0 { operand } else { nil } }
  }
}
