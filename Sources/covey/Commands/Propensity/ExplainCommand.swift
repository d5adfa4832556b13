import Bytes
import Cluster
import Domain
import Runtime

extension Command {
  static let propensityExplain = Command(
    "propensity explain",
    "Show why a profile has the score that it has",
    discussion: [
      "Shows the profile's score, probability, percentile and bucket, and everything that moved the "
        + "score: each factor with the profile's value, whether it raises or lowers, and by how much "
        + "in log-odds. The worker that holds the profile computes it as the last scoring did, at "
        + "the same point in time. All factors and the base add up to the margin.",
      "A factor says what the model used, not what causes the goal.",
    ],
    operands: [.one("INSTANCE", "The name of an instance of the cluster.")],
    options: [
      .required("profile", "KEY", "The profile's key."),
      .value("set", "SET", "The profile's set; not needed when the cluster has one."),
      ClusterAccess.json, ClusterAccess.timeout,
    ] + ClusterAccess.options,
    examples: [
      Example("covey propensity explain churn --profile 00042 --set telco", "One customer."),
      Example("covey propensity explain churn --profile 00042 --json", "For a program."),
    ]
  ) { arguments, terminal in
    let instance = try arguments.name(arguments.operand(0) ?? "", what: "propensity instance")
    let key = ProfileKey(Text(arguments.value("profile") ?? ""))
    let access = try ClusterAccess(
      arguments,
      timeoutMilliseconds: try arguments.milliseconds("timeout")
    )
    let set = try onlySet(arguments, access)
    let document = try access.connect().document(
      .explainScore(set: set, instance: instance, key)
    )
    try terminal.show(document, asJSON: arguments.has("json"), ScoreView.lines)
    return .success
  }
}
