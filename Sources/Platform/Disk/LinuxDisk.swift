private import Glibc

/// The file system of this machine.
///
/// Interrupted calls are made again, short writes are continued, and a failed sync is final: what
/// it left on the disk is known only by reading it anew.
package struct LinuxDisk: Disk {
  package init() {}

  package func createDirectory(_ path: String) throws(DiskError) {
    if isDirectory(path) { return }
    let parent = FilePath.folder(of: path)
    if parent != path { try createDirectory(parent) }
    if unsafe mkdir(path, 0o755) != 0, errno != EEXIST {
      throw .system("create folder", path)
    }
    try Descriptor.syncDirectory(parent)
  }

  package func list(_ directory: String) throws(DiskError) -> [String] {
    guard let stream = unsafe opendir(directory) else {
      if errno == ENOENT { return [] }
      throw .system("list", directory)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    errno = 0
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { start in
        unsafe start.withMemoryRebound(to: CChar.self, capacity: 256) {
          unsafe String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
      errno = 0
    }
    guard errno == 0 else { throw .system("list", directory) }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  package func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }

  package func byteCount(of path: String) throws(DiskError) -> Int {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw .system("measure", path) }
    return Int(status.st_size)
  }

  package func read(_ path: String) throws(DiskError) -> [UInt8] {
    let file = try Descriptor(opening: path, flags: O_RDONLY)
    return try file.readAll()
  }

  package func openForAppending(_ path: String) throws(DiskError) -> any AppendFile {
    let isNew = !exists(path)
    let file = try LinuxAppendFile(path)
    if isNew { try Descriptor.syncDirectory(FilePath.folder(of: path)) }
    return file
  }

  package func replace(_ path: String, with bytes: [UInt8]) throws(DiskError) {
    let partial = path + OutputFile.partialSuffix
    do throws(DiskError) {
      try write(bytes, to: partial)
      try rename(partial, to: path)
    } catch {
      try? remove(partial)
      throw error
    }
  }

  private func write(_ bytes: [UInt8], to path: String) throws(DiskError) {
    let file = try Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_TRUNC)
    try file.write(bytes)
    try file.sync()
  }

  package func rename(_ path: String, to newPath: String) throws(DiskError) {
    try move(path, to: newPath)
    try Descriptor.syncDirectory(FilePath.folder(of: newPath))
  }

  package func move(_ path: String, to newPath: String) throws(DiskError) {
    guard unsafe Glibc.rename(path, newPath) == 0 else { throw .system("rename", path) }
  }

  package func remove(_ path: String) throws(DiskError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else {
      if errno == ENOENT { return }
      throw .system("remove", path)
    }
    let isFolder = status.st_mode & S_IFMT == S_IFDIR
    if isFolder {
      for name in try list(path) { try remove(path + "/" + name) }
    }
    let failed = isFolder ? unsafe rmdir(path) != 0 : unsafe unlink(path) != 0
    if failed, errno != ENOENT { throw .system("remove", path) }
  }

  package func map(_ path: String) throws(DiskError) -> any FileContents {
    try MappedFile(path)
  }

  private func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}

extension DiskError {
  /// The error of the system call that failed just now.
  static func system(_ operation: String, _ path: String) -> DiskError {
    let number = errno
    return DiskError(
      operation: operation,
      path: path,
      number: number,
      reason: systemErrorText(number)
    )
  }
}

/// A file that is open, closed when its owner goes away.
struct Descriptor: ~Copyable {
  let number: Int32
  let path: String

  init(opening path: String, flags: Int32) throws(DiskError) {
    var number: Int32
    repeat {
      number = unsafe open(path, flags | O_CLOEXEC, 0o644)
    } while number < 0 && errno == EINTR
    self.number = number
    self.path = path
    guard number >= 0 else { throw .system("open", path) }
  }

  deinit { if number >= 0 { close(number) } }

  borrowing func byteCount() throws(DiskError) -> Int {
    var status = stat()
    guard unsafe fstat(number, &status) == 0 else { throw .system("measure", path) }
    return Int(status.st_size)
  }

  borrowing func readAll() throws(DiskError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: try byteCount())
    var filled = 0
    while filled < bytes.count {
      let count = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe Glibc.pread(
          number,
          buffer.baseAddress.map { unsafe $0 + filled },
          buffer.count - filled,
          off_t(filled)
        )
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .system("read", path) }
      guard count > 0 else { break }
      filled += count
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }

  /// Appends all the bytes to a file that was opened for appending.
  borrowing func write(_ bytes: [UInt8]) throws(DiskError) {
    var written = 0
    while written < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.write(
          number,
          buffer.baseAddress.map { unsafe $0 + written },
          buffer.count - written
        )
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw .system("write", path) }
      written += count
    }
  }

  borrowing func sync() throws(DiskError) {
    guard fsync(number) == 0 else { throw .system("sync", path) }
  }

  static func syncDirectory(_ path: String) throws(DiskError) {
    let folder = try Descriptor(opening: path, flags: O_RDONLY | O_DIRECTORY)
    try folder.sync()
  }
}
