/// Where the rows of each profile are, among all rows of a table or its recent ones.
@safe final class RowIndex {
  /// What is read of it.
  @unsafe struct Parts: BitwiseCopyable {
    /// A bit for each profile that has rows, and by word how many there are in the words before.
    var present: UnsafePointer<UInt64>
    var presentCounts: UnsafePointer<UInt32>
    /// Of each of those its last row, behind what is one below 0.
    var lastRows: UnsafePointer<UInt32>

    /// The rows of a profile.
    @inline(__always)
    func range(of profile: Int) -> Range<Int> {
      let (word, bit) = (profile >> 6, UInt64(1) &<< UInt64(truncatingIfNeeded: profile & 63))
      let own = unsafe present[word]
      let earlier = (own & (bit &- 1)).nonzeroBitCount
      let last = unsafe lastRows + (Int(presentCounts[word]) &+ earlier)
      // The one before is that of the profile before.
      let (start, end) = unsafe (Int(last[0] &+ 1), Int(last[1] &+ 1))
      return unsafe Range(uncheckedBounds: (start, own & bit == 0 ? start : end))
    }
  }

  private let present = Scratch<UInt64>(count: BlockVector.wordCount)
  private let presentCounts = Scratch<UInt32>(count: BlockVector.wordCount)
  private let lastRows = Scratch<UInt32>(count: BlockVector.bitCount + 2)

  /// Valid while this object lives.
  var parts: Parts {
    unsafe Parts(
      present: UnsafePointer(present.pointer),
      presentCounts: UnsafePointer(presentCounts.pointer),
      lastRows: UnsafePointer(lastRows.pointer)
    )
  }

  /// Turns to other rows.
  ///
  /// - Parameters:
  ///   - profiles: a bit for each profile that has rows.
  ///   - ends: a bit for the last row of each of them.
  ///   - wordCount: words of the rows.
  func take(
    profiles: UnsafePointer<UInt64>,
    ends: UnsafePointer<UInt64>,
    wordCount: Int
  ) {
    var count: UInt32 = 0
    for word in 0..<BlockVector.wordCount {
      unsafe present.pointer[word] = profiles[word]
      unsafe presentCounts.pointer[word] = count
      count &+= unsafe UInt32(truncatingIfNeeded: profiles[word].nonzeroBitCount)
    }
    unsafe lastRows.pointer[0] = .max
    let listed = unsafe list(ends, wordCount: wordCount, into: lastRows.pointer + 1)
    // Who is behind the last one has no rows.
    unsafe lastRows.pointer[listed + 1] = lastRows.pointer[listed]
  }
}
