/// How often each value of a numeric feature occurs: exactly while there are few, else in cells.
///
/// A cell is all doubles that share sign, exponent and leading mantissa bits: the ordered 64-bit form
/// of the double without its last `level` bits. The level is the *lowest at which no more than
/// `cellCountMax` cells are occupied*, which is a property of the set of values alone. So a sketch of
/// some rows is the same for any order of the rows and any way to merge their parts (the grid of
/// DDSketch, C. Masson et al., VLDB 2019, with a level found from the data and without a logarithm).
///
/// Invariant: cells ascend, their counts are above 0, and there are at most `cellCountMax`.
package struct NumericSketch: Equatable, Sendable {
  /// Occupied cells at most; 8,192 give cells of half a percent or less of most distributions, at up
  /// to 40 KB a feature on the wire.
  package static let cellCountMax = 8_192

  /// Low bits of the ordered form that a cell leaves open, 0…52; 0 means exact.
  package let level: Int
  /// Ordered forms without their `level` low bits, ascending.
  package let keys: [UInt64]
  /// Rows of each cell.
  package let counts: [UInt64]
  /// Rows without a value.
  package let missingCount: UInt64

  init(level: Int, keys: [UInt64], counts: [UInt64], missingCount: UInt64) {
    self.level = level
    self.keys = keys
    self.counts = counts
    self.missingCount = missingCount
  }

  /// The sketch of some rows' values; NaN is missing.
  package init(of values: [Double]) { self.init(ofParts: [values]) }

  /// The sketch of the values of several parts, without one of each.
  init(ofParts parts: [[Double]]) {
    var table = SketchTable()
    for values in parts { table.add(values) }
    self = table.sketch()
  }

  package static let empty = NumericSketch(level: 0, keys: [], counts: [], missingCount: 0)

  /// The sketch of the rows of both.
  package func merging(_ other: NumericSketch) -> NumericSketch {
    let level = max(self.level, other.level)
    let left = raised(to: level)
    let right = other.raised(to: level)
    var keys: [UInt64] = []
    var counts: [UInt64] = []
    keys.reserveCapacity(left.keys.count + right.keys.count)
    counts.reserveCapacity(left.keys.count + right.keys.count)
    var (i, j) = (0, 0)
    while i < left.keys.count || j < right.keys.count {
      let takesLeft =
        j == right.keys.count || (i < left.keys.count && left.keys[i] <= right.keys[j])
      let takesRight =
        i == left.keys.count || (j < right.keys.count && right.keys[j] <= left.keys[i])
      keys.append(takesLeft ? left.keys[i] : right.keys[j])
      counts.append((takesLeft ? left.counts[i] : 0) &+ (takesRight ? right.counts[j] : 0))
      i += takesLeft ? 1 : 0
      j += takesRight ? 1 : 0
    }
    var merged = NumericSketch(
      level: level,
      keys: keys,
      counts: counts,
      missingCount: missingCount &+ other.missingCount
    )
    while merged.keys.count > Self.cellCountMax { merged = merged.raised(to: merged.level + 1) }
    return merged
  }

  /// Rows with a value below 0; the sign is never left open.
  package var negativeCount: UInt64 {
    let zero = OrderedKey.of(0) >> UInt64(level)
    return zip(keys, counts).reduce(0) { $1.0 < zero ? $0 &+ $1.1 : $0 }
  }

  /// Rows with a value.
  package var presentCount: UInt64 { counts.reduce(0, &+) }

  /// The smallest value of a cell.
  func lowest(_ cell: Int) -> Double { OrderedKey.value(keys[cell] << UInt64(level)) }

  /// The largest value of a cell.
  func highest(_ cell: Int) -> Double {
    OrderedKey.value(keys[cell] << UInt64(level) | (1 << UInt64(level) &- 1))
  }

  private func raised(to level: Int) -> NumericSketch {
    guard level > self.level else { return self }
    let shift = UInt64(level - self.level)
    var keys: [UInt64] = []
    var counts: [UInt64] = []
    for cell in self.keys.indices {
      let key = self.keys[cell] >> shift
      if keys.last == key {
        counts[counts.count - 1] &+= self.counts[cell]
      } else {
        keys.append(key)
        counts.append(self.counts[cell])
      }
    }
    return NumericSketch(level: level, keys: keys, counts: counts, missingCount: missingCount)
  }
}
