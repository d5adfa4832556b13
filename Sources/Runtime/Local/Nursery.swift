import Domain
import Platform
import Synchronization

/// The child processes of a local cluster, kept alive until they are stopped.
final class Nursery: Sendable {
  private enum Phase {
    /// A process that ends now ends the start.
    case starting
    case running
    case stopped
  }

  private struct State {
    var phase = Phase.starting
    /// Where the coordinator listens; its restarts take the same port.
    var endpoint: Endpoint?
    var coordinator: SupervisedChild?
    var workers: [SupervisedChild] = []
    var failure: RuntimeError?
  }

  private static let pollMilliseconds: Int64 = 10
  /// Evaluations that a worker runs at a time at least: with one alone, a processor has nothing to do
  /// while the worker waits for its disk, or once the other workers are through.
  private static let threadCountMin = 2

  private let options: LocalCluster.Options
  private let keyFile: String
  private let executable: String
  private let workerCount: Int
  private let state = Mutex(State())
  /// Is given an element when a child is given up, and closed by `stop`.
  private let failures = BlockingQueue<RuntimeError>()

  init(
    options: LocalCluster.Options,
    keyFile: String,
    executable: String,
    workerCount: Int
  ) {
    self.options = options
    self.keyFile = keyFile
    self.executable = executable
    self.workerCount = workerCount
  }

  /// Starts the coordinator and waits until it listens.
  func startCoordinator(before deadline: Int64) throws -> Endpoint {
    let disk = LinuxDisk()
    let addressFile = options.dataDirectory + "/coordinator.address"
    try disk.remove(addressFile)
    var settings = CoordinatorOptions(
      dataDirectory: options.dataDirectory + "/coordinator",
      listen: options.listen,
      keyFile: keyFile
    )
    settings.addressFile = addressFile
    settings.takesTurns = options.threadCount == nil
    settings.exitsWithParent = true
    let child = try start("coordinator") { [settings] in
      var settings = settings
      if let endpoint = self.state.withLock({ $0.endpoint }) { settings.listen = endpoint }
      return settings.arguments
    }
    state.withLock { $0.coordinator = child }
    while true {
      if disk.exists(addressFile) {
        let text = String(decoding: try disk.read(addressFile), as: UTF8.self)
        if let endpoint = Endpoint(text.split(separator: "\n").first.map(String.init) ?? "") {
          state.withLock { $0.endpoint = endpoint }
          return endpoint
        }
      }
      try check()
      guard LinuxClock().monotonicMilliseconds < deadline else {
        throw RuntimeError.clusterNotReady(
          seconds: Int(options.readyMilliseconds / 1_000),
          reason: "the coordinator does not listen"
        )
      }
      Pause.wait(milliseconds: Nursery.pollMilliseconds)
    }
  }

  func startWorkers(of coordinator: Endpoint) throws {
    for number in 1...workerCount {
      guard let name = Name("worker-\(number)") else { continue }
      var settings = WorkerOptions(
        dataDirectory: options.dataDirectory + "/" + name.description,
        coordinator: coordinator,
        name: name,
        keyFile: keyFile
      )
      let share = LocalCluster.processors(
        ofWorker: number,
        among: workerCount,
        on: ProcessStatus.processorCount
      )
      settings.threadCount = options.threadCount ?? max(Nursery.threadCountMin, share.count)
      settings.trainingThreadCount = options.threadCount ?? share.count
      // Fewer threads than processors are left to the system, which knows what else is running.
      settings.trainingProcessor = options.threadCount == nil ? share.lowerBound : nil
      settings.memoryBudgetMebibytes =
        options.memoryBudgetMebibytes
        ?? max(64, WorkerOptions.standardMemoryBudgetMebibytes / workerCount)
      settings.exitsWithParent = true
      let child = try start(name.description) { [settings] in settings.arguments }
      state.withLock { $0.workers.append(child) }
    }
  }

  /// From now on a process that ends is started again.
  func finishStarting() {
    state.withLock { if $0.phase == .starting { $0.phase = .running } }
  }

  /// Throws what a child was given up for.
  func check() throws {
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  /// Waits until `stop`, or until a child is given up.
  func wait() throws {
    if let failure = failures.pop() { throw failure }
  }

  /// Ends all processes, workers first.
  func stop() {
    let (coordinator, workers) = state.withLock { state in
      defer {
        state.phase = .stopped
        state.coordinator = nil
        state.workers = []
      }
      return (state.coordinator, state.workers)
    }
    for worker in workers { worker.terminate() }
    for worker in workers { worker.awaitEnd(withinMilliseconds: options.stopMilliseconds) }
    coordinator?.terminate()
    coordinator?.awaitEnd(withinMilliseconds: options.stopMilliseconds)
    failures.close()
  }

  private func start(
    _ name: String,
    arguments: @escaping @Sendable () -> [String]
  ) throws(PlatformError) -> SupervisedChild {
    try SupervisedChild(
      name: name,
      executable: executable,
      logPath: "\(options.dataDirectory)/log/\(name).log",
      log: options.log,
      arguments: arguments,
      mayRestart: { self.state.withLock { $0.phase == .running } },
      givenUp: { failure in
        self.state.withLock { $0.failure = $0.failure ?? failure }
        self.failures.push(failure)
      }
    )
  }
}
