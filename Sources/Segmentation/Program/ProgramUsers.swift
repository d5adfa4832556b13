/// Which definitions have the conditions of a program in their own text.
///
/// What a definition only asks about by `inSegment` is the other's.
struct ProgramUsers: Sendable {
  /// How many definitions there are.
  let definitionCount: Int
  /// By node, ascending; of leaves alone.
  private let ofNodes: [[Int]]
  /// By residual, ascending.
  let ofResiduals: [[Int]]

  init(
    _ graph: ProgramGraph,
    leavesOfDefinitions: [Set<Int>],
    residualsOfDefinitions: [[Int]]
  ) {
    definitionCount = leavesOfDefinitions.count
    var ofNodes = [[Int]](repeating: [], count: graph.nodes.count)
    for (definition, leaves) in leavesOfDefinitions.enumerated() {
      for leaf in leaves { ofNodes[leaf].append(definition) }
    }
    self.ofNodes = ofNodes
    var ofResiduals = [[Int]](repeating: [], count: graph.residuals.count)
    for (definition, residuals) in residualsOfDefinitions.enumerated() {
      for residual in residuals { ofResiduals[residual].append(definition) }
    }
    self.ofResiduals = ofResiduals
  }

  /// The definitions that have some of these leaves.
  func ofAny(_ leaves: some Sequence<Int>) -> Set<Int> {
    leaves.reduce(into: []) { $0.formUnion(ofNodes[$1]) }
  }
}
