/// Numbers of one width in a block: 1, 2, 4 or 8 bytes each, the least that hold the largest.
package struct PackedNumbers: Sendable {
  /// Where they begin in the block's buffers; a multiple of 8.
  package let offset: Int
  package let count: Int
  /// Bytes of each.
  package let width: Int

  func byteCount() -> Int { count * width }

  /// The number at `index`, which is below `count`.
  @inline(__always)
  func load(_ index: Int, from buffers: MappedBytes) -> UInt64 {
    switch width {
    case 1: UInt64(buffers.load(UInt8.self, at: offset + index))
    case 2: UInt64(buffers.load(UInt16.self, at: offset + 2 * index))
    case 4: UInt64(buffers.load(UInt32.self, at: offset + 4 * index))
    default: buffers.load(UInt64.self, at: offset + 8 * index)
    }
  }

  /// The least width that holds a number.
  static func width(of largest: UInt64) -> Int {
    if largest <= UInt64(UInt8.max) { return 1 }
    if largest <= UInt64(UInt16.max) { return 2 }
    return largest <= UInt64(UInt32.max) ? 4 : 8
  }
}
