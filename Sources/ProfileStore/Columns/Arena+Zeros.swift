import Bytes

extension Arena {
  /// Room for some elements, all 0.
  func zeros<Element: FixedWidthInteger & BitwiseCopyable>(
    _ type: Element.Type,
    count: Int
  ) -> UnsafeMutablePointer<Element> {
    let memory = unsafe room(byteCount: count * MemoryLayout<Element>.stride)
    let elements = unsafe memory.bindMemory(to: Element.self, capacity: max(1, count))
    unsafe elements.initialize(repeating: 0, count: count)
    return unsafe elements
  }
}
