import Bytes

/// The ordinals of a block file's profiles by the hash of their keys, in slots of open addressing.
///
/// ```
/// seed       UInt64   of the hash; every file has another one, so no choice of keys makes it slow
/// slots      UInt64   how many
/// each slot  UInt64   0 when free; else the hash's high half, and the ordinal + 1 in the low one
/// ```
struct KeyTable: Sendable {
  private static let headerByteCount = 16

  private let bytes: MappedBytes
  private let seed: UInt64
  private let slotCount: UInt64

  init(_ bytes: MappedBytes) {
    self.bytes = bytes
    seed = bytes.count >= KeyTable.headerByteCount ? bytes.load(UInt64.self, at: 0) : 0
    slotCount = bytes.count >= KeyTable.headerByteCount ? bytes.load(UInt64.self, at: 8) : 0
  }

  /// Whether all slots are there, and more of them than keys.
  func isWhole(_ count: Int) -> Bool {
    slotCount > UInt64(count)
      && slotCount <= UInt64(max(0, bytes.count - KeyTable.headerByteCount) / 8)
  }

  /// The ordinal of a key.
  ///
  /// - Parameters:
  ///   - key: its bytes.
  ///   - count: how many profiles there are.
  ///   - isEqual: whether a profile has the key.
  /// - Returns: `nil` when no profile has it.
  @inline(__always)
  func ordinal(
    of key: UnsafeRawBufferPointer,
    count: Int,
    isEqual: (Int) -> Bool
  ) -> Int? {
    let hash = unsafe TextTable.hash(key, seed: seed)
    var slot = KeyTable.slot(hash, of: slotCount)
    for _ in 0..<slotCount {
      let entry = bytes.load(
        UInt64.self,
        at: KeyTable.headerByteCount &+ 8 &* Int(truncatingIfNeeded: slot)
      )
      if entry == 0 { return nil }
      let ordinal = Int(entry & 0xFFFF_FFFF) &- 1
      if (entry ^ hash) >> 32 == 0, ordinal >= 0, ordinal < count, isEqual(ordinal) {
        return ordinal
      }
      slot = slot &+ 1 == slotCount ? 0 : slot &+ 1
    }
    return nil
  }

  /// The table of some keys as bytes.
  static func bytes(count: Int, seed: UInt64, key: (Int) -> UnsafeRawBufferPointer) -> [UInt8] {
    let slotCount = UInt64(count + count / 2 + 8)
    var slots = [UInt64](repeating: 0, count: Int(slotCount))
    for ordinal in 0..<count {
      let hash = unsafe TextTable.hash(key(ordinal), seed: seed)
      var slot = slot(hash, of: slotCount)
      while slots[Int(slot)] != 0 { slot = slot + 1 == slotCount ? 0 : slot + 1 }
      slots[Int(slot)] = hash & ~0xFFFF_FFFF | UInt64(ordinal + 1)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headerByteCount + 8 * slots.count + BlockFileFormat.alignment)
    bytes.append(fixed: seed)
    bytes.append(fixed: slotCount)
    unsafe slots.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
    return bytes
  }

  /// Where the search for a hash begins.
  private static func slot(_ hash: UInt64, of slotCount: UInt64) -> UInt64 {
    (hash << 32).multipliedFullWidth(by: slotCount).high
  }
}
