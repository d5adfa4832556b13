import Bytes

/// Growing pauses between tries, spread at random so that many workers do not come at once.
package struct Backoff: Sendable {
  /// The first pause.
  static let firstMilliseconds: Int64 = 100
  /// The longest pause.
  static let longestMilliseconds: Int64 = 5_000

  private var random: SeededRandom
  private var ceiling = Backoff.firstMilliseconds

  package init(seed: UInt64) { random = SeededRandom(seed: seed) }

  /// The next pause, between half of the current length and all of it; the length doubles.
  package mutating func next() -> Int64 {
    let half = ceiling / 2
    let pause = half + Int64(random.below(Int(ceiling - half) + 1))
    ceiling = min(ceiling * 2, Backoff.longestMilliseconds)
    return pause
  }

  package mutating func reset() { ceiling = Backoff.firstMilliseconds }
}
