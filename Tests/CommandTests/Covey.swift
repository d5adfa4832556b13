import Foundation
import Testing

/// Runs the built `covey`, which lies beside the tests.
enum Covey {
  struct Run {
    var status: Int32
    var output: String
    var messages: String
  }

  static var path: String {
    get throws {
      let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
      var folder = tests.deletingLastPathComponent()
      while folder.path != "/" {
        let candidate = folder.appendingPathComponent("covey").path
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: candidate, isDirectory: &isFolder),
          !isFolder.boolValue
        {
          return candidate
        }
        folder.deleteLastPathComponent()
      }
      throw NotBuilt()
    }
  }

  struct NotBuilt: Error {}

  static func run(_ words: [String], input: String = "") throws -> Run {
    try run(program: try path, words, input: input)
  }

  static func run(
    program: String,
    _ words: [String],
    input: String = "",
    environment: [String: String] = [:]
  ) throws -> Run {
    let folder = try Scratch()
    try folder.write(input, to: "input")
    try folder.write("", to: "output")
    try folder.write("", to: "messages")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = words
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.standardInput = FileHandle(forReadingAtPath: folder.path("input"))
    process.standardOutput = FileHandle(forWritingAtPath: folder.path("output"))
    process.standardError = FileHandle(forWritingAtPath: folder.path("messages"))
    try process.run()
    process.waitUntilExit()
    return Run(
      status: process.terminationStatus,
      output: try folder.read("output"),
      messages: try folder.read("messages")
    )
  }
}

/// A folder of one test, removed with it.
final class Scratch {
  let directory: String

  init() throws {
    var template = Array("/tmp/covey-command-XXXXXX".utf8CString)
    let made: String? = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    directory = try #require(made)
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  func path(_ name: String) -> String { directory + "/" + name }

  @discardableResult
  func write(_ text: String, to name: String) throws -> String {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path(name)))
    return path(name)
  }

  func read(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: path(name))), as: UTF8.self)
  }
}
