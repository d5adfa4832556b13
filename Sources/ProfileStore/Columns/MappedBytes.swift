import Bytes
import Platform

/// A stretch of a mapped file: the one place of this room that reads memory by address.
///
/// Every read is checked against the stretch's end; a read beyond it is a programmer's mistake, for
/// whoever takes offsets from a file checks them first.
@safe struct MappedBytes: Sendable {
  private let owner: any FileContents
  /// Valid for as long as `owner` lives, which this value holds.
  private nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  init(_ contents: any FileContents) {
    owner = contents
    unsafe bytes = contents.withBytes { unsafe $0 }
  }

  private init(_ owner: any FileContents, _ bytes: UnsafeRawBufferPointer) {
    self.owner = owner
    unsafe self.bytes = bytes
  }

  /// The first byte; valid while this value lives.
  var base: UnsafeRawPointer {
    guard let base = unsafe bytes.baseAddress else {
      preconditionFailure("a block has bytes")
    }
    return unsafe base
  }

  var count: Int { unsafe bytes.count }

  subscript(range: Range<Int>) -> MappedBytes {
    unsafe MappedBytes(owner, UnsafeRawBufferPointer(rebasing: bytes[range]))
  }

  /// The little-endian integer at an offset, aligned or not.
  @inline(__always)
  func load<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type,
    at offset: Int
  ) -> Integer {
    precondition(offset >= 0 && offset <= count - MemoryLayout<Integer>.size)
    return Integer(littleEndian: unsafe bytes.loadUnaligned(fromByteOffset: offset, as: type))
  }

  /// Where a range is in memory; valid while this value lives.
  func pointer(_ range: Range<Int>) -> UnsafeRawBufferPointer {
    unsafe UnsafeRawBufferPointer(rebasing: bytes[range])
  }

  func array(_ range: Range<Int>) -> [UInt8] { unsafe Array(bytes[range]) }

  var checksum: UInt32 { unsafe crc32c(bytes) }

  private static let pageByteCount = 4_096

  /// Gives up the memory of the pages that are wholly within a range until they are read again.
  func release(within range: Range<Int>) {
    unsafe owner.withBytes { all in
      guard let first = all.baseAddress, let own = unsafe bytes.baseAddress else { return }
      let offset = unsafe own - first
      let mask = Self.pageByteCount - 1
      let start = (offset + range.lowerBound + mask) & ~mask
      let end = (offset + range.upperBound) & ~mask
      if start < end { owner.release(start..<end) }
    }
  }

  /// Gives up the memory of the bytes until they are read again.
  func release() {
    unsafe owner.withBytes { all in
      guard let first = all.baseAddress, let own = unsafe bytes.baseAddress else { return }
      let start = unsafe own - first
      owner.release(start..<start + count)
    }
  }

  /// The text of a range; `nil` when it is not UTF-8.
  func text(_ range: Range<Int>) -> Text? {
    let utf8 = unsafe bytes[range].assumingMemoryBound(to: UInt8.self)
    return unsafe Text(utf8: utf8)
  }

  func isUTF8(_ range: Range<Int>) -> Bool {
    let utf8 = unsafe bytes[range].assumingMemoryBound(to: UInt8.self)
    return unsafe UTF8Validation.firstInvalid(utf8) == nil
  }

  /// Whether the bytes of a range come before these, or are equal to them, in the order of bytes.
  func compare(_ range: Range<Int>, with other: some Sequence<UInt8>) -> ByteOrder {
    var position = range.lowerBound
    for byte in other {
      guard position < range.upperBound else { return .before }
      let own = unsafe bytes[position]
      if own != byte { return own < byte ? .before : .after }
      position += 1
    }
    return position == range.upperBound ? .same : .after
  }

  enum ByteOrder {
    case before
    case same
    case after
  }
}
