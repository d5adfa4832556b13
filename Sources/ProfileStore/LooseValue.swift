import Bytes
import Domain

/// Values as `RowScanner` writes them: self-contained, with fixed widths, quick to pass over.
enum LooseValue {
  static let containerHeaderByteCount = 9

  /// Where the value at `offset` ends.
  static func end(of offset: Int, in bytes: [UInt8]) -> Int {
    switch bytes[offset] {
    case RowBatch.Tag.no, RowBatch.Tag.yes: offset + 1
    case RowBatch.Tag.integer, RowBatch.Tag.double: offset + 9
    default: offset + 5 + Int(bytes.load(UInt32.self, at: offset + 1))
    }
  }

  /// How many elements or fields the array or object at `offset` has.
  static func count(at offset: Int, in bytes: [UInt8]) -> Int {
    Int(bytes.load(UInt32.self, at: offset + 5))
  }

  /// Shows the fields of the object at `offset`: the number of each name, and where its value is.
  @inline(__always)
  static func forEachField(
    of offset: Int,
    in bytes: [UInt8],
    _ body: (_ name: UInt32, _ value: Int) -> Void
  ) {
    var position = offset + containerHeaderByteCount
    for _ in 0..<count(at: offset, in: bytes) {
      let value = position + 4
      body(bytes.load(UInt32.self, at: position), value)
      position = end(of: value, in: bytes)
    }
  }

  /// Takes out of the object that ends the bytes all but the last field of each name.
  static func dropRepeatedFields(_ bytes: inout [UInt8], from offset: Int) {
    var last: [UInt32: Int] = [:]
    forEachField(of: offset, in: bytes) { name, value in last[name] = value }
    var kept: [UInt8] = []
    forEachField(of: offset, in: bytes) { name, value in
      guard last[name] == value else { return }
      kept.append(contentsOf: bytes[value - 4..<end(of: value, in: bytes)])
    }
    bytes.removeLast(bytes.count - offset - containerHeaderByteCount)
    bytes.append(contentsOf: kept)
    bytes.endContainer(offset, count: last.count)
  }
}

extension [UInt8] {
  /// Appends an integer, the low bytes first.
  @inline(__always)
  mutating func append<Integer: FixedWidthInteger>(fixed value: Integer) {
    unsafe Swift.withUnsafeBytes(of: value.littleEndian) { unsafe append(contentsOf: $0) }
  }

  /// The integer that `append(fixed:)` wrote at `offset`.
  @inline(__always)
  func load<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type,
    at offset: Int
  ) -> Integer {
    precondition(offset >= 0 && count - offset >= MemoryLayout<Integer>.size)
    return Integer(
      littleEndian: unsafe withUnsafeBytes {
        unsafe $0.loadUnaligned(fromByteOffset: offset, as: type)
      }
    )
  }

  /// Begins an array or object; `endContainer` gives it its sizes.
  mutating func beginContainer(_ tag: UInt8) -> Int {
    append(tag)
    append(fixed: 0 as UInt64)
    return count - LooseValue.containerHeaderByteCount
  }

  mutating func endContainer(_ start: Int, count elementCount: Int) {
    let byteCount = UInt32(count - start - 5)
    let sizes = UInt64(byteCount) | UInt64(elementCount) << 32
    for index in 0..<8 {
      self[start + 1 + index] = UInt8(truncatingIfNeeded: sizes >> UInt64(8 * index))
    }
  }
}
