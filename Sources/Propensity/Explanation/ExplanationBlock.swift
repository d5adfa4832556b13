/// The contributions of one block of rows while they are added up; used by one thread.
///
/// Patterns of conditions met go down a tree from node to child, a byte a row; at a leaf the pattern
/// finds the row's contributions in the leaf's table.
@safe final class ExplanationBlock {
  /// Rows at most: their sums stay in the first cache.
  private static let rowCountMax = 64

  let rows: RowBlock
  private let explained: ExplainedForest
  private let lanes: Int
  private let sumStride: Int
  /// `sumStride` sums of each feature; one alone when there is but one row.
  private let sums: UnsafeMutablePointer<Double>
  /// `lanes` patterns of each slot; a tree's first node has all bits set.
  private let patterns: UnsafeMutablePointer<UInt8>
  /// Where each row's values begin in a table.
  private let places: UnsafeMutablePointer<UInt32>
  private let sumCount: Int
  /// Of one row, a line of values a path.
  private let lines: UnsafeMutablePointer<Double>

  init(_ explained: ExplainedForest, rowCount: Int) {
    let featureCount = explained.forest.featureCount
    self.explained = explained
    rows = RowBlock(featureCount: featureCount, rowCount: rowCount, limit: Self.rowCountMax)
    lanes = rows.laneCountMax
    sumStride = rowCount == 1 ? 1 : lanes
    sumCount = featureCount * sumStride
    let patternCount = max(1, explained.forest.slotCount) * lanes
    unsafe sums = .allocate(capacity: max(1, sumCount))
    unsafe patterns = .allocate(capacity: patternCount)
    unsafe patterns.initialize(repeating: 0xFF, count: patternCount)
    let lineCount = (explained.pathCountMax + 1) * TableValues.lineCount
    unsafe lines = .allocate(capacity: lineCount)
    unsafe lines.initialize(repeating: 0, count: lineCount)
    unsafe places = .allocate(capacity: lanes)
    unsafe places.initialize(repeating: 0, count: lanes)
  }

  deinit {
    unsafe sums.deallocate()
    unsafe patterns.deallocate()
    unsafe places.deallocate()
    unsafe lines.deallocate()
  }

  /// Explains a block's rows by all trees.
  func explain(_ range: Range<Int>, from binner: Binner) {
    rows.load(range, from: binner)
    unsafe sums.initialize(repeating: 0, count: sumCount)
    unsafe explained.forest.nodes.withUnsafeBufferPointer { nodes in
      unsafe explained.forest.tables.withUnsafeBufferPointer { tables in
        for (index, place) in explained.forest.trees.enumerated() {
          guard let nodes = nodes.baseAddress, let tables = tables.baseAddress else { return }
          unsafe descend(
            nodes + place.nodes.lowerBound,
            place.nodes,
            tables: tables
          )
          if rows.rowCount == 1 && sumStride == 1 {
            addOneRow(explained.trees[index].paths)
          } else {
            addTables(explained.trees[index].paths)
          }
          for path in explained.trees[index].deep { add(explained.deep[path]) }
        }
      }
    }
  }

  /// Fills the patterns of all slots of a tree.
  @inline(__always)
  private func descend(
    _ first: UnsafePointer<BlockForest.Node>,
    _ numbers: Range<Int>,
    tables: UnsafePointer<UInt8>
  ) {
    let (lanes, width) = (lanes, RowBlock.padded(rows.rowCount))
    let (bins, patterns) = unsafe (rows.bins, patterns)
    let leafSlotCount = explained.forest.leafSlotCount
    unsafe explained.others.withUnsafeBufferPointer { others in
      for index in 0..<numbers.count {
        let node = unsafe first[index]
        let other = unsafe ByteLanes(repeating: others[numbers.lowerBound &+ index])
        let source = unsafe bins + Int(node.feature) &* lanes
        let own = unsafe patterns + (leafSlotCount &+ index) &* lanes
        let left = unsafe patterns + Int(node.left) &* lanes
        let right = unsafe patterns + Int(node.right) &* lanes
        if node.table >= 0 {
          // The masks are written to the left child's slot and read from there.
          let table = unsafe tables + Int(node.table)
          for lane in 0..<width { unsafe left[lane] = table[Int(source[lane])] }
        }
        let shift = ByteLanes(repeating: node.shift)
        let limit = ByteLanes(repeating: node.limit)
        var lane = 0
        while lane < width {
          let goesLeft =
            unsafe node.table >= 0
            ? ByteLanes(left + lane) : ByteLanes(source + lane).isAtMost(limit, shift: shift)
          let pattern = unsafe ByteLanes(own + lane)
          unsafe (pattern & (goesLeft | other)).store(left + lane)
          unsafe (pattern & (~goesLeft | other)).store(right + lane)
          lane &+= ByteLanes.count
        }
      }
    }
  }

  /// Adds what leaves contribute by their tables.
  private func addTables(_ numbers: Range<Int>) {
    let (lanes, sumStride, rowCount) = (lanes, sumStride, rows.rowCount)
    let (sums, patterns, places) = unsafe (sums, patterns, places)
    let allValues = unsafe explained.values.start
    unsafe explained.paths.withUnsafeBufferPointer { paths in
      unsafe explained.features.withUnsafeBufferPointer { features in
        for number in numbers {
          let path = unsafe paths[number]
          let own = unsafe patterns + Int(path.slot) &* lanes
          for lane in 0..<rowCount {
            unsafe places[lane] = UInt32(own[lane] & path.mask) &<< UInt32(path.shift)
          }
          var value = unsafe allValues + path.valueStart
          var feature = Int(path.featureStart)
          for _ in 0..<path.featureCount {
            let sum = unsafe sums + Int(features[feature]) &* sumStride
            for lane in 0..<rowCount { unsafe sum[lane] += value[Int(places[lane])] }
            unsafe value += 1
            feature &+= 1
          }
        }
      }
    }
  }

  /// The same for a block of one row.
  ///
  /// Values are copied first: the tables are larger than most caches, and copies that do not depend on
  /// each other wait for many lines at once.
  private func addOneRow(_ numbers: Range<Int>) {
    let lanes = lanes
    let (sums, patterns, lines) = unsafe (sums, patterns, lines)
    let allValues = unsafe explained.values.start
    unsafe explained.paths.withUnsafeBufferPointer { paths in
      unsafe explained.features.withUnsafeBufferPointer { features in
        guard let features = features.baseAddress else { return }
        var line = UnsafeMutableRawPointer(lines)
        for number in numbers {
          let path = unsafe paths[number]
          let pattern = unsafe patterns[Int(path.slot) &* lanes] & path.mask
          let place = path.valueStart &+ Int(pattern) &<< Int(path.shift)
          let source = unsafe UnsafeRawPointer(allValues + place)
          let half = MemoryLayout<SIMD4<Double>>.size
          let low = unsafe source.loadUnaligned(as: SIMD4<Double>.self)
          let high = unsafe source.loadUnaligned(fromByteOffset: half, as: SIMD4<Double>.self)
          unsafe line.storeBytes(of: low, as: SIMD4<Double>.self)
          unsafe line.storeBytes(of: high, toByteOffset: half, as: SIMD4<Double>.self)
          unsafe line += 2 &* half
        }
        var values = unsafe lines
        for number in numbers {
          let path = unsafe paths[number]
          let feature = unsafe features + Int(path.featureStart)
          for element in 0..<Int(path.featureCount) {
            unsafe sums[Int(feature[element])] += values[element]
          }
          unsafe values += TableValues.lineCount
        }
      }
    }
  }

  /// Adds what a leaf with many features contributes, row by row.
  private func add(_ path: DeepPath) {
    for row in 0..<rows.rowCount {
      path.contribute(bin: { rows.bin(row: row, feature: $0) }) { feature, value in
        unsafe sums[feature &* sumStride &+ row] += value
      }
    }
  }

  /// Writes the block's rows, a value a feature, from `start` on.
  func write(to values: inout [Double], at start: Int) {
    let featureCount = explained.forest.featureCount
    precondition(start >= 0 && start + rows.rowCount * featureCount <= values.count)
    unsafe values.withUnsafeMutableBufferPointer { values in
      for row in 0..<rows.rowCount {
        for feature in 0..<featureCount {
          unsafe values[start &+ row &* featureCount &+ feature] =
            sums[feature &* sumStride &+ row]
        }
      }
    }
  }
}
