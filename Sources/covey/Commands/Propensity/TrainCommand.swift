import Bytes
import Cluster
import Domain
import Platform
import Runtime

extension Command {
  static let propensityTrain = Command(
    "propensity train",
    "Learn from a set's profiles how likely a goal is",
    discussion: [
      "Trains the model of an instance on a set of the cluster; the workers learn from their own "
        + "shards, and the model is the same for any number of them. At least 500 profiles that "
        + "reach the goal and 500 that do not are needed.",
      "The last model is kept until a new one is whole; a training that fails or is cancelled "
        + "('covey cancel') changes nothing.",
      "With --profiles or --events, starts a cluster of its own in a temporary folder, imports the "
        + "files, trains the instance of a file on them, and writes into the folder of --output: "
        + "'model', 'features' (what it measures), 'instance.json', 'report.json' (how good it is) "
        + "and 'scores.csv' (every eligible profile).",
    ],
    operands: [.optional("INSTANCE", "The name of an instance of the cluster.")],
    options: [
      .value("as-of", "TIME", "What 'now' means; the present time unless given."),
      .flag("progress", "Tell the progress also where there is no terminal."), ClusterAccess.json,
    ] + clusterOptions + FileTraining.options,
    examples: [
      Example(
        "covey propensity train --profiles telco.csv --instance churn.json --output out",
        "Files, without a cluster."
      ),
      Example("covey propensity train churn --set telco", "On one set."),
      Example(
        "covey propensity train churn --no-wait",
        "Only the job's id; 'covey jobs' shows it."
      ),
    ]
  ) { arguments, terminal in
    let files = FileTraining.options.map(\.name)
    if arguments.has("profiles") || arguments.has("events") {
      if let instance = arguments.operand(0) {
        throw UsageError("'propensity train' takes the instance '\(instance)' or files, not both")
      }
      for name in clusterOptions.map(\.name) where arguments.has(name) {
        throw UsageError("'--\(name)' belongs to 'propensity train INSTANCE', not to files")
      }
      return try FileTraining(arguments, terminal).run()
    }
    guard arguments.operand(0) != nil else {
      throw UsageError("'propensity train' needs INSTANCE, or files by '--profiles' or '--events'")
    }
    for name in files where arguments.has(name) {
      throw UsageError("'--\(name)' belongs to '--profiles' and '--events', not to an instance")
    }
    return try trainInstance(arguments, terminal)
  }

  private static let clusterOptions: [Option] =
    [
      .value("set", "SET", "The set to learn from; not needed when the cluster has one."),
      .value("timeout", "TIME", "How long the job may wait for workers that are away."),
      .flag("no-wait", "Print the job's id once it is accepted."),
    ] + ClusterAccess.options

  private static func trainInstance(
    _ arguments: Arguments,
    _ terminal: Terminal
  ) throws -> ExitStatus {
    let wanted = try InstanceRequest<TrainingRequest>(arguments, terminal)
    if arguments.has("no-wait") {
      return try JobWatch.order(.train(wanted.request), wanted.access, terminal)
    }
    let watch = JobWatch(terminal, wanted.access, isWanted: arguments.has("progress"))
    let document = try watch.run(wanted.request)
    try terminal.show(document, asJSON: arguments.has("json"), TrainingView.lines)
    return .success
  }
}
