import Bytes
import Domain
import Propensity

/// What an instance has done by itself.
struct Routine: Sendable {
  /// Milliseconds from one scoring to the next; `nil` when only new models are scored.
  let period: Int64?
  /// Nothing is begun before this monotonic millisecond, because it could not be or has failed.
  var notBefore = Int64.min
}

/// Scorings and trainings that nobody asks for: where an instance's scores are to be fields of the
/// profiles, those of a new model are written as soon as they can be, and again with each period of its
/// schedule; a model that has become old is trained anew before.
///
/// A routine begins with the first training, which says what set it is about. All it remembers is in
/// the catalogue, but for pauses: after a restart it tries again at once.
extension Coordinator {
  /// Takes from the instances which of them have a routine; those that had keep their pauses.
  mutating func readRoutines() {
    var found: [Name: Routine] = [:]
    for record in catalogue.instances.values {
      guard let instance = try? PropensityInstance(json: record.file), instance.writeToProfile
      else { continue }
      found[record.name] = Routine(
        period: instance.schedule.days.map { Int64($0) * 86_400_000 },
        notBefore: routines[record.name]?.notBefore ?? .min
      )
    }
    routines = found
  }

  /// When an instance's profiles are to be scored by themselves; `nil` when they are not.
  func routineDue(of name: Name) -> Instant? {
    guard let routine = routines[name], let model = catalogue.models[name] else { return nil }
    guard let last = catalogue.scoring(of: name, in: model.setName),
      last.modelVersion == model.version
    else { return model.trainedAt }
    return routine.period.map { last.scoredAt.advanced(byMilliseconds: $0) }
  }

  /// The monotonic millisecond at which a routine has something to begin; `nil` while it has not.
  func routineDeadline(of name: Name) -> Int64? {
    guard let routine = routines[name], let due = routineDue(of: name), !hasJob(name) else {
      return nil
    }
    let rest = max(0, due.milliseconds &- now.wall.milliseconds)
    return max(routine.notBefore, now.monotonic &+ rest)
  }

  /// Begins what is due.
  mutating func doRoutines() {
    for name in routines.keys.sorted() {
      guard let deadline = routineDeadline(of: name), deadline <= now.monotonic,
        let model = catalogue.models[name]
      else { continue }
      do throws(ClusterError) {
        try begin(name, with: model)
      } catch {
        let pause =
          error.code == .busy
          ? Coordinator.routineRetryMilliseconds : Coordinator.routinePauseMilliseconds
        routines[name]?.notBefore = now.monotonic + pause
        log(
          .warning,
          "routine-refused",
          [
            LogField("instance", name), LogField("set", model.setName),
            LogField("reason", error.message), LogField("again_in_ms", pause),
          ]
        )
      }
    }
  }

  /// A job has failed or was cancelled: what would begin it again waits.
  mutating func pauseRoutine(after job: JobID) {
    let instance: Name
    switch catalogue.jobs[job]?.work {
    case .training(let summary)?: instance = summary.instance
    case .scoring(let summary)?: instance = summary.instance
    case .importing?, .evaluating?, .checking?, nil: return
    }
    routines[instance]?.notBefore = now.monotonic + Coordinator.routinePauseMilliseconds
  }

  private mutating func begin(_ name: Name, with model: ModelRecord) throws(ClusterError) {
    let isScored =
      catalogue.scoring(of: name, in: model.setName)?.modelVersion == model.version
    let age = now.wall.milliseconds &- model.trainedAt.milliseconds
    if isScored, age >= Coordinator.modelAgeMilliseconds {
      _ = try train(
        TrainingRequest(
          instance: name,
          set: model.setName,
          asOf: nil,
          token: "",
          timeoutMilliseconds: nil
        ),
        for: .model
      )
    } else {
      // A new model's scores belong to the time it was trained for.
      _ = try score(
        ScoringRequest(
          instance: name,
          set: model.setName,
          asOf: isScored ? nil : model.asOf,
          token: "",
          isForced: false
        )
      )
    }
  }

  private func hasJob(_ instance: Name) -> Bool {
    trainingJob(of: instance) != nil
      || imports.values.contains { $0.scoring?.plan.instance == instance }
  }
}
