import Bytes

/// How many rows have a value, and about how many different values there are.
///
/// Keeps the least hashes of the values; what it says of some rows does not depend on their order or
/// division. Source: Z. Bar-Yossef et al., "Counting distinct elements in a data stream", RANDOM
/// 2002 (the k minimum values).
package struct ValueCensus: Equatable, Sendable {
  /// Hashes at most: as many different values are counted exactly.
  package static let hashCountMax = 256
  /// Fewer rows say nothing about whether a value tells them apart.
  private static let rowCountMin: UInt64 = 100

  package internal(set) var rowCount: UInt64 = 0
  /// The least, ascending, each once.
  package private(set) var hashes: [UInt64] = []

  package init() {}

  init(rowCount: UInt64, hashes: [UInt64]) {
    self.rowCount = rowCount
    self.hashes = hashes
  }

  static func hash(_ text: Text) -> UInt64 { shardHash(text.utf8) }

  static func hash(_ number: Double) -> UInt64 {
    // Minus zero is zero.
    mixed((number == 0 ? 0 : number).bitPattern)
  }

  /// A hash that is not below it changes nothing.
  var hashBound: UInt64? {
    hashes.count == Self.hashCountMax ? hashes.last : nil
  }

  /// Adds hashes of values; `rowCount` is left alone.
  mutating func add(_ others: Set<UInt64>) {
    let bound = hashBound
    let new = others.filter { hash in bound.map { hash < $0 } ?? true }
    if new.isEmpty { return }
    hashes = Array(new.union(hashes).sorted().prefix(Self.hashCountMax))
  }

  func merging(_ other: ValueCensus) -> ValueCensus {
    var merged = self
    merged.rowCount &+= other.rowCount
    merged.add(Set(other.hashes))
    return merged
  }

  /// About how many different values there are; exact below `hashCountMax`.
  package var distinctCount: Double {
    guard let last = hashBound else { return Double(hashes.count) }
    return Double(hashes.count - 1) / (Double(last) * 0x1p-64)
  }

  /// Whether more than half of the rows have a value of their own.
  var tellsRowsApart: Bool {
    rowCount >= Self.rowCountMin && distinctCount > Double(rowCount) / 2
  }
}
