/// How often the goal was reached and not reached, by margin: a histogram with fixed buckets.
///
/// Bucket b holds margins from b/128 − 16 to below (b + 1)/128 − 16; what lies beyond either end is
/// in the end bucket. Counts add up over rows in any order.
package struct MarginCounts: Equatable, Sendable {
  package static let bucketCount = 4_096
  static let bucketWidth = 1.0 / 128
  private static let lowest = -16.0

  /// Rows of each bucket whose goal was reached.
  package var positives: [UInt64]
  /// Rows of each bucket whose goal was not reached.
  package var negatives: [UInt64]

  package init() {
    positives = [UInt64](repeating: 0, count: Self.bucketCount)
    negatives = positives
  }

  package static func bucket(of margin: Double) -> Int {
    let place = (margin - lowest) / bucketWidth
    return place >= 0 ? Int(min(place, Double(bucketCount - 1))) : 0
  }

  /// The margin in the middle of a bucket.
  package static func margin(of bucket: Int) -> Double {
    lowerEnd(of: bucket) + bucketWidth / 2
  }

  static func lowerEnd(of bucket: Int) -> Double { Double(bucket) * bucketWidth + lowest }

  package mutating func add(margin: Double, isPositive: Bool) {
    let bucket = Self.bucket(of: margin)
    if isPositive { positives[bucket] &+= 1 } else { negatives[bucket] &+= 1 }
  }

  package mutating func add(_ other: MarginCounts) {
    for bucket in positives.indices {
      positives[bucket] &+= other.positives[bucket]
      negatives[bucket] &+= other.negatives[bucket]
    }
  }

  package var positiveCount: UInt64 { positives.reduce(0, &+) }
  package var negativeCount: UInt64 { negatives.reduce(0, &+) }
  package var rowCount: UInt64 { positiveCount &+ negativeCount }
}
