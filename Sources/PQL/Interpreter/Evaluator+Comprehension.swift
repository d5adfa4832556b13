import Bytes

/// `select`, `exists`, `forall` and `… over`: all tuples of some declarations.
extension Evaluator {
  func comprehend(
    _ comprehension: Comprehension,
    _ declarations: [TypedDeclaration]
  ) throws(EvaluationError) -> RuntimeValue? {
    var tuples = Tuples(declarations, isForAll: comprehension == .forall)
    switch comprehension {
    case .select:
      var selected = RuntimeArrayBuilder()
      while try tuples.next(self) { selected.append(try tuple(of: declarations)) }
      return selected.array
    case .exists: return .boolean(try tuples.next(self))
    case .forall:
      while try tuples.next(self) {}
      return .boolean(!tuples.hasFailed)
    case .aggregate(let aggregate, let expression):
      var aggregation = Aggregation(relations, clock)
      while try tuples.next(self) { aggregation.add(try value(of: expression)) }
      return aggregation.result(of: aggregate)
    }
  }

  /// The item of a single variable, or the array of all variables' items.
  private func tuple(
    of declarations: [TypedDeclaration]
  ) throws(EvaluationError) -> RuntimeValue? {
    if declarations.count == 1 { return slots[declarations[0].variable.slot] }
    return try builtIn(
      RuntimeArrayBuilder.of(declarations.compactMap { slots[$0.variable.slot] })
    )
  }
}

/// Goes through the tuples of some declarations from left to right, without recursion.
///
/// A tuple is given when every declaration's condition holds. For `forall`, a condition that fails
/// ends everything instead.
private struct Tuples {
  private struct Source {
    var elements: RuntimeElements
    var next = 0
  }

  private let declarations: [TypedDeclaration]
  private let isForAll: Bool
  /// The sources of the first declarations, one for each variable that is being gone through.
  private var sources: [Source] = []
  private var hasStarted = false
  /// A condition of a `forall` did not hold.
  private(set) var hasFailed = false

  init(_ declarations: [TypedDeclaration], isForAll: Bool) {
    self.declarations = declarations
    self.isForAll = isForAll
  }

  /// Binds the variables to the next tuple; false when there is none.
  mutating func next(_ evaluator: Evaluator) throws(EvaluationError) -> Bool {
    if !hasStarted {
      hasStarted = true
      try open(0, evaluator)
    }
    while let source = sources.last {
      let depth = sources.count - 1
      guard source.next < source.elements.count else {
        sources.removeLast()
        continue
      }
      try evaluator.charge(1)
      sources[depth].next += 1
      let declaration = declarations[depth]
      evaluator.slots[declaration.variable.slot] = source.elements[source.next]
      if let condition = declaration.condition, !(try evaluator.holds(condition)) {
        guard isForAll else { continue }
        hasFailed = true
        sources = []
        return false
      }
      if sources.count == declarations.count { return true }
      try open(sources.count, evaluator)
    }
    return false
  }

  private mutating func open(
    _ depth: Int,
    _ evaluator: Evaluator
  ) throws(EvaluationError) {
    let value = try evaluator.value(of: declarations[depth].source)
    sources.append(Source(elements: value?.elements ?? .none))
  }
}
