import Bytes
import Domain
import PQL
import ProfileStore

/// The part of a profile that some definitions can read.
struct ProfileProjection {
  init(of queries: [CheckedQuery]) {}

  /// A profile with at least what the definitions read.
  func profile(_ row: Int, of block: ProfileBlock) -> Value { block.profile(row) }
}
