import Bytes
import Domain
import PQL

/// All definitions of a run as one program: tests of fields, matches of events, and steps over
/// vectors of profiles that combine them.
///
/// Immutable: every shard and every thread uses the same.
final class CompiledProgram: Sendable {
  let graph: ProgramGraph
  let tests: [FieldTest]
  let zones: [Zone]
  let now: Instant
  let stepCountMax: Int
  /// The condition of each definition.
  let roots: [NodeReference]
  /// By definition, the residuals of its own text.
  let residualsOfDefinitions: [[Int]]
  /// Which definitions share what.
  let users: ProgramUsers
  /// What its work is called.
  let labels = PartLabels()
  /// Whether a node is a residual or made of one: it is asked for only where it matters.
  let isLazy: [Bool]
  /// Makes the vectors of all conjunctions that are not lazy.
  let steps: [VectorStep]
  /// Makes it ready for shards.
  let binder = ProgramBinder()
  /// Tests by field, of attributes and of events.
  let attributeFields: [ProgramField]
  let eventFields: [ProgramField]
  /// For each test its field among those of its root, and its index in the field.
  let placeOfTest: [(field: Int, index: Int)]

  init(
    _ definitions: [(query: CheckedQuery, id: Text, zone: Zone)],
    now: Instant,
    stepCountMax: Int
  ) {
    let compiler = ProgramCompiler.compiled(definitions, now: now, stepCountMax: stepCountMax)
    let graph = compiler.graph
    let zones = compiler.zones
    self.graph = graph
    self.zones = zones
    tests = SegmentProgram.mapped(graph.testSources.count) { number in
      let source = graph.testSources[number]
      let context = EvaluationContext(
        now: now,
        zone: zones[source.zone],
        stepCountMax: stepCountMax
      )
      return FieldTest(
        source.query,
        of: source.path,
        zone: source.zone,
        in: context
      )
    }
    self.now = now
    self.stepCountMax = stepCountMax
    roots = compiler.roots
    residualsOfDefinitions = compiler.residualsOfDefinitions
    users = ProgramUsers(
      graph,
      leavesOfDefinitions: compiler.leavesOfDefinitions,
      residualsOfDefinitions: compiler.residualsOfDefinitions
    )
    isLazy = CompiledProgram.lazyNodes(of: graph)
    steps = CompiledProgram.steps(of: graph, isLazy)
    (attributeFields, eventFields, placeOfTest) = CompiledProgram.fields(of: graph)
  }

  /// What a residual is evaluated with, but for its memberships.
  func context(of residual: ProgramGraph.Residual) -> EvaluationContext {
    EvaluationContext(now: now, zone: zones[residual.zone], stepCountMax: stepCountMax)
  }

  private static func lazyNodes(of graph: ProgramGraph) -> [Bool] {
    var isLazy: [Bool] = []
    for node in graph.nodes {
      switch node {
      case .residual: isLazy.append(true)
      case .and(let terms): isLazy.append(terms.contains { isLazy[$0.node] })
      default: isLazy.append(false)
      }
    }
    return isLazy
  }

  private static func steps(of graph: ProgramGraph, _ isLazy: [Bool]) -> [VectorStep] {
    var steps: [VectorStep] = []
    for (number, node) in graph.nodes.enumerated() {
      guard case .and(let terms) = node, !isLazy[number] else { continue }
      for (index, term) in terms.enumerated() {
        let operation: VectorStep.Operation =
          if index == 0 {
            term.isNegated ? .loadInverse : .load
          } else {
            term.isNegated ? .andInverse : .and
          }
        steps.append(VectorStep(operation, term.node))
      }
      steps.append(VectorStep(.store, number))
    }
    return steps
  }

  private static func fields(
    of graph: ProgramGraph
  ) -> ([ProgramField], [ProgramField], [(field: Int, index: Int)]) {
    var fields: [FieldPath.Root: [ProgramField]] = [.profile: [], .event: []]
    var numbers: [FieldPath: Int] = [:]
    var places: [(field: Int, index: Int)] = []
    for (number, test) in graph.testSources.enumerated() {
      let root = test.path.root
      let field = numbers[test.path] ?? fields[root, default: []].count
      if field == fields[root, default: []].count {
        numbers[test.path] = field
        fields[root, default: []].append(ProgramField(path: test.path, tests: []))
      }
      places.append((field, fields[root, default: []][field].tests.count))
      fields[root, default: []][field].tests.append(number)
    }
    return (fields[.profile, default: []], fields[.event, default: []], places)
  }
}

/// A field that a program tests, with the numbers of its tests.
struct ProgramField: Sendable {
  var path: FieldPath
  var tests: [Int]
}
