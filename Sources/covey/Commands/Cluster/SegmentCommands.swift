import Bytes
import Cluster
import Domain
import Platform
import Runtime
import Segmentation

extension Command {
  private static let filesOperand = Operand.several(
    "FILE",
    "Files of definitions (.json, .pql), patterns, or folders of them.",
    suggestion: .files
  )

  static let segmentsApply = Command(
    "segments apply",
    "Make the definitions of files those of the cluster",
    discussion: [
      "A .pql file holds one rule under lines such as 'id: …', 'name: …' and a line '---'; a .json "
        + "file holds one definition or a list of them, in the shape of Adobe's Segmentation "
        + "Service. All are applied or none."
    ],
    operands: [filesOperand],
    options: [
      .value("set", "SET", "The set of definitions that name none."),
      .flag("prune", "Remove the set's definitions that the files do not have."),
      .flag("dry-run", "Only show what would change."), .flag("yes", "Do not ask before removing."),
      ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [
      Example("covey segments apply segments --set shop", "All definitions of a folder."),
      Example("covey segments apply segments --set shop --prune --dry-run", "What would change."),
    ]
  ) { arguments, terminal in
    let files = try SegmentFiles(arguments.operands)
    let set = try arguments.value("set").map { try arguments.name($0, what: "set") }
    let documents = files.sources.map { $0.document.belonging(to: set) }
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    func apply(isDryRun: Bool) throws -> Value {
      try access.connect().document(
        .applySegments(
          documents,
          set: set,
          isDryRun: isDryRun,
          removesOthers: arguments.has("prune")
        )
      )
    }
    var isDryRun = arguments.has("dry-run")
    if arguments.has("prune"), !isDryRun, !arguments.has("yes") {
      let removed = Document(try apply(isDryRun: true)).number("removed") ?? 0
      if removed > 0 {
        try terminal.confirm("remove \(Human.counted(removed, "segment"))?", isConfirmed: false)
      }
      isDryRun = false
    }
    let document = try apply(isDryRun: isDryRun)
    for (id, user) in try files.unknownReferences(beside: access.connect()) {
      terminal.warn("'\(user)' refers to '\(id)', which is not defined; nobody is in it")
    }
    try terminal.show(document, asJSON: arguments.has("json"), SegmentsView.changes)
    return .success
  }

  static let segmentsList = Command.listing(
    "segments list",
    "List the segment definitions",
    operands: [.optional("SET", "Only those for a set.")],
    examples: [Example("covey segments list shop", "Those for one set.")],
    request: { arguments in
      .segments(set: arguments.operand(0) == nil ? nil : try arguments.set())
    },
    view: { document, _, context in SegmentsView.lines(document, context) }
  )

  static let segmentsShow = Command.listing(
    "segments show",
    "Show one segment definition",
    operands: [.one("SEGMENT", "Its id.")],
    examples: [
      Example("covey segments show big-spenders", "Name, version and rule."),
      Example("covey segments show big-spenders --json", "The definition as it was applied."),
    ],
    request: { arguments in
      .segment(try arguments.name(arguments.operand(0) ?? "", what: "segment"))
    },
    view: { document, _, context in SegmentsView.page(document, context) }
  )

  static let segmentsDelete = Command(
    "segments delete",
    "Delete segment definitions",
    discussion: ["All are deleted or none; one that others use is not."],
    operands: [.several("SEGMENT", "Their ids.")],
    options: [
      .flag("yes", "Do not ask."), ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [Example("covey segments delete big-spenders --yes", "Without asking.")]
  ) { arguments, terminal in
    let ids = try arguments.names(arguments.operands, what: "segment")
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    try terminal.confirm(
      "delete \(ids.map(\.description).joined(separator: ", "))?",
      isConfirmed: arguments.has("yes")
    )
    let document = try access.connect().document(.deleteSegments(ids))
    try terminal.show(document, asJSON: arguments.has("json")) { document, _ in
      ["deleted \(document.texts("deleted").joined(separator: ", "))"]
    }
    return .success
  }

  static let segmentsValidate = Command(
    "segments validate",
    "Check files of definitions without a cluster",
    discussion: [
      "Finds wrong files, wrong PQL, ids given twice and definitions that refer to each other in a "
        + "circle. A segment that no file defines is only warned of: the cluster may know it."
    ],
    operands: [filesOperand],
    examples: [Example("covey segments validate segments", "All definitions of a folder.")]
  ) { arguments, terminal in
    let files = try SegmentFiles(arguments.operands)
    for (id, user) in files.unknownReferences {
      terminal.warn("'\(user)' refers to '\(id)', which no file defines")
    }
    try terminal.results.line(
      "ok: \(Human.counted(files.definitions.count, "definition")) in "
        + Human.counted(files.fileCount, "file")
    )
    return .success
  }

  static let segmentsExplain = Command(
    "segments explain",
    "Show why a profile is in a segment or is not",
    discussion: [
      "Prints the rule from the outside in with the value of each part for this profile, and the "
        + "events that matched.",
      "It also says when the profile enters or leaves by the clock alone, as when its last purchase "
        + "falls out of a window of 30 days. It looks ten years ahead. In JSON that is 'nextChange': "
        + "{\"at\", \"isMember\"}, {\"never\": true}, or {\"notBefore\"} where it looked no further.",
    ],
    operands: [.one("SEGMENT", "The segment's id."), .one("PROFILE", "The profile's key.")],
    options: [
      .value("set", "SET", "The set; not needed when the segment is for one set."),
      .value("as-of", "TIME", "What 'now' means; that of the audience's last run, else now."),
      ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [
      Example("covey segments explain big-spenders 00042 --set shop", "One customer.")
    ]
  ) { arguments, terminal in
    let segment = try arguments.name(arguments.operand(0) ?? "", what: "segment")
    let key = ProfileKey(Text(arguments.operand(1) ?? ""))
    let asOf = try arguments.instant("as-of", now: terminal.clock.now)
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    let client = try access.connect()
    let set: Name
    if let word = arguments.value("set") {
      set = try arguments.name(word, what: "set")
    } else if let own = try client.document(.segment(segment))["set"]?.text.flatMap(Name.init) {
      set = own
    } else {
      throw UsageError("'\(segment)' is for every set; name one with '--set SET'")
    }
    let document = try client.document(.explain(set: set, segment: segment, key, asOf: asOf))
    try terminal.show(document, asJSON: arguments.has("json"), ProfileView.explanation)
    return .success
  }
}

extension Command {
  private static let costCount = 20

  static let segmentsCost = Command(
    "segments cost",
    "Show what the segments of an evaluation took, the costliest first",
    discussion: [
      "Segments are answered together, in one pass over columns. The first table gives each segment "
        + "what was spent on it ALONE, by asking profile by profile, and its part of what it shares: "
        + "equal ones for all that have a use for it. What a segment only asks about by 'inSegment' "
        + "is the other's. The second table tells what is shared and by how many; which ones, "
        + "'--json' tells.",
      "TIME is that of the threads, taken in some blocks of profiles and shared out over all; ROWS are "
        + "profiles and events that were gone through, STEPS those of the interpreter. The rows of a "
        + "table are together what stands in the last one.",
      "An evaluation that failed because a segment had no answer, as when it used up its steps, "
        + "tells which.",
    ],
    operands: [.one("SET|JOB", "A set, for its last evaluation, or a job's id, as job-3.")],
    options: [
      .value("top", "N", "Segments and parts to list; 20 unless given, and all with '--json'."),
      ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [
      Example("covey segments cost shop", "The last evaluation of a set."),
      Example("covey segments cost job-3 --top 5", "The five costliest of a job."),
    ]
  ) { arguments, terminal in
    let word = arguments.operand(0) ?? ""
    let top = try arguments.integer("top", in: 1...Int.max)
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    let client = try access.connect()
    let id: JobID
    if let job = JobID(word: word) {
      id = job
    } else {
      let set = try client.document(.set(try arguments.name(word, what: "set")))
      guard let last = set["lastEvaluation"]?.text.flatMap({ JobID(word: $0.string) }) else {
        throw CommandFailure(
          .unavailable,
          "set '\(word)' has not been evaluated yet",
          next: "covey evaluate \(word)"
        )
      }
      id = last
    }
    let job = try client.document(.job(id))
    guard job["kind"]?.text == "evaluate" else {
      throw CommandFailure(.usage, "\(id) is no evaluation; 'covey jobs' lists them")
    }
    let isJSON = arguments.has("json")
    let costs = CostView.document(job, countMax: top ?? (isJSON ? nil : costCount))
    try terminal.show(costs, asJSON: isJSON, CostView.lines)
    return .success
  }
}

extension JobID {
  /// Reads an id as listings show it, `job-3`.
  fileprivate init?(word: String) {
    guard word.hasPrefix("job-"), let number = UInt64(word.dropFirst(4)) else { return nil }
    self.init(number)
  }
}

extension Value {
  /// A definition's document, for a set when it names none itself.
  fileprivate func belonging(to set: Name?) -> Value {
    guard let set, case .object(var object) = self, object["set"] == nil else { return self }
    object["set"] = .string(set.text)
    return .object(object)
  }
}
