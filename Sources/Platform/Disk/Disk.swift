/// A file operation that failed, with what was tried.
package struct DiskError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What was being done, as a verb such as `open`.
  package var operation: String
  package var path: String
  /// The system's error number; 0 where no system call failed.
  package var number: Int32
  /// The reason in words.
  package var reason: String

  package init(operation: String, path: String, number: Int32, reason: String) {
    self.operation = operation
    self.path = path
    self.number = number
    self.reason = reason
  }

  package var description: String { "cannot \(operation) \(path): \(reason)" }
}

/// A file that only grows at its end.
///
/// After a failed write or sync the file is not to be used again: what reached the disk is known
/// only by reading it anew.
package protocol AppendFile: AnyObject {
  var byteCount: Int { get }
  /// Appends the bytes; they are durable only after `sync`.
  func append(_ bytes: [UInt8]) throws(DiskError)
  /// Makes everything appended so far durable.
  func sync() throws(DiskError)
  /// Cuts the file at `byteCount`, durably.
  func truncate(to byteCount: Int) throws(DiskError)
  func close()
}

/// The bytes of a file, readable as memory for as long as this object lives.
package protocol FileContents: AnyObject, Sendable {
  var byteCount: Int { get }
  func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result
  /// Says that a range is not read soon: until it is, its memory counts no more as this process's.
  func release(_ range: Range<Int>)
}

/// The file system as Covey uses it; paths are absolute or relative to the process's folder.
///
/// Two implementations: Linux, and the simulated one that fails, tears and crashes on demand.
package protocol Disk: Sendable {
  /// Makes the folder and those above it; no error when it is there. Durable on return.
  func createDirectory(_ path: String) throws(DiskError)
  /// Names in a folder, ascending; empty when there is no such folder.
  func list(_ directory: String) throws(DiskError) -> [String]
  func exists(_ path: String) -> Bool
  func byteCount(of path: String) throws(DiskError) -> Int
  func read(_ path: String) throws(DiskError) -> [UInt8]
  /// Opens a file for appending at its present end, creating it (durably) when absent.
  func openForAppending(_ path: String) throws(DiskError) -> any AppendFile
  /// Puts `bytes` at `path` as a whole: temporary file, sync, rename, sync of the folder.
  func replace(_ path: String, with bytes: [UInt8]) throws(DiskError)
  /// Renames within one folder and syncs the folder.
  func rename(_ path: String, to newPath: String) throws(DiskError)
  /// Renames within one folder; until the next `rename` or `replace` there a crash may undo it.
  func move(_ path: String, to newPath: String) throws(DiskError)
  /// Removes a file, or a folder with all in it; no error when absent.
  func remove(_ path: String) throws(DiskError)
  /// Maps a file for reading.
  func map(_ path: String) throws(DiskError) -> any FileContents
}
