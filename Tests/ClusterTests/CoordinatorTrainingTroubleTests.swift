import Bytes
import Cluster
import Domain
import Propensity
import Testing

/// What may go wrong with a training, and what is said then.
@Suite struct CoordinatorTrainingTroubleTests {
  private func failure(_ training: TrainingBench, _ job: JobID) throws -> ClusterError {
    let record = try training.job(job)
    #expect(record.state == .failed)
    #expect(training.model == nil)
    return try #require(record.failure)
  }

  @Test func `too few rows of either outcome are told with their numbers and what to do`() throws {
    var training = try TrainingBench(workerCount: 2, profileCount: 20)
    let job = try training.begin()
    try training.finishAll()

    let error = try failure(training, job)

    #expect(error.code == .notTrainable)
    let words = error.message.string
    #expect(words.contains("of the 800 rows"), "\(words)")
    #expect(words.contains("at least 500 of either are needed"), "\(words)")
    #expect(error.next?.string.contains("widen 'eligible'") == true)
  }

  @Test func `no eligible profile at all is told as that`() throws {
    var training = try TrainingBench(workerCount: 1, profileCount: 0)
    let job = try training.begin()
    try training.finishAll()

    let error = try failure(training, job)

    #expect(error.code == .notTrainable)
    #expect(error.message.string.hasPrefix("no profile is eligible at 1970-01-01"))
  }

  @Test func `an instance that cannot be planned fails as what is wrong with it says`() throws {
    var training = try TrainingBench(workerCount: 2)
    let error = ClusterError(.badInstance, "the field 'goal' names 'Chrun', which no profile has")
    training.planning = .failure(error)
    let job = try training.begin()
    try training.finishAll()

    #expect(try failure(training, job) == error)
  }

  @Test func `a goal in time needs events, and enough time before its outcome window`() throws {
    func error(eventsOf profileCount: UInt16) throws -> ClusterError {
      var training = try TrainingBench(workerCount: 2, profileCount: profileCount)
      training.planning = .success(
        PlannedFeatures(plan: [], hasOutcomeWindow: true, omitted: [])
      )
      let job = try training.begin()
      try training.finishAll()
      return try failure(training, job)
    }

    let none = try error(eventsOf: 0)
    let few = try error(eventsOf: 60)

    #expect(none.code == .notTrainable)
    #expect(none.message == "the goal is about events, and the set has none")
    #expect(few.code == .notTrainable)
    #expect(few.message.string.hasSuffix("an outcome window of 30 days"))
  }

  @Test func `an instance that workers cannot use fails once, in their words`() throws {
    var training = try TrainingBench(workerCount: 2)
    let job = try training.begin()
    let (peer, task, _) = try training.answer(0)
    let failure = WorkFailure(
      code: WorkFailure.badInstanceCode,
      message: "the field 'goal' names 'Chrun', which no profile has; did you mean 'Churn'?",
      isRetryable: false
    )
    let effects = training.handle(.worker(peer, .roundFailed(task, failure)))

    let error = try self.failure(training, job)
    #expect(error.code == .badInstance)
    #expect(error.message == failure.message)
    let told = effects.allSent.filter { $0 == .endRounds(job) }
    #expect(told.count == 2, "both workers forget the training")
  }

  @Test func `a part that fails is tried again, and the third time is the last`() throws {
    var training = try TrainingBench(workerCount: 1)
    let job = try training.begin()
    let failure = WorkFailure(code: "DISK", message: "the disk is tired", isRetryable: true)
    for _ in 0..<Coordinator.taskFailureCountMax {
      #expect(try training.job(job).state == .running)
      let (peer, task, _) = try training.answer(0)
      _ = training.handle(.worker(peer, .roundFailed(task, failure)))
      training.pass(Coordinator.taskRetryMilliseconds)
    }

    let error = try self.failure(training, job)
    #expect(error.code == .failed)
    #expect(
      error.message == "the part of worker 'w0' failed 3 times: the disk is tired (DISK)"
    )
  }

  @Test func `a job waits for a worker that is away as long as it may, and says for whom`() throws {
    var training = try TrainingBench(workerCount: 2)
    let job = try training.begin(training.request(timeoutMilliseconds: 20_000))
    let lost = try #require(training.workers.first)
    try training.kill(lost)
    while !training.open.isEmpty { try training.finish() }

    let document = training.bench.document(.job(job))
    #expect(document["phase"] == .string("waiting"))
    #expect(document["reason"]?.text?.string.hasPrefix("it waits for worker 'w0'") == true)
    training.pass(19_000)
    #expect(try training.job(job).state == .running)
    training.pass(2_000)

    let error = try failure(training, job)
    #expect(error.code == .noCopy)
    #expect(error.message.string.hasPrefix("the job waited 20 s"))
  }

  @Test func `a cancelled training leaves no model, and workers forget it`() throws {
    var training = try TrainingBench(workerCount: 2)
    let job = try training.begin()
    for _ in 0..<10 { try training.finish() }

    let effects = training.bench.ask(training.client, .cancelJob(job))

    #expect(try training.job(job).state == .cancelled)
    #expect(training.model == nil)
    #expect(effects.allSent.filter { $0 == .endRounds(job) }.count == 2)
  }

  @Test func `what is being trained is neither trained twice nor deleted, nor its set dropped`()
    throws
  {
    var training = try TrainingBench(workerCount: 1)
    let job = try training.begin()

    let twice = training.bench.reply(to: .train(training.request("other")))
    let deleted = training.bench.reply(to: .deleteInstances([training.name]))
    let dropped = training.bench.reply(to: .dropSet(training.set))

    for reply in [twice, deleted, dropped] {
      #expect(reply?.error?.code == .busy)
      #expect(reply?.error?.message.string.contains("\(job)") == true)
    }
  }

  @Test func `what is not there is named`() throws {
    var training = try TrainingBench(workerCount: 1)
    let other = try #require(Name("other"))
    var request = training.request()
    request.instance = other
    var elsewhere = training.request()
    elsewhere.set = other

    #expect(training.bench.reply(to: .train(request))?.error?.code == .noSuchInstance)
    #expect(training.bench.reply(to: .train(elsewhere))?.error?.code == .noSuchSet)
    #expect(training.bench.reply(to: .instance(other))?.error?.code == .noSuchInstance)
    #expect(training.bench.reply(to: .model(other))?.error?.code == .noSuchInstance)
    #expect(training.bench.reply(to: .model(training.name))?.error?.code == .noSuchModel)
    #expect(
      training.bench.reply(to: .deleteInstances([other]))?.error?.code == .noSuchInstance
    )
  }
}
