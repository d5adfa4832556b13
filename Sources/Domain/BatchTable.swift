import Bytes

/// Texts of one batch and their numbers, in the order in which they were admitted.
///
/// The same calls give the same numbers in every process: a batch that is made again has the same
/// bytes. So the hash has no secret, and what bounds the time for texts chosen to collide is that a
/// search ends after a few steps.
struct BatchTable: Sendable {
  private static let probeCountMax = 24
  private static let seenOnce: UInt64 = 0xFFFF_FFFF

  /// All texts, one behind the other.
  private(set) var bytes = ByteBuffer()
  /// Where each text begins, and at last where the last one ends.
  private(set) var starts: [UInt32] = [0]
  /// By hash: its high half, and the number + 1 in the low half; 0 where free.
  private var slots = [UInt64](repeating: 0, count: 256)
  private var taken = 0

  var count: Int { starts.count &- 1 }

  /// What the table takes in a batch.
  var byteCount: Int { bytes.count &+ count }

  mutating func removeAll() {
    bytes.removeAll()
    starts.removeAll(keepingCapacity: true)
    starts.append(0)
    if taken > 0 {
      for index in slots.indices { slots[index] = 0 }
    }
    taken = 0
  }

  /// The number of a text, which is added when it is new, or when it was seen once before.
  ///
  /// - Parameters:
  ///   - text: the bytes.
  ///   - isAddedAtOnce: whether the first sight of a text adds it; else the second one does.
  ///   - countMax: no text is added to as many as these.
  /// - Returns: `nil` when it was not added.
  mutating func number(
    of text: UnsafeBufferPointer<UInt8>,
    isAddedAtOnce: Bool,
    countMax: Int
  ) -> Int? {
    if 2 &* taken >= slots.count { grow() }
    let hash = unsafe BatchTable.hash(text)
    let mask = slots.count &- 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    let high = hash >> 32
    for _ in 0..<BatchTable.probeCountMax {
      let entry = slots[slot]
      if entry == 0 {
        taken &+= 1
        guard isAddedAtOnce, count < countMax else {
          slots[slot] = high << 32 | BatchTable.seenOnce
          return nil
        }
        unsafe add(text)
        slots[slot] = high << 32 | UInt64(count)
        return count &- 1
      }
      if entry >> 32 == high {
        let low = entry & 0xFFFF_FFFF
        if low == BatchTable.seenOnce {
          guard count < countMax else { return nil }
          unsafe add(text)
          slots[slot] = high << 32 | UInt64(count)
          return count &- 1
        }
        let number = Int(low) &- 1
        if unsafe isEqual(number, text) { return number }
      }
      slot = (slot &+ 1) & mask
    }
    return nil
  }

  /// Adds a text that the table does not find again.
  mutating func add(_ text: UnsafeBufferPointer<UInt8>) {
    unsafe bytes.append(text)
    starts.append(UInt32(truncatingIfNeeded: bytes.count))
  }

  func isEqual(_ number: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let start = Int(starts[number])
    guard Int(starts[number &+ 1]) &- start == text.count else { return false }
    return unsafe bytes.storage.withUnsafeBytes { own in
      let other = UnsafeRawBufferPointer(text)
      var offset = 0
      while offset &+ 8 <= text.count {
        let left = unsafe own.loadUnaligned(fromByteOffset: start &+ offset, as: UInt64.self)
        guard unsafe left == other.loadUnaligned(fromByteOffset: offset, as: UInt64.self) else {
          return false
        }
        offset &+= 8
      }
      while offset < text.count {
        guard unsafe own[start &+ offset] == other[offset] else { return false }
        offset &+= 1
      }
      return true
    }
  }

  /// Writes the count, and each text behind its byte count.
  func write(into writer: inout ByteWriter) {
    writer.writeVarint(count)
    for number in 0..<count {
      let range = Int(starts[number])..<Int(starts[number + 1])
      writer.writeVarint(range.count)
      writer.bytes.append(contentsOf: bytes.storage[range])
    }
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: 4 * old.count)
    taken = 0
    // A text that is dropped here, with its slot, is met as a new one.
    for number in 0..<count {
      let range = Int(starts[number])..<Int(starts[number + 1])
      let hash = unsafe bytes.storage.withUnsafeBufferPointer {
        unsafe BatchTable.hash(UnsafeBufferPointer(rebasing: $0[range]))
      }
      insert(hash, UInt64(number + 1))
    }
  }

  private mutating func insert(_ hash: UInt64, _ low: UInt64) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    for _ in 0..<BatchTable.probeCountMax {
      if slots[slot] == 0 {
        slots[slot] = hash & ~0xFFFF_FFFF | low
        taken += 1
        return
      }
      slot = (slot + 1) & mask
    }
  }

  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
    let raw = UnsafeRawBufferPointer(text)
    var hash = UInt64(text.count) &* 0x9E37_79B9_7F4A_7C15
    var offset = 0
    while offset &+ 8 <= raw.count {
      hash = unsafe fold(hash ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
      offset &+= 8
    }
    var rest: UInt64 = 0
    while offset < raw.count {
      rest = unsafe rest << 8 | UInt64(raw[offset])
      offset &+= 1
    }
    return fold(hash ^ rest)
  }

  @inline(__always)
  private static func fold(_ value: UInt64) -> UInt64 {
    let product = (value ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
    return product.high ^ product.low
  }
}
