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

  /// A hash of as few products as a text's length asks for.
  @inline(__always)
  static func hash(_ text: UnsafePointer<UInt8>, _ byteCount: Int, seed: UInt64) -> UInt64 {
    let length = UInt64(truncatingIfNeeded: byteCount)
    if byteCount < 8 {
      // Bytes past the end are cut off; of no byte at all nothing is left.
      let word = byteCount == 0 ? 0 : unsafe word(text, 0) &<< (64 &- 8 &* length)
      return fold(word ^ seed, length ^ first)
    }
    var hash = seed ^ length
    var offset = 0
    while byteCount &- offset > 16 {
      hash = unsafe fold(hash ^ word(text, offset), word(text, offset &+ 8) ^ first)
      offset &+= 16
    }
    // The last sixteen bytes, some of them again; or those that there are, overlapping.
    let start = max(0, byteCount &- 16)
    return unsafe fold(hash ^ word(text, start), word(text, byteCount &- 8) ^ second)
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
