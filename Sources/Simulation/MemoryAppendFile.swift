import Bytes
import Platform
import Synchronization

/// An open file of a simulated disk.
final class MemoryAppendFile: AppendFile {
  private let disk: MemoryDisk
  private let path: String
  /// Index of the disk's contents.
  private let file: Int
  private let lifetime: Int
  private var isClosed = false

  /// Opens a file of a disk that has crashed `lifetime` times so far.
  init(disk: MemoryDisk, path: String, file: Int, lifetime: Int) {
    self.disk = disk
    self.path = path
    self.file = file
    self.lifetime = lifetime
  }

  var byteCount: Int { disk.state.withLock { $0.contents[file].bytes.count } }

  func append(_ bytes: [UInt8]) throws(DiskError) {
    try disk.state.withLock { state throws(DiskError) in
      try check(state, "write")
      do throws(DiskError) {
        try state.begin("write", path)
      } catch {
        if !state.isOff {
          let count = state.random.below(bytes.count + 1)
          state.contents[file].bytes += bytes.prefix(count)
        }
        throw error
      }
      state.contents[file].bytes += bytes
    }
  }

  func sync() throws(DiskError) {
    try disk.state.withLock { state throws(DiskError) in
      try check(state, "sync")
      do throws(DiskError) {
        try state.begin("sync", path)
      } catch {
        // A crash has thrown away what was not durable: nothing is left that a sync could miss.
        state.contents[file].isSyncBroken = !state.isOff
        throw error
      }
      if !state.contents[file].isSyncBroken {
        state.contents[file].durableByteCount = state.contents[file].bytes.count
      }
    }
  }

  func truncate(to byteCount: Int) throws(DiskError) {
    try disk.state.withLock { state throws(DiskError) in
      try check(state, "cut")
      try state.begin("cut", path)
      let left = min(byteCount, state.contents[file].bytes.count)
      state.contents[file].bytes.removeLast(state.contents[file].bytes.count - left)
      state.contents[file].durableByteCount = left
    }
  }

  func close() { isClosed = true }

  private func check(_ state: borrowing MemoryDiskState, _ operation: String) throws(DiskError) {
    guard !isClosed, lifetime == state.lifetime else {
      throw MemoryDiskState.error(operation, path, 9, "the file is closed")
    }
  }
}
