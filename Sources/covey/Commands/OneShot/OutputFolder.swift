import Platform

/// Several files of one folder that appear together, or not at all.
final class OutputFolder {
  private let path: String
  private let isNew: Bool
  private var files: [OutputFile] = []

  /// Makes the folder when it is not there.
  init(_ path: String) throws {
    self.path = path.hasSuffix("/") ? String(path.dropLast()) : path
    let disk = LinuxDisk()
    isNew = !disk.exists(self.path)
    do {
      try disk.createDirectory(self.path)
    } catch let error {
      throw CommandFailure.output(error)
    }
  }

  /// A file of the folder, to be written.
  func file(_ name: String) throws -> any ByteSink {
    let file = try OutputFile(disk: LinuxDisk(), path: path + "/" + name)
    files.append(file)
    return FolderSink(file)
  }

  func write(_ bytes: [UInt8], to name: String) throws { try file(name).write(bytes) }

  /// Gives all files their names.
  func finish() throws { for file in files { try file.finish() } }

  /// Leaves the folder as it was found, or none.
  func abandon() {
    for file in files { file.abandon() }
    if isNew { try? LinuxDisk().remove(path) }
  }
}

private final class FolderSink: ByteSink {
  private let file: OutputFile

  init(_ file: OutputFile) { self.file = file }

  func write(_ bytes: [UInt8]) throws { try file.append(bytes) }
}
