import Bytes
import Cluster
import Domain
import PQL
import Platform
import Propensity
import Runtime
import Segmentation

extension Command {
  static let propensityAudience = Command(
    "propensity audience",
    "Make a segment definition of the profiles with certain scores",
    discussion: [
      "Writes a rule over the fields that 'covey propensity score' gives to profiles, such as "
        + "covey.propensity.churn.score; options hold together. It is printed as a file that "
        + "'covey segments apply' takes, unless it is applied at once.",
      "Scores are those of the last scoring: apply the audience once and evaluate it after each "
        + "scoring. A profile without scores is in no such audience.",
    ],
    operands: [.one("INSTANCE", "The name of an instance of the cluster.")],
    options: [
      .value(
        "bucket",
        "BUCKET",
        "low (scores 0 to 24), medium or high (75 to 100).",
        suggestion: .words(ScoreBucket.allCases.map(\.rawValue))
      ),
      .value(
        "min-percentile",
        "N",
        "At least this percentile among the profiles scored, 1 to 100."
      ),
      .value("min-score", "N", "At least this score, 0 to 100."),
      .value("factor", "FEATURE", "Profiles with this feature among the factors of their score."),
      .value(
        "direction",
        "WAY",
        "With '--factor': it raises the score (up) or lowers it (down).",
        suggestion: .words(ScoreAudience.Direction.allCases.map(\.rawValue))
      ),
      .value(
        "importance",
        "HOW",
        "With '--factor': low, medium or high.",
        suggestion: .words(ScoreAudience.Importance.allCases.map(\.rawValue))
      ),
      .value("id", "ID", "The segment's id; made of its name unless given."),
      .value("name", "NAME", "What the segment is called."),
      .value("set", "SET", "The set it is for; that of the model unless given."),
      .flag("apply", "Make it a definition of the cluster."),
      .value("output", "FILE", "Write to a file; '-' is standard output.", suggestion: .files),
      ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [
      Example("covey propensity audience churn --bucket high", "The definition, printed."),
      Example("covey propensity audience churn --min-percentile 90 --apply", "In the cluster."),
      Example(
        "covey propensity audience churn --bucket high --factor tenure --direction up",
        "Those whose tenure raises the score."
      ),
    ]
  ) { arguments, terminal in
    try AudienceMaking(arguments).run(terminal)
  }
}

/// From options to a definition, printed or applied.
private struct AudienceMaking {
  private let arguments: Arguments
  private let audience: ScoreAudience
  private let access: ClusterAccess

  init(_ arguments: Arguments) throws {
    self.arguments = arguments
    let instance = try arguments.name(arguments.operand(0) ?? "", what: "propensity instance")
    var audience = ScoreAudience(instance)
    audience.bucket = try arguments.choice("bucket", of: ScoreBucket.self)
    audience.percentileMin = try arguments.integer("min-percentile", in: 1...100)
    audience.scoreMin = try arguments.integer("min-score", in: 0...100)
    let direction = try arguments.choice("direction", of: ScoreAudience.Direction.self)
    let importance = try arguments.choice("importance", of: ScoreAudience.Importance.self)
    if let code = arguments.value("factor") {
      audience.factor = ScoreAudience.Factor(
        code: Text(code),
        direction: direction,
        importance: importance
      )
    } else if direction != nil || importance != nil {
      throw UsageError("'--direction' and '--importance' belong to '--factor FEATURE'")
    }
    guard !audience.isEmpty else {
      throw UsageError(
        "'propensity audience' needs '--bucket', '--min-percentile', '--min-score' or '--factor'"
      )
    }
    if arguments.has("apply"), arguments.has("output") {
      throw UsageError("'--output' belongs to a definition that is not applied")
    }
    self.audience = audience
    access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
  }

  func run(_ terminal: Terminal) throws -> ExitStatus {
    let client = try access.connect()
    let instance = Document(try client.document(.instance(audience.instance)))
    try checkFactor(of: instance)
    let modelSet = instance.part("model")?.value["set"]?.text.flatMap(Name.init)
    let set = try arguments.value("set").map { try arguments.name($0, what: "set") } ?? modelSet
    let title = arguments.value("name").map { Text($0) } ?? audience.title
    let file = try audience.file(id: try id(title), name: title, set: set)
    let source = try DefinitionFile.sources(bytes: Array(file.utf8), name: "audience.pql")
    // What is printed can be applied.
    _ = try DefinitionDocument.definitions(from: source, zones: SystemZones.source)
    guard arguments.has("apply") else {
      try write(file, source, terminal)
      return .success
    }
    guard let set else {
      throw CommandFailure(
        .data,
        "instance '\(audience.instance)' has not been trained, so nobody has scores",
        next: "covey propensity train \(audience.instance)"
      )
    }
    try checkFields(of: set, client)
    let changes = try client.document(
      .applySegments(source.map(\.document), set: set, isDryRun: false, removesOthers: false)
    )
    try terminal.show(changes, asJSON: arguments.has("json"), SegmentsView.changes)
    return .success
  }

  private func id(_ title: Text) throws -> Name {
    if let word = arguments.value("id") { return try arguments.name(word, what: "segment") }
    guard let id = DefinitionDocument.slug(of: title) else {
      throw UsageError("'\(title)' makes no id; name one with '--id ID'")
    }
    return id
  }

  /// Finds a factor that no score can have, because the model knows no such feature.
  private func checkFactor(of instance: Document) throws(CommandFailure) {
    guard let code = audience.factor?.code, let report = instance.part("report") else { return }
    let features = report.list("features").compactMap { $0.value["name"]?.text }
    guard !features.contains(code) else { return }
    let near = nearest(to: code, among: features)
    throw CommandFailure(
      .data,
      "the model of '\(audience.instance)' has no feature '\(PlainText.line(code.string))'"
        + (near.map { "; did you mean '\($0)'?" } ?? ""),
      next: "covey propensity show \(audience.instance) --json"
    )
  }

  /// Holds the rule against the schema of the set: its fields have to be there.
  private func checkFields(of set: Name, _ client: ClusterClient) throws {
    let schema = Document(try client.document(.schema(set)))
    let paths = Set(schema.list("profile").compactMap { $0.value["path"]?.text })
    guard paths.contains(Text("covey.propensity.\(audience.instance).score")) else {
      throw CommandFailure(
        .data,
        "no profile of set '\(set)' has scores of '\(audience.instance)'",
        next: "covey propensity score \(audience.instance) --set \(set)"
      )
    }
  }

  private func write(
    _ file: Text,
    _ source: [Segmentation.DefinitionSource],
    _ terminal: Terminal
  ) throws {
    let bytes =
      arguments.has("json")
      ? source.reduce(into: [UInt8]()) { $0 += $1.document.json(.pretty) + [0x0A] }
      : Array(file.utf8)
    guard let path = arguments.value("output"), path != "-" else {
      return try terminal.results.write(bytes)
    }
    let target: OutputTarget
    do {
      target = try OutputTarget(path)
    } catch let error as DiskError {
      throw CommandFailure.output(error)
    }
    do {
      try target.write(bytes)
      try target.finish()
    } catch {
      target.abandon()
      throw error
    }
  }
}
