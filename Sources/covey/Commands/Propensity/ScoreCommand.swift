import Bytes
import Domain
import Platform
import Propensity
import Runtime

extension Command {
  private static let modelByteCountMax = 256 << 20

  static let propensityScore = Command(
    "propensity score",
    "Score the profiles of files with a model",
    discussion: [
      "The model is a file that 'covey propensity train' wrote; the file 'features' beside it says "
        + "what is measured of a profile. Imports the files into a cluster of its own in a temporary "
        + "folder, scores every profile that is eligible, and leaves nothing behind.",
      "The output is CSV in the order of the keys' bytes: profile, score (0 to 100, the standing "
        + "among the rows the model was measured by), probability, percentile (among the profiles "
        + "scored), and bucket (low, medium, high). '--explain top' adds the strongest factors in "
        + "words, '--explain all' each feature's contribution in log-odds; they and the base add "
        + "up to the margin.",
    ],
    options: FileCluster.options + [
      .value("model", "FILE", "The model.", suggestion: .files),
      .value("as-of", "TIME", "What 'now' means; the present time unless given."),
      FileTraining.explain,
      .flag("raw", "Add the margin and every feature's contribution."),
      .flag("progress", "Tell the progress also where there is no terminal."),
      .value("output", "FILE", "Write to a file; '-' is standard output.", suggestion: .files),
    ],
    examples: [
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
    guard let path = arguments.value("model") else {
      throw UsageError("'propensity score' needs '--model FILE'")
    }
    guard arguments.has("profiles") || arguments.has("events") else {
      throw UsageError("'propensity score' needs files by '--profiles' or '--events'")
    }
    let scores = FileScores(
      model: try model(path),
      plan: try bytes(features(beside: path)),
      asOf: try arguments.instant("as-of", now: terminal.clock.now) ?? terminal.clock.now,
      explanation: try arguments.choice("explain", of: ScoreWriter.Explanation.self) ?? .none,
      isRaw: arguments.has("raw")
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
      _ = try scores.write(files, to: ResultOutput(target))
      try stop.check()
      try target.finish()
    } catch {
      target.abandon()
      throw error
    }
    return .success
  }

  private static func model(_ path: String) throws -> PropensityModel {
    let bytes = try bytes(path)
    do throws(ModelError) {
      return try PropensityModel(decoding: bytes)
    } catch {
      throw CommandFailure(.data, "'\(path)': \(error)")
    }
  }

  private static func bytes(_ path: String) throws -> [UInt8] {
    try StreamInput(path).readAll(byteCountMax: modelByteCountMax)
  }

  /// The plan of features of a model.
  private static func features(beside model: String) -> String {
    guard let slash = model.lastIndex(of: "/") else { return "features" }
    return String(model[...slash]) + "features"
  }
}
