import Bytes
import Cluster
import Domain
import Intake
import Runtime

extension Command {
  static let importFiles = Command(
    "import",
    "Import customers and events into a profile set",
    discussion: [
      "Files are JSON lines in XDM shape or CSV with a header of dotted paths, also as .gz or .zst; "
        + "'-' is standard input, and patterns are taken too. The set is made when there is none. "
        + "All rows become visible together, or none do; importing the same files again changes "
        + "nothing."
    ],
    operands: [
      .one("SET", "The set."),
      .several("FILE", "Files of customers.", isRequired: false, suggestion: .files),
    ],
    options: [
      .several("events", "FILE", "Files of events.", suggestion: .files)
    ] + IntakeArguments.options(formatName: "format") + [
      .value("import-id", "TEXT", "The import's id; the hash of the contents unless given."),
      .value("shards", "N", "Shards of a set that is made; see 'covey sets create'."),
      .flag("progress", "Tell the progress also where there is no terminal."),
      ClusterAccess.json,
    ] + ClusterAccess.options,
    examples: [
      Example(
        "covey import shop customers.csv --key customerId --events orders.jsonl.gz",
        "Customers and their events."
      ),
      Example(
        "covey import cdnow --events transactions.csv --event-key customer --event-time date",
        "Events alone: they make their customers."
      ),
    ]
  ) { arguments, terminal in
    let set = try arguments.set()
    let intake = try IntakeArguments.read(arguments, formatName: "format")
    var options = ImportJob.Options(set: set)
    options.rejectCountMax = try IntakeArguments.rejectCountMax(arguments)
    options.importID = arguments.value("import-id").map { Text($0) }
    options.shardCountIfNew = try shardCount(arguments)
    let access = try ClusterAccess(arguments)
    // A cluster that cannot be reached is told before the files are read.
    let client = try access.connect()
    if arguments.has("shards") { try checkShards(of: set, options, client) }
    let source = try IntakeSource(
      IntakeArguments.inputs(
        profiles: Array(arguments.operands.dropFirst()),
        events: arguments.all("events")
      ),
      options: intake
    )
    let run = ImportRun(
      terminal,
      stop: StopRequest(terminal.termination),
      isProgressWanted: arguments.has("progress")
    )
    let outcome = try run.run(source, options, connect: access.connect)
    if arguments.has("json") {
      try terminal.print(json: ImportView.document(outcome))
      return .success
    }
    let elapsed = Int(clamping: outcome.surveyMilliseconds + outcome.loadMilliseconds)
    try terminal.results.lines(
      ImportView.lines(
        Document(outcome.document),
        elapsedMilliseconds: elapsed,
        fileByteCount: outcome.report.fileByteCount
      ) + ImportView.rejects(outcome.report.rejects)
    )
    return .success
  }
  /// Sees that a set that is there already has as many shards as are asked for.
  private static func checkShards(
    of set: Name,
    _ options: ImportJob.Options,
    _ client: ClusterClient
  ) throws {
    do {
      let present = Document(try client.document(.set(set))).number("shards")
      guard let present, .exactly(UInt32(clamping: present)) != options.shardCountIfNew else {
        return
      }
      throw UsageError(
        "set '\(set)' has \(Human.counted(present, "shard")) for good; leave '--shards' out"
      )
    } catch let error as ClusterError where error.code == .noSuchSet {
      return
    }
  }
}
