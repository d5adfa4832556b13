import Bytes

extension Arena {
  /// An arena for what kernels read.
  static func ofKernels() -> Arena { Arena(partByteCount: 32_768, alignment: 64) }

  /// Keeps a copy of the values, with a little room behind them.
  func store<Element: BitwiseCopyable>(_ values: [Element]) -> UnsafePointer<Element> {
    let memory = unsafe room(byteCount: (values.count + 1) * MemoryLayout<Element>.stride)
    let start = unsafe memory.bindMemory(to: Element.self, capacity: values.count + 1)
    for index in values.indices { unsafe (start + index).initialize(to: values[index]) }
    return unsafe UnsafePointer(start)
  }
}
