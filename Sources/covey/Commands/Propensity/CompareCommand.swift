import Bytes
import Cluster
import Domain
import Platform
import Runtime

extension Command {
  static let propensityCompare = Command(
    "propensity compare",
    "Hold two models against each other",
    discussion: [
      "Shows side by side how good two models are: each on the rows that its own training held out. "
        + "A difference of the areas under the curve counts as one when it is over twice its standard "
        + "error (that of Hanley and McNeil, as of independent rows, which overstates it where the "
        + "rows are the same).",
      "A MODEL is the name of an instance of the cluster, or a folder that 'covey propensity train' or "
        + "'export' wrote, or its 'report.json'; a word with '/' or '.' is a path.",
    ],
    operands: [
      .one("MODEL", "The first one.", suggestion: .files),
      .one("MODEL", "The second one.", suggestion: .files),
    ],
    options: [ClusterAccess.json, ClusterAccess.timeout] + ClusterAccess.options,
    examples: [
      Example("covey propensity compare churn churn-90d", "Two instances."),
      Example("covey propensity compare ./out churn", "Files and an instance."),
    ]
  ) { arguments, terminal in
    let models = try arguments.operands.map { word in
      ComparedModel(word, report: try report(word, arguments))
    }
    let comparison = ModelComparison(models[0], models[1])
    try terminal.show(comparison.document, asJSON: arguments.has("json"), ComparisonView.lines)
    return .success
  }

  private static let reportByteCountMax = 64 << 20

  private static func report(_ word: String, _ arguments: Arguments) throws -> Value {
    guard word.contains("/") || word.contains(".") else {
      let name = try arguments.name(word, what: "propensity instance")
      let access = try ClusterAccess(
        arguments,
        timeoutMilliseconds: try arguments.milliseconds("timeout")
      )
      let instance = try access.connect().document(.instance(name))
      guard let report = instance["report"] else {
        throw CommandFailure(
          .noInput,
          "propensity instance '\(name)' has not been trained",
          next: "covey propensity train \(name)"
        )
      }
      return report
    }
    let path = word.hasSuffix(".json") ? word : word + "/report.json"
    let bytes = try StreamInput(path).readAll(byteCountMax: reportByteCountMax)
    do throws(JSONError) {
      if let report = try Value.parse(json: bytes), report["quality"] != nil { return report }
    } catch {
      throw CommandFailure(.data, "'\(path)': \(error)")
    }
    throw CommandFailure(.data, "'\(path)' is no report of a model: it has no 'quality'")
  }
}
