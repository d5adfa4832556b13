import Bytes
import Cluster
import Domain
import Platform
import Propensity
import Runtime

extension Command {
  static let propensityInsights = Command(
    "propensity insights",
    "Show how good a model is, who is in its buckets and why, and what has drifted",
    discussion: [
      "Shows the quality of an instance's model on profiles that it has not learned from; and of its "
        + "last scoring the buckets, the distribution of scores, what moved the scores of each "
        + "bucket, and how far scores and features have moved from what the model was trained on "
        + "(the population stability index: above 0.1 is mentioned, above 0.25 is said loudly).",
      "Once the outcome window of a scoring has passed, the next scoring finds out what became of its "
        + "profiles: what was expected of each bucket then stands beside what came. It waits for events "
        + "of after the window, and each scoring is judged by the goal that it was made for. A goal over "
        + "attributes alone has no such history.",
      "Factors are ordered by the mean of their contributions in log-odds, whichever way they go. A "
        + "factor says what the model used, not what causes the goal.",
      "'--html FILE' writes a page that opens in any browser and needs nothing else. With --model "
        + "the profiles of files are scored instead, as 'covey propensity score' does, and nothing "
        + "is left behind.",
    ],
    operands: [.optional("INSTANCE", "The name of an instance of the cluster.")],
    options: [
      .value("html", "FILE", "Write a page; '-' is standard output.", suggestion: .files),
      ClusterAccess.json,
    ] + clusterOptions + fileOptions,
    examples: [
      Example("covey propensity insights churn", "As tables."),
      Example("covey propensity insights churn --html churn.html", "As a page."),
      Example(
        "covey propensity insights --model out/model --profiles new.csv --html new.html",
        "Of a model and customers in files, without a cluster."
      ),
    ]
  ) { arguments, terminal in
    // A page that cannot be made is told before the work, not after it.
    let page: OutputTarget?
    do {
      page = try arguments.value("html").map { try OutputTarget($0) }
    } catch let error as DiskError {
      throw CommandFailure.output(error)
    }
    do {
      let document = try insights(arguments, terminal)
      if let page {
        try page.write(InsightsPage.html(Document(document)))
        try page.finish()
      }
      guard arguments.value("html") != "-" || arguments.has("json") else { return .success }
      try terminal.show(document, asJSON: arguments.has("json"), InsightsView.lines)
      return .success
    } catch {
      page?.abandon()
      throw error
    }
  }

  private static let clusterOptions: [Option] = [ClusterAccess.timeout] + ClusterAccess.options

  private static let fileOptions: [Option] =
    FileCluster.options + [
      .value("model", "FILE", "The model of 'covey propensity train'.", suggestion: .files),
      .value("as-of", "TIME", "What 'now' means; the present time unless given."),
      .flag("progress", "Tell the progress also where there is no terminal."),
    ]

  private static func insights(_ arguments: Arguments, _ terminal: Terminal) throws -> Value {
    guard let word = arguments.operand(0) else {
      for name in clusterOptions.map(\.name) where arguments.has(name) {
        throw UsageError("'--\(name)' belongs to 'propensity insights INSTANCE', not to files")
      }
      return try FileInsights(arguments, terminal).document()
    }
    for name in fileOptions.map(\.name) where arguments.has(name) {
      throw UsageError("'--\(name)' belongs to insights of files, not to an instance")
    }
    let instance = try arguments.name(word, what: "propensity instance")
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    return try access.connect().document(.insights(instance))
  }
}
