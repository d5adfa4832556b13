import Platform

/// The bytes a file had when it was mapped, at an address that suits every type.
@safe final class MemoryContents: FileContents {
  /// Never written to after `init`.
  private nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  init(_ contents: [UInt8]) {
    let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: contents.count, alignment: 64)
    unsafe copy.copyBytes(from: contents)
    unsafe bytes = UnsafeRawBufferPointer(copy)
  }

  deinit { unsafe bytes.deallocate() }

  var byteCount: Int { unsafe bytes.count }

  func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try unsafe body(bytes)
  }

  func release(_ range: Range<Int>) {}
}
