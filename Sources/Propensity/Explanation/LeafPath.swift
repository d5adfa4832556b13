/// The way from a tree's root to one leaf, with the conditions on one feature taken together.
///
/// For the leaf's value v, features j on the way with the share z of training rows that follow the
/// conditions of j, and o = 1 where a row meets them, else 0, the Shapley value of feature i is
///
///     v · (o_i − z_i) · ∫₀¹ Π_{j≠i} (z_j (1 − t) + o_j t) dt,
///
/// since the integral of t^|S| (1 − t)^(d−1−|S|) is the weight |S|! (d−1−|S|)! / d! of a subset S
/// of d features. The integrand is a polynomial of degree d − 1, which ⌈d/2⌉ points integrate exactly.
/// The values are those of path-dependent TreeSHAP (S. M. Lundberg, G. G. Erion, S.-I. Lee,
/// arXiv:1802.03888, 2018); the integral form is G. Owen's multilinear extension (1972).
struct LeafPath {
  /// One node on the way.
  struct Condition {
    var node: Int
    /// Whether the way goes left there.
    var isLeft: Bool
    /// Which of `features` the node tests.
    var element: Int
  }

  let leaf: Int
  let value: Double
  let conditions: [Condition]
  /// Distinct features, in the order in which they are met.
  let features: [Int]
  /// The share of rows that follow each feature's conditions, above 0 and up to 1.
  let shares: [Double]

  /// The ways to all leaves of a tree.
  static func all(_ tree: Tree) -> [LeafPath] {
    let covers = tree.nodeCovers
    var paths: [LeafPath] = []
    var open: [(child: Tree.Child, way: [(node: Int, isLeft: Bool)])] = [
      (tree.nodes.isEmpty ? .leaf(0) : .node(0), [])
    ]
    while let (child, way) = open.popLast() {
      switch child {
      case .leaf(let leaf): paths.append(LeafPath(tree, covers: covers, leaf: leaf, way: way))
      case .node(let node):
        open.append((tree.nodes[node].right, way + [(node, false)]))
        open.append((tree.nodes[node].left, way + [(node, true)]))
      }
    }
    return paths
  }

  private init(
    _ tree: Tree,
    covers: [UInt64],
    leaf: Int,
    way: [(node: Int, isLeft: Bool)]
  ) {
    var conditions: [Condition] = []
    var features: [Int] = []
    var shares: [Double] = []
    for (index, step) in way.enumerated() {
      let feature = tree.nodes[step.node].rule.feature
      let element = features.firstIndex(of: feature) ?? features.count
      if element == features.count {
        features.append(feature)
        shares.append(1)
      }
      let next = index + 1 < way.count ? covers[way[index + 1].node] : tree.leaves[leaf].cover
      shares[element] *= Double(next) / Double(covers[step.node])
      conditions.append(Condition(node: step.node, isLeft: step.isLeft, element: element))
    }
    self.leaf = leaf
    value = tree.leaves[leaf].value
    self.conditions = conditions
    self.features = features
    self.shares = shares
  }

  /// What the integrand of one feature is at each point, when the row meets its conditions or not.
  func factor(_ element: Int, isMet: Bool, point: Double) -> Double {
    shares[element] * (1 - point) + (isMet ? point : 0)
  }
}
