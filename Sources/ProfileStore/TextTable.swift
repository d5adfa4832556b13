/// Texts as UTF-8 and their numbers, in the order in which they were first seen.
///
/// Keeps a shard's keys, whose numbers are the profiles' ordinals, and the dictionaries of columns.
/// About 24 bytes a text besides its own; hashed with the process's seed, so no choice of texts
/// makes it slow.
struct TextTable {
  /// All texts, one behind the other.
  private(set) var bytes: [UInt8] = []
  /// Where each text begins in `bytes`, and at last where the last one ends.
  private(set) var starts: [Int] = [0]
  /// Numbers + 1 by hash, 0 where free; at most half are taken.
  private var slots: [UInt32] = Array(repeating: 0, count: 64)

  /// Numbers are kept in 32 bits.
  static let countMax = Int(UInt32.max) - 1

  var count: Int { starts.count - 1 }

  subscript(number: Int) -> ArraySlice<UInt8> { bytes[starts[number]..<starts[number + 1]] }

  /// The number of a text, which is added when it is new; `nil` when the table is full.
  mutating func number(of text: ArraySlice<UInt8>) -> Int? {
    var slot = TextTable.hash(text) & (slots.count - 1)
    while slots[slot] != 0 {
      let number = Int(slots[slot]) - 1
      if self[number].elementsEqual(text) { return number }
      slot = (slot + 1) & (slots.count - 1)
    }
    guard count < TextTable.countMax else { return nil }
    bytes.append(contentsOf: text)
    starts.append(bytes.count)
    slots[slot] = UInt32(count)
    if 2 * count > slots.count { grow() }
    return count - 1
  }

  /// The ordinal of a profile's key, which is added when it is new.
  mutating func ordinal(of key: ArraySlice<UInt8>) throws(StoreError) -> Int {
    guard let ordinal = number(of: key) else {
      throw .tooLarge(what: "a shard's profiles", count: count + 1, limit: TextTable.countMax)
    }
    return ordinal
  }

  /// The numbers in ascending order of their texts' bytes.
  func numbersInTextOrder() -> [UInt32] {
    (0..<UInt32(count)).sorted { left, right in
      self[Int(left)].lexicographicallyPrecedes(self[Int(right)])
    }
  }

  private mutating func grow() {
    slots = Array(repeating: 0, count: 2 * slots.count)
    for number in 0..<count {
      var slot = TextTable.hash(self[number]) & (slots.count - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
      slots[slot] = UInt32(number + 1)
    }
  }

  private static func hash(_ text: ArraySlice<UInt8>) -> Int {
    var hasher = Hasher()
    unsafe text.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
    return hasher.finalize()
  }
}
