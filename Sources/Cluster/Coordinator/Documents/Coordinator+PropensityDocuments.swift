import Bytes
import Domain
import Propensity

/// Propensity instances, their models and trainings as listings show them.
extension Coordinator {
  func instancesDocument() -> Value {
    let instances = catalogue.instances.values.sorted { $0.name < $1.name }
    return .object([("instances", .array(instances.map { .object(instanceMembers($0)) }))])
  }

  func instanceDocument(_ instance: InstanceRecord) -> Value {
    var members = instanceMembers(instance)
    if let document = try? Value.parse(json: instance.file) {
      members.append(("document", document))
    }
    if let model = catalogue.models[instance.name] { members.append(("report", model.report)) }
    return .object(members)
  }

  private func instanceMembers(_ instance: InstanceRecord) -> [(Text, Value)] {
    let document = try? Value.parse(json: instance.file)
    let model = catalogue.models[instance.name]
    let scoring = model.flatMap { catalogue.scoring(of: instance.name, in: $0.setName) }
    let members: [(Text, Value?)] = [
      ("name", .name(instance.name)),
      ("version", .count(instance.version)),
      ("type", document?["type"]),
      ("description", document?["description"]),
      ("job", trainingJob(of: instance.name).map { .string($0.description) }),
      ("model", model.map { modelDocument($0, of: instance) }),
      ("scored", scoring.map { scoredDocument($0) }),
      ("schedule", document?["schedule"]),
      ("writeToProfile", document?["writeToProfile"]),
      ("due", routineDue(of: instance.name).map { .instant($0) }),
    ]
    return members.compactMap { name, value in value.map { (name, $0) } }
  }

  func modelDocument(_ model: ModelRecord, of instance: InstanceRecord) -> Value {
    .known([
      "version": .count(model.version),
      "instanceVersion": .count(model.instanceVersion),
      "isCurrent": .boolean(model.instanceVersion == instance.version),
      "set": .name(model.setName),
      "job": .string(model.job.description),
      "asOf": .instant(model.asOf),
      "trainedAt": .instant(model.trainedAt),
      "bytes": .count(model.file.count),
      "rows": model.report["rows"],
      "positives": model.report["positives"],
      "areaUnderCurve": model.report["quality"]?["areaUnderCurve"],
    ])
  }

  private func scoredDocument(_ scoring: ScoringRecord) -> Value {
    .known([
      "modelVersion": .count(scoring.modelVersion),
      "job": .string(scoring.job.description),
      "set": .name(scoring.setName),
      "asOf": .instant(scoring.asOf),
      "scoredAt": .instant(scoring.scoredAt),
      "profiles": scoring.scoredCount.map { .count($0) },
    ])
  }

  func scoringMembers(_ job: JobRecord, _ summary: ScoringSummary) -> [(Text, Value?)] {
    let progress = importProgress(job)
    return [
      ("phase", .string(progress.phase)),
      ("reason", progress.reason.map { .string($0) } ?? job.failure.map { .string($0.message) }),
      ("next", job.failure?.next.map { .string($0) }),
      ("done", progress.done.map { .count($0) }),
      ("total", progress.total.map { .count($0) }),
      ("unit", .string(progress.unit)),
      ("instance", .name(summary.instance)),
      ("modelVersion", .count(summary.modelVersion)),
      ("asOf", .instant(summary.asOf)),
      ("attempt", .count(summary.attempt)),
      ("warnings", .array(warnings(of: job, summary).map { .string($0) })),
      ("scored", job.state == .succeeded ? .count(summary.scoredCount) : nil),
      ("profiles", .count(job.profileCount)),
    ]
  }

  private func warnings(of job: JobRecord, _ summary: ScoringSummary) -> [Text] {
    guard job.state == .succeeded, summary.scoredCount == 0, job.profileCount > 0 else {
      return summary.warnings
    }
    return summary.warnings + [
      "no profile is eligible, so none has a score; the rule 'eligible' of the instance says who is"
    ]
  }

  func trainingMembers(_ job: JobRecord, _ summary: TrainingSummary) -> [(Text, Value?)] {
    let running = trainings[job.id]
    let progress = running?.course.progress
    let model = catalogue.models[summary.instance].flatMap { $0.job == job.id ? $0 : nil }
    let trees = progress?.treeCount ?? summary.model.map { Int(clamping: $0.treeCount) }
    return roundMembers(job, summary) + [
      ("done", .count(trees ?? 0)),
      ("total", (running?.course.instance.training.treeCountMax ?? trees).map { .count($0) }),
      ("unit", .string("trees")),
      ("holdOutLoss", progress?.holdOutLoss.map { .double($0) }),
      ("millisecondsLeft", running?.millisecondsLeft(at: now.monotonic).map { .count($0) }),
      ("modelVersion", summary.model.map { .count($0.version) }),
      ("report", model?.report),
    ]
  }

  func checkMembers(_ job: JobRecord, _ summary: CheckSummary) -> [(Text, Value?)] {
    roundMembers(job, summary.training) + [
      ("done", trainings[job.id].map { .count($0.round &- 1) }),
      ("unit", .string("rounds")),
      ("report", summary.report),
    ]
  }

  /// What trainings and checks have in common.
  private func roundMembers(
    _ job: JobRecord,
    _ summary: TrainingSummary
  ) -> [(Text, Value?)] {
    let running = trainings[job.id]
    let blocked = running.map { blockedParts(of: $0) } ?? []
    let reason =
      blocked.first.map { Text("it waits for worker '\($0.part.worker)': \($0.reason)") }
      ?? job.failure?.message
    let phase = blocked.isEmpty ? running?.course.progress.phase ?? job.state.word : "waiting"
    let contents = running?.plan.contents
    return [
      ("phase", .string(phase)),
      ("reason", reason.map { .string($0) }),
      ("next", job.failure?.next.map { .string($0) }),
      ("round", running.map { .count($0.round) }),
      ("instance", .name(summary.instance)),
      ("instanceVersion", .count(summary.instanceVersion)),
      ("asOf", .instant(summary.asOf)),
      ("attempts", running.map { .count($0.parts.reduce(0) { $0 + Int($1.attempt) }) }),
      (
        "waiting",
        blocked.isEmpty
          ? nil
          : .array(
            blocked.map {
              .known(["worker": .name($0.part.worker), "reason": .string($0.reason)])
            }
          )
      ),
      (
        "profiles",
        .count(contents?.reduce(0) { $0 &+ $1.profileCount } ?? job.profileCount)
      ),
      ("events", .count(contents?.reduce(0) { $0 &+ $1.eventCount } ?? job.eventCount)),
    ]
  }
}
