import ProfileStore

/// Compares the values of a lane with the bounds of its tests: a vector for each bound.
@safe final class BoundVectors {
  private let vectors = Scratch<UInt64>(count: 0)
  /// Words of each vector.
  private var wordCount = 0

  /// Compares values with all bounds.
  ///
  /// - Parameters:
  ///   - step: the bounds.
  ///   - lane: whose values they are.
  ///   - values: where they are: those of the lane, or one for each row.
  ///   - count: how many.
  ///   - wordCount: words of a vector with a bit for each row.
  func write(
    _ step: LaneStep,
    _ lane: FlatLane,
    _ values: UnsafeRawPointer,
    count: Int,
    wordCount: Int
  ) {
    self.wordCount = wordCount
    let start = unsafe vectors.room(for: step.boundCount * wordCount)
    let base = unsafe ValueOrder.place(of: lane.base)
    for index in 0..<(unsafe step.boundCount) {
      let words = unsafe start + index &* wordCount
      let bound = unsafe step.bounds[index]
      switch unsafe step.form {
      case .codes:
        if unsafe bound > lane.largest {
          unsafe words.update(repeating: 0, count: wordCount)
          continue
        }
        let code = unsafe lane.isSpread ? bound + 1 : bound
        unsafe writeEqual(values, width: lane.width, count: count, to: code, into: words)
      case .numbers:
        if bound <= base {
          unsafe writeEveryRow(count, into: words)
          unsafe clearRows(words, from: count, wordCount: wordCount)
          continue
        }
        if unsafe bound - base > lane.largest {
          unsafe words.update(repeating: 0, count: wordCount)
          continue
        }
        if let highParts = unsafe lane.highParts {
          let numbers = unsafe values.assumingMemoryBound(to: UInt64.self)
          unsafe writeReached(bound - base, numbers, highParts, count: count, into: words)
        } else {
          unsafe writeReached(bound - base, values, width: lane.width, count: count, into: words)
        }
      case .doubles: unsafe writeReached(bound, ofDoubles: values, count: count, into: words)
      case .booleans, .asked:
        unsafe words.update(
          from: values.assumingMemoryBound(to: UInt64.self),
          count: (count + 63) / 64
        )
        if count & 63 > 0 { unsafe words[count / 64] &= (1 << UInt64(count & 63)) - 1 }
      }
      unsafe clearRows(words, from: count, wordCount: wordCount)
    }
  }

  /// Writes what a test makes of the bounds; `every` has all values.
  func choose(
    _ choice: RowChoice,
    every: UnsafePointer<UInt64>,
    into words: UnsafeMutablePointer<UInt64>
  ) {
    unsafe Segmentation.write(
      choice,
      of: vectors.pointer,
      wordCount: wordCount,
      every: every,
      into: words
    )
  }
}
