/// The values of all tables, so placed that those of one pattern lie in one cache line.
///
/// Written by its initializer alone, which is why threads may share it.
@safe final class TableValues: @unchecked Sendable {
  /// Values of a cache line; tables begin at multiples of it.
  static let lineCount = 8

  let start: UnsafePointer<Double>

  init(_ values: [Double]) {
    let bytes = UnsafeMutableRawPointer.allocate(
      byteCount: max(1, values.count) * MemoryLayout<Double>.stride,
      alignment: 64
    )
    let target = unsafe bytes.bindMemory(to: Double.self, capacity: max(1, values.count))
    for index in values.indices {
      unsafe (target + index).initialize(to: values[index])
    }
    unsafe start = UnsafePointer(target)
  }

  deinit { unsafe start.deallocate() }
}
