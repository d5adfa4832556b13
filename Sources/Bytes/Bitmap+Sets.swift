extension Bitmap {
  public mutating func formUnion(_ other: Bitmap) { self = union(other) }

  public mutating func formIntersection(_ other: Bitmap) { self = intersection(other) }

  public mutating func subtract(_ other: Bitmap) { self = subtracting(other) }

  public func union(_ other: Bitmap) -> Bitmap {
    if isEmpty || self == other { return other }
    if other.isEmpty { return self }
    return combined(other, chunkCount: Swift.max(chunkCount, other.chunkCount)) { $0 | $1 }
  }

  public func intersection(_ other: Bitmap) -> Bitmap {
    if self == other { return self }
    return combined(other, chunkCount: Swift.min(chunkCount, other.chunkCount)) { $0 & $1 }
  }

  public func subtracting(_ other: Bitmap) -> Bitmap {
    if other.isEmpty { return self }
    if self == other { return Bitmap() }
    return combined(other, chunkCount: chunkCount) { $0 & ~$1 }
  }

  /// How many members both sets have.
  public func intersectionCount(_ other: Bitmap) -> Int {
    if self == other { return count }
    return intersection(other).count
  }

  @inline(__always)
  private func combined(
    _ other: Bitmap,
    chunkCount: Int,
    _ operation: (UInt64, UInt64) -> UInt64
  ) -> Bitmap {
    let wordCount = BitmapChunk.bitWordCount
    var builder = BitmapBuilder()
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: 2 * wordCount) { scratch in
      guard let left = scratch.baseAddress else { return }
      let right = unsafe left + wordCount
      unsafe left.initialize(repeating: 0, count: 2 * wordCount)
      for chunk in 0..<chunkCount {
        unsafe expand(chunk, orEmptyInto: left)
        unsafe other.expand(chunk, orEmptyInto: right)
        for index in 0..<wordCount {
          unsafe left[index] = unsafe operation(left[index], right[index])
        }
        unsafe builder.append(left, count: BitmapChunk.size)
      }
    }
    return builder.bitmap()
  }

  private func expand(_ chunk: Int, orEmptyInto words: UnsafeMutablePointer<UInt64>) {
    if chunk < heads.count {
      unsafe expand(chunk, into: words)
    } else {
      unsafe words.update(repeating: 0, count: BitmapChunk.bitWordCount)
    }
  }
}
