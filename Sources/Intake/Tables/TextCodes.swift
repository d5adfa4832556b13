/// The texts of one column of a chunk and their codes, in the order in which they came.
///
/// Codes are forgotten with the chunk and say nothing outside: so the hash has a seed of this
/// process, and no choice of texts makes it slow. Texts of up to 32 bytes, which most are, are taken
/// as four words whatever their length, so that no step of the search depends on it.
@safe struct TextCodes {
  /// Texts before it is asked whether the column repeats itself.
  private static let trialCount = 512

  /// By hash: its high bits, eight bits of the byte count, and the code + 1 in the low half; 0 where
  /// free; at most half are taken.
  private var slots: UnsafeMutablePointer<UInt64>
  private var slotCount = 1_024
  private(set) var texts = ByteHeap(capacity: 1 << 12)
  /// Where each text begins, and at last where the last one ends.
  private(set) var starts = NumberHeap<UInt32>(capacity: 512)
  /// Four words of each code, of a short text its own.
  private var words = NumberHeap<UInt64>(capacity: 4 * 512)
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
    words.free()
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
    words.removeAll()
    places.removeAll()
    askedCount = 0
  }

  /// The code of a text; 32 bytes from its start on, and behind it, can be read.
  @inline(__always)
  mutating func code(of text: UnsafePointer<UInt8>, _ byteCount: Int) -> Int {
    askedCount &+= 1
    guard byteCount <= ShortText.byteCountMax else { return unsafe longCode(of: text, byteCount) }
    let short = unsafe ShortText(text, byteCount)
    let hash = short.hash(byteCount, seed: seed)
    let tag = TextCodes.tag(hash, byteCount)
    let mask = slotCount &- 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let entry = unsafe slots[slot]
      if entry == 0 { return unsafe add(text, byteCount, short, tag, slot) }
      if (entry ^ tag) >> 32 == 0 {
        let code = Int(truncatingIfNeeded: entry & 0xFFFF_FFFF) &- 1
        if unsafe short.isEqual(words.base + 4 &* code) { return code }
      }
      slot = (slot &+ 1) & mask
    }
  }

  /// The code of a text that is too long to be taken as words.
  @inline(never)
  private mutating func longCode(of text: UnsafePointer<UInt8>, _ byteCount: Int) -> Int {
    let hash = unsafe TextWords.hash(text, byteCount, seed: seed)
    let tag = TextCodes.tag(hash, byteCount)
    let mask = slotCount &- 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while true {
      let entry = unsafe slots[slot]
      if entry == 0 { return unsafe add(text, byteCount, ShortText(), tag, slot) }
      if (entry ^ tag) >> 32 == 0 {
        let code = Int(truncatingIfNeeded: entry & 0xFFFF_FFFF) &- 1
        let isEqual =
          unsafe self.byteCount(code) == byteCount
          && TextWords.areEqual(self.text(code), text, byteCount)
        if isEqual { return code }
      }
      slot = (slot &+ 1) & mask
    }
  }

  /// The upper half of a text's slot.
  @inline(__always)
  private static func tag(_ hash: UInt64, _ byteCount: Int) -> UInt64 {
    hash & ~0xFF_FFFF_FFFF | (UInt64(truncatingIfNeeded: byteCount) & 0xFF) &<< 32
  }

  @inline(never)
  private mutating func add(
    _ text: UnsafePointer<UInt8>,
    _ byteCount: Int,
    _ short: ShortText,
    _ tag: UInt64,
    _ slot: Int
  ) -> Int {
    unsafe texts.append(text, byteCount)
    starts.append(UInt32(truncatingIfNeeded: texts.count))
    short.append(to: &words)
    places.append(0)
    unsafe slots[slot] = tag | UInt64(count)
    if 2 * count > slotCount { grow() }
    return count &- 1
  }

  private mutating func grow() {
    unsafe slots.deallocate()
    slotCount *= 2
    unsafe slots = .allocate(capacity: slotCount)
    unsafe slots.update(repeating: 0, count: slotCount)
    for code in 0..<count {
      let byteCount = byteCount(code)
      let hash =
        byteCount <= ShortText.byteCountMax
        ? unsafe ShortText(words: words.base + 4 * code).hash(byteCount, seed: seed)
        : unsafe TextWords.hash(text(code), byteCount, seed: seed)
      var slot = Int(truncatingIfNeeded: hash) & (slotCount - 1)
      while unsafe slots[slot] != 0 { slot = (slot + 1) & (slotCount - 1) }
      unsafe slots[slot] = TextCodes.tag(hash, byteCount) | UInt64(code + 1)
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

/// A text of at most 32 bytes as four words, with zeros behind it.
struct ShortText {
  static let byteCountMax = 32

  private var first: UInt64 = 0
  private var second: UInt64 = 0
  private var third: UInt64 = 0
  private var fourth: UInt64 = 0

  init() {}

  /// Takes a text; 32 bytes from its start on can be read.
  @inline(__always)
  init(_ text: UnsafePointer<UInt8>, _ byteCount: Int) {
    let bitCount = 8 &* byteCount
    unsafe first = ShortText.word(text, 0) & ShortText.mask(bitCount)
    unsafe second = ShortText.word(text, 8) & ShortText.mask(bitCount &- 64)
    unsafe third = ShortText.word(text, 16) & ShortText.mask(bitCount &- 128)
    unsafe fourth = ShortText.word(text, 24) & ShortText.mask(bitCount &- 192)
  }

  /// Takes what `append` wrote.
  init(words: UnsafePointer<UInt64>) {
    unsafe (first, second, third, fourth) = (words[0], words[1], words[2], words[3])
  }

  func append(to words: inout NumberHeap<UInt64>) {
    for word in [first, second, third, fourth] { words.append(word) }
  }

  @inline(__always)
  func isEqual(_ words: UnsafePointer<UInt64>) -> Bool {
    unsafe (first ^ words[0]) | (second ^ words[1]) | (third ^ words[2]) | (fourth ^ words[3]) == 0
  }

  @inline(__always)
  func hash(_ byteCount: Int, seed: UInt64) -> UInt64 {
    let length = UInt64(truncatingIfNeeded: byteCount)
    let left = (first ^ seed).multipliedFullWidth(by: second ^ 0xA076_1D64_78BD_642F ^ length)
    let right = (third ^ seed &>> 7).multipliedFullWidth(by: fourth ^ 0xE703_7ED1_A0B4_28DB)
    let sum = left.high ^ left.low ^ right.high ^ right.low
    return sum &* 0x9E37_79B9_7F4A_7C15
  }

  @inline(__always)
  private static func word(_ text: UnsafePointer<UInt8>, _ offset: Int) -> UInt64 {
    unsafe UnsafeRawPointer(text).loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      .littleEndian
  }

  /// As many ones from the lowest bit on: none of a negative count, all of 64 and more.
  @inline(__always)
  private static func mask(_ bitCount: Int) -> UInt64 {
    // Smart shifts: those by 64 give zero, which a processor has to be told.
    ~(UInt64.max << UInt64(max(0, bitCount)))
  }
}
