import Bytes
import Domain
import Intake
import Platform
import Propensity
import Runtime
import Segmentation

/// Scores the profiles of imported files with a model.
struct FileScores {
  let model: PropensityModel
  /// The plan of the model's features.
  let plan: [UInt8]
  let asOf: Instant
  let explanation: ScoreWriter.Explanation
  let isRaw: Bool
  var format = ScoreWriter.Format.csv

  /// Writes the scores.
  ///
  /// - Parameters:
  ///   - files: whose processes are ended for this.
  ///   - terminal: is told of fields that the files do not have.
  ///   - output: takes the lines.
  /// - Returns: how many profiles were eligible.
  /// - Throws: what went wrong.
  func write(
    _ files: FileCluster,
    _ terminal: Terminal,
    to output: ResultOutput
  ) throws -> Int {
    let (scorer, shards) = try score(files, terminal, explains: explanation != .none || isRaw) {
      $1
    }
    var counts = MarginCounts()
    for shard in shards { counts.add(shard.marginCounts) }
    let writer = ScoreWriter(
      scorer,
      percentiles: PercentileTable(margins: counts),
      explanation: explanation,
      isRaw: isRaw,
      format: format
    )
    try writer.write(shards) { try output.write($0) }
    try output.flush()
    return shards.reduce(0) { $0 + $1.keys.count }
  }

  /// Scores the profiles of all shards.
  ///
  /// - Parameters:
  ///   - files: whose processes are ended for this.
  ///   - terminal: is told of fields that the files do not have.
  ///   - explains: whether contributions are wanted.
  ///   - body: makes of each shard's profiles what is wanted of them, on any thread.
  /// - Returns: what scored, and what the body made of each shard.
  /// - Throws: what went wrong.
  func score<Value: Sendable>(
    _ files: FileCluster,
    _ terminal: Terminal,
    explains: Bool,
    _ body: @escaping @Sendable (ProfileScorer, ScoredProfiles) throws -> Value
  ) throws -> (scorer: ProfileScorer, shards: [Value]) {
    files.stop()
    let scorer = try ProfileScorer(model, plan: plan, asOf: asOf, explains: explains)
    try check(scorer, files, terminal)
    let shards = try LocalShards(dataDirectory: files.dataDirectory).map(
      threadCount: ProcessStatus.processorCount
    ) { snapshot in
      let scored = try scorer.score(snapshot)
      return (profileCount: scored.profileCount, value: try body(scorer, scored))
    }
    let profileCount = shards.reduce(0) { $0 + $1.profileCount }
    let importedCount = files.outcome.document["profiles"]?.integer ?? 0
    guard profileCount == UInt64(clamping: importedCount) else {
      throw CommandFailure(
        .software,
        "\(profileCount) of the \(importedCount) imported profiles were found again"
      )
    }
    return (scorer, shards.map(\.value))
  }

  /// Tells of fields that the model uses and the files do not have, or have as something else.
  private func check(
    _ scorer: ProfileScorer,
    _ files: FileCluster,
    _ terminal: Terminal
  ) throws(CommandFailure) {
    let fit = scorer.fit(in: files.outcome.report.schema)
    if let objection = fit.objection("the files have") {
      throw CommandFailure(.data, objection, next: fit.unsuited.first.map { Self.advice(on: $0) })
    }
    for warning in fit.warnings("the files have") { terminal.warn(warning) }
  }

  private static func advice(on field: FieldFit.Unsuited) -> String {
    field.reading.declaredType.map {
      "'--types \(field.field)=\($0)' reads it so, and names the rows where that cannot be"
    } ?? "write arrays, or leave the field out; what is not there is taken as missing"
  }
}
