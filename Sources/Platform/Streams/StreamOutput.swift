private import Glibc

/// A pipe, a terminal or a device that is written to as it is.
///
/// Regular files are written by `OutputFile`, which never leaves half of one.
package final class StreamOutput {
  private let path: String
  private let descriptor: Int32

  /// Opens what is at a path.
  ///
  /// - Returns: `nil` when there is nothing yet, or a regular file.
  package init?(special path: String) throws(DiskError) {
    var status = stat()
    guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return nil }
    self.path = path
    descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StreamOutput.failure("open", path) }
  }

  deinit { close(descriptor) }

  package func write(_ bytes: [UInt8]) throws(DiskError) {
    var start = 0
    while start < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(
          descriptor,
          buffer.baseAddress.map { unsafe $0 + start },
          bytes.count - start
        )
      }
      guard count > 0 || errno == EINTR else { throw StreamOutput.failure("write", path) }
      start += max(0, count)
    }
  }

  private static func failure(_ operation: String, _ path: String) -> DiskError {
    let number = errno
    return DiskError(
      operation: operation,
      path: path,
      number: number,
      reason: systemErrorText(number)
    )
  }
}
