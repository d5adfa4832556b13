/// The checks of all sums of a program, made once for all its shards.
struct SumChecks: Sendable {
  /// Those of each sum after those of the one before.
  let exact: [SumCheck]
  /// By sum where its own begin and end.
  let starts: [Int]
  /// By the scale of decimals, then as the exact ones lie.
  let whole: [[WholeCheck]]
  /// By sum, whether all its checks are of sums.
  let areOfSums: [Bool]

  init(_ sums: [EventConditions.Sum]) {
    let all = sums.map { sum in sum.nodes.map { SumCheck($0.test, node: $0.node) } }
    let flat = all.flatMap { $0 }
    exact = flat
    starts = all.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
    whole = (0...WholeCheck.scaleMax).map { scale in flat.map { WholeCheck($0, scale: scale) } }
    areOfSums = all.map { $0.allSatisfy(\.isOfSum) }
  }
}
