import Bytes

/// Draws ranks by Zipf's law: the n-th comes one n-th as often as the first.
struct Zipf: Sendable {
  /// How many draws of the last element fall on the ranks up to each one.
  private let cumulative: [Int]

  /// Takes a number of ranks, at least 1.
  init(count: Int) {
    precondition(count > 0)
    var sum = 0
    cumulative = (1...count).map { rank in
      sum += (1 << 32) / rank
      return sum
    }
  }

  /// Draws a rank from 0.
  func draw(_ random: inout SeededRandom) -> Int {
    let drawn = random.below(cumulative[cumulative.count - 1])
    var low = 0
    var high = cumulative.count - 1
    while low < high {
      let middle = (low + high) / 2
      if drawn < cumulative[middle] { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
