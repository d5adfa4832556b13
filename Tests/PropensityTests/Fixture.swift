import Glibc
import Testing

/// The bytes of a file beside the tests; empty, with a recorded issue, when it cannot be read.
func fixture(_ path: String) -> [UInt8] {
  let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast()
  let name = folder.joined(separator: "/") + "/Fixtures/" + path
  guard let file = fopen(name, "rb") else {
    Issue.record("cannot read \(name)")
    return []
  }
  defer { fclose(file) }
  var bytes: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 1 << 16)
  while true {
    let count = fread(&buffer, 1, buffer.count, file)
    guard count > 0 else { return bytes }
    bytes += buffer.prefix(count)
  }
}
