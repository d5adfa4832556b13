extension TrainingRows {
  private static let blockRowCount = 64

  /// Moves the rows of a range whose tested byte is wanted before those whose byte is not.
  ///
  /// Rows that stand wrong are found block by block without a jump that depends on the data, and
  /// exchanged in pairs (S. Edelkamp, A. Weiss, "BlockQuicksort", ESA 2016).
  ///
  /// - Parameters:
  ///   - range: the rows to divide.
  ///   - byteOffset: which byte of a record is tested.
  ///   - wanted: 256 entries, 1 for a byte that goes first, else 0.
  /// - Returns: where the second part begins.
  func divide(_ range: Range<Int>, byteOffset: Int, wanted: [UInt8]) -> Int {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count)")
    precondition((0..<stride).contains(byteOffset) && wanted.count == 256)
    return unsafe wanted.withUnsafeBufferPointer { wanted in
      unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * Self.blockRowCount) {
        unsafe divide(range, byteOffset: byteOffset, wanted: wanted, offsets: $0)
      }
    }
  }

  private func divide(
    _ range: Range<Int>,
    byteOffset: Int,
    wanted: UnsafeBufferPointer<UInt8>,
    offsets: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    let block = Self.blockRowCount
    let stride = self.stride
    let tested = unsafe start + byteOffset
    var (low, high) = (range.lowerBound, range.upperBound)
    // Rows of the block at `low` that go behind, and of the one before `high` that go first.
    var (lowCount, lowNext, highCount, highNext) = (0, 0, 0, 0)
    while high &- low >= 2 * block {
      if lowCount == 0 {
        lowNext = 0
        for index in 0..<block {
          let byte = unsafe tested.load(
            fromByteOffset: (low &+ index) &* stride,
            as: UInt8.self
          )
          unsafe offsets[lowCount] = UInt8(truncatingIfNeeded: index)
          unsafe lowCount &+= Int(1 &- wanted[Int(byte)])
        }
      }
      if highCount == 0 {
        highNext = 0
        for index in 0..<block {
          let byte = unsafe tested.load(
            fromByteOffset: (high &- 1 &- index) &* stride,
            as: UInt8.self
          )
          unsafe offsets[block &+ highCount] = UInt8(truncatingIfNeeded: index)
          unsafe highCount &+= Int(wanted[Int(byte)])
        }
      }
      let pairs = min(lowCount, highCount)
      for pair in 0..<pairs {
        unsafe exchange(
          low &+ Int(offsets[lowNext &+ pair]),
          high &- 1 &- Int(offsets[block &+ highNext &+ pair])
        )
      }
      lowCount &-= pairs
      lowNext &+= pairs
      highCount &-= pairs
      highNext &+= pairs
      if lowCount == 0 { low &+= block }
      if highCount == 0 { high &-= block }
    }
    while true {
      while unsafe low < high
        && wanted[
          Int(tested.load(fromByteOffset: low &* stride, as: UInt8.self))
        ] == 1
      { low &+= 1 }
      while unsafe low < high
        && wanted[
          Int(tested.load(fromByteOffset: (high &- 1) &* stride, as: UInt8.self))
        ] == 0
      { high &-= 1 }
      if low >= high { return low }
      exchange(low, high &- 1)
    }
  }

  @inline(__always) private func exchange(_ left: Int, _ right: Int) {
    let a = unsafe row(left)
    let b = unsafe row(right)
    var at = 0
    while at < stride {
      let word = unsafe a.load(fromByteOffset: at, as: UInt64.self)
      unsafe a.storeBytes(
        of: b.load(fromByteOffset: at, as: UInt64.self),
        toByteOffset: at,
        as: UInt64.self
      )
      unsafe b.storeBytes(of: word, toByteOffset: at, as: UInt64.self)
      at &+= 8
    }
  }
}
