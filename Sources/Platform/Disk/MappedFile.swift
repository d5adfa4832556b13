private import Glibc

/// A file mapped into memory for reading; the mapping outlives the file's name.
@safe final class MappedFile: FileContents {
  private static let pageByteCount = max(1, sysconf(Int32(_SC_PAGESIZE)))

  /// Never written to, and unmapped only when the last owner is gone.
  private nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  init(_ path: String) throws(DiskError) {
    let file = try Descriptor(opening: path, flags: O_RDONLY)
    let byteCount = try file.byteCount()
    guard byteCount > 0 else {
      unsafe bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard
      let start = unsafe mmap(nil, byteCount, PROT_READ, MAP_SHARED, file.number, 0),
      unsafe start != MAP_FAILED
    else { throw .system("map", path) }
    unsafe bytes = UnsafeRawBufferPointer(start: start, count: byteCount)
  }

  deinit {
    if let start = unsafe bytes.baseAddress {
      unsafe munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }

  var byteCount: Int { unsafe bytes.count }

  func release(_ range: Range<Int>) {
    let range = range.clamped(to: 0..<byteCount)
    guard !range.isEmpty, let start = unsafe bytes.baseAddress else { return }
    let first = range.lowerBound & ~(MappedFile.pageByteCount - 1)
    // The file is not written to by way of the mapping: what is read again comes from it.
    unsafe madvise(
      UnsafeMutableRawPointer(mutating: start + first),
      range.upperBound - first,
      MADV_DONTNEED
    )
  }

  func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try unsafe body(bytes)
  }
}
