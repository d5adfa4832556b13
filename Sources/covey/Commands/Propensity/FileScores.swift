import Bytes
import Domain
import Platform
import Propensity
import Runtime

/// Scores the profiles of imported files with a model.
struct FileScores {
  let model: PropensityModel
  /// The plan of the model's features.
  let plan: [UInt8]
  let asOf: Instant
  let explanation: ScoreWriter.Explanation
  let isRaw: Bool

  /// Writes the scores as CSV.
  ///
  /// - Parameters:
  ///   - files: whose processes are ended for this.
  ///   - output: takes the lines.
  /// - Returns: how many profiles were eligible.
  /// - Throws: what went wrong.
  func write(_ files: FileCluster, to output: ResultOutput) throws -> Int {
    files.stop()
    let scorer = try ProfileScorer(
      model,
      plan: plan,
      asOf: asOf,
      explains: explanation != .none || isRaw
    )
    let shards = try LocalShards(dataDirectory: files.dataDirectory).map(
      threadCount: ProcessStatus.processorCount
    ) { try scorer.score($0) }
    let profileCount = shards.reduce(0) { $0 + $1.profileCount }
    let importedCount = files.outcome.document["profiles"]?.integer ?? 0
    guard profileCount == UInt64(clamping: importedCount) else {
      throw CommandFailure(
        .software,
        "\(profileCount) of the \(importedCount) imported profiles were found again"
      )
    }
    var counts = MarginCounts()
    for shard in shards { counts.add(shard.marginCounts) }
    let writer = ScoreWriter(
      scorer,
      percentiles: PercentileTable(margins: counts),
      explanation: explanation,
      isRaw: isRaw
    )
    try writer.write(shards) { try output.write($0) }
    try output.flush()
    return shards.reduce(0) { $0 + $1.keys.count }
  }
}
