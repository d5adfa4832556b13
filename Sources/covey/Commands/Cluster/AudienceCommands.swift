import Bytes
import Cluster
import Domain
import Intake
import Platform
import Runtime

extension Command {
  static let audienceOperands: [Operand] = [
    .one("SET", "The set."), .one("SEGMENT", "The segment's id."),
  ]

  static let audiencesList = Command.listing(
    "audiences list",
    "List the evaluated audiences with counts and shares",
    discussion: [
      "NEW, STAYED and LEFT compare the audience with its run before. A stale audience is of data or "
        + "of a definition that has changed since."
    ],
    operands: [.optional("SET", "Only those of a set.")],
    examples: [Example("covey audiences list shop", "Those of one set.")],
    request: { arguments in
      .audiences(set: arguments.operand(0) == nil ? nil : try arguments.set())
    },
    view: { document, _, context in AudiencesView.lines(document, context) }
  )

  static let audiencesShow = Command.listing(
    "audiences show",
    "Show one audience",
    operands: audienceOperands,
    examples: [
      Example("covey audiences show shop big-spenders", "Counts and the run behind them.")
    ],
    request: { arguments in .audience(set: try arguments.set(), try arguments.segment()) },
    view: { document, _, context in AudiencesView.page(document, context) }
  )

  static let audiencesOverlap = Command(
    "audiences overlap",
    "Count the members that audiences share",
    operands: [
      .one("SET", "The set."),
      .several("SEGMENT", "Two or more; without any all audiences of the set.", isRequired: false),
    ],
    options: [ClusterAccess.json, ClusterAccess.timeout] + ClusterAccess.options,
    examples: [
      Example("covey audiences overlap shop big-spenders lapsed", "Two audiences."),
      Example("covey audiences overlap shop", "All of them."),
    ]
  ) { arguments, terminal in
    let set = try arguments.set()
    var ids = try arguments.names(Array(arguments.operands.dropFirst()), what: "segment")
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    let client = try access.connect()
    if ids.isEmpty {
      let audiences = Document(try client.document(.audiences(set: set))).list("audiences")
      ids = audiences.compactMap { $0.value["segment"]?.text.flatMap(Name.init) }
    }
    guard ids.count > 1 else {
      throw CommandFailure(
        .usage,
        "an overlap needs two audiences or more, not \(ids.count)",
        next: "covey audiences list \(set)"
      )
    }
    let document = try client.document(.overlap(set: set, ids))
    try terminal.show(document, asJSON: arguments.has("json"), AudiencesView.overlap)
    return .success
  }

  static let audiencesExport = Command(
    "audiences export",
    "Write an audience to a file, in the order of its keys",
    discussion: [
      "The file appears under its name when it is whole; beside it a manifest with rows, bytes and "
        + "SHA-256. In a folder the file is called after the segment."
    ],
    operands: audienceOperands,
    options: [
      .required("output", "PATH", "The file, or a folder.", suggestion: .files),
      .value(
        "format",
        "FORMAT",
        "csv or jsonl; csv unless given.",
        suggestion: .words(ExportFormat.allCases.map(\.rawValue))
      ),
      .several("fields", "PATH", "Attributes to write, with dots and with commas between."),
      .value(
        "status",
        "STATUS",
        "realized, exited or all; realized unless given.",
        suggestion: .words(StatusChoice.allCases.map(\.rawValue))
      ),
      .flag("changed", "Only memberships that changed with the last run."),
      .flag("progress", "Tell the progress also where there is no terminal."),
      ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [
      Example("covey audiences export shop big-spenders --output big.csv", "The keys."),
      Example(
        "covey audiences export shop lapsed --fields email,address.city --format jsonl --output out/",
        "With two attributes, as JSON lines."
      ),
    ]
  ) { arguments, terminal in
    let (set, segment) = (try arguments.set(), try arguments.segment())
    let format = try arguments.choice("format", of: ExportFormat.self) ?? .csv
    let path = AudienceExport.path(
      for: arguments.value("output") ?? "",
      segment: segment,
      format: format
    )
    guard path != "-" else {
      throw UsageError("an export is a file with a manifest beside it; '--output -' names none")
    }
    guard try StreamOutput(special: path) == nil else {
      throw UsageError("'\(path)' is no regular file; an export is renamed into place")
    }
    var export = AudienceExport(set: set, segment: segment, format: format, path: path)
    export.fields = try arguments.fields()
    export.statuses = (try arguments.choice("status", of: StatusChoice.self) ?? .realized).statuses
    export.isChangedOnly = arguments.has("changed")
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    let line = ProgressLine(terminal, isWanted: arguments.has("progress"))
    let stop = StopRequest(terminal.termination)
    let manifest: AudienceExport.Manifest
    do {
      manifest = try export.run(access.connect()) { count in
        try stop.check()
        line.show("writing \(path): \(Human.count(Int(clamping: count))) rows")
      }
    } catch let error as DiskError {
      throw CommandFailure.output(error)
    }
    line.clear()
    try terminal.show(manifest.document, asJSON: arguments.has("json")) { _, _ in
      [
        "wrote \(Human.counted(Int(clamping: manifest.rowCount), "row")), "
          + "\(Human.size(bytes: manifest.byteCount)) to \(manifest.file)",
        "sha256 \(manifest.sha256)",
      ]
    }
    return .success
  }
}

/// Which memberships of an audience are meant.
enum StatusChoice: String, CaseIterable {
  case realized
  case exited
  case all

  var statuses: [MembershipStatus] {
    switch self {
    case .realized: [.realized]
    case .exited: [.exited]
    case .all: [.realized, .exited]
    }
  }
}

extension Arguments {
  /// The segment that the operand behind the set names.
  func segment() throws(UsageError) -> Name { try name(operand(1) ?? "", what: "segment") }

  /// The paths of `--fields`.
  func fields() throws -> [Text] {
    try all("fields").flatMap { $0.split(separator: ",") }.map { word in
      guard let path = FieldPath(Text(String(word))) else {
        throw IntakeError.badPath(text: String(word))
      }
      return Text(path.description)
    }
  }
}
