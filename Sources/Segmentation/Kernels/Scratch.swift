/// Memory that kernels write to, kept from block to block; it grows and never shrinks.
///
/// Its length is a multiple of what kernels read at once, so that they may pass the end of what was
/// asked for.
@safe final class Scratch<Element: BitwiseCopyable> {
  private static var byteAlignment: Int { 64 }

  private(set) nonisolated(unsafe) var pointer: UnsafeMutablePointer<Element>
  private(set) var count: Int

  init(count: Int) {
    self.count = Scratch.padded(count)
    unsafe pointer = Scratch.allocate(self.count)
  }

  deinit { unsafe UnsafeMutableRawPointer(pointer).deallocate() }

  /// Room for `count` elements; what was in it is lost when it grows.
  func room(for count: Int) -> UnsafeMutablePointer<Element> {
    if count > self.count {
      unsafe UnsafeMutableRawPointer(pointer).deallocate()
      self.count = Scratch.padded(count + count / 2)
      unsafe pointer = Scratch.allocate(self.count)
    }
    return unsafe pointer
  }

  /// Makes room for `count` elements of which the first `kept` stay.
  func grow(to count: Int, keeping kept: Int) {
    if count <= self.count { return }
    let old = unsafe pointer
    self.count = Scratch.padded(count + count / 2)
    unsafe pointer = Scratch.allocate(self.count)
    unsafe pointer.update(from: old, count: kept)
    unsafe UnsafeMutableRawPointer(old).deallocate()
  }

  func fill(_ value: Element, count: Int) {
    precondition(count <= self.count, "\(count) of \(self.count) elements")
    unsafe pointer.update(repeating: value, count: count)
  }

  private static func padded(_ count: Int) -> Int { (count + 127) / 64 * 64 }

  private static func allocate(_ count: Int) -> UnsafeMutablePointer<Element> {
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: count * MemoryLayout<Element>.stride,
      alignment: byteAlignment
    )
    unsafe memory.initializeMemory(
      as: UInt8.self,
      repeating: 0,
      count: count * MemoryLayout<Element>.stride
    )
    return unsafe memory.bindMemory(to: Element.self, capacity: count)
  }
}
