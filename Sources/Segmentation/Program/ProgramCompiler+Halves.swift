import Bytes
import Domain
import PQL

extension ProgramCompiler {
  /// Definitions from which on two halves are compiled side by side.
  ///
  /// It does not depend on the machine, so neither does the program.
  private static let countOfHalves = 64

  /// Compiles definitions of which each stands after those it refers to.
  static func compiled(
    _ definitions: [(query: CheckedQuery, id: Text, zone: Zone)],
    now: Instant,
    stepCountMax: Int
  ) -> ProgramCompiler {
    let middle = definitions.count < countOfHalves ? definitions.count : definitions.count / 2
    var earlier: [Text: Int] = [:]
    if middle < definitions.count {
      for number in 0..<middle { earlier[definitions[number].id] = number }
    }
    let ranges = [0..<middle, middle..<definitions.count].filter { !$0.isEmpty }
    let halves = SegmentProgram.mapped(ranges.count, countOfThread: 1) { [earlier] number in
      var compiler = ProgramCompiler(
        now: now,
        stepCountMax: stepCountMax,
        earlier: number == 0 ? [:] : earlier
      )
      for definition in definitions[ranges[number]] {
        compiler.add(definition.query, id: definition.id, zone: definition.zone)
      }
      return compiler
    }
    var whole = halves.first ?? ProgramCompiler(now: now, stepCountMax: stepCountMax)
    for half in halves.dropFirst() { whole.append(half) }
    return whole
  }

  /// Adds definitions that another compiler compiled, for which those here are the earlier ones.
  private mutating func append(_ other: ProgramCompiler) {
    let zones = other.zones.map { number(of: $0) }
    var merge = GraphMerge(graph, other.graph, zones: zones, definitions: roots)
    for (number, root) in other.roots.enumerated() {
      let leaves = other.leavesOfDefinitions[number].map { leaf in
        merge.reference(to: NodeReference(leaf)).node
      }
      let residuals = other.residualsOfDefinitions[number].map { merge.number(ofResidual: $0) }
      add(merge.reference(to: root), leaves: Set(leaves), residuals: residuals.sorted())
    }
    graph = merge.graph
  }
}
