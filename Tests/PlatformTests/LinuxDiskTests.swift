import Glibc
import Platform
import Testing

struct LinuxDiskTests {
  private let disk = LinuxDisk()

  /// Runs `body` in a folder of its own, removed afterwards.
  private func inFolder(_ body: (String) throws -> Void) throws {
    var template = Array("/tmp/covey-disk-XXXXXX".utf8CString)
    let made: String? = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    let folder = try #require(made)
    defer { try? disk.remove(folder) }
    try body(folder)
  }

  @Test func `folders are made with those above them and removed with what is in them`() throws {
    try inFolder { folder in
      try disk.createDirectory(folder + "/a/b/c")
      try disk.createDirectory(folder + "/a/b/c")
      try disk.replace(folder + "/a/b/file", with: [1])
      #expect(try disk.list(folder + "/a/b") == ["c", "file"])
      try disk.remove(folder + "/a")
      try disk.remove(folder + "/a")
      #expect(try disk.list(folder) == [])
      #expect(try disk.list(folder + "/a") == [])
    }
  }

  @Test func `appended bytes are read back, and a cut file ends where it was cut`() throws {
    try inFolder { folder in
      let path = folder + "/file"
      let file = try disk.openForAppending(path)
      try file.append([1, 2, 3])
      try file.append([])
      try file.append(Array(repeating: 4, count: 100_000))
      try file.sync()
      try file.truncate(to: 4)
      try file.append([5])
      #expect(file.byteCount == 5)
      file.close()
      #expect(throws: DiskError.self) { try file.append([6]) }
      #expect(try disk.read(path) == [1, 2, 3, 4, 5])
      #expect(try disk.openForAppending(path).byteCount == 5)
      #expect(try disk.byteCount(of: path) == 5)
    }
  }

  @Test func `a mapped file outlives its name`() throws {
    try inFolder { folder in
      let path = folder + "/file"
      try disk.replace(path, with: [1, 2])
      let contents = try disk.map(path)
      try disk.replace(path, with: [])
      #expect(contents.withBytes { Array($0) } == [1, 2])
      #expect(try disk.map(path).byteCount == 0)
      try disk.remove(path)
      #expect(contents.withBytes { Array($0) } == [1, 2])
    }
  }

  @Test func `an output file appears when it is finished and not at all when abandoned`() throws {
    try inFolder { folder in
      let path = folder + "/out.csv"
      let abandoned = try OutputFile(disk: disk, path: path)
      try abandoned.append([1])
      abandoned.abandon()
      #expect(try disk.list(folder) == [])
      let finished = try OutputFile(disk: disk, path: path)
      try finished.append([1])
      try finished.append([2])
      #expect(!disk.exists(path))
      try finished.finish()
      #expect(try disk.list(folder) == ["out.csv"])
      #expect(try disk.read(path) == [1, 2])
    }
  }

  @Test func `a missing file is told with its path and reason`() {
    #expect(
      throws: DiskError(
        operation: "open",
        path: "/nowhere/file",
        number: ENOENT,
        reason: "no such file or directory"
      )
    ) { try disk.read("/nowhere/file") }
  }

  @Test func `a full disk is an error and the file is not used again`() throws {
    let file = try disk.openForAppending("/dev/full")
    #expect(throws: DiskError.self) { try file.append([1]) }
    #expect(throws: DiskError.self) { try file.sync() }
  }

  @Test(arguments: [
    ("a/b/c", "a/b"), ("/a", "/"), ("a", "."), ("a/b/", "a"), ("/", "/"),
  ])
  func `a path's folder is what stands before its last part`(path: String, folder: String) {
    #expect(FilePath.folder(of: path) == folder)
  }
}
