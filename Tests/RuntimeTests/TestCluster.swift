import Bytes
import Cluster
import Domain
import Platform
import Runtime
import Synchronization
import Wire

/// A coordinator and workers as threads of the test, on real sockets and real disk.
final class TestCluster: Sendable {
  private struct Running<Process: Sendable> {
    var process: Process
    var thread: WorkerThread
  }

  private struct State {
    var endpoint = Endpoint(host: "127.0.0.1", port: 0)
    var coordinator: Running<CoordinatorProcess>?
    var workers: [Int: Running<WorkerProcess>] = [:]
    var failures: [String] = []
  }

  let scratch = Scratch()
  let lines = LogLines()
  private let change: @Sendable (inout CoordinatorOptions) -> Void
  private let changeWorker: @Sendable (inout WorkerOptions) -> Void
  private let state = Mutex(State())

  /// Starts a coordinator and so many workers, and waits until they have joined.
  init(
    workerCount: Int,
    changeWorker: @escaping @Sendable (inout WorkerOptions) -> Void = { _ in },
    change: @escaping @Sendable (inout CoordinatorOptions) -> Void = { _ in }
  ) throws {
    self.change = change
    self.changeWorker = changeWorker
    var random = SystemRandomNumberGenerator()
    let secret = ClusterSecret(using: &random)
    try SecretFile.create(keyFile, contents: secret.fileContents)
    try startCoordinator()
    for number in 0..<workerCount { try startWorker(number) }
    try awaitWorkers(workerCount)
  }

  deinit { stop() }

  var keyFile: String { scratch.path + "/secret" }

  var endpoint: Endpoint { state.withLock { $0.endpoint } }

  /// What ended a process that was not told to.
  var failures: [String] { state.withLock { $0.failures } }

  func startCoordinator() throws {
    var options = CoordinatorOptions(
      dataDirectory: scratch.path + "/coordinator",
      listen: endpoint,
      keyFile: keyFile
    )
    options.log = lines.log("coordinator")
    change(&options)
    let process = try CoordinatorProcess(options)
    let thread = try run("coordinator") { try process.run() }
    state.withLock { state in
      state.endpoint = process.endpoint
      state.coordinator = Running(process: process, thread: thread)
    }
  }

  func stopCoordinator() {
    let running = state.withLock { state in
      defer { state.coordinator = nil }
      return state.coordinator
    }
    running?.process.stop()
    running?.thread.join()
  }

  func startWorker(_ number: Int) throws {
    guard let name = Name("w\(number)") else { return }
    var options = WorkerOptions(
      dataDirectory: scratch.path + "/" + name.description,
      coordinator: endpoint,
      name: name,
      keyFile: keyFile
    )
    options.threadCount = 2
    options.log = lines.log(name.description)
    changeWorker(&options)
    let process = try WorkerProcess(options)
    let thread = try run(name.description) { try process.run() }
    state.withLock { $0.workers[number] = Running(process: process, thread: thread) }
  }

  func stopWorker(_ number: Int) {
    let running = state.withLock { $0.workers.removeValue(forKey: number) }
    running?.process.stop()
    running?.thread.join()
  }

  func stop() {
    for number in state.withLock({ Array($0.workers.keys) }) { stopWorker(number) }
    stopCoordinator()
  }

  func connect(_ role: Role = .client) throws -> ClusterClient {
    let endpoint = self.endpoint
    let key = try ClusterKeys.key(for: role, file: keyFile, endpoint: endpoint)
    return try ClusterClient(endpoint: endpoint, key: key)
  }

  /// Waits until so many workers take work.
  func awaitWorkers(_ count: Int) throws {
    let client = try connect()
    let end = LinuxClock().monotonicMilliseconds + 30_000
    while true {
      let nodes = try client.document(.nodes)["nodes"]?.elements ?? []
      if nodes.filter({ $0["state"]?.text == "ok" }).count == count { return }
      guard LinuxClock().monotonicMilliseconds < end else {
        throw TestFailure("workers did not join: \(nodes)\n\(lines.all.joined())")
      }
      lines.waitForMore()
    }
  }

  private func run(
    _ name: String,
    _ body: @escaping @Sendable () throws -> Void
  ) throws -> WorkerThread {
    try WorkerThread(named: name) {
      do {
        try body()
      } catch {
        self.state.withLock { $0.failures.append("\(name): \(error)") }
      }
    }
  }
}

struct TestFailure: Error, CustomStringConvertible {
  var description: String

  init(_ description: String) { self.description = description }
}
