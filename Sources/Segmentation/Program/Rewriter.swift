import PQL

/// Writes an expression of some scope anew so that it stands by itself.
///
/// The field's root becomes the profile (item level 0), what `let` bound is put in place, and items
/// and variables bound inside are numbered in the order in which they are bound. So expressions that
/// differ in spelling and in place alone become equal, and what was put in place shares no number
/// with what is bound around it.
struct Rewriter {
  private var levelCount = 1
  private var slotCount = 0

  /// The expression as a definition of its own.
  static func query(_ expression: TypedExpression, in scope: Scope) -> CheckedQuery {
    var rewriter = Rewriter()
    let body = rewriter.rewritten(expression, scope)
    return CheckedQuery(
      body: body,
      slotCount: rewriter.slotCount,
      itemLevelCount: rewriter.levelCount
    )
  }

  private mutating func newLevel() -> Int {
    levelCount += 1
    return levelCount - 1
  }

  private mutating func newVariable(_ variable: Variable) -> Variable {
    slotCount += 1
    return Variable(slot: slotCount - 1, name: variable.name)
  }

  private mutating func rewritten(
    _ expression: TypedExpression,
    _ scope: Scope
  ) -> TypedExpression {
    func same(_ form: TypedExpression.Form) -> TypedExpression {
      TypedExpression(form, kind: expression.kind, at: expression.range)
    }
    if let path = scope.path(of: expression) {
      let root = TypedExpression(.item(level: 0), kind: .unknown, at: expression.range)
      return path.names.isEmpty ? root : same(.path(root, path.names))
    }
    switch expression.form {
    case .literal, .events, .timeWord: return expression
    case .item(let level):
      guard case .inner(let number)? = scope.meaning(ofLevel: level) else { return expression }
      return same(.item(level: number))
    case .variable(let variable):
      switch scope.meaning(of: variable) {
      case .inner(let number): return same(.variable(Variable(slot: number, name: variable.name)))
      case .value(let value, let outer): return rewritten(value, outer)
      default: return expression
      }
    case .list(let items): return same(.list(all(items, scope)))
    case .object(let entries):
      return same(
        .object(entries.map { TypedEntry(key: $0.key, value: rewritten($0.value, scope)) })
      )
    case .path(let base, let names): return same(.path(rewritten(base, scope), names))
    case .call(let function, let arguments): return same(.call(function, all(arguments, scope)))
    case .perItem(let function, let call): return same(.perItem(function, perItem(call, scope)))
    case .conditional(let test, let first, let second):
      return same(
        .conditional(
          rewritten(test, scope),
          rewritten(first, scope),
          rewritten(second, scope)
        )
      )
    case .negative(let operand): return same(.negative(rewritten(operand, scope)))
    case .arithmetic(let first, let steps):
      let start = rewritten(first, scope)
      return same(
        .arithmetic(
          start,
          steps.map { ArithmeticStep($0.symbol, rewritten($0.operand, scope)) }
        )
      )
    case .comparison(let comparison, let left, let right):
      return same(.comparison(comparison, rewritten(left, scope), rewritten(right, scope)))
    case .membership(let isNegated, let item, let array):
      return same(
        .membership(isNegated: isNegated, rewritten(item, scope), rewritten(array, scope))
      )
    case .occurs(let subject, let test):
      return same(.occurs(rewritten(subject, scope), timeTest(test, scope)))
    case .not(let operand): return same(.not(rewritten(operand, scope)))
    case .and(let terms): return same(.and(all(terms, scope)))
    case .or(let terms): return same(.or(all(terms, scope)))
    case .binding(let variable, let value, let body):
      var inner = scope
      inner.bind(variable, to: .value(value, scope))
      return rewritten(body, inner)
    case .comprehension(let comprehension, let declarations):
      return same(self.comprehension(comprehension, declarations, scope))
    case .chain(let chain): return same(.chain(self.chain(chain, scope)))
    }
  }

  private mutating func all(
    _ expressions: [TypedExpression],
    _ scope: Scope
  ) -> [TypedExpression] {
    expressions.map { rewritten($0, scope) }
  }

  private mutating func perItem(_ call: PerItemCall, _ scope: Scope) -> PerItemCall {
    var result = call
    result.receiver = rewritten(call.receiver, scope)
    result.amount = call.amount.map { rewritten($0, scope) }
    guard let body = call.body else { return result }
    var inner = scope
    let binding: ItemBody.Binding
    switch body.binding {
    case .item(let level):
      let number = newLevel()
      inner.bind(level: level, to: .inner(number))
      binding = .item(level: number)
    case .variable(let variable):
      let renamed = newVariable(variable)
      inner.bind(variable, to: .inner(renamed.slot))
      binding = .variable(renamed)
    case .entry(let key, let value):
      let (newKey, newValue) = (newVariable(key), newVariable(value))
      inner.bind(key, to: .inner(newKey.slot))
      inner.bind(value, to: .inner(newValue.slot))
      binding = .entry(key: newKey, value: newValue)
    }
    result.body = ItemBody(binding, rewritten(body.expression, inner))
    return result
  }

  private mutating func comprehension(
    _ comprehension: Comprehension,
    _ declarations: [TypedDeclaration],
    _ scope: Scope
  ) -> TypedExpression.Form {
    var inner = scope
    var result: [TypedDeclaration] = []
    for declaration in declarations {
      let source = rewritten(declaration.source, inner)
      let renamed = newVariable(declaration.variable)
      inner.bind(declaration.variable, to: .inner(renamed.slot))
      result.append(
        TypedDeclaration(
          variable: renamed,
          source: source,
          condition: declaration.condition.map { rewritten($0, inner) }
        )
      )
    }
    guard case .aggregate(let aggregate, let value) = comprehension else {
      return .comprehension(comprehension, result)
    }
    return .comprehension(.aggregate(aggregate, rewritten(value, inner)), result)
  }

  private mutating func chain(_ chain: TypedChain, _ scope: Scope) -> TypedChain {
    var result = chain
    result.array = rewritten(chain.array, scope)
    result.itemLevel = newLevel()
    var inner = scope
    inner.bind(level: chain.itemLevel, to: .inner(result.itemLevel))
    for (index, step) in chain.steps.enumerated() {
      result.steps[index].what = rewritten(step.what, inner)
      result.steps[index].condition = step.condition.map { rewritten($0, inner) }
      result.steps[index].when = step.when.map { timeTest($0, inner) }
      let label = newVariable(step.label)
      result.steps[index].label = label
      if !step.isExcluded { inner.bind(step.label, to: .inner(label.slot)) }
    }
    return result
  }

  private mutating func timeTest(
    _ test: TimeTest<TypedExpression>,
    _ scope: Scope
  ) -> TimeTest<TypedExpression> {
    test.mapOperands { rewritten($0, scope) }
  }
}
