private import Glibc

/// The sole right to a data folder, given back when this object or its process ends.
package final class DirectoryLock: Sendable {
  private let descriptor: Int32

  /// Locks the file `lock` in an existing folder.
  package init(directory: String) throws(PlatformError) {
    let path = directory + "/lock"
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .cannotLockDirectory(path: directory, reason: systemErrorText(errno))
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let number = errno
      defer { close(descriptor) }
      guard number == EWOULDBLOCK else {
        throw .cannotLockDirectory(path: directory, reason: systemErrorText(number))
      }
      var bytes = [UInt8](repeating: 0, count: 32)
      let count = unsafe read(descriptor, &bytes, bytes.count)
      let digits = bytes[..<max(0, count)].prefix { (UInt8(ascii: "0")...57).contains($0) }
      let holder =
        digits.isEmpty ? "another process" : "process \(String(decoding: digits, as: UTF8.self))"
      throw .directoryInUse(path: directory, holder: holder)
    }
    let text = Array("\(getpid())\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = unsafe pwrite(descriptor, text, text.count, 0)
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }
}
