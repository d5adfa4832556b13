import Bytes
import Cluster
import Domain
import Propensity
import Testing

/// A check: the rounds of a training up to its first tree.
@Suite struct CoordinatorCheckTests {
  private func report(
    _ training: inout TrainingBench,
    _ request: TrainingRequest? = nil
  ) throws -> Value {
    let job = try training.beginCheck(request)
    try training.finishAll()
    let document = training.bench.document(.job(job))
    #expect(document["state"] == .string("done"), "\(document)")
    #expect(document["kind"] == .string("check"))
    return try #require(document["report"])
  }

  @Test func `what is found is the same for any number of workers, and no model is made`() throws {
    var reports: [Value] = []
    for workerCount in [1, 2, 3, 7] {
      var training = try TrainingBench(workerCount: workerCount)
      reports.append(try report(&training))
      #expect(training.model == nil)
    }

    let first = try #require(reports.first)
    for other in reports { #expect(other.json() == first.json()) }
    #expect(first["isTrainable"] == .boolean(true))
    #expect(first["rows"] == .integer(2_400))
    #expect(first["neededOfEither"] == .integer(500))
    #expect(first["cutOffs"]?.elements?.count == 1)
    let features = first["features"]?.elements?.compactMap { $0["name"]?.text } ?? []
    #expect(Set(features) == ["amount", "colour"])
    let unused = first["unused"]?.elements ?? []
    #expect(unused.map { $0["name"] } == [.string("size"), .string("nothing")])
    #expect(unused.allSatisfy { $0["reason"] == .string("constant") })
    #expect(first["omitted"]?.elements?.first?["reason"] == .string("goalReadsIt"))
    #expect(first["leaks"] == .array([]))
  }

  @Test func `and whoever is killed meanwhile`() throws {
    var whole = try TrainingBench(workerCount: 3)
    let expected = try report(&whole)
    var training = try TrainingBench(workerCount: 3)
    let job = try training.beginCheck()
    for round in 0..<4 where !training.open.isEmpty {
      let worker = training.workers[round % 3]
      try training.kill(worker)
      while !training.open.isEmpty { try training.finish() }
      try training.restart(worker)
    }
    try training.finishAll()

    #expect(training.bench.document(.job(job))["report"] == expected)
  }

  @Test func `why a training would fail is a finding, beside what is known of the features`() throws
  {
    var training = try TrainingBench(workerCount: 2, profileCount: 20)

    let found = try report(&training)

    #expect(found["isTrainable"] == .boolean(false))
    let problem = found["problems"]?.elements?.first
    #expect(problem?["message"]?.text?.string.contains("of the 800 rows") == true)
    #expect(problem?["next"]?.text?.string.contains("widen 'eligible'") == true)
    #expect(found["features"]?.elements?.isEmpty == false)
    #expect(try training.trainingFailure()?.code == .notTrainable)
  }

  @Test func `without rows, or without time for an outcome, a check says so and ends`() throws {
    var empty = try TrainingBench(workerCount: 2, profileCount: 0)
    let none = try report(&empty)
    #expect(none["isTrainable"] == .boolean(false))
    #expect(
      none["problems"]?.elements?.first?["message"]?.text?.string
        .hasPrefix("no profile is eligible") == true
    )

    var short = try TrainingBench(workerCount: 2)
    short.planning = .success(PlannedFeatures(plan: [], hasOutcomeWindow: true, omitted: []))
    let found = try report(&short)
    #expect(found["isTrainable"] == .boolean(false))
    #expect(found["history"]?["neededDays"] == .integer(60))
    #expect(found["history"]?["availableDays"] == .integer(0))
  }

  @Test func `an instance that is wrong fails the check as it fails a training`() throws {
    var training = try TrainingBench(workerCount: 2)
    let error = ClusterError(.badInstance, "the field 'goal' names 'Chrun', which no profile has")
    training.planning = .failure(error)
    let job = try training.beginCheck()
    try training.finishAll()

    #expect(try training.job(job).failure == error)
  }

  @Test func `one token is one check, which a training does not wait for, and a restart goes on`()
    throws
  {
    var training = try TrainingBench(workerCount: 2)
    let job = try training.beginCheck()
    #expect(try training.beginCheck() == job)
    let other = try training.begin()
    #expect(other != job, "a check and a training may have one token")
    try training.finish()

    try training.restartCoordinator()
    try training.finishAll()

    #expect(try training.job(job).state == .succeeded)
    #expect(try training.job(other).state == .succeeded)
    #expect(training.model?.file == (try training.expectedFile()))
  }

  @Test func `only the newest check of an instance keeps its findings`() throws {
    var training = try TrainingBench(workerCount: 1)
    let first = try training.beginCheck()
    try training.finishAll()
    #expect(training.bench.document(.job(first))["report"] != nil)

    let second = try training.beginCheck(training.request("other"))
    try training.finishAll()

    #expect(training.bench.document(.job(first))["report"] == nil)
    #expect(training.bench.document(.job(second))["report"] != nil)
  }

  // MARK: Cut-offs

  private static let day: Int64 = 86_400_000

  private func cutOffs(_ count: Int, step: Int? = nil, span: Int64) throws -> CutOffs {
    var instance = ModelTraining.instance("churn")
    instance.cutOffCount = count
    instance.cutOffStepDays = step
    return try CutOffs(
      for: instance,
      EventSpan(
        first: Instant(milliseconds: 0),
        last: Instant(milliseconds: span * Self.day)
      ),
      asOf: Instant(milliseconds: .max / 2)
    )
  }

  @Test func `of several cut-offs the newest tests those whose outcomes were known then`() throws {
    func days(_ instants: [Instant]) -> [Int64] { instants.map { $0.milliseconds / Self.day } }

    let one = try cutOffs(1, span: 400)
    let three = try cutOffs(3, span: 400)
    let steps = try cutOffs(4, step: 10, span: 400)
    let short = try cutOffs(4, step: 10, span: 65)
    let tooShort = try cutOffs(3, span: 45)

    #expect(days(one.learned) == [370])
    #expect(one.outOfTime == nil)
    #expect(days(three.learned) == [340, 310])
    #expect(three.outOfTime?.milliseconds == 370 * Self.day)
    #expect(days(steps.learned) == [340, 330, 320])
    #expect(days(short.learned) == [5])
    #expect(short.outOfTime?.milliseconds == 35 * Self.day)
    #expect(days(tooShort.learned) == [15], "there is only one, and it has to be learned from")
    #expect(tooShort.outOfTime == nil)
  }
}
