import Bytes
import Cluster
import Domain
import Platform
import Propensity
import Runtime

/// Insights into a model in a file and the profiles of imported files.
struct FileInsights {
  private let terminal: Terminal
  private let cluster: FileCluster.Arguments
  private let scores: FileScores
  /// As it was written beside the model; `nil` where it is not there.
  private let instance: Value?

  /// Reads and checks everything that needs no cluster.
  init(_ arguments: Arguments, _ terminal: Terminal) throws {
    self.terminal = terminal
    guard let path = arguments.value("model") else {
      throw UsageError("'propensity insights' needs INSTANCE, or '--model FILE' and files")
    }
    guard arguments.has("profiles") || arguments.has("events") else {
      throw UsageError("'propensity insights' needs files by '--profiles' or '--events'")
    }
    let file = try ModelFile(path)
    scores = FileScores(
      model: file.model,
      plan: file.plan,
      asOf: try arguments.instant("as-of", now: terminal.clock.now) ?? terminal.clock.now,
      explanation: .top,
      isRaw: false
    )
    instance = try? ModelFile.instance(beside: path)
    cluster = try FileCluster.Arguments(arguments)
  }

  func document() throws -> Value {
    var timings = Timings(terminal.clock)
    let stop = StopRequest(terminal.termination)
    let files = try FileCluster(cluster, terminal, stop, &timings)
    defer { files.close() }
    let (_, shards) = try scores.score(files, terminal, explains: true) { scorer, scored in
      (
        profileCount: scored.profileCount, margins: scored.marginCounts,
        census: try scorer.census(of: scored)
      )
    }
    try stop.check()
    var margins = MarginCounts()
    var census: ScoringCensus?
    for shard in shards {
      margins.add(shard.margins)
      guard let own = shard.census else { continue }
      if census?.add(own) == nil { census = own }
    }
    let head: [(Text, Value?)] = [
      ("instance", instance?["name"]), ("type", instance?["type"]),
      ("description", instance?["description"]), ("goal", instance?["goal"]),
      ("outcomeWindowDays", instance?["outcomeWindowDays"]),
      (
        "scoring",
        .object([
          ("isOfModel", .boolean(true)), ("asOf", .string(scores.asOf.clamped.iso)),
          ("profiles", .integer(Int64(clamping: shards.reduce(0) { $0 &+ $1.profileCount }))),
          ("scored", .integer(Int64(clamping: margins.rowCount))),
        ])
      ),
    ]
    return .object(
      head.compactMap { name, value in value.map { (name, $0) } }
        + InsightsReport.members(
          of: scores.model,
          census.map { ScoringFindings(margins: margins, census: $0) }
        )
    )
  }
}
