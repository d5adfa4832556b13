private import Glibc

/// A small file with a secret, readable by its owner alone.
package enum SecretFile {
  /// More than any secret there is.
  private static let byteCountMax = 4 << 10

  /// Reads the file after checking that it belongs to this user and nobody else may read it.
  package static func read(_ path: String) throws(PlatformError) -> [UInt8] {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .cannotReadKeyFile(path: path, reason: systemErrorText(errno))
    }
    defer { close(descriptor) }
    var information = stat()
    guard unsafe fstat(descriptor, &information) == 0 else {
      throw .cannotReadKeyFile(path: path, reason: systemErrorText(errno))
    }
    guard information.st_mode & S_IFMT == S_IFREG else {
      throw .cannotReadKeyFile(path: path, reason: "it is not a regular file")
    }
    guard information.st_uid == geteuid() else {
      throw .keyFileHasAnotherOwner(path: path, owner: information.st_uid, expected: geteuid())
    }
    guard information.st_mode & 0o077 == 0 else {
      throw .keyFileIsOpenToOthers(path: path, mode: information.st_mode & 0o777)
    }
    var bytes = [UInt8](repeating: 0, count: byteCountMax + 1)
    let count = unsafe Glibc.read(descriptor, &bytes, bytes.count)
    guard count >= 0 else {
      throw .cannotReadKeyFile(path: path, reason: systemErrorText(errno))
    }
    guard count <= byteCountMax else {
      throw .cannotReadKeyFile(path: path, reason: "it is longer than \(byteCountMax) bytes")
    }
    return Array(bytes[..<count])
  }

  /// Writes a file with mode 0600, durably, to a path where none is yet.
  package static func create(_ path: String, contents: [UInt8]) throws(PlatformError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw .cannotWriteKeyFile(path: path, reason: systemErrorText(errno))
    }
    defer { close(descriptor) }
    let written = unsafe write(descriptor, contents, contents.count)
    guard written == contents.count, fsync(descriptor) == 0 else {
      throw .cannotWriteKeyFile(path: path, reason: systemErrorText(errno))
    }
  }
}
