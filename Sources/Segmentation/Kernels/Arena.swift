/// Memory for plain values that live as long as the arena: what it gives is never moved or changed.
@safe final class Arena: @unchecked Sendable {
  private var parts: [UnsafeMutableRawPointer]

  init() { unsafe parts = [] }

  deinit {
    for index in unsafe parts.indices { unsafe parts[index].deallocate() }
  }

  /// Keeps a copy of the values, with a little room behind them.
  func store<Element: BitwiseCopyable>(_ values: [Element]) -> UnsafePointer<Element> {
    let memory = UnsafeMutableRawPointer.allocate(
      byteCount: (values.count + 1) * MemoryLayout<Element>.stride,
      alignment: 64
    )
    unsafe parts.append(memory)
    let start = unsafe memory.bindMemory(to: Element.self, capacity: values.count + 1)
    for index in values.indices { unsafe (start + index).initialize(to: values[index]) }
    return unsafe UnsafePointer(start)
  }
}
