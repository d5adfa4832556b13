import Domain

/// Profile keys and their ordinals, in the order in which they were first seen.
///
/// About 24 bytes a key besides its own; hashed with the process's seed, so no choice of keys
/// makes it slow.
struct KeyTable {
  /// All keys, one behind the other.
  private(set) var bytes: [UInt8] = []
  /// Where each key begins in `bytes`, and at last where the last one ends.
  private(set) var starts: [Int] = [0]
  /// Ordinals + 1 by hash, 0 where free; at most half are taken.
  private var slots: [UInt32] = Array(repeating: 0, count: 64)

  /// Ordinals are kept in 32 bits.
  static let countMax = Int(UInt32.max) - 1

  var count: Int { starts.count - 1 }

  func key(_ ordinal: Int) -> ArraySlice<UInt8> { bytes[starts[ordinal]..<starts[ordinal + 1]] }

  /// The ordinal of a key, which is added when it is new.
  mutating func ordinal(of key: ArraySlice<UInt8>) throws(StoreError) -> Int {
    var slot = KeyTable.hash(key) & (slots.count - 1)
    while slots[slot] != 0 {
      let ordinal = Int(slots[slot]) - 1
      if self.key(ordinal).elementsEqual(key) { return ordinal }
      slot = (slot + 1) & (slots.count - 1)
    }
    guard count < KeyTable.countMax else {
      throw .tooLarge(what: "a shard's profiles", count: count + 1, limit: KeyTable.countMax)
    }
    bytes.append(contentsOf: key)
    starts.append(bytes.count)
    slots[slot] = UInt32(count)
    if 2 * count > slots.count { grow() }
    return count - 1
  }

  /// The ordinals in ascending order of their keys' bytes.
  func ordinalsInKeyOrder() -> [UInt32] {
    (0..<UInt32(count)).sorted { left, right in
      key(Int(left)).lexicographicallyPrecedes(key(Int(right)))
    }
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: 2 * slots.count)
    for ordinal in 0..<count {
      var slot = KeyTable.hash(key(ordinal)) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(ordinal + 1)
    }
  }

  private static func hash(_ key: ArraySlice<UInt8>) -> Int {
    var hasher = Hasher()
    unsafe key.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    return hasher.finalize()
  }
}
