/// All trees of a model in the flat form in which blocks of rows are put through them.
///
/// Rows are in lanes, and every node compares one byte a lane. Leaves and nodes have slots, a byte a
/// lane: slot l < `leafSlotCount` is leaf l's, the others are those of the tree's nodes in their
/// order. Invariant: features are below `featureCount`, children follow their parents, and slots,
/// tables and values are there, so kernels need no checks.
struct BlockForest: Sendable {
  struct Node: Sendable {
    var feature: Int32
    /// Slots of the children.
    var left: Int32
    var right: Int32
    /// The first byte of the node's table; negative when a range is compared.
    var table: Int32
    /// Left when bin − `shift`, as a byte that wraps, is at most `limit`: with a shift of 1 missing
    /// becomes the greatest bin and goes right.
    var shift: UInt8
    var limit: UInt8
  }

  /// Where one tree's nodes and leaf values are.
  struct Place: Sendable {
    var nodes: Range<Int>
    var values: Range<Int>
  }

  let featureCount: Int
  let leafSlotCount: Int
  let nodeSlotCount: Int
  let trees: [Place]
  /// Those of all trees, and one more.
  let nodes: [Node]
  /// 256 bytes a table: all ones for a bin that goes left, else 0.
  let tables: [UInt8]
  let values: [Double]

  var slotCount: Int { leafSlotCount + nodeSlotCount }

  init(_ trees: [Tree], featureCount: Int) {
    let leafSlotCount = trees.map(\.leaves.count).max() ?? 1
    var places: [Place] = []
    var nodes: [Node] = []
    var tables: [UInt8] = []
    var values: [Double] = []
    func slot(_ child: Tree.Child) -> Int32 {
      switch child {
      case .leaf(let leaf): Int32(leaf)
      case .node(let node): Int32(leafSlotCount + node)
      }
    }
    for tree in trees {
      let (nodeStart, valueStart) = (nodes.count, values.count)
      for node in tree.nodes {
        let feature = node.rule.feature
        precondition((0..<featureCount).contains(feature), "feature \(feature) of \(featureCount)")
        var flat = Node(
          feature: Int32(feature),
          left: slot(node.left),
          right: slot(node.right),
          table: -1,
          shift: 0,
          limit: 0
        )
        switch node.rule.test {
        case .upTo(let bin, true): flat.limit = bin
        case .upTo(let bin, false) where bin > 0: (flat.shift, flat.limit) = (1, bin - 1)
        case .upTo, .among:
          flat.table = Int32(tables.count)
          tables += node.rule.table.map { 0 &- $0 }
        }
        nodes.append(flat)
      }
      values += tree.leaves.map(\.value)
      places.append(Place(nodes: nodeStart..<nodes.count, values: valueStart..<values.count))
    }
    // No array is empty, so all have an address.
    nodes.append(Node(feature: 0, left: 0, right: 0, table: -1, shift: 0, limit: 0))
    tables.append(0)
    values.append(0)
    self.featureCount = featureCount
    self.leafSlotCount = leafSlotCount
    nodeSlotCount = places.map(\.nodes.count).max() ?? 0
    self.trees = places
    self.nodes = nodes
    self.tables = tables
    self.values = values
  }
}
