import Bytes
import PQL

/// Takes the conditions of one graph over into another.
struct GraphMerge {
  private(set) var graph: ProgramGraph
  private let other: ProgramGraph
  /// The number each zone of the other graph has here.
  private let zones: [Int]
  /// What the other graph's references to definitions mean here.
  private let definitions: [NodeReference]
  private let tests: [Int]
  private let matches: [Int]
  /// By node of the other graph, what it is here.
  private var nodes: [NodeReference] = []
  /// By residual of the other graph, its number here once it is known.
  private var residuals: [Int?]

  init(
    _ graph: ProgramGraph,
    _ other: ProgramGraph,
    zones: [Int],
    definitions: [NodeReference]
  ) {
    var merged = graph
    let tests = other.testSources.map { test in
      merged.test(test.query, of: test.path, zone: zones[test.zone], source: test.source)
    }
    self.tests = tests
    matches = other.matches.map { match in merged.match(match.tests.map { tests[$0] }) }
    self.graph = merged
    self.other = other
    self.zones = zones
    self.definitions = definitions
    residuals = Array(repeating: nil, count: other.residuals.count)
    for node in other.nodes { nodes.append(reference(of: node)) }
  }

  /// What a node of the other graph is here.
  func reference(to node: NodeReference) -> NodeReference {
    node.isNegated ? !nodes[node.node] : nodes[node.node]
  }

  /// A residual's number here.
  mutating func number(ofResidual number: Int) -> Int {
    if let known = residuals[number] { return known }
    let residual = other.residuals[number]
    let made = graph.residual(
      residual.interpreter.query,
      zone: zones[residual.zone],
      memberships: residual.memberships.mapValues { reference(to: $0) },
      source: residual.source
    )
    residuals[number] = made
    return made
  }

  /// Makes a node here; those it is made of are there already.
  private mutating func reference(of node: ProgramNode) -> NodeReference {
    switch node {
    case .constant: return .always
    case .definition(let number): return definitions[number]
    case .and(let terms): return graph.and(terms.map { reference(to: $0) })
    case .attribute(let test): return graph.node(.attribute(tests[test]))
    case .exists(let match): return graph.node(.exists(matches[match]))
    case .count(let match, let atLeast):
      return graph.node(.count(matches[match], atLeast: atLeast))
    case .sum(var test):
      test.match = matches[test.match]
      test.residual = number(ofResidual: test.residual)
      return graph.node(.sum(test))
    case .pair(var test):
      test.first = matches[test.first]
      test.second = matches[test.second]
      test.residual = number(ofResidual: test.residual)
      return graph.node(.pair(test))
    case .residual(let number): return graph.node(.residual(self.number(ofResidual: number)))
    }
  }
}
