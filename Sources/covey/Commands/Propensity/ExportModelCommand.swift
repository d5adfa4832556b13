import Bytes
import Cluster
import Domain
import Platform
import Propensity
import Runtime

extension Command {
  /// What other tools read.
  private enum ModelFormat: String, CaseIterable {
    case covey
    case lightgbm
  }

  static let propensityExport = Command(
    "propensity export",
    "Write a model into files, also for LightGBM",
    discussion: [
      "Writes into the folder of --output what 'covey propensity score --model' takes: 'model' and "
        + "'features' (what it measures), and of an instance also 'instance.json' and 'report.json' "
        + "(how good it is).",
      "'--format lightgbm' writes, in place of 'model', 'model.txt' as LightGBM reads it, and "
        + "'columns.json', which says what each column is and what the numbers of a category stand "
        + "for. Its margins are the same; calibration and score map have no place in that format. "
        + "'covey propensity score --model DIR/model.txt' scores with such a file, as LightGBM has "
        + "left it or changed.",
    ],
    operands: [.optional("INSTANCE", "The name of an instance of the cluster.")],
    options: [
      .value("model", "FILE", "A model that 'propensity train' wrote.", suggestion: .files),
      .value("output", "DIR", "The folder.", suggestion: .files),
      .value(
        "format",
        "FORMAT",
        "covey or lightgbm; covey unless given.",
        suggestion: .words(ModelFormat.allCases.map(\.rawValue))
      ), ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [
      Example("covey propensity export churn --output churn-model", "To score files with."),
      Example(
        "covey propensity export --model out/model --format lightgbm --output lgb",
        "A trained file, for LightGBM."
      ),
    ]
  ) { arguments, terminal in
    guard let output = arguments.value("output") else {
      throw UsageError("'propensity export' needs '--output DIR'")
    }
    let format = try arguments.choice("format", of: ModelFormat.self) ?? .covey
    let files = try modelFiles(arguments, format)
    let folder = try OutputFolder(output)
    do {
      for (name, bytes) in files { try folder.write(bytes, to: name) }
      try folder.finish()
    } catch {
      folder.abandon()
      throw error
    }
    let document = Value.object([
      ("output", .string(Text(output))),
      ("format", .string(Text(format.rawValue))),
      ("files", .array(files.map { .string(Text($0.name)) })),
    ])
    try terminal.show(document, asJSON: arguments.has("json")) { _, _ in
      ["\(files.map(\.name).joined(separator: ", ")) in \(output)"]
    }
    return .success
  }

  private typealias NamedFile = (name: String, bytes: [UInt8])

  private static func modelFiles(
    _ arguments: Arguments,
    _ format: ModelFormat
  ) throws -> [NamedFile] {
    if let path = arguments.value("model") {
      if let instance = arguments.operand(0) {
        throw UsageError(
          "'propensity export' takes the instance '\(instance)' or '--model', not both"
        )
      }
      let file = try ModelFile(path)
      return modelFiles(file.model, file.model.encoded(), file.plan, format)
    }
    guard let word = arguments.operand(0) else {
      throw UsageError("'propensity export' needs INSTANCE or '--model FILE'")
    }
    let name = try arguments.name(word, what: "propensity instance")
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    let client = try access.connect()
    guard case .model(let file, let plan) = try client.request(.model(name)) else {
      throw ClientError.unexpectedReply(to: "model")
    }
    let instance = try client.document(.instance(name))
    let model: PropensityModel
    do throws(ModelError) {
      model = try PropensityModel(decoding: file)
    } catch {
      throw CommandFailure(.software, "the cluster's model of '\(name)' cannot be read: \(error)")
    }
    func json(_ member: Text) -> [UInt8] {
      (instance[member] ?? .object([])).json(.pretty) + [0x0A]
    }
    return modelFiles(model, file, plan, format) + [
      ("instance.json", json("document")), ("report.json", json("report")),
    ]
  }

  private static func modelFiles(
    _ model: PropensityModel,
    _ bytes: [UInt8],
    _ plan: [UInt8],
    _ format: ModelFormat
  ) -> [NamedFile] {
    let files: [NamedFile] =
      switch format {
      case .covey: [(ModelFile.modelName, bytes)]
      case .lightgbm:
        [
          (ModelFile.lightGBMName, Array(model.lightGBMText.utf8)),
          (ModelFile.columnsName, ModelColumns.json(model.lightGBMColumns)),
        ]
      }
    return files + [(ModelFile.featuresName, plan)]
  }
}
