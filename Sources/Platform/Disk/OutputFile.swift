/// A file written piece by piece that appears under its name only when it is whole.
///
/// Until `finish` it has the name with `.partial` behind. It is dropped by `abandon`; one that a
/// crash leaves behind is overwritten by the next of the same name.
package final class OutputFile {
  /// What a file's name ends in while it is being written.
  package static let partialSuffix = ".partial"

  private let disk: any Disk
  private let path: String
  private let file: any AppendFile

  package init(disk: any Disk, path: String) throws(DiskError) {
    self.disk = disk
    self.path = path
    let partial = path + OutputFile.partialSuffix
    try disk.remove(partial)
    file = try disk.openForAppending(partial)
  }

  package var byteCount: Int { file.byteCount }

  package func append(_ bytes: [UInt8]) throws(DiskError) { try file.append(bytes) }

  /// Makes the bytes durable and gives the file its name; what had the name before is gone.
  package func finish() throws(DiskError) {
    try file.sync()
    file.close()
    try disk.rename(path + OutputFile.partialSuffix, to: path)
  }

  /// Drops what was written; a file that cannot be removed is left for the next of its name.
  package func abandon() {
    file.close()
    try? disk.remove(path + OutputFile.partialSuffix)
  }
}
