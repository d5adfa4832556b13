import Bytes

extension CheckedQuery {
  /// Remarks on size and depth: what an editor of segments refuses or what makes evaluation slow.
  package var authoringAdvice: [Advice] {
    var review = AuthoringReview()
    review.visit(body, nesting: 0)
    var advice = review.chains.filter { $0.count > AuthoringReview.stepCountMax }.map {
      Advice(
        .manySteps(count: $0.count, limit: AuthoringReview.stepCountMax),
        at: $0.range,
        in: source
      )
    }
    let aggregations = review.aggregations
    if aggregations.count > AuthoringReview.aggregationCountMax {
      let limit = AuthoringReview.aggregationCountMax
      advice.append(
        Advice(
          .manyAggregations(count: aggregations.count, limit: limit),
          at: aggregations[limit],
          in: source
        )
      )
    }
    if let deepest = review.deepest, deepest.levels > AuthoringReview.nestingMax {
      advice.append(
        Advice(
          .deepNesting(levels: deepest.levels, limit: AuthoringReview.nestingMax),
          at: deepest.range,
          in: source
        )
      )
    }
    return Array(advice.prefix(Advice.countMax))
  }
}

/// Counts what the remarks are about.
private struct AuthoringReview {
  static let stepCountMax = 6
  static let aggregationCountMax = 3
  static let nestingMax = 2

  var chains: [(count: Int, range: SourceRange)] = []
  var aggregations: [SourceRange] = []
  var deepest: (levels: Int, range: SourceRange)?

  /// Counts inside an expression around which so many arrays or maps are being searched.
  mutating func visit(_ expression: TypedExpression, nesting: Int) {
    switch expression.form {
    case .perItem(let function, let call):
      if Self.aggregates.contains(function) { aggregations.append(expression.range) }
      visit(call.receiver, nesting: nesting)
      if let amount = call.amount { visit(amount, nesting: nesting) }
      guard let body = call.body else { return }
      enter(body.expression, nesting + 1)
    case .call(.count, let arguments):
      aggregations.append(expression.range)
      for argument in arguments { visit(argument, nesting: nesting) }
    case .comprehension(let comprehension, let declarations):
      for (index, declaration) in declarations.enumerated() {
        visit(declaration.source, nesting: nesting + index)
        if let condition = declaration.condition { enter(condition, nesting + index + 1) }
      }
      if case .aggregate(_, let value) = comprehension {
        aggregations.append(expression.range)
        enter(value, nesting + declarations.count)
      }
    case .chain(let chain):
      chains.append((chain.steps.count, expression.range))
      visit(chain.array, nesting: nesting)
      for condition in expression.children.dropFirst() { enter(condition, nesting + 1) }
    default: for child in expression.children { visit(child, nesting: nesting) }
    }
  }

  private static let aggregates: Set<Function> = [.sum, .average, .min, .max]

  private mutating func enter(_ expression: TypedExpression, _ nesting: Int) {
    if nesting > deepest?.levels ?? 0 { deepest = (nesting, expression.range) }
    visit(expression, nesting: nesting)
  }
}
