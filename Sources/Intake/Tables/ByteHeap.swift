/// Bytes that grow at their end; `slack` more than are in use may be read.
@safe struct ByteHeap {
  private static let slack = 32

  private(set) var base: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
    unsafe base = .allocate(capacity: capacity + ByteHeap.slack)
  }

  func free() { unsafe base.deallocate() }

  var bytes: UnsafeBufferPointer<UInt8> {
    unsafe UnsafeBufferPointer(start: base, count: count)
  }

  mutating func removeAll() { count = 0 }

  /// Appends a text; eight bytes behind it can be read.
  @inline(__always)
  mutating func append(_ text: UnsafePointer<UInt8>, _ byteCount: Int) {
    if capacity &- count < byteCount { grow(byteCount) }
    var offset = 0
    while offset < byteCount {
      // Up to seven bytes too many, for which there is room, and which the next text overwrites.
      let word = unsafe UnsafeRawPointer(text).loadUnaligned(
        fromByteOffset: offset,
        as: UInt64.self
      )
      unsafe UnsafeMutableRawPointer(base + count).storeBytes(
        of: word,
        toByteOffset: offset,
        as: UInt64.self
      )
      offset &+= 8
    }
    count &+= byteCount
  }

  /// Appends a text behind which nothing can be read.
  mutating func append(exactly text: UnsafeBufferPointer<UInt8>) {
    if capacity - count < text.count { grow(text.count) }
    if let start = text.baseAddress, text.count > 0 {
      unsafe (base + count).update(from: start, count: text.count)
    }
    count += text.count
  }

  @inline(never)
  private mutating func grow(_ added: Int) {
    capacity = max(2 * capacity, count + added)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + ByteHeap.slack)
    unsafe larger.update(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = larger
  }
}

/// Numbers that grow at their end.
@safe struct NumberHeap<Number: FixedWidthInteger> {
  private(set) var base: UnsafeMutablePointer<Number>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
    unsafe base = .allocate(capacity: capacity)
  }

  func free() { unsafe base.deallocate() }

  var numbers: UnsafeBufferPointer<Number> {
    unsafe UnsafeBufferPointer(start: base, count: count)
  }

  mutating func removeAll() { count = 0 }

  @inline(__always)
  mutating func append(_ number: Number) {
    if count == capacity { grow() }
    unsafe base[count] = number
    count &+= 1
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<Number>.allocate(capacity: 2 * capacity)
    unsafe larger.update(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = larger
    capacity *= 2
  }
}

/// Texts of a chunk, compared and hashed many bytes at a time; 32 bytes behind each can be read.
enum TextWords {
  /// Whether two texts of one length are the same.
  @inline(__always)
  static func areEqual(
    _ left: UnsafePointer<UInt8>,
    _ right: UnsafePointer<UInt8>,
    _ byteCount: Int
  ) -> Bool {
    var offset = 0
    while byteCount &- offset > 32 {
      guard unsafe ByteLanes.equal(left + offset, right + offset) == .max else { return false }
      offset &+= 32
    }
    // The bits of the bytes past the end are shifted out.
    let different = unsafe ~UInt64(ByteLanes.equal(left + offset, right + offset))
    return different &<< UInt64(64 &- byteCount &+ offset) == 0 || byteCount == offset
  }

  /// A hash; of up to 32 bytes, which most texts have, it takes the same steps whatever their number.
  @inline(__always)
  static func hash(_ text: UnsafePointer<UInt8>, _ byteCount: Int, seed: UInt64) -> UInt64 {
    let length = UInt64(truncatingIfNeeded: byteCount)
    guard byteCount <= 32 else { return unsafe longHash(text, byteCount, seed: seed ^ length) }
    let low = unsafe fold(word(text, 0, of: byteCount) ^ seed, word(text, 8, of: byteCount) ^ first)
    let high = unsafe fold(
      word(text, 16, of: byteCount) ^ length,
      word(text, 24, of: byteCount) ^ second
    )
    return fold(low ^ high, second)
  }

  private static func longHash(
    _ text: UnsafePointer<UInt8>,
    _ byteCount: Int,
    seed: UInt64
  ) -> UInt64 {
    var hash = seed
    var offset = 0
    while byteCount &- offset > 16 {
      hash = unsafe fold(hash ^ word(text, offset), word(text, offset &+ 8) ^ first)
      offset &+= 16
    }
    // The last sixteen bytes, some of them again.
    return unsafe fold(
      hash ^ word(text, byteCount &- 16),
      word(text, byteCount &- 8) ^ second
    )
  }

  /// The bytes from an offset on as a word, those past the end cut off; of no byte at all it is zero.
  @inline(__always)
  private static func word(
    _ text: UnsafePointer<UInt8>,
    _ offset: Int,
    of byteCount: Int
  ) -> UInt64 {
    // Shifts by 64 and more, of words past the end, give zero.
    let missing = max(0, 8 &* (offset &+ 8 &- byteCount))
    return unsafe word(text, offset) << UInt64(truncatingIfNeeded: missing)
  }

  private static let first: UInt64 = 0xA076_1D64_78BD_642F
  private static let second: UInt64 = 0xE703_7ED1_A0B4_28DB

  @inline(__always)
  private static func word(_ text: UnsafePointer<UInt8>, _ offset: Int) -> UInt64 {
    unsafe UnsafeRawPointer(text).loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      .littleEndian
  }

  @inline(__always)
  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}
