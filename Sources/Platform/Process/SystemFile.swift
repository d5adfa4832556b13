private import Glibc

/// Small files whose size the system does not tell, such as those below `/proc`.
package enum SystemFile {
  /// Reads a file to its end, or to `byteCountMax`.
  package static func read(_ path: String, byteCountMax: Int) throws(DiskError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw DiskError(operation: "open", path: path, number: errno, reason: systemErrorText(errno))
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 64 << 10)
    while bytes.count < byteCountMax {
      let count = unsafe Glibc.read(
        descriptor,
        &chunk,
        min(chunk.count, byteCountMax - bytes.count)
      )
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw DiskError(
          operation: "read",
          path: path,
          number: errno,
          reason: systemErrorText(errno)
        )
      }
      if count == 0 { break }
      bytes.append(contentsOf: chunk[..<count])
    }
    return bytes
  }
}
