private import Bytes
private import Glibc

/// Finding files to read: patterns of the shell, and standard input as a file.
package enum FileSearch {
  /// The paths that a pattern of `glob(3)` matches, ascending by bytes.
  ///
  /// A pattern that is the exact name of a file is that file, whatever brackets it has.
  ///
  /// - Returns: no path when nothing matches.
  package static func paths(matching pattern: String) throws(DiskError) -> [String] {
    if unsafe access(pattern, F_OK) == 0 { return [pattern] }
    var found = unsafe glob_t()
    let status = unsafe glob(pattern, GLOB_NOSORT, nil, &found)
    defer { unsafe globfree(&found) }
    switch status {
    case 0: break
    case GLOB_NOMATCH: return []
    default:
      throw DiskError(
        operation: "search",
        path: pattern,
        number: 0,
        reason: "the folders cannot be read"
      )
    }
    var paths: [String] = []
    for index in unsafe 0..<Int(found.gl_pathc) {
      if let path = unsafe found.gl_pathv[index] { unsafe paths.append(String(cString: path)) }
    }
    return paths.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Copies a descriptor, by default standard input, to a new file that only this user can read.
  ///
  /// - Returns: the path of the file; who calls removes it.
  package static func spool(descriptor: Int32 = 0, directory: String) throws(DiskError) -> String {
    var template = Array((directory + "/covey-input-XXXXXX").utf8CString)
    let file = unsafe mkostemp(&template, O_CLOEXEC)
    guard file >= 0 else { throw failure("create", directory) }
    let path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    defer { close(file) }
    do throws(DiskError) {
      try copy(descriptor, to: file, path: path)
    } catch {
      unsafe unlink(path)
      throw error
    }
    return path
  }

  package static func remove(_ path: String) { unsafe unlink(path) }

  private static func copy(_ source: Int32, to target: Int32, path: String) throws(DiskError) {
    var block = [UInt8](repeating: 0, count: 1 << 18)
    while true {
      let count = unsafe read(source, &block, block.count)
      if count == 0 { return }
      if count < 0 {
        guard errno == EINTR else { throw failure("read", "standard input") }
        continue
      }
      var start = 0
      while start < count {
        let written = unsafe block.withUnsafeBytes { buffer in
          unsafe write(target, buffer.baseAddress.map { unsafe $0 + start }, count - start)
        }
        guard written > 0 || errno == EINTR else { throw failure("write", path) }
        start += max(0, written)
      }
    }
  }

  private static func failure(_ operation: String, _ path: String) -> DiskError {
    let number = errno
    return DiskError(
      operation: operation,
      path: path,
      number: number,
      reason: unsafe String(cString: strerror(number))
    )
  }
}
