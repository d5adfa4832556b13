import Bytes
import Domain

/// The keys of a table and their numbers, in the order in which they came.
///
/// A search ends after a few steps, so that keys chosen to collide cost no more; such a key stands
/// in the list once more.
@safe struct KeyList {
  private static let probeCountMax = 24

  private(set) var texts = ByteHeap(capacity: 1 << 10)
  private(set) var byteCounts = NumberHeap<UInt32>(capacity: 128)
  private var starts = NumberHeap<UInt32>(capacity: 128)
  /// By hash: its low half in the upper one, and the number + 1; 0 where free; at most half are taken.
  private var slots: UnsafeMutablePointer<UInt64>
  private var slotCount = 256
  private var takenCount = 0
  private var last = 0

  init() {
    unsafe slots = .allocate(capacity: 256)
    unsafe slots.update(repeating: 0, count: 256)
  }

  func free() {
    texts.free()
    byteCounts.free()
    starts.free()
    unsafe slots.deallocate()
  }

  var count: Int { byteCounts.count }

  mutating func removeAll() {
    guard count > 0 else { return }
    unsafe slots.update(repeating: 0, count: slotCount)
    takenCount = 0
    texts.removeAll()
    byteCounts.removeAll()
    starts.removeAll()
    last = 0
  }

  /// All keys in their order.
  var list: TextList { unsafe TextList(byteCounts: byteCounts.numbers, bytes: texts.bytes) }

  func text(_ number: Int) -> UnsafePointer<UInt8> {
    unsafe UnsafePointer(texts.base + Int(starts.base[number]))
  }

  func byteCount(_ number: Int) -> Int { unsafe Int(byteCounts.base[number]) }

  /// The number of a key, which is added when it is new.
  @inline(__always)
  mutating func number(of key: UnsafePointer<UInt8>, _ byteCount: Int, _ hash: UInt64) -> UInt32 {
    // Rows of one profile tend to follow each other.
    if unsafe count > 0 && isEqual(last, key, byteCount) { return UInt32(truncatingIfNeeded: last) }
    last = unsafe search(key, byteCount, hash)
    return UInt32(truncatingIfNeeded: last)
  }

  private mutating func search(
    _ key: UnsafePointer<UInt8>,
    _ byteCount: Int,
    _ hash: UInt64
  ) -> Int {
    if 2 * takenCount >= slotCount { grow() }
    // The low bits are alike in a shard.
    var slot = Int(truncatingIfNeeded: hash >> 32) & (slotCount &- 1)
    let high = hash << 32
    for _ in 0..<KeyList.probeCountMax {
      let entry = unsafe slots[slot]
      if entry == 0 {
        unsafe add(key, byteCount)
        unsafe slots[slot] = high | UInt64(count)
        takenCount &+= 1
        return count &- 1
      }
      let number = Int(truncatingIfNeeded: entry & 0xFFFF_FFFF) &- 1
      if (entry ^ high) >> 32 == 0, unsafe isEqual(number, key, byteCount) { return number }
      slot = (slot &+ 1) & (slotCount &- 1)
    }
    unsafe add(key, byteCount)
    return count &- 1
  }

  @inline(__always)
  private func isEqual(_ number: Int, _ key: UnsafePointer<UInt8>, _ byteCount: Int) -> Bool {
    unsafe Int(byteCounts.base[number]) == byteCount
      && TextWords.areEqual(texts.base + Int(starts.base[number]), key, byteCount)
  }

  private mutating func add(_ key: UnsafePointer<UInt8>, _ byteCount: Int) {
    starts.append(UInt32(truncatingIfNeeded: texts.count))
    byteCounts.append(UInt32(truncatingIfNeeded: byteCount))
    unsafe texts.append(key, byteCount)
  }

  private mutating func grow() {
    let old = unsafe slots
    let oldCount = slotCount
    slotCount *= 2
    unsafe slots = .allocate(capacity: slotCount)
    unsafe slots.update(repeating: 0, count: slotCount)
    takenCount = 0
    for index in 0..<oldCount where unsafe old[index] != 0 {
      // Only half of the hash is kept; the other half, which says the slot, is made anew.
      let number = unsafe Int(truncatingIfNeeded: old[index] & 0xFFFF_FFFF) - 1
      place(number)
    }
    unsafe old.deallocate()
  }

  private mutating func place(_ number: Int) {
    let key = unsafe UnsafeBufferPointer(
      start: texts.base + Int(starts.base[number]),
      count: Int(byteCounts.base[number])
    )
    let hash = unsafe shardHash(key)
    var slot = Int(truncatingIfNeeded: hash >> 32) & (slotCount - 1)
    for _ in 0..<KeyList.probeCountMax {
      if unsafe slots[slot] == 0 {
        unsafe slots[slot] = hash << 32 | UInt64(number + 1)
        takenCount += 1
        return
      }
      slot = (slot + 1) & (slotCount - 1)
    }
  }
}
