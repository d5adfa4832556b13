private import Glibc

/// Memory in pages of two megabytes, of which a processor knows where more of them are.
package enum LargePages {
  package static let byteCount = 2 << 20

  /// Asks for large pages, where the system has them; it may as well not.
  ///
  /// - Parameters:
  ///   - memory: begins at a multiple of `byteCount`, and was not written to yet.
  ///   - byteCount: its bytes.
  package static func ask(for memory: UnsafeMutableRawPointer, byteCount: Int) {
    _ = unsafe madvise(memory, byteCount, MADV_HUGEPAGE)
  }
}
