import Bytes
import Domain
package import Platform

/// Which cluster the commands of a folder mean: `.covey/cluster.json` in it or above.
package struct Workspace: Equatable, Sendable {
  /// Below the folder the workspace is for.
  package static let path = ".covey/cluster.json"
  /// More than any such file is.
  private static let byteCountMax = 64 << 10

  package var coordinator: Endpoint
  /// Absolute, or from the folder the workspace is for; `nil` for a cluster without a key.
  package var keyFile: String?

  package init(coordinator: Endpoint, keyFile: String?) {
    self.coordinator = coordinator
    self.keyFile = keyFile
  }

  /// Reads the workspace of a folder or of the nearest one above that has one.
  ///
  /// - Returns: `nil` when there is none; the key file's path is made absolute.
  package static func find(
    from directory: String,
    disk: any Disk = LinuxDisk()
  ) throws -> Workspace? {
    var folder = directory
    while true {
      let file = folder == "/" ? "/" + path : folder + "/" + path
      if disk.exists(file) { return try read(file, folder: folder, disk: disk) }
      let parent = FilePath.folder(of: folder)
      guard parent != folder, folder != "." else { return nil }
      folder = parent
    }
  }

  /// Writes the workspace of a folder.
  package func write(in directory: String, disk: any Disk = LinuxDisk()) throws(DiskError) {
    let path = directory + "/" + Workspace.path
    try disk.createDirectory(FilePath.folder(of: path))
    var fields: [(Text, Value)] = [("coordinator", .string(coordinator.description))]
    if let keyFile { fields.append(("keyFile", .string(keyFile))) }
    try disk.replace(path, with: Value.object(fields).json(.pretty) + [0x0A])
  }

  /// Removes the workspace of a folder if it is this one.
  package func remove(from directory: String, disk: any Disk = LinuxDisk()) throws {
    let path = directory + "/" + Workspace.path
    guard disk.exists(path),
      try Workspace.read(path, folder: directory, disk: disk).coordinator == coordinator
    else { return }
    try disk.remove(path)
  }

  private static func read(
    _ path: String,
    folder: String,
    disk: any Disk
  ) throws -> Workspace {
    guard try disk.byteCount(of: path) <= byteCountMax else {
      throw RuntimeError.badWorkspace(path: path, reason: "it is longer than \(byteCountMax) bytes")
    }
    let contents = try disk.read(path)
    let value: Value?
    do throws(JSONError) {
      value = try Value.parse(json: contents)
    } catch {
      throw RuntimeError.badWorkspace(path: path, reason: error.description)
    }
    guard let text = value?["coordinator"]?.text, let endpoint = Endpoint(text.string) else {
      throw RuntimeError.badWorkspace(
        path: path,
        reason: "it has no member \"coordinator\" of the form host:port"
      )
    }
    let keyFile = value?["keyFile"]?.text?.string
    let isRelative = keyFile.map { $0.utf8.first != UInt8(ascii: "/") } ?? false
    return Workspace(
      coordinator: endpoint,
      keyFile: isRelative ? keyFile.map { folder + "/" + $0 } : keyFile
    )
  }
}
