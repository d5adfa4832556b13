/// Numbers of one width in a block: 1, 2, 4 or 8 bytes each, the least that hold the largest.
///
/// A reader may look 512 bytes beyond their end.
package struct PackedNumbers: Sendable {
  /// Where they begin in the block's buffers; a multiple of 8.
  package let offset: Int
  package let count: Int
  /// Bytes of each.
  package let width: Int
  /// The largest of them; 0 when there are none.
  package let largest: UInt64

  /// Looks through the numbers, which are in the buffers.
  init(offset: Int, count: Int, width: Int, from buffers: MappedBytes) {
    self.offset = offset
    self.count = count
    self.width = width
    largest = buffers.largest(count, width: width, at: offset)
  }

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

extension MappedBytes {
  /// The largest of some numbers, which lie within these bytes.
  fileprivate func largest(_ count: Int, width: Int, at offset: Int) -> UInt64 {
    let numbers = unsafe pointer(offset..<offset + count * width)
    switch width {
    case 1: return unsafe MappedBytes.largest(numbers, count, UInt8.self)
    case 2: return unsafe MappedBytes.largest(numbers, count, UInt16.self)
    case 4: return unsafe MappedBytes.largest(numbers, count, UInt32.self)
    default: return unsafe MappedBytes.largest(numbers, count, UInt64.self)
    }
  }

  @inline(__always)
  private static func largest<Number: UnsignedInteger & FixedWidthInteger & BitwiseCopyable>(
    _ numbers: UnsafeRawBufferPointer,
    _ count: Int,
    _ type: Number.Type
  ) -> UInt64 {
    var largest: Number = 0
    guard let base = numbers.baseAddress else { return 0 }
    for index in 0..<count {
      let number = unsafe base.loadUnaligned(
        fromByteOffset: index &* MemoryLayout<Number>.size,
        as: type
      )
      largest = max(largest, Number(littleEndian: number))
    }
    return UInt64(largest)
  }

  /// Whether no number is below the one before.
  func ascend(_ packed: PackedNumbers) -> Bool {
    let numbers = unsafe pointer(packed.offset..<packed.offset + packed.count * packed.width)
    switch packed.width {
    case 1: return unsafe MappedBytes.ascend(numbers, packed.count, UInt8.self)
    case 2: return unsafe MappedBytes.ascend(numbers, packed.count, UInt16.self)
    case 4: return unsafe MappedBytes.ascend(numbers, packed.count, UInt32.self)
    default: return unsafe MappedBytes.ascend(numbers, packed.count, UInt64.self)
    }
  }

  @inline(__always)
  private static func ascend<Number: UnsignedInteger & FixedWidthInteger & BitwiseCopyable>(
    _ numbers: UnsafeRawBufferPointer,
    _ count: Int,
    _ type: Number.Type
  ) -> Bool {
    guard let base = numbers.baseAddress else { return true }
    let size = MemoryLayout<Number>.size
    var descents = 0
    for index in 1..<max(1, count) {
      let earlier = unsafe base.loadUnaligned(fromByteOffset: (index &- 1) &* size, as: type)
      let later = unsafe base.loadUnaligned(fromByteOffset: index &* size, as: type)
      descents |= Number(littleEndian: later) < Number(littleEndian: earlier) ? 1 : 0
    }
    return descents == 0
  }
}
