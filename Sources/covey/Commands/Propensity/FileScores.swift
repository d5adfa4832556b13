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
  ///   - terminal: is told of fields and events that the files do not have.
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
  ///   - terminal: is told of fields and events that the files do not have.
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
    try refuse(scorer.fit(in: files.outcome.report.schema))
    let shards = try LocalShards(dataDirectory: files.dataDirectory).map(
      threadCount: ProcessStatus.processorCount
    ) { snapshot in
      let scored = try scorer.score(snapshot)
      return (
        profileCount: scored.profileCount, met: scored.met, value: try body(scorer, scored)
      )
    }
    let met = MetEvents.sum(of: shards.compactMap(\.met))
    let fit = scorer.fit(in: files.outcome.report.schema, met: met)
    try refuse(fit)
    for warning in fit.warnings(Self.subject) { terminal.warn(warning) }
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

  /// Who has the fields, in what is told of them.
  private static let subject = "the files have"

  /// Ends the work where the model cannot use what the files have.
  private func refuse(_ fit: FieldFit) throws(CommandFailure) {
    guard let objection = fit.objection(Self.subject) else { return }
    throw CommandFailure(.data, objection, next: Self.advice(on: fit))
  }

  private static func advice(on fit: FieldFit) -> String? {
    if let field = fit.unsuited.first {
      return field.reading.declaredType.map {
        "'--types \(field.field)=\($0)' reads it so, and names the rows where that cannot be"
      } ?? "write arrays, or leave the field out; what is not there is taken as missing"
    }
    return fit.missingEvents.map { _ in
      "give files with such events, or an '--as-of' after them"
    }
  }
}
