import Bytes
package import Domain
package import Platform

/// How a worker is started: what `covey worker` takes.
package struct WorkerOptions: Sendable {
  /// Holds the shards; made when absent, used by one process at a time.
  package var dataDirectory: String
  package var coordinator: Endpoint
  /// The cluster's secret, or the key of the role worker; without it `coordinator` has to be
  /// loopback.
  package var keyFile: String?
  package var name: Name
  /// The share of shards it takes, relative to other workers.
  package var capacity: UInt32 = 1
  /// Evaluations it runs at a time.
  package var threadCount = ProcessStatus.processorCount
  /// Threads among which a training divides the worker's rows; `nil` takes as many as evaluations.
  ///
  /// They all work from one answer to the next, and each keeps sums of its own, which more threads
  /// than there are processors only make more of.
  package var trainingThreadCount: Int?
  /// The first of the processors that threads of a training keep to, one each, counted from 0 among
  /// those that the process may use; `nil` leaves them to the system.
  ///
  /// All workers wait for the slowest of them, and the system is slow to see that two of these
  /// threads share a processor while another one rests.
  package var trainingProcessor: Int?
  /// Memory beyond which evaluations wait for each other, in MiB.
  package var memoryBudgetMebibytes = WorkerOptions.standardMemoryBudgetMebibytes
  /// Ends when the process that started it is gone, told by `Lifeline`.
  package var exitsWithParent = false
  /// Shards whose files are held open at a time.
  package var openStoreCountMax = 256
  package var limits = PeerLimits.standard
  package var log: Log

  /// Half of the machine's memory, at most 4 GiB.
  package static let standardMemoryBudgetMebibytes = min(
    4_096,
    (ProcessStatus.machineByteCount ?? 2 << 30) >> 21
  )

  package init(dataDirectory: String, coordinator: Endpoint, name: Name, keyFile: String? = nil) {
    self.dataDirectory = dataDirectory
    self.coordinator = coordinator
    self.name = name
    self.keyFile = keyFile
    log = Log(node: name.text)
  }

  /// The words after `covey` that start this worker.
  package var arguments: [String] {
    var words = [
      "worker", "--data", dataDirectory, "--coordinator", coordinator.description,
      "--name", name.description, "--capacity", String(capacity),
      "--threads", String(threadCount), "--memory-budget", String(memoryBudgetMebibytes),
    ]
    if let trainingThreadCount { words += ["--training-threads", String(trainingThreadCount)] }
    if let trainingProcessor { words += ["--training-processor", String(trainingProcessor)] }
    if let keyFile { words += ["--key-file", keyFile] }
    if exitsWithParent { words.append("--exit-with-parent") }
    return words
  }
}
