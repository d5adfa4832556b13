import Platform
import Runtime
import Testing

@Suite struct WorkspaceTests {
  private let here = Endpoint(host: "127.0.0.1", port: 7_070)

  @Test func `the nearest workspace above counts`() throws {
    let scratch = Scratch()
    let disk = LinuxDisk()
    let workspace = Workspace(coordinator: here, keyFile: "/keys/secret")
    try disk.createDirectory(scratch.path + "/a/b/c")
    try workspace.write(in: scratch.path + "/a")

    #expect(try Workspace.find(from: scratch.path + "/a/b/c") == workspace)
    #expect(try Workspace.find(from: scratch.path + "/a") == workspace)
    #expect(try Workspace.find(from: scratch.path) == nil)
  }

  @Test func `a key file's path starts from the workspace's folder`() throws {
    let scratch = Scratch()
    try Workspace(coordinator: here, keyFile: "keys/secret").write(in: scratch.path)

    #expect(
      try Workspace.find(from: scratch.path)?.keyFile == scratch.path + "/keys/secret"
    )
  }

  @Test(arguments: ["", "[]", "{\"coordinator\": 7}", "{\"coordinator\": \"nowhere\"}", "{"])
  func `a file that says no coordinator is an error`(text: String) throws {
    let scratch = Scratch()
    try LinuxDisk().createDirectory(scratch.path + "/.covey")
    _ = try scratch.write(Workspace.path, text)

    #expect(throws: RuntimeError.self) { try Workspace.find(from: scratch.path) }
  }

  @Test func `another cluster's workspace is left alone`() throws {
    let scratch = Scratch()
    let other = Workspace(coordinator: Endpoint(host: "10.0.0.1", port: 1), keyFile: nil)
    try other.write(in: scratch.path)

    try Workspace(coordinator: here, keyFile: nil).remove(from: scratch.path)
    #expect(try Workspace.find(from: scratch.path) == other)

    try other.remove(from: scratch.path)
    #expect(try Workspace.find(from: scratch.path) == nil)
  }
}
