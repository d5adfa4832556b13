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

  /// Bytes at which the disk begins to write what was appended, so that a sync finds little left.
  private static let startByteCount = 1 << 20

  private let path: String
  private var state: State
  private(set) var byteCount: Int
  /// Up to where the disk was told to begin.
  private var startedByteCount: Int

  init(_ path: String) throws(DiskError) {
    self.path = path
    let file = try Descriptor(opening: path, flags: O_WRONLY | O_CREAT | O_APPEND)
    byteCount = try file.byteCount()
    startedByteCount = byteCount
    state = .open(file)
  }

  func append(_ bytes: [UInt8]) throws(DiskError) {
    try use("write") { file throws(DiskError) in try file.write(bytes) }
    byteCount += bytes.count
    if byteCount - startedByteCount >= LinuxAppendFile.startByteCount { startWriting() }
  }

  /// Has the disk begin; whether it succeeds is what a sync says.
  private func startWriting() {
    switch state {
    case .open(let file):
      _ = sync_file_range(
        file.number,
        off_t(startedByteCount),
        off_t(byteCount - startedByteCount),
        UInt32(SYNC_FILE_RANGE_WRITE)
      )
    case .closed: break
    }
    startedByteCount = byteCount
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
    startedByteCount = min(startedByteCount, byteCount)
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
