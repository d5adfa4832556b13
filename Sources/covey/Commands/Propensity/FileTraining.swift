import Bytes
import Cluster
import Domain
import Platform
import Propensity
import Runtime

/// Files in, a model out: a cluster of worker processes that lives as long as the command.
struct FileTraining {
  static let options: [Option] =
    FileCluster.options + [
      .value("instance", "FILE", "The instance, a JSON file.", suggestion: .files),
      .value("output", "DIR", "A folder for the model, its report and scores.", suggestion: .files),
      explain,
    ]

  static let explain = Option.value(
    "explain",
    "WHAT",
    "Reasons beside the scores: all features, the top ones, or none; none unless given.",
    suggestion: .words(ScoreWriter.Explanation.allCases.map(\.rawValue))
  )

  private let terminal: Terminal
  private let cluster: FileCluster.Arguments
  private let instance: FileInstance
  private let asOf: Instant
  private let output: String
  private let explanation: ScoreWriter.Explanation
  private let isJSON: Bool

  /// Reads and checks everything that needs no cluster.
  init(_ arguments: Arguments, _ terminal: Terminal) throws {
    self.terminal = terminal
    let file = try FileInstance.path(arguments, of: "propensity train")
    guard let output = arguments.value("output") else {
      throw UsageError("'propensity train' needs '--output DIR' beside its files")
    }
    self.output = output
    instance = try FileInstance(file)
    cluster = try FileCluster.Arguments(arguments)
    asOf = try arguments.instant("as-of", now: terminal.clock.now) ?? terminal.clock.now
    explanation = try arguments.choice("explain", of: ScoreWriter.Explanation.self) ?? .none
    isJSON = arguments.has("json")
  }

  /// Does everything in a temporary folder, which is gone afterwards.
  func run() throws -> ExitStatus {
    let stop = StopRequest(terminal.termination)
    // A folder that cannot be made is told before the work, not after it.
    let folder = try OutputFolder(output)
    do {
      try run(into: folder, stop)
    } catch {
      folder.abandon()
      throw error
    }
    return .success
  }

  private func run(into folder: OutputFolder, _ stop: StopRequest) throws {
    var timings = Timings(terminal.clock)
    let files = try FileCluster(cluster, terminal, stop, &timings)
    defer { files.close() }
    let client = try files.cluster.connect()
    _ = try client.document(.applyInstances([instance.bytes], isDryRun: false))
    let job = try train(files, stop)
    timings.end("train")
    guard
      case .model(let file, let plan) = try files.cluster.connect().request(.model(instance.name))
    else {
      throw ClientError.unexpectedReply(to: ModelFile.modelName)
    }
    try folder.write(file, to: ModelFile.modelName)
    try folder.write(plan, to: ModelFile.featuresName)
    try folder.write(instance.bytes, to: "instance.json")
    let report = job.value["report"] ?? .object([])
    try folder.write(report.json(.pretty) + [0x0A], to: "report.json")
    let scores = FileScores(
      model: try PropensityModel(decoding: file),
      plan: plan,
      asOf: asOf,
      explanation: explanation,
      isRaw: false
    )
    let output = ResultOutput(try folder.file("scores.csv"))
    let count = try scores.write(files, terminal, to: output)
    try stop.check()
    try folder.finish()
    timings.end("score")
    try tell(job, scoredCount: count, timings)
  }

  private func train(_ files: FileCluster, _ stop: StopRequest) throws -> Document {
    let line = ProgressLine(terminal, isWanted: cluster.isProgressWanted)
    defer { line.clear() }
    let request = TrainingRequest(
      instance: instance.name,
      set: cluster.set,
      asOf: asOf,
      token: EvaluationJob.makeToken(),
      timeoutMilliseconds: nil
    )
    let document = try EvaluationJob(connect: files.cluster.connect).run(request) { value in
      try stop.check()
      let job = Document(value)
      line.show(
        "\(job.shown("phase")): \(JobsView.progress(job)), \(job.elapsed("elapsedMilliseconds"))"
      )
    }
    try JobWatch.check(Document(document))
    return Document(document)
  }

  private func tell(_ job: Document, scoredCount: Int, _ timings: Timings) throws {
    guard !isJSON else {
      return try terminal.print(
        json: .object([
          ("instance", .string(instance.name.text)), ("output", .string(output)),
          ("scored", .integer(Int64(scoredCount))),
          ("report", job.value["report"] ?? .object([])),
          (
            "timings",
            .object(timings.seconds.map { ($0.name, .double($0.seconds)) })
          ),
        ])
      )
    }
    let report = job.part("report")
    try terminal.results.lines(
      ["model of \(instance.name) in \(output): \(Human.counted(scoredCount, "profile")) scored"]
        + (report.map { ModelView.lines($0, terminal.viewContext) } ?? [])
    )
  }
}
