/// Bytes received and not yet read, with an offset in place of moving them.
///
/// Grows with bytes received, never with bytes claimed.
struct ReceiveBuffer: Sendable {
  /// A larger buffer is given back once it is empty.
  private static let keptCapacity = 1 << 20

  var bytes: [UInt8] = []

  /// Index of the first byte not yet read.
  private(set) var start = 0

  var count: Int { bytes.count - start }

  mutating func append(_ received: consuming [UInt8]) {
    if bytes.isEmpty {
      bytes = received
    } else {
      bytes.append(contentsOf: received)
    }
  }

  /// The next bytes, or `nil` while fewer have come.
  func peek(_ byteCount: Int, at offset: Int = 0) -> ArraySlice<UInt8>? {
    guard offset + byteCount <= count else { return nil }
    return bytes[start + offset..<start + offset + byteCount]
  }

  /// A little-endian number of `byteCount` bytes, or `nil` while fewer have come.
  ///
  /// Not by way of `peek`: a slice that lives on would make the next decryption copy the buffer.
  func peekInteger(byteCount: Int, at offset: Int = 0) -> Int? {
    guard offset + byteCount <= count else { return nil }
    var value = 0
    for index in 0..<byteCount { value |= Int(bytes[start + offset + index]) << (8 * index) }
    return value
  }

  /// Everything not yet read.
  var rest: ArraySlice<UInt8> { bytes[start...] }

  mutating func skip(_ byteCount: Int) {
    precondition(byteCount <= count, "\(byteCount) bytes skipped of \(count)")
    start += byteCount
  }

  /// Moves the rest to the front; it is then shorter than one frame and came with the last bytes.
  mutating func compact() {
    guard start > 0 else { return }
    if start < bytes.count {
      bytes.removeFirst(start)
    } else if bytes.capacity > ReceiveBuffer.keptCapacity {
      bytes = []
    } else {
      bytes.removeAll(keepingCapacity: true)
    }
    start = 0
  }

  mutating func discard() {
    bytes = []
    start = 0
  }
}
