import Bytes
import Domain
import PQL

/// Takes definitions apart into conditions that many of them share.
///
/// What it knows by its form becomes tests of fields and matches of events; what it does not know
/// becomes a residual, with what is necessary for it beside it where something is.
struct ProgramCompiler {
  /// Nodes that a definition may have once its `let`s are put in place, as a multiple of what it has.
  private static let growthMax = 4

  var graph = ProgramGraph()
  let now: Instant
  let stepCountMax: Int
  /// The calendar of each zone that definitions name, by number.
  private(set) var zones: [Zone] = []
  /// The condition of each definition that was added, and the leaves and residuals of its own text.
  private(set) var roots: [NodeReference] = []
  private(set) var leavesOfDefinitions: [Set<Int>] = []
  private(set) var residualsOfDefinitions: [[Int]] = []
  /// Those conditions, by id.
  private var definitions: [Text: NodeReference] = [:]
  /// Definitions that are compiled elsewhere, with their numbers there.
  private let earlier: [Text: Int]
  /// The zone of the definition that is added.
  var zone = 0
  /// Its text.
  private(set) var source: Text = ""
  /// The residuals of the definition that is added.
  private var residualsOfDefinition: Set<Int> = []

  init(now: Instant, stepCountMax: Int, earlier: [Text: Int] = [:]) {
    self.now = now
    self.stepCountMax = stepCountMax
    self.earlier = earlier
  }

  var context: EvaluationContext {
    EvaluationContext(now: now, zone: zones[zone], stepCountMax: stepCountMax)
  }

  /// Adds a definition after those it refers to.
  mutating func add(_ query: CheckedQuery, id: Text, zone: Zone) {
    self.zone = number(of: zone)
    residualsOfDefinition = []
    graph.askedLeaves = []
    source = query.source
    let condition: NodeReference
    let (size, hasBindings) = query.body.size
    if !hasBindings || query.body.expandedSize <= Self.growthMax * size + 1_000 {
      condition = self.condition(query.body, Scope(query))
    } else {
      condition = residual(query)
    }
    definitions[id] = condition
    add(condition, leaves: graph.askedLeaves, residuals: residualsOfDefinition.sorted())
  }

  /// Adds a definition whose condition is in the graph.
  mutating func add(_ condition: NodeReference, leaves: Set<Int>, residuals: [Int]) {
    roots.append(condition)
    leavesOfDefinitions.append(leaves)
    residualsOfDefinitions.append(residuals)
  }

  mutating func number(of zone: Zone) -> Int {
    if let known = zones.firstIndex(of: zone) { return known }
    zones.append(zone)
    return zones.count - 1
  }

  /// The condition of a definition of the run.
  private mutating func condition(ofDefinition id: Text) -> NodeReference? {
    definitions[id] ?? earlier[id].map { graph.node(.definition($0)) }
  }

  // MARK: Conditions on a profile

  /// An expression in boolean position.
  mutating func condition(_ expression: TypedExpression, _ scope: Scope) -> NodeReference {
    switch expression.form {
    case .literal(.boolean(let value)): return value ? .always : .never
    case .not(let operand): return !condition(operand, scope)
    case .and(let terms): return graph.and(terms.map { condition($0, scope) })
    case .or(let terms): return graph.or(terms.map { condition($0, scope) })
    case .conditional(let test, let first, let second):
      let isFirst = condition(test, scope)
      return graph.or([
        graph.and([isFirst, condition(first, scope)]),
        graph.and([!isFirst, condition(second, scope)]),
      ])
    case .binding(let variable, let value, let body):
      var inner = scope
      inner.bind(variable, to: .value(value, scope))
      return condition(body, inner)
    case .variable(let variable):
      if case .value(let value, let outer)? = scope.meaning(of: variable) {
        return condition(value, outer)
      }
    case .call(.inSegment, let arguments):
      if case .literal(.string(let id))? = arguments.first?.form,
        let known = condition(ofDefinition: id)
      {
        return known
      }
      return membership(expression, scope)
    default: break
    }
    let reads = FieldReads(expression, in: scope)
    if let path = reads.single, path.root == .profile, !expression.hasElements {
      return graph.node(.attribute(test(Rewriter.query(expression, in: scope), of: path)))
    }
    if reads.isConstant {
      let query = Rewriter.query(expression, in: scope)
      let holds = try? ReferenceInterpreter(query).isMember(.object([]), in: context)
      return holds.map { $0 ? .always : .never } ?? residual(query)
    }
    return ofEvents(expression, scope) ?? residual(expression, scope)
  }

  /// What a profile's stored map says of a segment outside the run: a test of that one field.
  private mutating func membership(
    _ expression: TypedExpression,
    _ scope: Scope
  ) -> NodeReference {
    let path = FieldPath(.profile, ["segmentMembership"])
    return graph.node(.attribute(test(Rewriter.query(expression, in: scope), of: path)))
  }

  mutating func test(_ query: CheckedQuery, of path: FieldPath) -> Int {
    graph.test(query, of: path, zone: zone, source: source)
  }

  // MARK: Residuals

  mutating func residual(_ expression: TypedExpression, _ scope: Scope) -> NodeReference {
    residual(Rewriter.query(expression, in: scope))
  }

  private mutating func residual(_ query: CheckedQuery) -> NodeReference {
    graph.node(.residual(residualNumber(query)))
  }

  mutating func residualNumber(_ query: CheckedQuery) -> Int {
    var memberships: [Text: NodeReference] = [:]
    var ids: [Text] = []
    query.body.forEachExpression { expression in
      if case .call(.inSegment, let arguments) = expression.form,
        case .literal(.string(let id))? = arguments.first?.form
      {
        ids.append(id)
      }
    }
    for id in ids { memberships[id] = condition(ofDefinition: id) }
    let number = graph.residual(
      query,
      zone: zone,
      memberships: memberships,
      source: source
    )
    residualsOfDefinition.insert(number)
    return number
  }
}

extension TypedExpression {
  /// Whether it evaluates something once an element, so that its steps have to be counted.
  var hasElements: Bool {
    contains {
      switch $0.form {
      case .perItem, .comprehension, .chain: true
      default: false
      }
    }
  }

  /// How many nodes it has, and whether some of them are `let`s.
  fileprivate var size: (nodeCount: Int, hasBindings: Bool) {
    var size = (nodeCount: 0, hasBindings: false)
    forEachExpression { expression in
      size.nodeCount += 1
      if case .binding = expression.form { size.hasBindings = true }
    }
    return size
  }

  /// How many nodes it has once every `let` is put in place.
  fileprivate var expandedSize: Int {
    var sizes: [Int: Int] = [:]
    return expandedSize(&sizes)
  }

  private func expandedSize(_ sizes: inout [Int: Int]) -> Int {
    switch form {
    case .variable(let variable): return sizes[variable.slot] ?? 1
    case .binding(let variable, let value, let body):
      let size = value.expandedSize(&sizes)
      let outer = sizes.updateValue(size, forKey: variable.slot)
      defer { sizes[variable.slot] = outer }
      return body.expandedSize(&sizes)
    default:
      var total = 1
      for child in children {
        total = min(total + child.expandedSize(&sizes), 1 << 40)
      }
      return total
    }
  }
}
