import Glibc
import Platform
import Testing

struct StreamTests {
  @Test func `a temporary folder is new each time and goes with all that is in it`() throws {
    let first = try Platform.TemporaryFolder()
    let second = try Platform.TemporaryFolder()
    let disk = LinuxDisk()
    try disk.replace(first.path + "/file", with: [1])

    first.remove()
    second.remove()

    #expect(first.path != second.path)
    #expect(!disk.exists(first.path) && !disk.exists(second.path))
  }

  @Test func `a stream is read to its end, and not beyond a limit`() throws {
    let folder = try Platform.TemporaryFolder()
    defer { folder.remove() }
    let path = folder.path + "/file"
    let bytes = (0..<700_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    try LinuxDisk().replace(path, with: bytes)

    #expect(try StreamInput(path).readAll(byteCountMax: 700_000) == bytes)
    #expect(throws: DiskError.self) { try StreamInput(path).readAll(byteCountMax: 699_999) }
    #expect(throws: DiskError.self) { try StreamInput(folder.path + "/absent") }
  }

  @Test func `only what is no regular file is written as a stream`() throws {
    let folder = try Platform.TemporaryFolder()
    defer { folder.remove() }
    let disk = LinuxDisk()
    let path = folder.path + "/file"
    try disk.replace(path, with: [1])

    #expect(try StreamOutput(special: path) == nil)
    #expect(try StreamOutput(special: folder.path + "/absent") == nil)
    try #require(try StreamOutput(special: "/dev/null")).write([1, 2, 3])
    #expect(throws: DiskError.self) { try StreamOutput(special: folder.path) }
  }

  @Test func `errors of the disk tell absence from missing rights`() {
    func kind(_ number: Int32) -> DiskError.Kind {
      DiskError(operation: "open", path: "x", number: number, reason: "").kind
    }

    #expect(kind(ENOENT) == .absent)
    #expect(kind(EACCES) == .notPermitted)
    #expect(kind(ENOSPC) == .full)
    #expect(kind(EIO) == .other)
  }
}
