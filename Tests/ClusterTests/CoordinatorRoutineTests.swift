import Bytes
import Cluster
import Domain
import Propensity
import Testing

/// What instances have done by themselves: scorings of new models, and by schedule.
@Suite struct CoordinatorRoutineTests {
  private static let day: Int64 = 86_400_000

  private static func instance(
    _ schedule: PropensityInstance.Schedule = .weekly
  ) -> PropensityInstance {
    var instance = ModelTraining.instance("churn")
    instance.writeToProfile = true
    instance.schedule = schedule
    return instance
  }

  /// A trained instance; its first scoring has not begun.
  private func trained(
    _ instance: PropensityInstance = instance(),
    workerCount: Int = 2
  ) throws -> TrainingBench {
    var training = try TrainingBench(workerCount: workerCount, instance: instance)
    _ = try training.begin()
    try training.finishAll()
    return training
  }

  /// Lets time go by at once, and has the workers do what they are asked for.
  ///
  /// - Returns: the scorings that were begun.
  private func live(_ training: inout TrainingBench, _ milliseconds: Int64) throws -> [JobID] {
    let before = scorings(training)
    training.bench.now += milliseconds
    var effects = training.handle(.tick)
    // A training that ends may lead to a scoring.
    for _ in 0..<2 {
      try training.finishAll()
      effects += training.pass(0)
      while !effects.isEmpty { effects = training.doScorings(in: effects) }
    }
    return scorings(training).filter { !before.contains($0) }
  }

  private func scorings(_ training: TrainingBench) -> [JobID] {
    training.bench.coordinator.catalogue.jobs.values.filter {
      if case .scoring = $0.work { true } else { false }
    }.map(\.id).sorted()
  }

  private func last(_ training: TrainingBench) -> ScoringRecord? {
    training.bench.coordinator.catalogue.scoring(of: training.name, in: training.set)
  }

  @Test func `a new model's scores are written by themselves, as of its training`() throws {
    var training = try trained(Self.instance(.never))

    let jobs = try live(&training, 1_000)

    #expect(jobs.count == 1)
    #expect(last(training)?.modelVersion == 1)
    #expect(last(training)?.asOf == Instant(milliseconds: 33))
    #expect(last(training)?.scoredCount == 60)
    #expect(last(training)?.job == jobs.first)
    // Nothing more is due until there is another model.
    #expect(try live(&training, 100 * Self.day).isEmpty)
    _ = try training.begin(training.request("again"))
    try training.finishAll()
    #expect(try live(&training, 1_000).count == 1)
    #expect(last(training)?.modelVersion == 2)
  }

  @Test func `a weekly instance is scored again after seven days, as of that time`() throws {
    var training = try trained()
    _ = try live(&training, 1_000)
    let first = try #require(last(training))
    let due = training.bench.document(.instance(training.name))["due"]
    #expect(due == .string(first.scoredAt.advanced(byMilliseconds: 7 * Self.day).iso))

    let early = try live(&training, 6 * Self.day)
    let late = try live(&training, Self.day)

    #expect(early.isEmpty)
    #expect(late.count == 1)
    let second = try #require(last(training))
    #expect(second.modelVersion == 1)
    #expect(second.asOf >= first.scoredAt.advanced(byMilliseconds: 7 * Self.day))
  }

  @Test func `an old model is trained anew, and the new one's scores are written`() throws {
    var training = try trained(Self.instance(.monthly))
    _ = try live(&training, 1_000)
    var versions: [UInt64] = []
    for _ in 0..<4 {
      _ = try live(&training, 30 * Self.day + 5_000)
      _ = try live(&training, 1_000)
      versions.append(last(training)?.modelVersion ?? 0)
    }

    #expect(versions == [1, 1, 2, 2])
    #expect(training.model?.version == 2)
  }

  @Test func `what is due waits while the set is changed, and survives a restart`() throws {
    var training = try trained()
    let attempt = try training.openImport()

    let refused = training.pass(0)
    #expect(scorings(training).isEmpty)
    #expect(refused.logged("routine-refused"))
    training.bench.ask(training.client, .abortImport(attempt, reason: "no more"))
    #expect(try live(&training, Coordinator.routineRetryMilliseconds / 2).isEmpty)

    try training.restartCoordinator()
    #expect(try live(&training, 1_000).count == 1)
    #expect(last(training)?.modelVersion == 1)
  }

  @Test func `after a failure it is tried again, but not at once`() throws {
    var training = try trained(workerCount: 1)
    _ = training.pass(0)
    let job = try #require(scorings(training).first)
    training.bench.ask(training.client, .cancelJob(job))

    #expect(try live(&training, Coordinator.routinePauseMilliseconds - 1).isEmpty)
    #expect(try live(&training, 1_000).count == 1)
    #expect(last(training)?.modelVersion == 1)
  }

  @Test func `scores of a poor model are not written`() throws {
    var instance = Self.instance()
    instance.training.treeCountMax = 1
    instance.training.leafCountMax = 2
    instance.training.learningRate = 0.01
    var training = try trained(instance)

    let effects = training.pass(0)

    #expect(scorings(training).isEmpty)
    #expect(effects.logged("routine-refused"))
    #expect(last(training) == nil)
  }

  @Test func `an instance that is deleted or no longer asks for it has no routine`() throws {
    var training = try trained()
    var changed = Self.instance(.never)
    changed.writeToProfile = false
    let record = try #require(ModelTraining.record(changed))
    _ = training.handle(
      .instancesApplied(training.client, request: 7, [record], isDryRun: false)
    )

    #expect(try live(&training, 30 * Self.day).isEmpty)
    #expect(training.bench.document(.instance(training.name))["due"] == nil)
  }
}
