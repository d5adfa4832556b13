import Platform

/// Memory for one chunk of text, used again and again.
///
/// Behind the text stand a line feed and zeros, so that a scan for the end of a line stops and reads
/// of 32 bytes at a time stay within the memory. Handed from thread to thread as a whole and touched
/// by one at a time, which is why it may cross them unchecked.
@safe final class ChunkBuffer: @unchecked Sendable {
  /// Bytes behind the text that may be read.
  static let paddingByteCount = 128

  private(set) var base: UnsafeMutablePointer<UInt8>
  private(set) var capacity: Int
  /// Bytes of text.
  private(set) var count = 0

  init(capacity: Int) {
    self.capacity = capacity
    unsafe base = ChunkBuffer.allocate(capacity + ChunkBuffer.paddingByteCount)
  }

  deinit { unsafe base.deallocate() }

  func removeAll() { count = 0 }

  func append(_ bytes: UnsafeBufferPointer<UInt8>) {
    reserve(bytes.count)
    if let start = bytes.baseAddress, bytes.count > 0 {
      unsafe (base + count).update(from: start, count: bytes.count)
    }
    count += bytes.count
  }

  /// Appends up to `byteCount` bytes that `fill` writes and counts.
  func append<Failure: Error>(
    byteCount: Int,
    _ fill: (UnsafeMutableRawBufferPointer) throws(Failure) -> Int
  ) throws(Failure) {
    reserve(byteCount)
    let room = unsafe UnsafeMutableRawBufferPointer(start: base + count, count: byteCount)
    count += unsafe try fill(room)
  }

  func removeFirst(_ byteCount: Int) {
    unsafe base.update(from: base + byteCount, count: count - byteCount)
    count -= byteCount
  }

  func removeLast(_ byteCount: Int) { count -= byteCount }

  /// Ends the text as the kernels want it.
  func seal() {
    unsafe (base + count).update(repeating: 0, count: ChunkBuffer.paddingByteCount)
    unsafe base[count] = 0x0A
  }

  var bytes: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(start: base, count: count) }

  private func reserve(_ byteCount: Int) {
    guard count + byteCount > capacity else { return }
    let larger = max(2 * capacity, count + byteCount)
    let moved = unsafe ChunkBuffer.allocate(larger + ChunkBuffer.paddingByteCount)
    unsafe moved.update(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = moved
    capacity = larger
  }

  /// Memory in large pages where it is large: parts of it are read in any order.
  private static func allocate(_ byteCount: Int) -> UnsafeMutablePointer<UInt8> {
    guard byteCount >= 2 * LargePages.byteCount else { return .allocate(capacity: byteCount) }
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: byteCount,
      alignment: LargePages.byteCount
    )
    unsafe LargePages.ask(for: memory, byteCount: byteCount)
    return unsafe memory.assumingMemoryBound(to: UInt8.self)
  }
}
