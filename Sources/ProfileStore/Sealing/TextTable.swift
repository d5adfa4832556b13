import Bytes

/// Texts as UTF-8 and their numbers, in the order in which they were first seen.
///
/// Keeps a shard's keys, whose numbers are the profiles' ordinals, and the dictionaries of columns.
/// About 32 bytes a text besides its own; hashed with a seed of its own, so no choice of texts
/// makes it slow.
package struct TextTable {
  /// All texts, one behind the other.
  private(set) var bytes: [UInt8] = []
  /// Where each text begins in `bytes`, and at last where the last one ends.
  private(set) var starts: [Int] = [0]
  /// By hash: the number + 1 in the low half, 0 where free, and the hash's high half; at most half
  /// are taken.
  private var slots: [UInt64] = Array(repeating: 0, count: 64)
  private let seed: UInt64

  /// Numbers are kept in 32 bits.
  static let countMax = Int(UInt32.max) - 1

  package init(seed: UInt64 = .random(in: .min ... .max)) { self.seed = seed }

  var count: Int { starts.count &- 1 }

  var byteCount: Int { bytes.count }

  /// Forgets all texts and keeps the memory.
  mutating func removeAll() {
    if count > 0 {
      for slot in slots.indices { slots[slot] = 0 }
    }
    bytes.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    starts.append(0)
  }

  subscript(number: Int) -> ArraySlice<UInt8> { bytes[starts[number]..<starts[number + 1]] }

  /// The number of a text, which is added when it is new; `nil` when the table is full.
  mutating func number(of text: ArraySlice<UInt8>) -> Int? {
    unsafe text.withUnsafeBytes { unsafe number(of: $0) }
  }

  package mutating func number(of text: UnsafeRawBufferPointer) -> Int? {
    unsafe number(of: text, hash: TextTable.hash(text, seed: seed))
  }

  /// The number of a text whose hash under this table's seed is known.
  mutating func number(of text: UnsafeRawBufferPointer, hash: UInt64) -> Int? {
    var slot = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
    while slots[slot] != 0 {
      let number = Int(slots[slot] & 0xFFFF_FFFF) &- 1
      if (slots[slot] ^ hash) >> 32 == 0, unsafe isEqual(number, text) { return number }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    guard count < TextTable.countMax else { return nil }
    unsafe bytes.append(contentsOf: text)
    starts.append(bytes.count)
    slots[slot] = hash & ~0xFFFF_FFFF | UInt64(count)
    if 2 &* count > slots.count { grow() }
    return count &- 1
  }

  /// The number of a text, if it is there.
  package func find(_ text: UnsafeRawBufferPointer) -> Int? {
    let hash = unsafe TextTable.hash(text, seed: seed)
    var slot = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
    while slots[slot] != 0 {
      let number = Int(slots[slot] & 0xFFFF_FFFF) &- 1
      if (slots[slot] ^ hash) >> 32 == 0, unsafe isEqual(number, text) { return number }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    return nil
  }

  /// As a section of a block file has them: the starts as UInt32, then the texts.
  var dictionaryBytes: [UInt8] {
    var section: [UInt8] = []
    section.reserveCapacity(4 * starts.count + bytes.count)
    for start in starts { section.append(fixed: UInt32(truncatingIfNeeded: start)) }
    return section + bytes
  }

  private func isEqual(_ number: Int, _ text: UnsafeRawBufferPointer) -> Bool {
    let start = starts[number]
    guard starts[number + 1] - start == text.count else { return false }
    return unsafe bytes.withUnsafeBytes { bytes in
      var offset = 0
      while offset + 8 <= text.count {
        let own = unsafe bytes.loadUnaligned(fromByteOffset: start + offset, as: UInt64.self)
        guard unsafe own == text.loadUnaligned(fromByteOffset: offset, as: UInt64.self) else {
          return false
        }
        offset += 8
      }
      while offset < text.count {
        guard unsafe bytes[start + offset] == text[offset] else { return false }
        offset += 1
      }
      return true
    }
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: 2 * slots.count)
    for number in 0..<count {
      let hash = unsafe self[number].withUnsafeBytes { unsafe TextTable.hash($0, seed: seed) }
      var slot = Int(truncatingIfNeeded: hash) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = hash & ~0xFFFF_FFFF | UInt64(number + 1)
    }
  }

  /// Multiplies and folds eight bytes at a time; nothing of it is kept on disk.
  static func hash(_ text: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 {
    var hash = seed ^ UInt64(text.count)
    var offset = 0
    while offset + 8 <= text.count {
      hash = unsafe fold(hash ^ text.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset += 8
    }
    var rest: UInt64 = 0
    while offset < text.count {
      rest = unsafe rest << 8 | UInt64(text[offset])
      offset += 1
    }
    return fold(hash ^ rest)
  }

  private static func fold(_ value: UInt64) -> UInt64 {
    let product = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return mixed(product.high ^ product.low)
  }
}
