import Bytes
import Domain
import Propensity

/// Insights into an instance's model and its last scoring.
extension Coordinator {
  func insightsDocument(of name: Name) throws(ClusterError) -> Value {
    let instance = try self.instance(name)
    guard let record = catalogue.models[name] else { throw noModel(name) }
    let model: PropensityModel
    do throws(ModelError) { model = try PropensityModel(decoding: record.file) } catch {
      throw ClusterError(
        .failed,
        "the model of propensity instance '\(name)' cannot be read: \(error)",
        next: "covey propensity train \(name)"
      )
    }
    let scoring = catalogue.scoring(of: name)
    // A census names features of its own model only.
    let isOfModel = scoring?.modelVersion == record.version
    let members = InsightsReport.members(of: model, isOfModel ? scoring?.findings : nil)
    let document = try? Value.parse(json: instance.file)
    let head: [(Text, Value?)] = [
      ("instance", .name(name)), ("type", document?["type"]),
      ("description", document?["description"]), ("goal", document?["goal"]),
      ("outcomeWindowDays", document?["outcomeWindowDays"]),
      ("model", modelDocument(record, of: instance)),
      ("scoring", scoring.map { Self.document(of: $0, isOfModel: isOfModel) }),
      ("next", isOfModel ? nil : .string(Text("covey propensity score \(name)"))),
    ]
    let history = scoring.map { scoring in
      HistoryReport.document(of: catalogue.histories[name] ?? ScoringHistory(), last: scoring)
    }
    let tail: [(Text, Value?)] = [("history", history)]
    return .object(
      head.compactMap { name, value in value.map { (name, $0) } } + members
        + tail.compactMap { name, value in value.map { (name, $0) } }
    )
  }

  private static func document(of scoring: ScoringRecord, isOfModel: Bool) -> Value {
    .known([
      "job": .string(scoring.job.description),
      "set": .name(scoring.setName),
      "modelVersion": .count(scoring.modelVersion),
      "isOfModel": .boolean(isOfModel),
      "asOf": .instant(scoring.asOf),
      "windowEnd": scoring.windowEnd.map { .instant($0) },
      "scoredAt": .instant(scoring.scoredAt),
      "profiles": .count(scoring.profileCount),
      "scored": scoring.scoredCount.map { .count($0) },
    ])
  }

  /// Puts the question why a profile has its score to the shard that holds it.
  mutating func askScore(
    of key: ProfileKey,
    by instance: Name,
    in name: Name,
    for waiter: Waiter
  ) throws(ClusterError) {
    _ = try self.instance(instance)
    let set = try self.set(name)
    guard let model = catalogue.models[instance] else { throw noModel(instance) }
    guard let scoring = catalogue.scoring(of: instance, in: name),
      let margins = scoring.findings?.margins
    else {
      throw ClusterError(
        .notScored,
        "set '\(name)' has no scores of propensity instance '\(instance)'",
        next: "covey propensity score \(instance) --set \(name)"
      )
    }
    let question = ScoreQuestion(
      instance: instance,
      key: key,
      asOf: scoring.asOf,
      features: model.features,
      model: model.file,
      percentiles: PercentileTable(margins: margins).percentiles
    )
    let place = ShardPlace(set: set.id, shard: key.shard(of: set.shardCount))
    try ask(
      .document(
        missing: noProfile(key, in: name),
        members: [
          ("set", .name(name)), ("instance", .name(instance)),
          ("modelVersion", .count(model.version)),
          ("scoredModelVersion", .count(scoring.modelVersion)), ("asOf", .instant(scoring.asOf)),
        ]
      ),
      of: set,
      [(place, .explainScore(question))],
      for: waiter
    )
  }
}
