import Platform
import Simulation
import Testing

struct MemoryDiskTests {
  @Test func `a crash keeps what was synced and at most a beginning of the rest`() throws {
    var keptCounts: Set<Int> = []
    for seed in UInt64(0)..<50 {
      let disk = MemoryDisk(seed: seed)
      try disk.createDirectory("a/b")
      let file = try disk.openForAppending("a/b/file")
      try file.append([1, 2, 3])
      try file.sync()
      try file.append([4, 5, 6])
      disk.crash()
      let bytes = try disk.read("a/b/file")
      #expect(bytes.starts(with: [1, 2, 3]))
      #expect(bytes.count <= 6)
      keptCounts.insert(bytes.count)
      #expect(throws: DiskError.self) { try file.append([7]) }
    }
    #expect(keptCounts == [3, 4, 5, 6])
  }

  @Test func `a sync that follows a failed one saves nothing`() throws {
    let disk = MemoryDisk(seed: 3)
    let file = try disk.openForAppending("file")
    try file.append(Array(repeating: 1, count: 1_000))
    disk.fault = DiskFault(operation: disk.operationCount, kind: .failure(number: 5))
    #expect(throws: DiskError.self) { try file.sync() }
    try file.sync()
    disk.crash()
    #expect(try disk.byteCount(of: "file") < 1_000)
  }

  @Test func `a crash at an operation turns the disk off until it is restarted`() throws {
    let disk = MemoryDisk()
    try disk.replace("kept", with: [1])
    disk.fault = DiskFault(operation: disk.operationCount, kind: .crash)
    #expect(throws: DiskError.self) { try disk.read("kept") }
    #expect(throws: DiskError.self) { try disk.read("kept") }
    disk.restart()
    #expect(try disk.read("kept") == [1])
  }

  @Test func `a mapped file keeps its bytes when the file is replaced or removed`() throws {
    let disk = MemoryDisk()
    try disk.replace("file", with: [1, 2])
    let contents = try disk.map("file")
    try disk.replace("file", with: [3])
    try disk.remove("file")
    #expect(contents.withBytes { Array($0) } == [1, 2])
  }

  @Test func `names are listed by folder`() throws {
    let disk = MemoryDisk()
    try disk.createDirectory("a/b")
    try disk.replace("a/x", with: [])
    try disk.replace("a/b/y", with: [])
    #expect(try disk.list("a") == ["b", "x"])
    #expect(try disk.list("nowhere") == [])
    try disk.remove("a/b")
    #expect(try disk.list("a") == ["x"])
  }
}
