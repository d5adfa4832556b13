/// Takes paths apart.
package enum FilePath {
  /// The folder that holds a path's last part: `a/b` for `a/b/c`, `/` for `/a`, `.` for `a`.
  package static func folder(of path: String) -> String {
    var parts = Substring(path)
    while parts.utf8.count > 1, parts.utf8.last == UInt8(ascii: "/") { parts.removeLast() }
    guard let slash = parts.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == parts.startIndex ? "/" : String(parts[..<slash])
  }
}
