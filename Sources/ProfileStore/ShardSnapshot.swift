import Bytes
package import Domain

/// The committed contents of a shard, immutable and usable from any thread.
///
/// Profiles have ordinals 0, 1, 2 … in the order in which the log first names their keys.
package final class ShardSnapshot: Sendable {
  package let contents: StoreContents
  private let blockSize: Int
  private let keyOrder: [UInt32]
  private let profiles: [(key: ProfileKey, attributes: ObjectValue, events: [Value])]

  init(
    contents: StoreContents,
    blockSize: Int,
    keyOrder: [UInt32],
    profiles: [(key: ProfileKey, attributes: ObjectValue, events: [Value])]
  ) {
    self.contents = contents
    self.blockSize = blockSize
    self.keyOrder = keyOrder
    self.profiles = profiles
  }

  package var blockCount: Int { (profiles.count + blockSize - 1) / blockSize }

  /// A block of profiles, verified; blocks are numbered in the order of ordinals.
  package func block(_ index: Int) throws(StoreError) -> ProfileBlock {
    precondition((0..<blockCount).contains(index), "no block \(index) of \(blockCount)")
    let first = index * blockSize
    return ProfileBlock(
      firstOrdinal: first,
      profiles: Array(profiles[first..<min(first + blockSize, profiles.count)])
    )
  }

  /// The ordinal of a profile; `nil` when the shard has none of that key.
  package func ordinal(of key: ProfileKey) throws(StoreError) -> Int? {
    let order = try ordinalsInKeyOrder()
    let position = order.position(notBelow: key)
    guard position < order.count, order.key(at: position) == key else { return nil }
    return order[position]
  }

  /// All profiles in ascending order of their keys.
  package func ordinalsInKeyOrder() throws(StoreError) -> KeyOrder {
    KeyOrder(ordinals: keyOrder, keys: profiles.map(\.key))
  }

  /// Which block a profile is in, and its row there.
  package func locate(_ ordinal: Int) -> (block: Int, row: Int) {
    (ordinal / blockSize, ordinal % blockSize)
  }
}

/// The profiles of a shard in ascending order of their keys: the ordinal for each position.
package struct KeyOrder: RandomAccessCollection, Sendable {
  fileprivate let ordinals: [UInt32]
  fileprivate let keys: [ProfileKey]

  package var startIndex: Int { 0 }
  package var endIndex: Int { ordinals.count }

  package subscript(position: Int) -> Int { Int(ordinals[position]) }

  package func key(at position: Int) -> ProfileKey { keys[self[position]] }

  /// The first position whose key is not below `key`.
  package func position(notBelow key: ProfileKey) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self.key(at: middle) < key { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// At most 1,024 profiles with their events.
package struct ProfileBlock: Sendable {
  package let firstOrdinal: Int
  private let profiles: [(key: ProfileKey, attributes: ObjectValue, events: [Value])]

  init(
    firstOrdinal: Int,
    profiles: [(key: ProfileKey, attributes: ObjectValue, events: [Value])]
  ) {
    self.firstOrdinal = firstOrdinal
    self.profiles = profiles
  }

  package var count: Int { profiles.count }

  package func key(_ row: Int) -> ProfileKey { profiles[row].key }

  package func attributes(_ row: Int) -> ObjectValue { profiles[row].attributes }

  /// The profile's events in the order of the language: by instant of `timestamp`, equal instants as
  /// they came, events without a readable one last.
  package func events(_ row: Int) -> [Value] { profiles[row].events }

  /// The attributes and, when there are events, `xEvent`.
  package func profile(_ row: Int) -> Value {
    var object = attributes(row)
    let events = events(row)
    if !events.isEmpty { object[RowScanner.eventsField] = .array(events) }
    return .object(object)
  }
}
