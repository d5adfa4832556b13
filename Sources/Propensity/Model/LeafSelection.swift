/// Finds the leaf that each of some rows reaches in a tree; used by one thread.
///
/// From the bottom up, each node's slot takes its left or its right child's, lane by lane. Leaves have
/// slots that always hold their number, so no step depends on the rows.
@safe final class LeafSelection {
  /// Leaf numbers are bytes.
  static let leafCountMax = 256
  /// Rows that are put through all trees before the next ones: their bins and slots fit in the
  /// first cache.
  static let laneCount = 128

  private let leafSlotCount: Int
  private let lanes: Int
  private let slots: UnsafeMutablePointer<UInt8>

  /// - Parameters:
  ///   - forest: whose trees are selected from; those with too many leaves may not be.
  ///   - rowCount: rows that are ever put through together; at most `laneCount` are.
  init(_ forest: BlockForest, rowCount: Int) {
    leafSlotCount = forest.leafSlotCount
    lanes = min(Self.laneCount, RowBlock.padded(max(1, rowCount)))
    unsafe slots = .allocate(capacity: forest.slotCount * lanes)
    for slot in 0..<forest.slotCount {
      unsafe (slots + slot * lanes).initialize(
        repeating: UInt8(truncatingIfNeeded: slot),
        count: lanes
      )
    }
  }

  deinit { unsafe slots.deallocate() }

  /// Adds the value of the leaf that each row reaches.
  ///
  /// - Parameters:
  ///   - nodes: the tree's first node.
  ///   - nodeCount: how many it has.
  ///   - tables: of the forest.
  ///   - values: of the tree's leaves, at most `leafCountMax`.
  ///   - block: what the rows are part of.
  ///   - rows: at most `laneCount`, from a multiple of 32 on.
  ///   - sums: one a row.
  @inline(__always)
  func add(
    _ nodes: UnsafePointer<BlockForest.Node>,
    count nodeCount: Int,
    tables: UnsafePointer<UInt8>,
    values: UnsafePointer<Double>,
    of block: RowBlock,
    rows: Range<Int>,
    to sums: UnsafeMutablePointer<Double>
  ) {
    let (lanes, binStride) = (lanes, block.laneCountMax)
    let width = RowBlock.padded(rows.count)
    let bins = unsafe block.bins + rows.lowerBound
    var target = unsafe slots + (leafSlotCount &+ nodeCount) &* lanes
    var node = unsafe nodes + nodeCount
    for _ in 0..<nodeCount {
      unsafe node -= 1
      unsafe target -= lanes
      let source = unsafe bins + Int(node.pointee.feature) &* binStride
      let left = unsafe slots + Int(node.pointee.left) &* lanes
      let right = unsafe slots + Int(node.pointee.right) &* lanes
      if unsafe node.pointee.table < 0 {
        let shift = unsafe ByteLanes(repeating: node.pointee.shift)
        let limit = unsafe ByteLanes(repeating: node.pointee.limit)
        var lane = 0
        while lane < width {
          let goesLeft = unsafe ByteLanes(source + lane).isAtMost(limit, shift: shift)
          unsafe goesLeft.choose(ByteLanes(left + lane), ByteLanes(right + lane))
            .store(target + lane)
          lane &+= ByteLanes.count
        }
      } else {
        let table = unsafe tables + Int(node.pointee.table)
        for lane in 0..<width {
          let mask = unsafe table[Int(source[lane])]
          unsafe target[lane] = left[lane] & mask | right[lane] & ~mask
        }
      }
    }
    let leaves = unsafe nodeCount == 0 ? slots : slots + leafSlotCount &* lanes
    for row in 0..<rows.count { unsafe sums[row] += values[Int(leaves[row])] }
  }
}
