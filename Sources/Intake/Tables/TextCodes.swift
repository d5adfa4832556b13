/// The texts of one column of a chunk and their codes, in the order in which they came.
///
/// Codes are forgotten with the chunk and say nothing outside: so the hash has a seed of this
/// process, and no choice of texts makes it slow.
@safe struct TextCodes {
  /// Texts before it is asked whether the column repeats itself.
  private static let trialCount = 512

  /// By hash: its high half, and the code + 1 in the low half; 0 where free; at most half are taken.
  private var slots: UnsafeMutablePointer<UInt64>
  private var slotCount = 1_024
  private(set) var texts = ByteHeap(capacity: 1 << 12)
  /// Where each text begins, and at last where the last one ends.
  private(set) var starts = NumberHeap<UInt32>(capacity: 512)
  /// Of each code, for a batch, the batch's number and the code's number in the batch.
  private var places = NumberHeap<UInt64>(capacity: 512)
  private var batchNumber: UInt64 = 0
  private let seed: UInt64
  /// Values that were looked up.
  private var askedCount = 0

  init() {
    seed = .random(in: .min ... .max)
    unsafe slots = .allocate(capacity: slotCount)
    unsafe slots.update(repeating: 0, count: slotCount)
    starts.append(0)
  }

  func free() {
    unsafe slots.deallocate()
    texts.free()
    starts.free()
    places.free()
  }

  var count: Int { starts.count &- 1 }

  /// Most texts are met only once.
  var isUseless: Bool { count >= TextCodes.trialCount && 2 &* count > askedCount }

  mutating func removeAll() {
    if count > 0 { unsafe slots.update(repeating: 0, count: slotCount) }
    texts.removeAll()
    starts.removeAll()
    starts.append(0)
    places.removeAll()
    askedCount = 0
  }

  /// The code of a text.
  @inline(__always)
  mutating func code(of text: UnsafePointer<UInt8>, _ byteCount: Int) -> Int {
    askedCount &+= 1
    let hash = unsafe TextWords.hash(text, byteCount, seed: seed)
    let mask = slotCount &- 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let entry = unsafe slots[slot]
      if entry == 0 { return unsafe add(text, byteCount, hash, slot) }
      if (entry ^ hash) >> 32 == 0 {
        let code = Int(truncatingIfNeeded: entry & 0xFFFF_FFFF) &- 1
        let start = unsafe Int(starts.base[code])
        let isEqual =
          unsafe Int(starts.base[code &+ 1]) &- start == byteCount
          && TextWords.areEqual(texts.base + start, text, byteCount)
        if isEqual { return code }
      }
      slot = (slot &+ 1) & mask
    }
  }

  @inline(never)
  private mutating func add(
    _ text: UnsafePointer<UInt8>,
    _ byteCount: Int,
    _ hash: UInt64,
    _ slot: Int
  ) -> Int {
    unsafe texts.append(text, byteCount)
    starts.append(UInt32(truncatingIfNeeded: texts.count))
    places.append(0)
    unsafe slots[slot] = hash & ~0xFFFF_FFFF | UInt64(count)
    if 2 * count > slotCount { grow() }
    return count &- 1
  }

  private mutating func grow() {
    unsafe slots.deallocate()
    slotCount *= 4
    unsafe slots = .allocate(capacity: slotCount)
    unsafe slots.update(repeating: 0, count: slotCount)
    for code in 0..<count {
      let hash = unsafe TextWords.hash(text(code), byteCount(code), seed: seed)
      var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
      while unsafe slots[slot] != 0 { slot = (slot + 1) & (slotCount - 1) }
      unsafe slots[slot] = hash & ~0xFFFF_FFFF | UInt64(code + 1)
    }
  }

  @inline(__always)
  func text(_ code: Int) -> UnsafePointer<UInt8> {
    unsafe UnsafePointer(texts.base + Int(starts.base[code]))
  }

  @inline(__always)
  func byteCount(_ code: Int) -> Int {
    unsafe Int(starts.base[code &+ 1]) &- Int(starts.base[code])
  }

  /// Numbers codes anew, by their first use in a batch.
  ///
  /// - Parameters:
  ///   - codes: those of the batch's values; replaced by the new numbers.
  ///   - used: emptied, then filled with the code of each new number.
  mutating func renumber(
    _ codes: UnsafeMutableBufferPointer<UInt64>,
    _ used: inout NumberHeap<UInt64>
  ) {
    used.removeAll()
    batchNumber &+= 1
    let places = unsafe self.places.base
    for index in 0..<codes.count {
      let code = unsafe Int(truncatingIfNeeded: codes[index])
      let place = unsafe places[code]
      if place >> 32 == batchNumber {
        unsafe codes[index] = place & 0xFFFF_FFFF
      } else {
        let number = UInt64(used.count)
        unsafe places[code] = batchNumber << 32 | number
        unsafe codes[index] = number
        used.append(UInt64(code))
      }
    }
  }
}
