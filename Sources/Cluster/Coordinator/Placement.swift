import Bytes
package import Domain

/// Decides which worker owns each shard of a new profile set.
///
/// Weighted rendezvous hashing: every worker draws a number for every shard, and the best one in
/// relation to its capacity takes the shard, as long as it has room. A worker's room is its share of
/// the shards by capacity, rounded up, so that equal workers differ by no more than the rounding.
/// Integers only, so that every machine decides alike.
///
/// Sources: D. Thaler, C. Ravishankar, "Using name-based mappings to increase hit rates", IEEE/ACM
/// ToN 6 (1998); the logarithmic weights are those of J. Schindelhauer, G. Schomaker, "Weighted
/// distributed hash tables", SPAA 2005.
package enum Placement {
  /// A worker that can take shards.
  package struct Candidate: Hashable, Sendable {
    package var name: Name
    /// Relative to the other candidates; 0 counts as 1.
    package var capacity: UInt32

    package init(name: Name, capacity: UInt32) {
      self.name = name
      self.capacity = capacity
    }
  }

  /// The owner of each shard, in the order of the shards.
  ///
  /// - Parameters:
  ///   - set: spreads the shards of different sets differently.
  ///   - shardCount: at least 1.
  ///   - candidates: distinct names, in any order.
  /// - Returns: one name a shard; empty when there is no candidate.
  package static func owners(
    of set: SetID,
    shardCount: Int,
    among candidates: [Candidate]
  ) -> [Name] {
    guard !candidates.isEmpty else { return [] }
    let workers = candidates.sorted { $0.name < $1.name }
    let capacities = workers.map { UInt64(max(1, $0.capacity)) }
    let total = capacities.reduce(0, +)
    var room = capacities.map { capacity in
      Int((UInt64(shardCount) * capacity + total - 1) / total)
    }
    let seeds = workers.map { shardHash($0.name.text.utf8) }

    return (0..<shardCount).map { shard in
      var best: Int?
      for worker in workers.indices where room[worker] > 0 {
        guard let rival = best else {
          best = worker
          continue
        }
        let own = cost(seed: seeds[worker], set: set, shard: shard)
        let other = cost(seed: seeds[rival], set: set, shard: shard)
        let ownScaled = own.multipliedFullWidth(by: capacities[rival])
        let otherScaled = other.multipliedFullWidth(by: capacities[worker])
        if (ownScaled.high, ownScaled.low) < (otherScaled.high, otherScaled.low) { best = worker }
      }
      // The rooms sum to at least the number of shards, so there is always one left.
      let owner = best ?? 0
      room[owner] -= 1
      return workers[owner].name
    }
  }

  /// What a shard costs a worker of capacity 1: minus the binary logarithm of a number drawn
  /// uniformly from 0 to 1, in units of 2⁻³².
  private static func cost(seed: UInt64, set: SetID, shard: Int) -> UInt64 {
    let draw = mixed(
      seed ^ mixed(UInt64(set.number) << 32 | UInt64(UInt32(truncatingIfNeeded: shard)))
    )
    return 64 << 32 - binaryLogarithm(max(1, draw))
  }

  /// The binary logarithm in units of 2⁻³², rounded down, by repeated squaring of the fraction.
  static func binaryLogarithm(_ value: UInt64) -> UInt64 {
    precondition(value > 0)
    let exponent = 63 - value.leadingZeroBitCount
    // In 1..<2 with 63 bits behind the point.
    var mantissa = value << (63 - exponent)
    var result = UInt64(exponent) << 32
    for bit in 1...32 {
      let square = mantissa.multipliedFullWidth(by: mantissa)
      // The square has 126 bits behind the point: two bits are before it.
      if square.high >> 63 == 1 {
        mantissa = square.high
        result |= 1 << (32 - bit)
      } else {
        mantissa = square.high << 1 | square.low >> 63
      }
    }
    return result
  }
}
