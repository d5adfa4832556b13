import Bytes
import Domain
import Foundation
import Testing

/// A `covey local` of a test, in a folder of its own.
final class LocalClusterRun {
  let folder: Scratch
  private let workerCount: Int
  private var process: Background

  init(workers: Int, in folder: Scratch? = nil) throws {
    self.folder = try folder ?? Scratch()
    workerCount = workers
    process = try Background(
      ["local", "--workers", "\(workers)", "--data", "data"],
      in: self.folder
    )
    try awaitReady()
  }

  /// Runs a command that finds the cluster by its workspace.
  func run(_ words: String..., status: Int32 = 0) throws -> String {
    let run = try start(words).finish()
    try #require(run.status == status, "covey \(words): \(run.messages)\(log)")
    return run.output
  }

  func start(_ words: [String]) throws -> Background { try Background(words, in: folder) }

  /// Runs a command with `--json` and reads what it prints.
  func document(_ words: String...) throws -> Value {
    let run = try start(words + ["--json"]).finish()
    try #require(run.status == 0, "covey \(words): \(run.messages)\(log)")
    return try #require(try Value.parse(json: Array(run.output.utf8)))
  }

  /// Waits until the newest job is at work on the given kind of job.
  func awaitRunningJob(kind: String) throws {
    try eventually {
      let run = try start(["jobs", "--json"]).finish()
      guard run.status == 0, let document = try Value.parse(json: Array(run.output.utf8)),
        let job = document["jobs"]?.elements?.first
      else { return false }
      return job["kind"]?.text == Text(kind) && job["state"]?.text == "running"
    }
  }

  /// The process that works in a folder of the data, `coordinator` or `worker-1`; `nil` while one
  /// takes the place of another.
  private func processID(of name: String) -> Int32? {
    let lock = try? folder.read("data/\(name)/lock")
    return lock.flatMap { Int32($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
  }

  /// Ends a process of the cluster as a power failure would, and waits until another has its place.
  func killAndAwaitReturn(of name: String) throws {
    let old = try #require(processID(of: name))
    kill(old, SIGKILL)
    eventually { processID(of: name) ?? old != old }
    try awaitWorkers()
  }

  /// Stops everything and starts it again on the same data.
  func restart() throws {
    #expect(stop().status == 0)
    process = try Background(
      ["local", "--workers", "\(workerCount)", "--data", "data"],
      in: folder
    )
    try awaitReady()
  }

  @discardableResult
  func stop(_ signal: Int32 = SIGTERM) -> Covey.Run {
    process.send(signal)
    return process.finish()
  }

  /// What the processes of the cluster have said.
  var log: String {
    let names = ["coordinator"] + (1...workerCount).map { "worker-\($0)" }
    return process.messages
      + names.map { (try? folder.read("data/log/\($0).log")) ?? "" }.joined()
  }

  private func awaitReady() throws {
    try eventually {
      try #require(process.isRunning, "\(process.messages)\(log)")
      return FileManager.default.fileExists(atPath: folder.path(".covey/cluster.json"))
    }
    try awaitWorkers()
  }

  private func awaitWorkers() throws {
    try eventually {
      let run = try start(["nodes", "--json"]).finish()
      guard run.status == 0, let document = try Value.parse(json: Array(run.output.utf8)) else {
        return false
      }
      return document["nodes"]?.elements?.filter { $0["state"]?.text == "ok" }.count == workerCount
    }
  }
}
