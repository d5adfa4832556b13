import Bytes
import Cluster
import Domain
import Runtime

extension Command {
  static let status = Command(
    "status",
    "Show how the cluster is, on one screen",
    discussion: [
      "The first line is the verdict: ok; degraded, when every answer can be had but somebody is "
        + "away; down, when some answer cannot be had. The reason stands beside it, and NEXT is a "
        + "command to go on with. The exit status tells the same with '--check'."
    ],
    options: [
      .flag("check", "End with status 69 when the cluster is down, 75 when it is degraded."),
      ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [
      Example("covey status", "The cluster of this folder's workspace."),
      Example("covey status --check --json", "For a script."),
    ]
  ) { arguments, terminal in
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    let document = try access.connect().document(.status)
    try terminal.show(document, asJSON: arguments.has("json"), StatusView.lines)
    guard arguments.has("check") else { return .success }
    switch Document(document).text("health") {
    case "ok": return .success
    case "degraded": return .tryAgain
    default: return .unavailable
    }
  }

  static let nodes = Command.listing(
    "nodes",
    "List the workers, worst first",
    discussion: [
      "HB is the age of the last heartbeat; REASON says why a worker is not ok, NEXT what to do."
    ],
    examples: [Example("covey nodes", "All workers.")],
    request: { _ in .nodes },
    view: { document, _, context in NodesView.lines(document, context) }
  )

  static let shards = Command.listing(
    "shards",
    "Show where a set's shards are",
    operands: [.one("SET", "The set.")],
    options: [.flag("all", "A line a shard, not only those that are not ok.")],
    examples: [
      Example("covey shards shop", "How many shards each worker has."),
      Example("covey shards shop --all", "Every shard."),
    ],
    request: { arguments in .shards(set: try arguments.set()) },
    view: { document, arguments, context in
      ShardsView.lines(document, arguments.has("all") ? .all : .summary, context)
    }
  )

  private static let jobCountMax = 10_000

  static let jobs = Command(
    "jobs",
    "List jobs, newest first, or show one",
    operands: [.optional("JOB", "A job's id, as job-3.")],
    options: [
      .value("limit", "N", "Jobs to list; 20 unless given."),
      .flag("wait", "Wait for the job's end first."),
      ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [
      Example("covey jobs", "The newest jobs."),
      Example("covey jobs job-3 --wait", "One job, once it has ended."),
    ]
  ) { arguments, terminal in
    let limit = try arguments.integer("limit", in: 1...jobCountMax) ?? 20
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    guard let word = arguments.operand(0) else {
      guard !arguments.has("wait") else { throw UsageError("'--wait' needs a job; write its id") }
      let document = try access.connect().document(.jobs(countMax: UInt32(limit)))
      try terminal.show(document, asJSON: arguments.has("json"), JobsView.lines)
      return .success
    }
    let id = try job(word)
    let document =
      arguments.has("wait")
      ? try JobWatch(terminal, access).follow(id) : try access.connect().document(.job(id))
    try terminal.show(document, asJSON: arguments.has("json"), JobsView.page)
    return .success
  }

  static let cancel = Command(
    "cancel",
    "Cancel a running job",
    discussion: ["A cancelled job leaves no trace but its record."],
    operands: [.one("JOB", "The job's id, as job-3.")],
    options: [
      .flag("yes", "Do not ask."), ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [Example("covey cancel job-3 --yes", "Without asking.")]
  ) { arguments, terminal in
    let id = try job(arguments.operand(0) ?? "")
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    try terminal.confirm("cancel \(id)?", isConfirmed: arguments.has("yes"))
    let document = try access.connect().document(.cancelJob(id))
    try terminal.show(document, asJSON: arguments.has("json")) { _, _ in ["cancelled \(id)"] }
    return .success
  }

  /// Reads a job's id, with or without its `job-`.
  private static func job(_ word: String) throws(UsageError) -> JobID {
    guard let number = UInt64(word.hasPrefix("job-") ? String(word.dropFirst(4)) : word) else {
      throw UsageError("'\(word)' is no job; write its id as 'covey jobs' shows it, as in job-3")
    }
    return JobID(number)
  }
}
