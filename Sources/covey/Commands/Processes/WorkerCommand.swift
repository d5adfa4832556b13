import Domain
import Platform
import Runtime

extension Command {
  static let worker = Command(
    "worker",
    "Run a worker in the foreground",
    discussion: [
      "It holds shards and computes over them. It logs to standard error and ends in good order on "
        + "SIGTERM or Ctrl-C; started again with the same folder it is the same worker."
    ],
    options: [
      .required("data", "DIR", "Holds the shards.", suggestion: .directories),
      .required("coordinator", "HOST:PORT", "Where the coordinator listens."),
      .required("name", "NAME", "Its name, of 1 to 128 of A-Z a-z 0-9 . _ -"),
      secretFile,
      .value("capacity", "N", "Its share of shards, relative to other workers; 1."),
      .value("threads", "N", "Evaluations at a time; the processors of this machine."),
      .value(
        "training-threads",
        "N",
        "Threads of a training; as many as evaluations at a time unless given."
      ),
      .value(
        "training-processor",
        "N",
        "The first of the processors, counted from 0, that these threads keep to, one each; "
          + "for several workers on one machine."
      ),
      .value("memory-budget", "MB", "Memory beyond which evaluations wait for each other."),
      exitWithParent,
    ],
    examples: [
      Example(
        "covey worker --data data/w1 --coordinator 127.0.0.1:7070 --name w1",
        "On the coordinator's machine."
      )
    ]
  ) { arguments, terminal in
    guard let coordinator = try arguments.endpoint("coordinator") else {
      throw UsageError("'worker' needs '--coordinator HOST:PORT'")
    }
    var options = WorkerOptions(
      dataDirectory: arguments.value("data") ?? "",
      coordinator: coordinator,
      name: try arguments.name(arguments.value("name") ?? "", what: "worker"),
      keyFile: arguments.value("key-file")
    )
    if let capacity = try arguments.integer("capacity", in: 1...1_000_000) {
      options.capacity = UInt32(capacity)
    }
    if let count = try arguments.integer("threads", in: 1...4_096) { options.threadCount = count }
    options.trainingThreadCount = try arguments.integer("training-threads", in: 1...4_096)
    options.trainingProcessor = try arguments.integer("training-processor", in: 0...4_095)
    if let budget = try arguments.integer("memory-budget", in: 16...(1 << 30)) {
      options.memoryBudgetMebibytes = budget
    }
    options.exitsWithParent = arguments.has("exit-with-parent")
    let process = try WorkerProcess(options)
    terminal.termination.onSignal { _ in process.stop() }
    try process.run()
    return .success
  }
}
