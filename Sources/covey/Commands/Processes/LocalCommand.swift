import Platform
import Runtime

extension Command {
  static let local = Command(
    "local",
    "Run a cluster on this machine until Ctrl-C",
    discussion: [
      "Starts a coordinator and workers as processes of their own on loopback, with a secret made for "
        + "them. The data is kept in the folder of --data; commands in this folder and below find "
        + "the cluster by \(Workspace.path)."
    ],
    options: [
      .value("workers", "N", "Worker processes; 2 unless given, and never fewer than before."),
      .value(
        "data",
        "DIR",
        "Holds everything; .covey/data unless given.",
        suggestion: .directories
      ),
      .value("port", "P", "Where the coordinator listens; any free one unless given."),
    ],
    examples: [
      Example("covey local --workers 3", "Three workers, data below .covey."),
      Example("covey local --data /tmp/try --port 7070", "Elsewhere, on a port of your own."),
    ]
  ) { arguments, terminal in
    let data = arguments.value("data") ?? ".covey/data"
    var options = LocalCluster.Options(dataDirectory: data)
    options.workerCount = try arguments.integer("workers", in: 1...256) ?? 2
    options.listen.port = UInt16(try arguments.integer("port", in: 0...65_535) ?? 0)
    options.workspaceDirectory = ProcessStatus.currentDirectory
    // A signal that comes while the cluster starts is heard once it has.
    let ending = BlockingQueue<String>()
    terminal.termination.onSignal { ending.push($0) }
    let cluster = try LocalCluster(options)
    try terminal.results.lines([
      "a cluster of \(Human.counted(cluster.workerCount, "worker")) runs at \(cluster.endpoint)",
      "data is in \(data), what the processes say in \(data)/log",
      "commands in this folder find it; elsewhere say",
      "  export COVEY_COORDINATOR=\(cluster.endpoint) COVEY_KEY_FILE=\(cluster.keyFile)",
      "try 'covey status'; Ctrl-C stops it",
    ])
    try terminal.results.flush()
    let stopper = try WorkerThread(named: "covey-stop") {
      guard ending.pop() != nil else { return }
      cluster.stop()
    }
    defer {
      cluster.stop()
      ending.close()
      stopper.join()
    }
    try cluster.wait()
    return .success
  }
}
