import ProfileStore

/// Collects masks by profile for every word of conditions, and turns them into vectors.
final class WordVectors {
  /// By bit of the word, where its vector is.
  private let targets: [Scratch<Int>]
  private let bitCounts: [Int]
  /// By word, then by the profile's place.
  private let united: Scratch<UInt64>
  /// By word, whether there is anything in it.
  private let isTouched: Scratch<UInt8>
  /// By word that counts, the digits of its counters at the beginning of a block, and now.
  private let planes: [Scratch<UInt64>?]
  private let fresh: [Scratch<UInt64>?]
  private let planeCounts: [Int]

  /// Makes room for words.
  ///
  /// - Parameters:
  ///   - targets: by word, for each bit where its vector is.
  ///   - thresholds: by word that counts, for each bit how many events are enough.
  ///   - planeCounts: by word, the digits of its counters.
  init(targets: [[Int]], thresholds: [[Int]], planeCounts: [Int]) {
    self.targets = targets.map { targets in
      let scratch = Scratch<Int>(count: 64)
      for (bit, target) in targets.enumerated() { unsafe scratch.pointer[bit] = target }
      return scratch
    }
    bitCounts = targets.map(\.count)
    self.planeCounts = planeCounts
    united = Scratch(count: max(1, targets.count) * BlockVector.bitCount)
    isTouched = Scratch(count: max(1, targets.count))
    fresh = zip(thresholds, planeCounts).map { thresholds, planeCount in
      guard planeCount > 0 else { return nil }
      let scratch = Scratch<UInt64>(count: planeCount)
      for (bit, threshold) in thresholds.enumerated() {
        let start = (1 << planeCount) - threshold
        for plane in 0..<planeCount where start >> plane & 1 == 1 {
          unsafe scratch.pointer[plane] |= 1 << UInt64(bit)
        }
      }
      return scratch
    }
    planes = planeCounts.map { count in
      count == 0 ? nil : Scratch(count: count * BlockVector.bitCount)
    }
  }

  /// The masks of a word, by the profile's place; they are there to be added to.
  func masks(_ word: Int) -> UnsafeMutablePointer<UInt64> {
    let masks = unsafe united.pointer + word * BlockVector.bitCount
    if unsafe isTouched.pointer[word] == 0 {
      unsafe isTouched.pointer[word] = 1
      unsafe masks.update(repeating: 0, count: BlockVector.bitCount)
      if let planes = planes[word], let fresh = fresh[word] {
        let count = planeCounts[word]
        for place in 0..<BlockVector.bitCount {
          for plane in 0..<count {
            unsafe planes.pointer[place &* count &+ plane] = unsafe fresh.pointer[plane]
          }
        }
      }
    }
    return unsafe masks
  }

  /// The digits of a word's counters, by the profile's place; `masks` makes them ready.
  func counters(_ word: Int) -> UnsafeMutablePointer<UInt64>? { unsafe planes[word]?.pointer }

  /// Writes the vectors of all words and forgets what was collected.
  func finish(into vectors: Scratch<UInt64>) {
    for word in targets.indices {
      let targets = unsafe targets[word].pointer
      if unsafe isTouched.pointer[word] == 0 {
        for bit in 0..<bitCounts[word] {
          unsafe vectors.vector(targets[bit]).update(repeating: 0, count: BlockVector.wordCount)
        }
      } else {
        unsafe isTouched.pointer[word] = 0
        unsafe writeVectors(
          of: united.pointer + word * BlockVector.bitCount,
          targets,
          count: bitCounts[word],
          into: vectors.pointer
        )
      }
    }
  }
}
