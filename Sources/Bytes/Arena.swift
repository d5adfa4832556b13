/// Memory for plain values that live as long as the arena: what it gives is never moved.
///
/// Small pieces lie together, in the order in which they were asked for: where there are thousands,
/// each by itself would cost more than its bytes. One thread at a time may ask.
@safe package final class Arena: @unchecked Sendable {
  private let partByteCount: Int
  private let alignment: Int
  private var parts: [UnsafeMutableRawPointer]
  private var free: UnsafeMutableRawPointer?
  private var freeCount = 0

  /// Takes memory from the system in parts of a size; pieces begin at multiples of `alignment`, a
  /// power of two.
  package init(partByteCount: Int, alignment: Int) {
    self.partByteCount = partByteCount
    self.alignment = alignment
    unsafe parts = []
  }

  deinit {
    for index in unsafe parts.indices { unsafe parts[index].deallocate() }
  }

  /// A piece of memory that nothing was written to.
  package func room(byteCount: Int) -> UnsafeMutableRawPointer {
    let count = (max(1, byteCount) + alignment - 1) & ~(alignment - 1)
    if count > partByteCount / 4 { return unsafe part(count) }
    if let start = unsafe free, freeCount >= count {
      unsafe free = start + count
      freeCount -= count
      return unsafe start
    }
    let start = unsafe part(partByteCount)
    unsafe free = start + count
    freeCount = partByteCount - count
    return unsafe start
  }

  private func part(_ byteCount: Int) -> UnsafeMutableRawPointer {
    let part = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: alignment)
    unsafe parts.append(part)
    return unsafe part
  }
}
