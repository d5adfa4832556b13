/// How pairs are found whose first event is in one table and whose second is in another, or the same.
final class PairPlan {
  /// Up to 64 pairs: bit `i` of both masks is of the same pair.
  struct Word {
    var first: MaskWord
    var second: MaskWord
    /// Ascending, each once: the longest times between two events that some pair allows.
    var gaps: [Int64]
    /// By gap, the pairs that allow as much or more.
    var allowing: [UInt64]
    /// Nodes of the pairs.
    var nodes: [Int]
  }

  let words: [Word]

  init(_ firsts: TablePlan, _ seconds: TablePlan, _ pairs: [EventUses.Pair]) {
    var partners: [Int: TablePlan.PairPart] = [:]
    for part in seconds.seconds { partners[part.pair] = part }
    var both: [(first: TablePlan.PairPart, second: TablePlan.PairPart, key: [Int])] = []
    for first in firsts.firsts {
      guard let second = partners[first.pair] else { continue }
      both.append(
        (first, second, first.tests.map(\.field) + [-1] + second.tests.map(\.field))
      )
    }
    both.sort { $0.key.lexicographicallyPrecedes($1.key) }
    words = stride(from: 0, to: both.count, by: 64).map { start in
      let chosen = both[start..<min(start + 64, both.count)]
      let numbers = chosen.map(\.first.pair)
      let longest = numbers.map { pairs[$0].test.gap.upperBound }
      let gaps = Set(longest).sorted()
      return Word(
        first: MaskWord(.all, uses: numbers, tests: chosen.map(\.first.tests)),
        second: MaskWord(.all, uses: numbers, tests: chosen.map(\.second.tests)),
        gaps: gaps,
        allowing: gaps.map { gap in
          longest.enumerated().reduce(0) { $1.element >= gap ? $0 | 1 << UInt64($1.offset) : $0 }
        },
        nodes: numbers.map { pairs[$0].node }
      )
    }
  }
}
