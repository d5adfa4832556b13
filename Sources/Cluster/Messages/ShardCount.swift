package import Bytes
import Domain

/// How many shards a set is to have that is made.
package enum ShardCount: Hashable, Sendable {
  /// As many as suit the workers that are there: see `suited(threadCount:)`.
  case suited
  case exactly(UInt32)

  /// The fewest of a set whose number of shards nobody gave.
  package static let suitedMin: UInt32 = 32
  /// Shards for each thread of the workers, so that they end at about the same time.
  private static let ofThread: UInt64 = 4

  /// As many as suit workers with so many threads together, before any bound.
  package static func suited(threadCount: UInt32) -> UInt32 {
    max(suitedMin, UInt32(clamping: UInt64(threadCount) * ofThread))
  }
}

extension ShardCount: Coded {
  package func encode(into writer: inout ByteWriter) {
    switch self {
    case .suited: UInt32?.none.encode(into: &writer)
    case .exactly(let count): UInt32?.some(count).encode(into: &writer)
    }
  }

  package init(from reader: inout ByteReader) throws(DecodingError) {
    switch try UInt32?(from: &reader) {
    case nil: self = .suited
    case let count?: self = .exactly(count)
    }
  }
}
