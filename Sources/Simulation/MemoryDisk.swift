import Bytes
package import Platform
import Synchronization

/// A disk in memory that fails, tears and crashes on demand, the same way for the same seed.
///
/// It knows of every file what is durable. `crash` throws away the rest: of appended bytes a
/// beginning may survive, and a removed file may be back.
package final class MemoryDisk: Disk {
  let state: Mutex<MemoryDiskState>

  package init(seed: UInt64 = 1, tearing: Tearing = .tail) {
    state = Mutex(MemoryDiskState(random: SeededRandom(seed: seed), tearing: tearing))
  }

  /// Operations so far; a fault's number refers to this count.
  package var operationCount: Int { state.withLock { $0.operationCount } }

  /// The fault to come; only one is planned at a time.
  package var fault: DiskFault? {
    get { state.withLock { $0.fault } }
    set { state.withLock { $0.fault = newValue } }
  }

  /// Whether the planned fault has happened.
  package var isFaultOver: Bool { state.withLock { $0.fault == nil } }

  /// Loses what is not durable, as a power failure does; files open before are dead.
  package func crash() { state.withLock { $0.crash() } }

  /// Lets a crashed disk work again.
  package func restart() { state.withLock { $0.isOff = false } }

  /// Paths of all files, ascending.
  package var paths: [String] {
    state.withLock { $0.files.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) } }
  }

  /// Changes one byte of a file behind everybody's back, as a failing medium does.
  package func flip(_ path: String, at offset: Int, mask: UInt8) {
    state.withLock { state in
      guard let file = state.files[path], state.contents[file].bytes.indices.contains(offset)
      else { return }
      state.contents[file].bytes[offset] ^= mask
    }
  }

  package func createDirectory(_ path: String) throws(DiskError) {
    try state.withLock { state throws(DiskError) in
      try state.begin("create folder", path)
      state.addDirectory(path)
    }
  }

  package func list(_ directory: String) throws(DiskError) -> [String] {
    try state.withLock { state throws(DiskError) in
      try state.begin("list", directory)
      return state.names(in: directory)
    }
  }

  package func exists(_ path: String) -> Bool {
    state.withLock { $0.files[path] != nil || $0.directories.contains(path) }
  }

  package func byteCount(of path: String) throws(DiskError) -> Int {
    try state.withLock { state throws(DiskError) in
      try state.begin("measure", path)
      return state.contents[try state.file(path, for: "measure")].bytes.count
    }
  }

  package func read(_ path: String) throws(DiskError) -> [UInt8] {
    try state.withLock { state throws(DiskError) in
      try state.begin("read", path)
      return state.contents[try state.file(path, for: "read")].bytes
    }
  }

  package func openForAppending(_ path: String) throws(DiskError) -> any AppendFile {
    try state.withLock { state throws(DiskError) in
      try state.begin("open", path)
      let file = try state.fileForAppending(path)
      return MemoryAppendFile(
        disk: self,
        path: path,
        file: file,
        lifetime: state.lifetime
      )
    }
  }

  package func replace(_ path: String, with bytes: [UInt8]) throws(DiskError) {
    let output = try OutputFile(disk: self, path: path)
    do throws(DiskError) {
      try output.append(bytes)
      try output.finish()
    } catch {
      output.abandon()
      throw error
    }
  }

  package func rename(_ path: String, to newPath: String) throws(DiskError) {
    try state.withLock { state throws(DiskError) in
      try state.begin("rename", path)
      try state.rename(path, to: newPath)
      state.settleMoves(in: FilePath.folder(of: newPath))
    }
  }

  package func move(_ path: String, to newPath: String) throws(DiskError) {
    try state.withLock { state throws(DiskError) in
      try state.begin("rename", path)
      try state.move(path, to: newPath)
    }
  }

  package func remove(_ path: String) throws(DiskError) {
    try state.withLock { state throws(DiskError) in
      try state.begin("remove", path)
      state.remove(path)
    }
  }

  package func map(_ path: String) throws(DiskError) -> any FileContents {
    try state.withLock { state throws(DiskError) in
      try state.begin("map", path)
      return MemoryContents(state.contents[try state.file(path, for: "map")].bytes)
    }
  }
}
