/// The contributions of one block of rows while they are added up; used by one thread.
@safe final class ExplanationBlock {
  let scratch: BlockScratch
  private let featureCount: Int
  private var laneCount = 0
  /// `lanes` sums of each feature.
  private let sums: UnsafeMutablePointer<Double>
  /// One byte a lane: which of a path's features' conditions are met.
  private let patterns: UnsafeMutablePointer<UInt8>

  init(featureCount: Int, nodeCountMax: Int) {
    self.featureCount = featureCount
    scratch = BlockScratch(featureCount: featureCount, nodeCountMax: nodeCountMax)
    unsafe sums = .allocate(capacity: max(1, featureCount) * BlockScratch.lanes)
    unsafe sums.initialize(repeating: 0, count: max(1, featureCount) * BlockScratch.lanes)
    unsafe patterns = .allocate(capacity: BlockScratch.lanes)
    unsafe patterns.initialize(repeating: 0, count: BlockScratch.lanes)
  }

  deinit {
    unsafe sums.deallocate()
    unsafe patterns.deallocate()
  }

  func begin(_ rows: Range<Int>, from binner: Binner) {
    scratch.load(rows, from: binner)
    laneCount = rows.count
    unsafe sums.update(repeating: 0, count: featureCount * BlockScratch.lanes)
  }

  /// Adds what a leaf contributes, by its table.
  func add(_ table: PathTable) {
    let lanes = BlockScratch.lanes
    let patterns = unsafe self.patterns
    let count = table.features.count
    unsafe patterns.update(repeating: UInt8(truncatingIfNeeded: 1 << count - 1), count: lanes)
    for condition in table.conditions {
      let mask = unsafe scratch.goesLeft + condition.node &* lanes
      let (flip, others) = (condition.flip, condition.others)
      for lane in 0..<lanes { unsafe patterns[lane] &= mask[lane] ^ flip | others }
    }
    let laneCount = self.laneCount
    unsafe table.values.withUnsafeBufferPointer { values in
      guard var column = values.baseAddress else { return }
      for feature in table.features {
        precondition(feature < featureCount)
        let sums = unsafe self.sums + feature &* lanes
        for lane in 0..<laneCount { unsafe sums[lane] += column[Int(patterns[lane])] }
        unsafe column += 1 &<< count
      }
    }
  }

  /// Adds what a leaf with many features contributes, row by row.
  func add(_ path: DeepPath) {
    let lanes = BlockScratch.lanes
    var isMet = [Bool](repeating: true, count: path.features.count)
    for lane in 0..<laneCount {
      for element in isMet.indices { isMet[element] = true }
      for condition in path.conditions {
        let mask = unsafe scratch.goesLeft[condition.node &* lanes &+ lane]
        if mask ^ condition.flip == 0 { isMet[condition.element] = false }
      }
      path.contribute(isMet: { isMet[$0] }) { feature, value in
        precondition(feature < featureCount)
        unsafe sums[feature &* lanes &+ lane] += value
      }
    }
  }

  /// Writes the block's rows, a value a feature, from `start` on.
  func write(to values: inout [Double], at start: Int) {
    precondition(start >= 0 && start + laneCount * featureCount <= values.count)
    unsafe values.withUnsafeMutableBufferPointer { values in
      for lane in 0..<laneCount {
        for feature in 0..<featureCount {
          unsafe values[start &+ lane &* featureCount &+ feature] =
            sums[feature &* BlockScratch.lanes &+ lane]
        }
      }
    }
  }
}
