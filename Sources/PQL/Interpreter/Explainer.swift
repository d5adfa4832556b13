package import Bytes
package import Domain

extension ReferenceInterpreter {
  /// Explains the definition's value for a profile.
  ///
  /// `source` is the text the definition was read from. Pieces are evaluated again where they are
  /// shown, so this may take several times the steps of the evaluation alone.
  package func explanation(
    of profile: Value,
    source: Text,
    in context: EvaluationContext
  ) throws(EvaluationError) -> Explanation {
    var context = context
    let (limit, overflow) = context.stepCountMax.multipliedReportingOverflow(by: 8)
    context.stepCountMax = overflow ? .max : limit
    let evaluator = Evaluator(self, profile: profile, context: context)
    return try Explainer(evaluator: evaluator, source: source).explain(query.body)
  }
}

/// Builds an `Explanation`, evaluating each piece where it stands.
private struct Explainer {
  let evaluator: Evaluator
  let source: Text

  func explain(_ expression: TypedExpression) throws(EvaluationError) -> Explanation {
    var result = Explanation(
      text: expression.range.slice(of: source),
      value: try evaluator.value(of: expression)
    )
    switch expression.form {
    case .literal, .item, .events, .variable, .timeWord: break
    case .path(let object, _):
      switch object.form {
      case .item, .events, .variable: break
      default: result.children = try explain([object])
      }
    case .conditional(let test, let first, let second):
      result.children = try explain([test, try evaluator.holds(test) ? first : second])
    case .binding(let variable, let value, let body):
      result.children = try explain([value])
      evaluator.slots[variable.slot] = try evaluator.value(of: value)
      result.children.append(try explain(body))
    case .occurs(let subject, let test):
      result.note = try window(of: test)
      result.children = try explain([subject] + test.operands)
    case .perItem(let function, let call):
      result.children = try explain([call.receiver])
      result.items = try items(of: function, call)
    case .comprehension(let comprehension, let declarations):
      result.items = try items(of: comprehension, declarations)
    case .chain(let chain): result.children = try steps(of: chain)
    default: result.children = try explain(expression.children)
    }
    return result
  }

  /// Explains the pieces that are more than a word.
  private func explain(_ pieces: [TypedExpression]) throws(EvaluationError) -> [Explanation] {
    var result: [Explanation] = []
    for piece in pieces {
      switch piece.form {
      case .literal, .events, .timeWord: continue
      case .list where piece.children.allSatisfy(\.isLiteral): continue
      default: result.append(try explain(piece))
      }
    }
    return result
  }

  /// The instants for which a test is true, in words.
  private func window(
    of test: TimeTest<TypedExpression>
  ) throws(EvaluationError) -> String? {
    guard let (first, last) = try evaluator.spans(of: test) else {
      return "the reference is no time"
    }
    if test.isIgnoringYear { return nil }
    let window = test.window(first: first, last: last, in: evaluator.calendar)
    let from = window.first.milliseconds == .min ? nil : window.first.isoMilliseconds
    let through = window.last.milliseconds == .max ? nil : window.last.isoMilliseconds
    let words: String
    switch (from, through) {
    case (let from?, let through?):
      words = window.first > window.last ? "at no instant" : "from \(from) through \(through)"
    case (let from?, nil): words = "from \(from) on"
    case (nil, let through?): words = "through \(through)"
    case (nil, nil): words = "at every instant"
    }
    return window.isInverted ? "not \(words)" : words
  }

  // MARK: Items

  private func items(
    of function: Function,
    _ call: PerItemCall
  ) throws(EvaluationError) -> Explanation.Items? {
    guard function == .filter || function == .exists || function == .forall, let body = call.body,
      let elements = try evaluator.value(of: call.receiver)?.elements
    else { return nil }
    let wanted = function != .forall
    var collector = ItemCollector(wanted: wanted)
    for element in elements {
      let matches = try evaluator.value(of: body, for: element).inBooleanPosition
      collector.add(element, matches: matches)
    }
    return collector.items
  }

  /// The items of the first variable that pass its condition, or for `forall` do not.
  private func items(
    of comprehension: Comprehension,
    _ declarations: [TypedDeclaration]
  ) throws(EvaluationError) -> Explanation.Items? {
    guard let first = declarations.first else { return nil }
    var collector = ItemCollector(wanted: comprehension != .forall)
    for element in try evaluator.value(of: first.source)?.elements ?? .none {
      evaluator.slots[first.variable.slot] = element
      var matches = true
      if let condition = first.condition { matches = try evaluator.holds(condition) }
      collector.add(element, matches: matches)
    }
    return collector.items
  }

  /// What each step of a chain finds by itself.
  private func steps(of chain: TypedChain) throws(EvaluationError) -> [Explanation] {
    let search = try ChainSearch(chain, evaluator)
    var result: [Explanation] = []
    for (index, step) in chain.steps.enumerated() {
      let word = step.isExcluded ? "exclude " : ""
      var collector = ItemCollector(wanted: true)
      for item in try search.satisfying(index) {
        collector.add(search.items[item], matches: true)
      }
      var part = Explanation(
        text: "\(word)\(step.label.name): what(\(step.what.range.slice(of: source)))",
        value: .boolean(collector.items.count > 0)
      )
      part.items = collector.items
      if search.looksBack(index) { part.note = "before looking at earlier steps" }
      result.append(part)
    }
    return result
  }
}

/// Counts the items that match, or those that do not, and keeps the first few.
private struct ItemCollector {
  private let wanted: Bool
  private(set) var items: Explanation.Items

  init(wanted: Bool) {
    self.wanted = wanted
    items = Explanation.Items(
      relation: wanted ? "matching" : "not matching",
      count: 0,
      examples: []
    )
  }

  mutating func add(_ item: RuntimeValue, matches: Bool) {
    guard matches == wanted else { return }
    items.count += 1
    guard items.examples.count < Explanation.exampleCountMax else { return }
    let label =
      item.property("eventType")?.text?.string
      ?? String(decoding: item.json.json(), as: UTF8.self)
    items.examples.append(
      Explanation.Example(
        timestamp: item.property("timestamp")?.text,
        label: Text(Explanation.cut(label))
      )
    )
  }
}

extension TypedExpression {
  fileprivate var isLiteral: Bool { if case .literal = form { true } else { false } }
}
