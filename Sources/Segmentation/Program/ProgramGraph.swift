import Bytes
import Domain
import PQL

/// The conditions of all definitions of a run, each once.
struct ProgramGraph: Sendable {
  /// A node stands after those it is made of.
  private(set) var nodes: [ProgramNode] = [.constant]
  /// What tests of fields are made of.
  private(set) var testSources: [TestSource] = []
  private(set) var matches: [EventMatch] = []
  private(set) var residuals: [Residual] = []
  /// The leaves that were asked for since this was last emptied.
  var askedLeaves: Set<Int> = []

  private var nodeNumbers: [ProgramNode: Int] = [.constant: 0]
  private var testNumbers: [TestKey: Int] = [:]
  private var matchNumbers: [EventMatch: Int] = [:]
  private var residualNumbers: [ResidualKey: Int] = [:]

  /// What is evaluated for one profile after the other.
  struct Residual: Sendable {
    var interpreter: ReferenceInterpreter
    var zone: Int
    /// The definition it came from first.
    fileprivate(set) var source: Text
    /// Definitions of the run that it asks about, with their conditions.
    var memberships: [Text: NodeReference]

    /// In the words of a definition.
    var text: String { TermText(source: source).text(of: interpreter.query.body) }
  }

  /// A test of a field that is still to be asked about.
  struct TestSource: Sendable {
    var path: FieldPath
    var query: CheckedQuery
    var zone: Int
    /// The definition it came from first.
    fileprivate(set) var source: Text

    /// In the words of a definition.
    var text: String { TermText(source: source).text(of: query.body) }
  }

  private struct TestKey: Hashable {
    var path: FieldPath
    var body: TypedExpression
    var zone: Int
  }

  private struct ResidualKey: Hashable {
    var body: TypedExpression
    var profileVariable: Variable?
    var zone: Int
    var memberships: [Text: NodeReference]
  }

  // MARK: Leaves

  /// The node of a leaf.
  mutating func node(_ node: ProgramNode) -> NodeReference {
    let number = nodeNumbers[node] ?? nodes.count
    if number == nodes.count {
      nodes.append(node)
      nodeNumbers[node] = number
    }
    switch node {
    case .constant, .definition, .and: break
    case .attribute, .exists, .count, .sum, .pair, .residual: askedLeaves.insert(number)
    }
    return NodeReference(number)
  }

  /// The number of a field's test that stands by itself; `source` is the definition it is from.
  mutating func test(
    _ query: CheckedQuery,
    of path: FieldPath,
    zone: Int,
    source: Text
  ) -> Int {
    let isOfTime = query.body.dependsOnZone
    let key = TestKey(path: path, body: query.body, zone: isOfTime ? zone : -1)
    if let number = testNumbers[key] { return number }
    let number = testSources.count
    testSources.append(TestSource(path: path, query: query, zone: zone, source: source))
    testNumbers[key] = number
    return number
  }

  mutating func match(_ tests: [Int]) -> Int {
    let match = EventMatch(tests: tests.sorted())
    if let number = matchNumbers[match] { return number }
    matches.append(match)
    matchNumbers[match] = matches.count - 1
    return matches.count - 1
  }

  /// The number of a definition that is evaluated profile by profile; `source` is the definition
  /// it is from.
  mutating func residual(
    _ query: CheckedQuery,
    zone: Int,
    memberships: [Text: NodeReference],
    source: Text
  ) -> Int {
    let key = ResidualKey(
      body: query.body,
      profileVariable: query.profileVariable,
      zone: zone,
      memberships: memberships
    )
    if let number = residualNumbers[key] { return number }
    residuals.append(
      Residual(
        interpreter: ReferenceInterpreter(query),
        zone: zone,
        source: source,
        memberships: memberships
      )
    )
    residualNumbers[key] = residuals.count - 1
    return residuals.count - 1
  }

  // MARK: Connectives

  mutating func and(_ terms: [NodeReference]) -> NodeReference {
    var operands: Set<NodeReference> = []
    for term in terms {
      if !term.isNegated, case .and(let inner) = nodes[term.node] {
        operands.formUnion(inner)
      } else {
        operands.insert(term)
      }
    }
    operands.remove(.always)
    if operands.contains(.never) { return .never }
    if operands.contains(where: { operands.contains(!$0) }) { return .never }
    guard let first = operands.first else { return .always }
    return operands.count == 1 ? first : node(.and(operands.sorted()))
  }

  mutating func or(_ terms: [NodeReference]) -> NodeReference { !and(terms.map { !$0 }) }
}

extension TypedExpression {
  /// Whether the zone may change what it says of data: it reads or writes a time somewhere.
  fileprivate var dependsOnZone: Bool {
    contains {
      switch $0.form {
      case .occurs, .timeWord, .chain, .comprehension(.aggregate, _): true
      case .comparison(let comparison, _, _): comparison != .equal && comparison != .notEqual
      case .call(let function, _):
        switch function {
        case .currentMonth, .currentYear, .currentDayOfMonth, .getMonth, .getYear, .getDayOfMonth,
          .date, .timestamp, .inSegment:
          true
        default: false
        }
      case .perItem(let function, _):
        switch function {
        case .min, .max, .topN, .bottomN: true
        default: false
        }
      default: false
      }
    }
  }
}
