import Bytes
package import Domain

/// The profiles of a shard in ascending order of their keys: an ordinal for each position.
package struct KeyOrder: RandomAccessCollection, Sendable {
  /// `nil` in a shard without profiles.
  private let keys: KeySection?

  init(_ keys: KeySection?) { self.keys = keys }

  package var startIndex: Int { 0 }
  package var endIndex: Int { keys?.count ?? 0 }

  package subscript(position: Int) -> Int {
    guard let keys, position < keys.count else {
      preconditionFailure("position \(position) of \(count)")
    }
    return keys.ordinal(at: position)
  }

  package func key(at position: Int) -> ProfileKey {
    guard let keys, position < keys.count else {
      preconditionFailure("position \(position) of \(count)")
    }
    return keys.key(keys.ordinal(at: position))
  }

  /// The first position whose key is not below `key`; where paging goes on from a key.
  package func position(notBelow key: ProfileKey) -> Int {
    keys?.position(notBelow: key) ?? 0
  }

  /// The ordinal of a profile; `nil` when there is none of that key.
  package func ordinal(of key: ProfileKey) -> Int? {
    var text = key.text.string
    return text.withUTF8 { unsafe keys?.ordinal(ofKey: UnsafeRawBufferPointer($0)) }
  }
}
