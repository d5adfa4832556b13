/// Bytes that grow at their end; eight more than are in use may be read.
@safe struct ByteHeap {
  private(set) var base: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int) {
    self.capacity = capacity
    unsafe base = .allocate(capacity: capacity + 8)
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

  @inline(never)
  private mutating func grow(_ added: Int) {
    capacity = max(2 * capacity, count + added)
    let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity + 8)
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

/// Texts of a chunk, compared and hashed eight bytes at a time; eight bytes behind each can be read.
enum TextWords {
  /// Whether two texts of one length are the same.
  @inline(__always)
  static func areEqual(
    _ left: UnsafePointer<UInt8>,
    _ right: UnsafePointer<UInt8>,
    _ byteCount: Int
  ) -> Bool {
    var offset = 0
    while offset &+ 8 <= byteCount {
      guard unsafe word(left, offset) == word(right, offset) else { return false }
      offset &+= 8
    }
    guard offset < byteCount else { return true }
    let different = unsafe word(left, offset) ^ word(right, offset)
    return different &<< UInt64(8 &* (offset &+ 8 &- byteCount)) == 0
  }

  @inline(__always)
  static func hash(_ text: UnsafePointer<UInt8>, _ byteCount: Int, seed: UInt64) -> UInt64 {
    var hash = seed ^ UInt64(truncatingIfNeeded: byteCount) &* 0x9E37_79B9_7F4A_7C15
    var offset = 0
    while offset &+ 8 <= byteCount {
      hash = unsafe fold(hash ^ word(text, offset))
      offset &+= 8
    }
    guard offset < byteCount else { return fold(hash) }
    let excess = UInt64(8 &* (offset &+ 8 &- byteCount))
    return fold(hash ^ (unsafe word(text, offset) &<< excess))
  }

  @inline(__always)
  private static func word(_ text: UnsafePointer<UInt8>, _ offset: Int) -> UInt64 {
    unsafe UnsafeRawPointer(text).loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      .littleEndian
  }

  @inline(__always)
  private static func fold(_ value: UInt64) -> UInt64 {
    let product = (value ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
    return product.high ^ product.low
  }
}
