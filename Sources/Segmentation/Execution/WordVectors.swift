import ProfileStore

/// Collects masks by profile for every word of conditions, and turns them into vectors.
final class WordVectors {
  /// What the bits of a word are for.
  struct Word {
    /// By bit, where its vector is.
    var targets: [Int]
    /// By bit, how many events are enough: 1 for those that do not count.
    var thresholds: [Int] = []
    /// Binary digits of the counters.
    var digitCount = 0
    /// Some counter goes on from table to table.
    var countsAcross = false
  }

  /// By word, for each bit where its vector is.
  private let targets: [Scratch<Int>]
  private let bitCounts: [Int]
  /// By word, then by profile.
  private let united: Scratch<UInt64>
  /// By word: 0 when there is nothing in it, 2 when its counters were begun, else 1.
  private let touched: Scratch<UInt8>
  /// By word, the digits of its counters at the beginning, and those of every profile.
  private let fresh: [Scratch<UInt64>]
  private let digits: [Scratch<UInt64>]
  private let digitCounts: [Int]
  private let squares = Scratch<SIMD4<UInt64>>(count: 64)

  init(_ words: [Word]) {
    targets = words.map { word in
      let scratch = Scratch<Int>(count: 64)
      for (bit, target) in word.targets.enumerated() { unsafe scratch.pointer[bit] = target }
      return scratch
    }
    bitCounts = words.map(\.targets.count)
    digitCounts = words.map(\.digitCount)
    united = Scratch(count: max(1, words.count) * BlockVector.bitCount)
    touched = Scratch(count: max(1, words.count))
    fresh = words.map { word in
      let scratch = Scratch<UInt64>(count: word.digitCount)
      for (bit, threshold) in word.thresholds.enumerated() {
        // It overflows when it is reached.
        let start = (1 << word.digitCount) - threshold
        for digit in 0..<word.digitCount where start >> digit & 1 == 1 {
          unsafe scratch.pointer[digit] |= 1 << UInt64(bit)
        }
      }
      return scratch
    }
    digits = words.map {
      Scratch(count: $0.countsAcross ? $0.digitCount * BlockVector.bitCount : 0)
    }
  }

  /// The masks of a word, by profile; they are there to be added to.
  func masks(_ word: Int) -> UnsafeMutablePointer<UInt64> {
    let masks = unsafe united.pointer + word * BlockVector.bitCount
    if unsafe touched.pointer[word] == 0 {
      unsafe touched.pointer[word] = 1
      unsafe masks.update(repeating: 0, count: BlockVector.bitCount)
    }
    return unsafe masks
  }

  /// How the counters of a word begin.
  func counters(_ word: Int) -> MaskCounters {
    unsafe MaskCounters(
      fresh: UnsafePointer(fresh[word].pointer),
      digitCount: digitCounts[word]
    )
  }

  /// The digits of a word's counters, by profile; `masks` was asked for before.
  func allDigits(_ word: Int) -> UnsafeMutablePointer<UInt64> {
    let count = digitCounts[word]
    let digits = unsafe digits[word].pointer
    if unsafe touched.pointer[word] == 1 {
      unsafe touched.pointer[word] = 2
      let fresh = unsafe fresh[word].pointer
      for profile in 0..<BlockVector.bitCount {
        for digit in 0..<count { unsafe digits[profile &* count &+ digit] = fresh[digit] }
      }
    }
    return unsafe digits
  }

  /// Writes the vectors of all words and forgets what was collected.
  func finish(into vectors: Scratch<UInt64>) {
    for word in targets.indices {
      let targets = unsafe targets[word].pointer
      if unsafe touched.pointer[word] == 0 {
        for bit in 0..<bitCounts[word] {
          unsafe vectors.vector(targets[bit]).update(repeating: 0, count: BlockVector.wordCount)
        }
      } else {
        unsafe touched.pointer[word] = 0
        unsafe writeVectors(
          of: united.pointer + word * BlockVector.bitCount,
          targets,
          count: bitCounts[word],
          by: squares.pointer,
          into: vectors.pointer
        )
      }
    }
  }
}

extension WordVectors.Word {
  /// A word of conditions on events; what is meant for the vectors of sums goes to a spare one.
  init(_ word: EventConditions.Word, spare: Int) {
    targets = []
    for bit in word.bits {
      if case .mark(let node, let atLeast) = bit.purpose {
        targets.append(node)
        thresholds.append(atLeast)
      } else {
        targets.append(spare)
        thresholds.append(1)
      }
    }
    digitCount = word.digitCount
    countsAcross = word.countedAcross != 0
  }
}
