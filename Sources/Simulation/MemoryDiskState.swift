import Bytes
import Platform

/// The files of a simulated disk, and which of their bytes would survive a crash.
struct MemoryDiskState {
  /// A file's bytes, whatever its name.
  struct Contents {
    var bytes: [UInt8] = []
    /// Bytes at the start that are durable.
    var durableByteCount = 0
    /// A sync failed: what was not durable then never will be, whatever later syncs report.
    var isSyncBroken = false
  }

  /// A file that has another name since its folder was last made durable.
  private struct Move {
    var from: String
    var to: String
    var file: Int
    /// What had the new name before.
    var replaced: Int?
  }

  /// Every file there ever was; an open file is known by its index, so it follows a rename.
  var contents: [Contents] = []
  /// Path → index into `contents`.
  var files: [String: Int] = [:]
  var directories: Set<String> = ["/", "."]
  /// Removed files that a crash may bring back.
  var removed: [String: Int] = [:]
  /// Moves that a crash may undo, the last ones first.
  private var moves: [Move] = []
  var random: SeededRandom
  var tearing: Tearing
  var operationCount = 0
  var fault: DiskFault?
  var isOff = false
  /// Raised by each crash: files opened before are dead.
  var lifetime = 0

  init(random: SeededRandom, tearing: Tearing) {
    self.random = random
    self.tearing = tearing
  }

  /// Counts an operation and fails it when a fault is planned for it.
  mutating func begin(_ operation: String, _ path: String) throws(DiskError) {
    guard !isOff else { throw MemoryDiskState.error(operation, path, 5, "the disk is off") }
    let number = operationCount
    operationCount += 1
    guard let fault, fault.operation == number else { return }
    self.fault = nil
    switch fault.kind {
    case .failure(let errorNumber):
      throw MemoryDiskState.error(operation, path, errorNumber, systemErrorText(errorNumber))
    case .crash:
      crash()
      isOff = true
      throw MemoryDiskState.error(operation, path, 5, "the power went")
    }
  }

  static func error(
    _ operation: String,
    _ path: String,
    _ number: Int32,
    _ reason: String
  ) -> DiskError {
    DiskError(operation: operation, path: path, number: number, reason: reason)
  }

  mutating func crash() {
    lifetime += 1
    undoMoves()
    for (path, file) in removed.sorted(by: { $0.key < $1.key })
    where files[path] == nil && random.oneIn(2) {
      files[path] = file
    }
    removed = [:]
    for (_, old) in files.sorted(by: { $0.key < $1.key }) {
      tear(old)
    }
  }

  mutating func rename(_ path: String, to newPath: String) throws(DiskError) {
    let file = try file(path, for: "rename")
    files[path] = nil
    files[newPath] = file
    removed[newPath] = nil
  }

  mutating func move(_ path: String, to newPath: String) throws(DiskError) {
    let replaced = files[newPath]
    try rename(path, to: newPath)
    guard let file = files[newPath] else { return }
    moves.append(Move(from: path, to: newPath, file: file, replaced: replaced))
  }

  /// The folder is durable: its moves stay.
  mutating func settleMoves(in directory: String) {
    moves.removeAll { FilePath.folder(of: $0.to) == directory }
  }

  private mutating func undoMoves() {
    let kept = random.below(moves.count + 1)
    for move in moves[kept...].reversed() where files[move.to] == move.file {
      files[move.to] = move.replaced
      files[move.from] = move.file
    }
    moves = []
  }

  private mutating func tear(_ index: Int) {
    var file = contents[index]
    file.isSyncBroken = false
    defer { contents[index] = file }
    let durable = file.durableByteCount
    let loose = file.bytes.count - durable
    guard loose > 0 else { return }
    let kept = random.below(loose + 1)
    file.bytes.removeLast(loose - kept)
    if kept > 0, random.oneIn(3) {
      switch tearing {
      case .tail:
        let count = random.below(min(kept, 512)) + 1
        let start = file.bytes.count - count
        for index in start..<file.bytes.count {
          file.bytes[index] = UInt8(truncatingIfNeeded: random.next())
        }
      case .anywhere:
        let start = durable + random.below(kept)
        let count = random.below(file.bytes.count - start) + 1
        for index in start..<start + count { file.bytes[index] = 0 }
      }
    }
    file.durableByteCount = file.bytes.count
  }

  mutating func addDirectory(_ path: String) {
    var folder = path
    while directories.insert(folder).inserted { folder = FilePath.folder(of: folder) }
  }

  func names(in directory: String) -> [String] {
    let all = Array(files.keys) + Array(directories)
    let names = all.filter { $0 != directory && FilePath.folder(of: $0) == directory }.map {
      String($0.dropFirst(directory == "/" ? 1 : directory.count + 1))
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  func file(_ path: String, for operation: String) throws(DiskError) -> Int {
    guard let file = files[path] else {
      throw MemoryDiskState.error(operation, path, 2, systemErrorText(2))
    }
    return file
  }

  mutating func fileForAppending(_ path: String) throws(DiskError) -> Int {
    if let file = files[path] { return file }
    guard directories.contains(FilePath.folder(of: path)) else {
      throw MemoryDiskState.error("open", path, 2, systemErrorText(2))
    }
    contents.append(Contents())
    files[path] = contents.count - 1
    removed[path] = nil
    return contents.count - 1
  }

  mutating func remove(_ path: String) {
    if let file = files.removeValue(forKey: path) { removed[path] = file }
    for other in files.keys where other.utf8.starts(with: (path + "/").utf8) {
      removed[other] = files.removeValue(forKey: other)
    }
    directories = directories.filter { $0 != path && !$0.utf8.starts(with: (path + "/").utf8) }
  }
}
