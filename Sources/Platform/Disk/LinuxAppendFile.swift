private import Glibc

/// A file of this machine that grows at its end.
///
/// After the first failure every further call fails: the kernel drops pages that it could not
/// write, so a later sync would report a success that is none.
final class LinuxAppendFile: AppendFile {
  private enum State: ~Copyable {
    case open(Descriptor)
    case closed(reason: String)
  }

  private let path: String
  private var state: State
  private(set) var byteCount: Int

  init(_ path: String) throws(DiskError) {
    self.path = path
    let file = try Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_APPEND)
    byteCount = try file.byteCount()
    state = .open(file)
  }

  func append(_ bytes: [UInt8]) throws(DiskError) {
    try use("write") { file throws(DiskError) in try file.write(bytes) }
    byteCount += bytes.count
  }

  func sync() throws(DiskError) {
    try use("sync") { file throws(DiskError) in try file.sync() }
  }

  func truncate(to byteCount: Int) throws(DiskError) {
    let path = path
    try use("cut") { file throws(DiskError) in
      guard ftruncate(file.number, off_t(byteCount)) == 0 else { throw .system("cut", path) }
      try file.sync()
    }
    self.byteCount = byteCount
  }

  func close() { state = .closed(reason: "the file is closed") }

  private func use(
    _ operation: String,
    _ body: (borrowing Descriptor) throws(DiskError) -> Void
  ) throws(DiskError) {
    do throws(DiskError) {
      switch state {
      case .open(let file): try body(file)
      case .closed(let reason):
        throw DiskError(operation: operation, path: path, number: 0, reason: reason)
      }
    } catch {
      state = .closed(reason: "an earlier write or sync of it failed")
      throw error
    }
  }
}
