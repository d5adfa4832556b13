package import Bytes

/// How often each category of a categorical feature occurs.
///
/// Counts are exact for up to `categoryCountMax` categories with names that are not too long
/// together; a feature with more, such as a name or an id, is known to have too many and nothing
/// else. Both are the same for any partition of the rows.
package struct CategoryCounts: Equatable, Sendable {
  /// Categories at most; past this a feature tells rows apart rather than grouping them.
  package static let categoryCountMax = 65_536
  /// Bytes of all their names at most, so that counts fit in a message.
  package static let nameByteCountMax = 1 << 20

  /// Rows of each category; `nil` when there are too many categories.
  package let counts: [Text: UInt64]?
  /// Rows without a category.
  package let missingCount: UInt64

  package init(counts: [Text: UInt64]?, missingCount: UInt64) {
    self.counts = counts.flatMap { Self.areTooMany($0) ? nil : $0 }
    self.missingCount = missingCount
  }

  private static func areTooMany(_ counts: [Text: UInt64]) -> Bool {
    counts.count > categoryCountMax
      || counts.keys.reduce(0) { $0 + $1.byteCount } > nameByteCountMax
  }

  package init(codes: [UInt32], names: [Text]) {
    var byCode = [UInt64](repeating: 0, count: names.count)
    var missing: UInt64 = 0
    for code in codes {
      if Int(code) < names.count { byCode[Int(code)] += 1 } else { missing += 1 }
    }
    var counts: [Text: UInt64] = [:]
    for code in names.indices where byCode[code] > 0 {
      counts[names[code], default: 0] += byCode[code]
    }
    self.init(counts: counts, missingCount: missing)
  }

  /// The counts of the rows of both.
  package func merging(_ other: CategoryCounts) -> CategoryCounts {
    let missing = missingCount &+ other.missingCount
    guard let counts, let others = other.counts else {
      return CategoryCounts(counts: nil, missingCount: missing)
    }
    return CategoryCounts(
      counts: counts.merging(others, uniquingKeysWith: &+),
      missingCount: missing
    )
  }
}
