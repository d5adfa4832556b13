import Bytes
import Domain

/// The keys of a block file by ordinal, the ordinals in the order of keys, and by hash; verified.
struct KeySection: Sendable {
  let count: Int
  private let keys: MappedBytes
  private let order: MappedBytes
  private let table: KeyTable

  init(
    _ bytes: MappedBytes,
    keys keySection: BlockFileFormat.Section,
    order orderSection: BlockFileFormat.Section,
    table tableSection: BlockFileFormat.Section,
    profileCount: Int,
    path: String
  ) throws(StoreError) {
    count = profileCount
    keys = bytes[keySection.range]
    order = bytes[orderSection.range]
    table = KeyTable(bytes[tableSection.range])
    if let reason = KeySection.fault(keys, checksum: keySection.checksum, count: count) {
      throw .damaged(file: path, part: .keys, reason: reason)
    }
    guard order.checksum == orderSection.checksum, order.count / 4 >= count else {
      throw .damaged(file: path, part: .keyOrder, reason: "its checksum is wrong")
    }
    for position in 0..<count where ordinal(at: position) >= count {
      throw .damaged(file: path, part: .keyOrder, reason: "it names profiles that are not there")
    }
    guard bytes[tableSection.range].checksum == tableSection.checksum, table.isWhole(count) else {
      throw .damaged(file: path, part: .keyTable, reason: "its checksum is wrong")
    }
  }

  /// What is wrong with the keys' bytes; `nil` when nothing is.
  private static func fault(_ keys: MappedBytes, checksum: UInt32, count: Int) -> String? {
    guard keys.checksum == checksum else { return "their checksum is wrong" }
    guard keys.count / 8 > count else { return "they end early" }
    let byteCount = UInt64(keys.count - 8 * (count + 1))
    var last: UInt64 = 0
    for index in 0...count {
      let start = keys.load(UInt64.self, at: 8 * index)
      guard start >= last, start <= byteCount else { return "they do not follow each other" }
      last = start
    }
    let base = 8 * (count + 1)
    guard keys.isUTF8(base..<base + Int(last)) else { return "they are not UTF-8" }
    for index in 0..<count {
      let range = range(index, in: keys, count: count)
      // A key is whole when it does not begin within a character.
      guard range.isEmpty || keys.load(UInt8.self, at: range.lowerBound) & 0xC0 != 0x80 else {
        return "the key of profile \(index) is not UTF-8"
      }
    }
    return nil
  }

  @inline(__always)
  private static func range(_ ordinal: Int, in keys: MappedBytes, count: Int) -> Range<Int> {
    let base = 8 * (count + 1)
    return base + Int(keys.load(UInt64.self, at: 8 * ordinal))..<base
      + Int(keys.load(UInt64.self, at: 8 * ordinal + 8))
  }

  /// The key of a profile.
  func key(_ ordinal: Int) -> ProfileKey {
    guard let text = keys.text(KeySection.range(ordinal, in: keys, count: count)) else {
      preconditionFailure("the key of profile \(ordinal) was UTF-8 when it was verified")
    }
    return ProfileKey(text)
  }

  /// The bytes of a profile's key; valid while this value lives.
  func bytes(_ ordinal: Int) -> UnsafeRawBufferPointer {
    unsafe keys.pointer(KeySection.range(ordinal, in: keys, count: count))
  }

  /// The ordinal at a position of the order of keys.
  func ordinal(at position: Int) -> Int { Int(order.load(UInt32.self, at: 4 * position)) }

  /// The ordinal of a key's bytes; `nil` when no profile has it.
  func ordinal(ofKey key: UnsafeRawBufferPointer) -> Int? {
    unsafe table.ordinal(of: key, count: count) { ordinal in
      let own = unsafe bytes(ordinal)
      guard own.count == key.count else { return false }
      for index in 0..<key.count where unsafe own[index] != key[index] { return false }
      return true
    }
  }

  /// The first position of the order whose key is not below `key`.
  func position(notBelow key: ProfileKey) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      let range = KeySection.range(ordinal(at: middle), in: keys, count: count)
      if keys.compare(range, with: key.text.utf8) == .before {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}
