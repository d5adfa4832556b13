import Bytes
import Domain

/// Comprehensions, time tests and chains.
extension QueryJSONWriter {
  mutating func construct(_ form: Expression.Form) -> Value {
    switch form {
    case .select(let declarations): comprehension(.select, declarations)
    case .exists(let declarations): comprehension(.exists, declarations)
    case .forall(let declarations): comprehension(.forall, declarations)
    case .aggregate(let aggregate, let value, let declarations):
      self.aggregate(aggregate, value, declarations)
    case .chain(let chain): self.chain(chain)
    default: node(Expression(form))
    }
  }

  private mutating func comprehension(_ type: NodeType, _ declarations: [Declaration]) -> Value {
    let variables = boundDeclarations(declarations)
    unbind(declarations.map(\.variable))
    return Self.node(type, [("variables", variables)])
  }

  private mutating func aggregate(
    _ aggregate: Aggregate,
    _ value: Expression?,
    _ declarations: [Declaration]
  ) -> Value {
    var members: [(Text, Value)] = [("fnName", .string(aggregate.rawValue))]
    members.append(("variables", boundDeclarations(declarations)))
    if let value { members.append(("value", node(value))) }
    unbind(declarations.map(\.variable))
    return Self.node(.aggregate, members)
  }

  /// Writes declarations from left to right and leaves their variables bound.
  private mutating func boundDeclarations(_ declarations: [Declaration]) -> Value {
    var nodes: [Value] = []
    for declaration in declarations {
      var members: [(Text, Value)] = [("varName", .string(declaration.variable.text))]
      members.append(("from", node(declaration.source)))
      bind([declaration.variable])
      if let condition = declaration.condition { members.append(("where", node(condition))) }
      nodes.append(Self.node(.varDecl, members))
    }
    return .array(nodes)
  }

  // MARK: Time

  mutating func timeTest(_ test: TimeTest<Expression>) -> Value {
    var members: [(Text, Value)] = []
    let word: String
    switch test.form {
    case .on: word = "on"
    case .before: word = "before"
    case .after: word = "after"
    case .from: word = "from"
    case .between: word = "between"
    case .offset(let comparison, let count, let unit, let direction, _):
      word = "offset"
      members = [
        ("comparison", .string(comparison.rawValue)), ("count", .integer(Int64(count))),
        ("unit", .string(unit.rawValue)), ("direction", .string(direction.rawValue)),
      ]
    }
    members.append(("form", .string(word)))
    for (name, reference) in zip(["reference", "reference2"] as [Text], test.references) {
      members.append((name, self.reference(reference)))
    }
    if test.isIgnoringYear { members.append(("ignoringYear", .boolean(true))) }
    return .object(members)
  }

  private mutating func reference(_ reference: TimeTest<Expression>.Reference) -> Value {
    switch reference {
    case .moment(let expression): node(expression)
    case .unit(let word, let unit):
      Self.node(
        .calendarUnit,
        [("which", .string(word.rawValue)), ("unit", .string(unit.rawValue))]
      )
    }
  }

  // MARK: Chains

  private mutating func chain(_ chain: Chain) -> Value {
    let array = node(chain.array)
    var steps: [Value] = []
    for step in chain.steps {
      steps.append(self.step(step))
      if !step.isExcluded { bind([step.label]) }
    }
    unbind(chain.steps.filter { !$0.isExcluded }.map(\.label))
    return Self.node(
      .chain,
      [
        ("array", array), ("timestamp", .array(chain.timestamp.map { .string($0.text) })),
        ("steps", .array(steps)),
      ]
    )
  }

  private mutating func step(_ step: Chain.Step) -> Value {
    var members: [(Text, Value)] = [("label", .string(step.label.text))]
    if step.isExcluded { members.append(("excluded", .boolean(true))) }
    members.append(("what", insideItem(step.what)))
    if let condition = step.condition { members.append(("where", insideItem(condition))) }
    if !step.when.isEmpty {
      enterItem()
      members.append(("when", .array(step.when.map { timeTest($0) })))
      leaveItem()
    }
    if let count = step.count {
      let high: [(Text, Value)] = count.high.map { [("high", .integer(Int64($0)))] } ?? []
      members.append(("count", .object([("low", .integer(Int64(count.low)))] + high)))
    }
    return Self.node(.step, members)
  }
}
