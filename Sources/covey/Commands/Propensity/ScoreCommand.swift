import Bytes
import Cluster
import Domain
import Platform
import Propensity
import Runtime

extension Command {
  static let propensityScore = Command(
    "propensity score",
    "Score profiles with a model, in the cluster or of files",
    discussion: [
      "With INSTANCE, every eligible profile of a set is scored where it lies, and its score, "
        + "probability, percentile, bucket and factors become its fields at one commit: "
        + "covey.propensity.INSTANCE.score and so on, for definitions as any attribute. Scores of "
        + "a poor model (an area under the curve below 0.65) are written only with '--force'.",
      "With --model, profiles of files are scored. The model is a file that 'covey propensity train' "
        + "or 'export' wrote; the file 'features' beside it says what is measured of a profile. Or it is "
        + "a text that LightGBM wrote: its columns are then the attributes of their names, numbers or, "
        + "where pandas had categories, texts. "
        + "Imports the files into a cluster of its own in a temporary "
        + "folder, scores every profile that is eligible, and leaves nothing behind.",
      "Fields and types of events that the model learned from and the profiles do not have are "
        + "told, and taken as missing. Where they have none of them, or a field with values of "
        + "another kind, nothing is scored.",
      "The output is CSV in the order of the keys' bytes: profile, score (0 to 100, the standing "
        + "among the rows the model was measured by), probability, percentile (among the profiles "
        + "scored), and bucket (low, medium, high). '--explain top' adds the strongest factors in "
        + "words, '--explain all' each feature's contribution in log-odds; they and the base add "
        + "up to the margin. '--format jsonl' gives an object a line, with factors as a list.",
    ],
    operands: [.optional("INSTANCE", "The name of an instance of the cluster.")],
    options: [
      .value("as-of", "TIME", "What 'now' means; the present time unless given."),
      .flag("progress", "Tell the progress also where there is no terminal."),
    ] + setOptions + fileOptions,
    examples: [
      Example("covey propensity score churn --set telco", "The profiles of a set."),
      Example(
        "covey propensity score --model out/model --profiles new.csv --output scores.csv",
        "Other customers."
      ),
      Example(
        "covey propensity score --model out/model --profiles new.csv --explain top",
        "With reasons."
      ),
    ]
  ) { arguments, terminal in
    if arguments.operand(0) != nil {
      for name in fileOptions.map(\.name) where arguments.has(name) {
        throw UsageError("'--\(name)' belongs to the scoring of files, not to an instance")
      }
      return try scoreSet(arguments, terminal)
    }
    for name in setOptions.map(\.name) where arguments.has(name) {
      throw UsageError("'--\(name)' belongs to 'propensity score INSTANCE', not to files")
    }
    return try scoreFiles(arguments, terminal)
  }

  private static let setOptions: [Option] =
    [
      .value("set", "SET", "The set to score; not needed when the cluster has one."),
      .flag("force", "Write scores of a poor model too."),
      .flag("no-wait", "Print the job's id once it is accepted."), ClusterAccess.json,
    ] + ClusterAccess.options

  private static let fileOptions: [Option] =
    FileCluster.options + [
      .value("model", "FILE", "The model.", suggestion: .files), FileTraining.explain,
      .flag("raw", "Add the margin and every feature's contribution."),
      .value(
        "format",
        "FORMAT",
        "csv or jsonl; csv unless given.",
        suggestion: .words(ScoreWriter.Format.allCases.map(\.rawValue))
      ),
      .value("output", "FILE", "Write to a file; '-' is standard output.", suggestion: .files),
    ]

  private static func scoreSet(_ arguments: Arguments, _ terminal: Terminal) throws -> ExitStatus {
    let wanted = try InstanceRequest<ScoringRequest>(arguments, terminal)
    if arguments.has("no-wait") {
      return try JobWatch.order(.score(wanted.request), wanted.access, terminal)
    }
    let watch = JobWatch(terminal, wanted.access, isWanted: arguments.has("progress"))
    let document = try watch.run(wanted.request)
    try terminal.show(document, asJSON: arguments.has("json"), TrainingView.scoringLines)
    return .success
  }

  private static func scoreFiles(
    _ arguments: Arguments,
    _ terminal: Terminal
  ) throws -> ExitStatus {
    guard let path = arguments.value("model") else {
      throw UsageError("'propensity score' needs INSTANCE, or '--model FILE' and files")
    }
    guard arguments.has("profiles") || arguments.has("events") else {
      throw UsageError("'propensity score' needs files by '--profiles' or '--events'")
    }
    let file = try ModelFile(path)
    let scores = FileScores(
      model: file.model,
      plan: file.plan,
      asOf: try arguments.instant("as-of", now: terminal.clock.now) ?? terminal.clock.now,
      explanation: try arguments.choice("explain", of: ScoreWriter.Explanation.self) ?? .none,
      isRaw: arguments.has("raw"),
      format: try arguments.choice("format", of: ScoreWriter.Format.self) ?? .csv
    )
    let cluster = try FileCluster.Arguments(arguments)
    // An output that cannot be made is told before the work, not after it.
    let target: OutputTarget
    do {
      target = try OutputTarget(arguments.value("output"))
    } catch let error as DiskError {
      throw CommandFailure.output(error)
    }
    do {
      var timings = Timings(terminal.clock)
      let stop = StopRequest(terminal.termination)
      let files = try FileCluster(cluster, terminal, stop, &timings)
      defer { files.close() }
      _ = try scores.write(files, terminal, to: ResultOutput(target))
      try stop.check()
      try target.finish()
    } catch {
      target.abandon()
      throw error
    }
    return .success
  }
}
