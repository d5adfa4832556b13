import Bytes
package import Domain

/// The keys of profiles by their ordinals.
extension ShardSnapshot {
  /// The key of a profile, which has to exist.
  package func key(of ordinal: Int) throws(StoreError) -> ProfileKey {
    guard let keys = try keys(), ordinal < keys.count else {
      preconditionFailure("profile \(ordinal) of \(contents.profileCount)")
    }
    return keys.key(ordinal)
  }

  /// The hash of each profile's key that also names its shard; the profiles have to exist.
  package func keyHashes(of ordinals: [UInt32]) throws(StoreError) -> [UInt64] {
    guard let last = ordinals.max() else { return [] }
    guard let keys = try keys(), Int(last) < keys.count else {
      preconditionFailure("profile \(last) of \(contents.profileCount)")
    }
    return ordinals.map { unsafe shardHash(keys.bytes(Int($0))) }
  }
}
