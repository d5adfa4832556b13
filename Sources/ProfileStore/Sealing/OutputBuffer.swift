/// Memory that grows at its end, for the columns of blocks: reused, and written by address.
@safe final class OutputBuffer {
  private var base: UnsafeMutableRawPointer
  private var capacity: Int
  private(set) var count = 0

  init() {
    capacity = 1 << 16
    unsafe base = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
  }

  deinit { unsafe base.deallocate() }

  func removeAll() { count = 0 }

  var bytes: UnsafeRawBufferPointer { unsafe UnsafeRawBufferPointer(start: base, count: count) }

  /// The bytes from an offset on; valid until the next are appended.
  @inline(__always)
  func pointer(at offset: Int) -> UnsafeRawPointer { unsafe UnsafeRawPointer(base + offset) }

  /// Makes room for `byteCount` bytes more, which the caller writes.
  @inline(__always)
  func extend(_ byteCount: Int) -> UnsafeMutableRawPointer {
    if capacity &- count < byteCount { grow(byteCount) }
    let place = unsafe base + count
    count &+= byteCount
    return unsafe place
  }

  func append(_ bytes: UnsafeRawBufferPointer) {
    guard let source = bytes.baseAddress, bytes.count > 0 else { return }
    unsafe extend(bytes.count).copyMemory(from: source, byteCount: bytes.count)
  }

  /// Appends a text of two parts behind its byte count as UInt32.
  ///
  /// - Parameters:
  ///   - text: the text, or its end.
  ///   - start: what comes before it.
  /// - Returns: where it is, for `text(at:)`.
  func append(
    text: UnsafeRawBufferPointer,
    after start: UnsafeRawBufferPointer = unsafe UnsafeRawBufferPointer(start: nil, count: 0)
  ) -> Int {
    let offset = count
    let byteCount = UInt32(truncatingIfNeeded: start.count &+ text.count)
    unsafe extend(4).storeBytes(of: byteCount, as: UInt32.self)
    unsafe append(start)
    unsafe append(text)
    return offset
  }

  /// A text that was appended; valid until the next is.
  func text(at offset: Int) -> UnsafeRawBufferPointer {
    let place = unsafe pointer(at: offset)
    let byteCount = unsafe Int(place.loadUnaligned(as: UInt32.self))
    return unsafe UnsafeRawBufferPointer(start: place + 4, count: byteCount)
  }

  /// Appends zeros up to a multiple.
  func pad(to multiple: Int) {
    let excess = count % multiple
    if excess > 0 { appendZeros(multiple - excess) }
  }

  func appendZeros(_ zeroCount: Int) {
    unsafe extend(zeroCount).initializeMemory(as: UInt8.self, repeating: 0, count: zeroCount)
  }

  @inline(never)
  private func grow(_ added: Int) {
    capacity = max(2 * capacity, count + added)
    let grown = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
    unsafe grown.copyMemory(from: base, byteCount: count)
    unsafe base.deallocate()
    unsafe base = grown
  }
}
