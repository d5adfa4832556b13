import Bytes
import Cluster
import Domain
import Platform
import Runtime

extension Command {
  static let propensityCheck = Command(
    "propensity check",
    "Say before a training what it would find, and what to do about it",
    discussion: [
      "Makes the rows of an instance as a training does and stops before the first tree: rows, "
        + "positives and negatives of every cut-off (500 of either are needed), the history needed "
        + "and there, the features with how well each tells the goal by itself, those left out and "
        + "why, and those that leak: an attribute that alone nearly decides the goal (an area under "
        + "the curve of 0.95 or more) or a date of after the cut-off. The same for any number of "
        + "workers.",
      "Ends with status 65 when a training would fail, and says why.",
      "With --profiles or --events, files are checked in a cluster of its own, as by "
        + "'covey propensity train'.",
    ],
    operands: [.optional("INSTANCE", "The name of an instance of the cluster.")],
    options: [
      .value("as-of", "TIME", "What 'now' means; the present time unless given."),
      .flag("progress", "Tell the progress also where there is no terminal."), ClusterAccess.json,
    ] + checkSetOptions + checkFileOptions,
    examples: [
      Example("covey propensity check churn --set telco", "On one set."),
      Example(
        "covey propensity check --profiles telco.csv --instance churn.json",
        "Files, without a cluster."
      ),
    ]
  ) { arguments, terminal in
    if arguments.has("profiles") || arguments.has("events") {
      if let instance = arguments.operand(0) {
        throw UsageError("'propensity check' takes the instance '\(instance)' or files, not both")
      }
      for name in checkSetOptions.map(\.name) where arguments.has(name) {
        throw UsageError("'--\(name)' belongs to 'propensity check INSTANCE', not to files")
      }
      return try FileCheck(arguments, terminal).run()
    }
    guard arguments.operand(0) != nil else {
      throw UsageError("'propensity check' needs INSTANCE, or files by '--profiles' or '--events'")
    }
    for name in checkFileOptions.map(\.name) where arguments.has(name) {
      throw UsageError("'--\(name)' belongs to '--profiles' and '--events', not to an instance")
    }
    return try checkInstance(arguments, terminal)
  }

  private static let checkSetOptions: [Option] =
    [
      .value("set", "SET", "The set to look at; not needed when the cluster has one."),
      .value("timeout", "TIME", "How long the job may wait for workers that are away."),
    ] + ClusterAccess.options

  private static let checkFileOptions: [Option] =
    FileCluster.options + [
      .value("instance", "FILE", "The instance, a JSON file.", suggestion: .files)
    ]

  private static func checkInstance(
    _ arguments: Arguments,
    _ terminal: Terminal
  ) throws -> ExitStatus {
    let wanted = try InstanceRequest<TrainingRequest>(arguments, terminal)
    let watch = JobWatch(terminal, wanted.access, isWanted: arguments.has("progress"))
    return try show(check: try watch.check(wanted.request), arguments, terminal)
  }

  /// Prints what a check found.
  ///
  /// - Throws: when a training would fail, with the first reason.
  static func show(
    check document: Value,
    _ arguments: Arguments,
    _ terminal: Terminal
  ) throws -> ExitStatus {
    let report = Document(document).part("report")
    if arguments.has("json") {
      // Nothing of the job, so that equal data give equal bytes.
      let names: [Text] = ["instance", "set", "asOf"]
      var members = names.compactMap { name in document[name].map { (name, $0) } }
      if case .object(let object)? = document["report"] {
        members += object.fields.map { ($0.name, $0.value) }
      }
      try terminal.print(json: .object(members))
    } else {
      try terminal.results.lines(CheckView.lines(Document(document), terminal.viewContext))
    }
    guard report?.flag("isTrainable") == false else { return .success }
    let problem = report?.list("problems").first
    throw CommandFailure(
      .data,
      "a training would fail: \(problem?.text("message") ?? "no reason is known")",
      next: problem?.text("next")
    )
  }
}

/// Files in, findings out: a cluster of worker processes that lives as long as the command.
private struct FileCheck {
  private let terminal: Terminal
  private let arguments: Arguments
  private let cluster: FileCluster.Arguments
  private let instance: FileInstance
  private let asOf: Instant

  /// Reads and checks everything that needs no cluster.
  init(_ arguments: Arguments, _ terminal: Terminal) throws {
    self.terminal = terminal
    self.arguments = arguments
    instance = try FileInstance(try FileInstance.path(arguments, of: "propensity check"))
    cluster = try FileCluster.Arguments(arguments)
    asOf = try arguments.instant("as-of", now: terminal.clock.now) ?? terminal.clock.now
  }

  func run() throws -> ExitStatus {
    let stop = StopRequest(terminal.termination)
    var timings = Timings(terminal.clock)
    let files = try FileCluster(cluster, terminal, stop, &timings)
    defer { files.close() }
    _ = try files.cluster.connect().document(.applyInstances([instance.bytes], isDryRun: false))
    let line = ProgressLine(terminal, isWanted: cluster.isProgressWanted)
    let request = TrainingRequest(
      instance: instance.name,
      set: cluster.set,
      asOf: asOf,
      token: EvaluationJob.makeToken(),
      timeoutMilliseconds: nil
    )
    let document = try EvaluationJob(connect: files.cluster.connect).check(request) { value in
      try stop.check()
      line.show("\(Document(value).shown("phase")): \(JobsView.progress(Document(value)))")
    }
    line.clear()
    try JobWatch.check(Document(document))
    return try Command.show(check: document, arguments, terminal)
  }
}
