/// One regression tree over bins.
///
/// Nodes are numbered in the order in which they were made, so children follow their parents; leaf
/// ids are their own numbering. Invariant: every node but the first, and every leaf, is the child of
/// exactly one node; a tree without nodes is leaf 0 alone.
package struct Tree: Equatable, Sendable {
  package enum Child: Equatable, Sendable {
    case node(Int)
    case leaf(Int)
  }

  package struct Node: Equatable, Sendable {
    package var rule: SplitRule
    package var left: Child
    package var right: Child
  }

  package struct Leaf: Equatable, Sendable {
    /// Added to the margin, in log-odds.
    package var value: Double
    /// Training rows that reached the leaf, at least 1.
    package var cover: UInt64

    package init(value: Double, cover: UInt64) {
      self.value = value
      self.cover = cover
    }
  }

  package internal(set) var nodes: [Node] = []
  package internal(set) var leaves: [Leaf] = [Leaf(value: 0, cover: 1)]
  /// Where leaf ids hang: the node and whether on its left; `nil` for the root alone.
  private var parents: [(node: Int, isLeft: Bool)?] = [nil]

  /// A tree that is one leaf of value 0.
  package init() {}

  package static func == (left: Tree, right: Tree) -> Bool {
    left.nodes == right.nodes && left.leaves == right.leaves
  }

  /// Splits a leaf: the left child keeps its id, the right one gets the next free id.
  ///
  /// - Returns: the right child's id.
  @discardableResult
  package mutating func split(leaf: Int, by rule: SplitRule) -> Int {
    precondition(leaves.indices.contains(leaf), "leaf \(leaf) of \(leaves.count)")
    let node = nodes.count
    let right = leaves.count
    nodes.append(Node(rule: rule, left: .leaf(leaf), right: .leaf(right)))
    if let parent = parents[leaf] {
      if parent.isLeft {
        nodes[parent.node].left = .node(node)
      } else {
        nodes[parent.node].right = .node(node)
      }
    }
    parents[leaf] = (node, true)
    parents.append((node, false))
    leaves.append(Leaf(value: 0, cover: 1))
    return right
  }

  /// Gives each leaf, by id, its value and cover.
  package mutating func set(_ leaves: [Leaf]) {
    precondition(leaves.count == self.leaves.count, "\(leaves.count) of \(self.leaves.count)")
    self.leaves = leaves
  }

  /// The splits that made the nodes, in their order.
  package var splits: [LeafSplit] {
    nodes.map { node in
      // The left child keeps the leaf's id, so the leaf furthest left still has it.
      var at = node.left
      while case .node(let index) = at { at = nodes[index].left }
      guard case .leaf(let leaf) = at else { return LeafSplit(leaf: 0, rule: node.rule) }
      return LeafSplit(leaf: leaf, rule: node.rule)
    }
  }

  /// Training rows that reached each node, in the order of nodes.
  package var nodeCovers: [UInt64] {
    var covers = [UInt64](repeating: 0, count: nodes.count)
    func cover(_ child: Child) -> UInt64 {
      switch child {
      case .node(let node): covers[node]
      case .leaf(let leaf): leaves[leaf].cover
      }
    }
    for node in nodes.indices.reversed() {
      covers[node] = cover(nodes[node].left) &+ cover(nodes[node].right)
    }
    return covers
  }

  /// The leaf that a row reaches.
  ///
  /// - Parameter bin: the row's bin in a feature.
  /// - Returns: the leaf's id.
  package func leaf(bin: (_ feature: Int) -> Int) -> Int {
    var at: Child = nodes.isEmpty ? .leaf(0) : .node(0)
    while case .node(let index) = at {
      let node = nodes[index]
      at = node.rule.goesLeft(bin(node.rule.feature)) ? node.left : node.right
    }
    guard case .leaf(let leaf) = at else { return 0 }
    return leaf
  }
}
