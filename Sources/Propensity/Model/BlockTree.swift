/// A tree in the form in which blocks of rows are put through it.
///
/// Rows are in lanes. Every node compares one byte a lane; then results are chosen from the bottom up:
/// each node's slot takes its left or its right child's slot, lane by lane. Leaves have slots of
/// their own that always hold their number, so no step depends on the rows. Trees with more than
/// `leafCountMax` leaves do not fit.
struct BlockTree: Sendable {
  /// Lanes of a block at most.
  static let laneCountMax = 64
  /// Leaf numbers are bytes.
  static let leafCountMax = 256

  /// How a node compares.
  enum Compare: Sendable {
    /// Left when bin − `shift`, as a byte that wraps, is at most `limit`: with a shift of 1 missing
    /// becomes the greatest bin and goes right.
    case range(shift: UInt8, limit: UInt8)
    /// Left when the bin's entry is 1.
    case table([UInt8])
  }

  struct Node: Sendable {
    var feature: Int
    var compare: Compare
    /// Slots of the children: a leaf's number, or 256 and a node's number.
    var left: Int
    var right: Int
  }

  /// Children follow their parents.
  let nodes: [Node]
  let values: [Double]

  init?(_ tree: Tree) {
    guard tree.leaves.count <= Self.leafCountMax else { return nil }
    nodes = Self.nodes(of: tree)
    values = tree.leaves.map(\.value)
  }

  /// The nodes of a tree of any size; slots have a meaning only where leaves are few enough.
  static func nodes(of tree: Tree) -> [Node] {
    func slot(_ child: Tree.Child) -> Int {
      switch child {
      case .leaf(let leaf): leaf
      case .node(let node): leafCountMax + node
      }
    }
    return tree.nodes.map { node in
      Node(
        feature: node.rule.feature,
        compare: compare(node.rule),
        left: slot(node.left),
        right: slot(node.right)
      )
    }
  }

  private static func compare(_ rule: SplitRule) -> Compare {
    switch rule.test {
    case .upTo(let bin, true): .range(shift: 0, limit: bin)
    case .upTo(let bin, false) where bin > 0: .range(shift: 1, limit: bin - 1)
    case .upTo, .among: .table(rule.table)
    }
  }
}

/// The memory in which one block of rows is put through trees; used by one thread.
@safe final class BlockScratch {
  static let lanes = BlockTree.laneCountMax

  /// Bins, `lanes` of each feature.
  let bins: UnsafeMutablePointer<UInt8>
  /// Leaf numbers: `lanes` of each leaf slot, then of each node slot.
  let slots: UnsafeMutablePointer<UInt8>
  /// Of each node, all ones in the lanes that go left, else zero.
  let goesLeft: UnsafeMutablePointer<UInt8>
  let featureCount: Int

  private let nodeCountMax: Int

  /// - Parameters:
  ///   - featureCount: of the model.
  ///   - nodeCountMax: of any tree that is compared.
  init(featureCount: Int, nodeCountMax: Int = BlockTree.leafCountMax) {
    self.featureCount = featureCount
    self.nodeCountMax = nodeCountMax
    let slotCount = 2 * BlockTree.leafCountMax * Self.lanes
    unsafe bins = .allocate(capacity: max(1, featureCount) * Self.lanes)
    unsafe bins.initialize(repeating: 0, count: max(1, featureCount) * Self.lanes)
    unsafe slots = .allocate(capacity: slotCount)
    unsafe slots.initialize(repeating: 0, count: slotCount)
    unsafe goesLeft = .allocate(capacity: max(1, nodeCountMax) * Self.lanes)
    unsafe goesLeft.initialize(repeating: 0, count: max(1, nodeCountMax) * Self.lanes)
    for leaf in 0..<BlockTree.leafCountMax {
      unsafe (slots + leaf * Self.lanes).update(
        repeating: UInt8(truncatingIfNeeded: leaf),
        count: Self.lanes
      )
    }
  }

  deinit {
    unsafe bins.deallocate()
    unsafe slots.deallocate()
    unsafe goesLeft.deallocate()
  }

  /// Reads the block's rows, at most `lanes`.
  func load(_ rows: Range<Int>, from binner: Binner) {
    precondition(rows.count <= Self.lanes, "\(rows.count) rows")
    unsafe binner.write(rows: rows, to: bins, stride: 1, featureStride: Self.lanes)
  }

  /// The bin of one lane.
  func bin(lane: Int, feature: Int) -> Int {
    precondition(lane < Self.lanes && feature < featureCount)
    return Int(unsafe bins[feature &* Self.lanes &+ lane])
  }

  /// Fills `goesLeft` for each node of a tree whose features are those of the block.
  func compare(_ nodes: [BlockTree.Node]) {
    precondition(nodes.count <= nodeCountMax, "\(nodes.count) nodes")
    for index in nodes.indices {
      let node = nodes[index]
      precondition(node.feature < featureCount)
      let source = unsafe bins + node.feature &* Self.lanes
      let target = unsafe goesLeft + index &* Self.lanes
      switch node.compare {
      case .range(let shift, let limit):
        for lane in 0..<Self.lanes {
          unsafe target[lane] = source[lane] &- shift <= limit ? 0xFF : 0
        }
      case .table(let wanted):
        unsafe wanted.withUnsafeBufferPointer { wanted in
          for lane in 0..<Self.lanes {
            unsafe target[lane] = 0 &- wanted[Int(source[lane])]
          }
        }
      }
    }
  }

  /// The leaf that each lane reaches, after `compare`; `lanes` numbers that hold till the next call.
  func leaves(of tree: BlockTree) -> UnsafePointer<UInt8> {
    for index in tree.nodes.indices.reversed() {
      let node = tree.nodes[index]
      let mask = unsafe goesLeft + index &* Self.lanes
      let left = unsafe slots + node.left &* Self.lanes
      let right = unsafe slots + node.right &* Self.lanes
      let target = unsafe slots + (BlockTree.leafCountMax &+ index) &* Self.lanes
      for lane in 0..<Self.lanes {
        unsafe target[lane] = left[lane] & mask[lane] | right[lane] & ~mask[lane]
      }
    }
    let top = tree.nodes.isEmpty ? 0 : BlockTree.leafCountMax
    return unsafe UnsafePointer(slots + top &* Self.lanes)
  }
}
