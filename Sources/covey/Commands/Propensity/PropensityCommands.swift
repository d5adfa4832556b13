import Bytes
import Cluster
import Domain
import Platform
import Runtime

extension Command {
  /// The longest file of an instance, in bytes.
  static let instanceByteCountMax = 1 << 20

  static let propensityApply = Command(
    "propensity apply",
    "Make the propensity instances of files those of the cluster",
    discussion: [
      "An instance says what is to be learned: a JSON file with a name, a type (conversion or churn) "
        + "and a goal, which is a rule in PQL or conditions on events. The smallest is "
        + "{\"name\": \"churn\", \"type\": \"churn\", \"goal\": \"Churn = \\\"Yes\\\"\"}. All are "
        + "applied or none."
    ],
    operands: [
      .several(
        "FILE",
        "Files of instances (.json), patterns, or folders of them.",
        suggestion: .files
      )
    ],
    options: [
      .flag("dry-run", "Only show what would change."), ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [
      Example("covey propensity apply models/churn.json", "One instance."),
      Example("covey propensity apply models --dry-run", "What a folder would change."),
    ]
  ) { arguments, terminal in
    let files = try instanceFiles(arguments.operands)
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    let document = try access.connect().document(
      .applyInstances(files, isDryRun: arguments.has("dry-run"))
    )
    try terminal.show(document, asJSON: arguments.has("json"), SegmentsView.changes)
    return .success
  }

  static let propensityList = Command.listing(
    "propensity list",
    "List the propensity instances and their models",
    examples: [Example("covey propensity list", "All of them.")],
    request: { _ in .instances },
    view: { document, _, context in InstancesView.lines(document, context) }
  )

  static let propensityShow = Command.listing(
    "propensity show",
    "Show a propensity instance and how good its model is",
    operands: [.one("INSTANCE", "Its name.")],
    examples: [
      Example("covey propensity show churn", "Goal, model and quality."),
      Example("covey propensity show churn --json", "With gains and the reliability table."),
    ],
    request: { arguments in
      .instance(try arguments.name(arguments.operand(0) ?? "", what: "propensity instance"))
    },
    view: { document, _, context in InstancesView.page(document, context) }
  )

  static let propensityDelete = Command(
    "propensity delete",
    "Delete propensity instances with their models",
    discussion: ["All are deleted or none; one that is being trained is not."],
    operands: [.several("INSTANCE", "Their names.")],
    options: [
      .flag("yes", "Do not ask."), ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [Example("covey propensity delete churn --yes", "Without asking.")]
  ) { arguments, terminal in
    let names = try arguments.names(arguments.operands, what: "propensity instance")
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    try terminal.confirm(
      "delete \(names.map(\.description).joined(separator: ", ")) with what was learned?",
      isConfirmed: arguments.has("yes")
    )
    let document = try access.connect().document(.deleteInstances(names))
    try terminal.show(document, asJSON: arguments.has("json")) { document, _ in
      ["deleted \(document.texts("deleted").joined(separator: ", "))"]
    }
    return .success
  }

  /// The bytes of files of instances.
  static func instanceFiles(_ words: [String]) throws -> [[UInt8]] {
    try NamedFiles.paths(words, endings: [".json"]).map { path in
      let bytes = try StreamInput(path).readAll(byteCountMax: instanceByteCountMax + 1)
      guard bytes.count <= instanceByteCountMax else {
        throw CommandFailure(
          .data,
          "'\(path)' is longer than \(instanceByteCountMax) bytes, the most an instance may have"
        )
      }
      return bytes
    }
  }
}
