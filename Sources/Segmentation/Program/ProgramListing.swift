package import Bytes
import PQL

extension SegmentProgram {
  /// Compiles for an as-of ahead of the first evaluation.
  package func prepare(asOf: Instant) { _ = compiled(asOf: asOf) }

  /// The definitions as one program, in lines for people.
  ///
  /// ```
  /// tests        t0  FIELD: CONDITION           of one field, whatever its value
  /// matches      m0  t1 t2                      what one event has to fulfil
  /// conditions   n1  …                          on a profile, from those before; ! is not
  /// definitions  ID = n3
  /// ```
  ///
  /// `asked` conditions are evaluated profile by profile, where those beside them have not decided;
  /// all others run over columns.
  package func listing(asOf: Instant) -> [String] {
    let program = compiled(asOf: asOf)
    let graph = program.graph
    var lines = ["tests"]
    for (number, test) in graph.testSources.enumerated() {
      lines.append("  t\(number)  \(test.path.root.word) \(test.path): \(test.text)")
    }
    lines.append("matches")
    for (number, match) in graph.matches.enumerated() {
      let tests = match.tests.map { "t\($0)" }.joined(separator: " ")
      lines.append("  m\(number)  \(tests.isEmpty ? "any event" : tests)")
    }
    lines.append("conditions")
    for (number, node) in graph.nodes.enumerated().dropFirst() {
      lines.append("  n\(number)  \(graph.words(of: node))")
    }
    lines.append("definitions")
    for (definition, root) in zip(definitions, program.roots) {
      lines.append("  \(definition.id) = \(root.word)")
    }
    return lines
  }
}

extension FieldPath.Root {
  fileprivate var word: String {
    switch self {
    case .profile: "profile"
    case .event: "event"
    }
  }
}

extension NodeReference {
  fileprivate var word: String {
    if self == .always { return "always" }
    if self == .never { return "never" }
    return (isNegated ? "!" : "") + "n\(node)"
  }
}

extension ProgramGraph {
  fileprivate func words(of node: ProgramNode) -> String {
    switch node {
    case .constant: return "always"
    case .and(let terms): return "and " + terms.map(\.word).joined(separator: " ")
    case .attribute(let test): return "has t\(test)"
    case .exists(let match): return "some m\(match)"
    case .count(let match, let count): return "at least \(count) m\(match)"
    case .sum(let test):
      let bound = NumberWord.text(test.bound)
      return "\(test.aggregate.rawValue) \(test.value) of m\(test.match) "
        + "\(test.comparison.rawValue) \(bound)"
    case .pair(let test):
      let longest = test.gap.upperBound
      let within = longest == .max ? "" : " within \(longest) ms"
      return "m\(test.first) then m\(test.second)\(within)"
    case .residual(let number): return "asked: \(residuals[number].text)"
    case .definition(let number): return "definition \(number)"
    }
  }
}

/// Numbers as the language writes them.
enum NumberWord {
  static func text(_ number: Double) -> String {
    if let whole = Int64(exactly: number) { return "\(whole)" }
    return "\(number)"
  }
}
