import Platform
import Runtime

extension Command {
  static let exitWithParent = Option.flag(
    "exit-with-parent",
    "End when the process that started this one is gone."
  )

  static let secretFile = Option.value(
    "key-file",
    "FILE",
    "The cluster's secret; without it everything stays on this machine.",
    suggestion: .files
  )

  static let coordinator = Command(
    "coordinator",
    "Run the coordinator in the foreground",
    discussion: [
      "It holds the catalogue, places shards and runs jobs. It logs to standard error and ends in "
        + "good order on SIGTERM or Ctrl-C; what it has acknowledged survives any other end."
    ],
    options: [
      .required("data", "DIR", "Holds the catalogue.", suggestion: .directories),
      .value("listen", "HOST:PORT", "Where to listen; 127.0.0.1:7070. Port 0 takes any."),
      secretFile,
      .value("address-file", "FILE", "Write the address there once listening.", suggestion: .files),
      .flag(
        "take-turns",
        "Use all processors alike while models are trained; for workers on the same machine whose "
          + "threads keep to processors."
      ),
      exitWithParent,
    ],
    examples: [
      Example("covey coordinator --data /var/lib/covey", "On this machine alone."),
      Example(
        "covey coordinator --data data --listen 10.0.0.5:7070 --key-file secret",
        "For other machines too."
      ),
    ]
  ) { arguments, terminal in
    var options = CoordinatorOptions(
      dataDirectory: arguments.value("data") ?? "",
      listen: try arguments.endpoint("listen") ?? Endpoint(host: "127.0.0.1", port: 7_070),
      keyFile: arguments.value("key-file")
    )
    options.addressFile = arguments.value("address-file")
    options.takesTurns = arguments.has("take-turns")
    options.exitsWithParent = arguments.has("exit-with-parent")
    let process = try CoordinatorProcess(options)
    terminal.termination.onSignal { _ in process.stop() }
    try process.run()
    return .success
  }
}
