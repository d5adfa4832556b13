import Bytes
import Cluster
import Domain
import Runtime

extension Command {
  /// The most shards a set may have.
  static let shardCountMax = Int(Coordinator.shardCountMax)

  static let setsCreate = Command.listing(
    "sets create",
    "Make an empty profile set",
    discussion: [
      "'covey import' makes a set too, so this is for a number of shards of your own.",
      "A set is cut into 32 shards unless you say so, or into four for each thread of the workers "
        + "that are there if that is more. Give more to a set that more workers will share later; "
        + "each shard costs every evaluation a little time.",
    ],
    operands: [.one("SET", "Its name: 1 to 128 of A-Z a-z 0-9 . _ -")],
    options: [
      .value("shards", "N", "Shards to cut it into, for good; see above."),
      .value("description", "TEXT", "What it holds."),
    ],
    examples: [Example("covey sets create shop --shards 64", "A set of 64 shards.")],
    request: { arguments in
      .createSet(
        try arguments.set(),
        shardCount: try shardCount(arguments),
        description: Text(arguments.value("description") ?? "")
      )
    },
    view: { document, arguments, context in
      ["made set \(arguments.operand(0) ?? "")"] + SetsView.page(document, context).dropFirst()
    }
  )

  /// What `--shards` says of a set that is made.
  static func shardCount(_ arguments: Arguments) throws -> ShardCount {
    let count = try arguments.integer("shards", in: 1...shardCountMax)
    return count.map { .exactly(UInt32($0)) } ?? .suited
  }

  static let setsList = Command.listing(
    "sets list",
    "List the profile sets",
    examples: [Example("covey sets list", "All sets.")],
    request: { _ in .sets },
    view: { document, _, context in SetsView.lines(document, context) }
  )

  static let setsShow = Command.listing(
    "sets show",
    "Show one profile set",
    operands: [.one("SET", "The set.")],
    examples: [Example("covey sets show shop", "Counts, shards, last import and evaluation.")],
    request: { arguments in .set(try arguments.set()) },
    view: { document, _, context in SetsView.page(document, context) }
  )

  static let setsSchema = Command.listing(
    "sets schema",
    "Show a set's fields with types, fill rates and samples",
    discussion: [
      "FILLED is the share of the profiles, events, or elements of a list that have the field. A "
        + "variant is a field that was seen with several kinds of value."
    ],
    operands: [.one("SET", "The set.")],
    examples: [Example("covey sets schema shop", "The tree of fields.")],
    request: { arguments in .schema(try arguments.set()) },
    view: { document, _, context in SchemaView.lines(document, context) }
  )

  static let setsDrop = Command(
    "sets drop",
    "Remove a profile set with its data and audiences",
    operands: [.one("SET", "The set.")],
    options: [
      .flag("yes", "Do not ask."), ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [Example("covey sets drop shop --yes", "Without asking.")]
  ) { arguments, terminal in
    let name = try arguments.set()
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    let client = try access.connect()
    let set = Document(try client.document(.set(name)))
    try terminal.confirm(
      "drop '\(name)' with \(set.count("profiles")) profiles and \(set.count("events")) events?",
      isConfirmed: arguments.has("yes")
    )
    // The person may have thought about it for longer than a connection lasts.
    let document = try access.connect().document(.dropSet(name))
    try terminal.show(document, asJSON: arguments.has("json")) { _, _ in ["dropped \(name)"] }
    return .success
  }
}
