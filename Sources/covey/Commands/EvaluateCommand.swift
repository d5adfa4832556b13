import Bytes
import Cluster
import Domain
import Platform
import Runtime

extension Command {
  static let evaluate = Command(
    "evaluate",
    "Find out who is in which segment",
    discussion: [
      "With SET, evaluates the cluster's definitions on a set of it and keeps the audiences.",
      "With --profiles or --events, starts a cluster of its own in a temporary folder, imports the "
        + "files, evaluates the definitions of --segments, prints the audiences, and leaves nothing "
        + "behind. The output is one JSON object: {\"asOf\", \"profiles\", \"events\", \"segments\": "
        + "[{\"id\", \"name\", \"count\", \"members\"}], \"rejected\", \"timings\"}; members are in "
        + "the order of their keys' bytes.",
    ],
    operands: [.optional("SET", "A set of the cluster.")],
    options: [
      .several(
        "segments",
        "WORD",
        "With SET ids, with commas between, or *; with files the files of definitions.",
        suggestion: .files
      ),
      .value("as-of", "TIME", "What 'now' means; the present time unless given."),
      .flag("progress", "Tell the progress also where there is no terminal."),
    ] + clusterOptions + OneShot.options,
    examples: [
      Example("covey evaluate shop", "All definitions of a set, on the cluster."),
      Example("covey evaluate shop --segments big-spenders,lapsed --as-of 2026-03-01", "Two."),
      Example(
        "covey evaluate --profiles customers.csv --events orders.jsonl --segments segments/*.pql",
        "Files, without a cluster."
      ),
      Example(
        "covey evaluate --events transactions.csv --event-key customer --segments s.json --format csv",
        "The members as CSV."
      ),
    ]
  ) { arguments, terminal in
    let own = clusterOptions.map(\.name)
    let oneShot = OneShot.options.map(\.name)
    if arguments.has("profiles") || arguments.has("events") {
      if let set = arguments.operand(0) {
        throw UsageError("'evaluate' takes the set '\(set)' or files, not both")
      }
      try refuse(own, arguments, "belongs to 'evaluate SET', not to files")
      return try OneShot(arguments, terminal).run()
    }
    guard arguments.operand(0) != nil else {
      throw UsageError(
        "'evaluate' needs SET before its options, or files by '--profiles' or '--events'"
      )
    }
    try refuse(oneShot, arguments, "belongs to '--profiles' and '--events', not to a set")
    return try evaluateSet(arguments, terminal)
  }

  private static let clusterOptions: [Option] =
    [
      .value("timeout", "TIME", "How long the job may wait for workers that are away."),
      .flag("no-wait", "Print the job's id once it is accepted."),
      ClusterAccess.json,
    ] + ClusterAccess.options

  private static func refuse(
    _ names: [String],
    _ arguments: Arguments,
    _ reason: String
  ) throws(UsageError) {
    for name in names where arguments.has(name) { throw UsageError("'--\(name)' \(reason)") }
  }

  private static func evaluateSet(
    _ arguments: Arguments,
    _ terminal: Terminal
  ) throws -> ExitStatus {
    let set = try arguments.set()
    let words = arguments.all("segments")
    let segments =
      words.isEmpty || words == ["*"] ? nil : try arguments.names(words, what: "segment")
    if let segments, segments.isEmpty {
      throw UsageError("'--segments' names no segment; write ids with commas between, or '*'")
    }
    let request = EvaluationRequest(
      set: set,
      segments: segments,
      asOf: try arguments.instant("as-of", now: terminal.clock.now),
      token: EvaluationJob.makeToken(),
      timeoutMilliseconds: try arguments.milliseconds("timeout").map { UInt64($0) }
    )
    let access = try ClusterAccess(arguments)
    if arguments.has("no-wait") {
      return try JobWatch.order(.evaluate(request), access, terminal)
    }
    let watch = JobWatch(terminal, access, isWanted: arguments.has("progress"))
    let document = try watch.run(request)
    if arguments.has("json") {
      try terminal.print(json: document)
      return .success
    }
    let audiences = try access.connect().document(.audiences(set: set))
    try terminal.results.lines(
      EvaluationView.lines(Document(document), audiences: Document(audiences), terminal.viewContext)
    )
    return .success
  }
}
