/// Adds rows into a histogram through a small packed one that stays in cache.
///
/// One 64-bit addition a row and feature: the gradient's sum is in the high 32 bits, the hessian's in
/// the low ones, for as many rows as cannot overflow them. Then the packed sums are added to the
/// 64-bit ones. Owned by one partition.
@safe final class HistogramBuilder {
  /// Slots of a feature in the packed histogram, so that a bin's place needs no table.
  private static let packedStride = 256

  private let layout: HistogramLayout
  private let packed: UnsafeMutablePointer<Int64>
  private let packedCount: Int

  init(layout: HistogramLayout, paddedFeatureCount: Int) {
    self.layout = layout
    packedCount = paddedFeatureCount * Self.packedStride
    unsafe packed = .allocate(capacity: packedCount)
    unsafe packed.initialize(repeating: 0, count: packedCount)
  }

  deinit { unsafe packed.deallocate() }

  /// The histogram of a range of rows, with the slots of this builder's layout.
  ///
  /// - Parameters:
  ///   - range: of `rows`.
  ///   - rows: whose gradients are up to date.
  ///   - unit: that these are in.
  /// - Returns: their sums.
  func histogram(
    _ range: Range<Int>,
    of rows: TrainingRows,
    in unit: HistogramUnit
  ) -> LeafHistogram {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows.count, "\(range)")
    precondition(rows.paddedFeatureCount * Self.packedStride == packedCount)
    var first = range.lowerBound
    func addSome() {
      let count = min(range.upperBound - first, unit.packedRowCountMax)
      unsafe addPacked(
        rows.row(first),
        count: count,
        stride: rows.stride,
        words: rows.paddedFeatureCount / 8,
        to: packed
      )
      first += count
    }
    let sumCount = 2 * layout.slotCount
    // The first sums are written to all slots, what follows is added to them.
    let sums = unsafe [Int64](unsafeUninitializedCapacity: sumCount) { sums, initialized in
      initialized = sumCount
      guard let target = sums.baseAddress else { return }
      addSome()
      unsafe flush(to: target) { $1 }
      while first < range.upperBound {
        addSome()
        unsafe flush(to: target) { $0 &+ $1 }
      }
    }
    return LeafHistogram(sums: sums)
  }

  /// Makes a new sum of each wide one and its packed one, and sets the packed ones to 0.
  @inline(__always)
  private func flush(to sums: UnsafeMutablePointer<Int64>, _ sum: (Int64, Int64) -> Int64) {
    var target = unsafe sums
    for feature in layout.binCounts.indices {
      let source = unsafe packed + feature &* Self.packedStride
      for bin in 0..<layout.binCounts[feature] {
        let both = unsafe source[bin]
        let hessian = both & 0xFFFF_FFFF
        unsafe target[0] = sum(target[0], (both &- hessian) &>> 32)
        unsafe target[1] = sum(target[1], hessian)
        unsafe source[bin] = 0
        unsafe target += 2
      }
    }
    // The bytes that pad a record are all 0 and counted in these.
    for feature in layout.binCounts.count..<packedCount / Self.packedStride {
      unsafe packed[feature &* Self.packedStride] = 0
    }
  }
}

/// Adds each row's packed gradient and hessian to the slots of its bins, eight features a step.
private func addPacked(
  _ rows: UnsafeMutableRawPointer,
  count: Int,
  stride: Int,
  words: Int,
  to packed: UnsafeMutablePointer<Int64>
) {
  var row = unsafe rows
  for _ in 0..<count {
    let both = unsafe row.load(fromByteOffset: TrainingRows.sumsOffset, as: Int64.self)
    var bins = unsafe row + TrainingRows.binsOffset
    var slots = unsafe packed
    for _ in 0..<words {
      let eight = unsafe bins.load(as: UInt64.self)
      unsafe slots[Int(eight & 0xFF)] &+= both
      unsafe slots[256 &+ Int(eight &>> 8 & 0xFF)] &+= both
      unsafe slots[512 &+ Int(eight &>> 16 & 0xFF)] &+= both
      unsafe slots[768 &+ Int(eight &>> 24 & 0xFF)] &+= both
      unsafe slots[1_024 &+ Int(eight &>> 32 & 0xFF)] &+= both
      unsafe slots[1_280 &+ Int(eight &>> 40 & 0xFF)] &+= both
      unsafe slots[1_536 &+ Int(eight &>> 48 & 0xFF)] &+= both
      unsafe slots[1_792 &+ Int(eight &>> 56)] &+= both
      unsafe bins += 8
      unsafe slots += 8 &* 256
    }
    unsafe row += stride
  }
}
