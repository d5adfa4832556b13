import Bytes

/// Bytes that grow at their end and are written through pointers, for what is written row by row.
struct ByteBuffer: Sendable {
  /// Longer than what is in use.
  private(set) var storage: [UInt8] = []
  private(set) var count = 0

  var bytes: ArraySlice<UInt8> { storage[..<count] }

  /// Forgets all bytes, or those from `count` on, and keeps the memory.
  mutating func removeAll(from count: Int = 0) { self.count = count }

  @inline(__always)
  mutating func append(_ byte: UInt8) {
    reserve(1)
    storage[count] = byte
    count &+= 1
  }

  /// Appends an unsigned LEB128 integer.
  @inline(__always)
  mutating func append(varint value: UInt64) {
    reserve(10)
    let start = count
    count = unsafe storage.withUnsafeMutableBufferPointer { bytes in
      var rest = value
      var position = start
      while rest >= 0x80 {
        unsafe bytes[position] = UInt8(truncatingIfNeeded: rest) | 0x80
        rest >>= 7
        position &+= 1
      }
      unsafe bytes[position] = UInt8(truncatingIfNeeded: rest)
      return position &+ 1
    }
  }

  /// Appends a signed integer as zigzag LEB128.
  @inline(__always)
  mutating func append(signed value: Int64) {
    append(varint: UInt64(bitPattern: (value << 1) ^ (value >> 63)))
  }

  mutating func append(_ raw: UnsafeBufferPointer<UInt8>) {
    guard let source = raw.baseAddress, raw.count > 0 else { return }
    reserve(raw.count)
    unsafe storage.withUnsafeMutableBytes { bytes in
      guard let target = bytes.baseAddress else { return }
      unsafe (target + count).copyMemory(from: source, byteCount: raw.count)
    }
    count &+= raw.count
  }

  mutating func append(_ other: ByteBuffer, from start: Int = 0) {
    unsafe other.storage.withUnsafeBufferPointer {
      unsafe append(UnsafeBufferPointer(rebasing: $0[start..<other.count]))
    }
  }

  /// Puts a varint before the bytes that begin at `position`.
  mutating func insert(varint value: UInt64, at position: Int) {
    let tailCount = count - position
    append(varint: value)
    let width = count - position - tailCount
    unsafe storage.withUnsafeMutableBufferPointer { bytes in
      unsafe bytes[position..<count].rotate(by: tailCount, width: width)
    }
  }

  @inline(__always)
  private mutating func reserve(_ added: Int) {
    if storage.count &- count < added { grow(added) }
  }

  @inline(never)
  private mutating func grow(_ added: Int) {
    let size = max(2 * storage.count, count + added, 64)
    storage.append(contentsOf: repeatElement(0, count: size - storage.count))
  }
}

extension Slice<UnsafeMutableBufferPointer<UInt8>> {
  /// Moves the last `width` bytes before the `tailCount` that they follow; at most ten.
  fileprivate mutating func rotate(by tailCount: Int, width: Int) {
    var moved: UInt64 = 0
    var high: UInt16 = 0
    for index in 0..<width {
      let byte = unsafe self[startIndex + tailCount + index]
      if index < 8 {
        moved |= UInt64(byte) << UInt64(8 * index)
      } else {
        high |= UInt16(byte) << UInt16(8 * (index - 8))
      }
    }
    var index = tailCount
    while index > 0 {
      index -= 1
      unsafe self[startIndex + index + width] = self[startIndex + index]
    }
    for index in 0..<width {
      unsafe self[startIndex + index] =
        index < 8
        ? UInt8(truncatingIfNeeded: moved >> UInt64(8 * index))
        : UInt8(truncatingIfNeeded: high >> UInt16(8 * (index - 8)))
    }
  }
}
