/// What a thread noted of a stretch of blocks.
struct PartTally: Sendable {
  /// By part, the rows that were gone through for it.
  var rowCounts: [UInt64]
  /// By part, the time it took in some of the blocks.
  var sampledNanoseconds: [UInt64]
  /// By pair, the profiles whose events were looked at.
  var searchedCounts: [UInt64]

  /// Adds what was noted of another stretch of the same shard.
  mutating func add(_ other: PartTally) {
    Self.add(other.rowCounts, to: &rowCounts)
    Self.add(other.sampledNanoseconds, to: &sampledNanoseconds)
    Self.add(other.searchedCounts, to: &searchedCounts)
  }

  private static func add(_ numbers: [UInt64], to totals: inout [UInt64]) {
    precondition(numbers.count == totals.count, "\(numbers.count) numbers, \(totals.count) totals")
    for index in numbers.indices { totals[index] &+= numbers[index] }
  }
}
