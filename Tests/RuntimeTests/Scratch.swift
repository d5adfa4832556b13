import Glibc
import Platform

/// A fresh folder that goes away with this object.
final class Scratch: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/runtime-tests-XXXXXX".utf8CString)
    _ = mkdtemp(&template)
    path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  deinit { try? LinuxDisk().remove(path) }

  /// Writes a file and answers its path.
  func write(_ name: String, _ text: String) throws -> String {
    try LinuxDisk().replace(path + "/" + name, with: Array(text.utf8))
    return path + "/" + name
  }

  func read(_ name: String) throws -> String {
    String(decoding: try LinuxDisk().read(path + "/" + name), as: UTF8.self)
  }
}

/// Lets the file be run as a program.
func makeExecutable(_ path: String) throws {
  guard chmod(path, 0o700) == 0 else { throw TestFailure("cannot change the mode of \(path)") }
}
