import Foundation
import Testing

/// A run of the program that goes on beside the test; killed with the object if it still runs.
final class Background {
  private let process = Process()
  private let folder: Scratch

  init(_ words: [String], in directory: Scratch) throws {
    folder = try Scratch()
    try folder.write("", to: "output")
    try folder.write("", to: "messages")
    process.executableURL = URL(fileURLWithPath: try Covey.path)
    process.arguments = words
    process.currentDirectoryURL = URL(fileURLWithPath: directory.directory)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: folder.path("output"))
    process.standardError = FileHandle(forWritingAtPath: folder.path("messages"))
    try process.run()
  }

  deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

  var processID: Int32 { process.processIdentifier }

  var isRunning: Bool { process.isRunning }

  var output: String { (try? folder.read("output")) ?? "" }

  var messages: String { (try? folder.read("messages")) ?? "" }

  func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits for the end.
  func finish() -> Covey.Run {
    process.waitUntilExit()
    return Covey.Run(status: process.terminationStatus, output: output, messages: messages)
  }
}

/// Asks again and again until it is so; the test's time limit ends what never comes.
func eventually(_ isSo: () throws -> Bool) rethrows {
  while try !isSo() { usleep(10_000) }
}
