import Bytes
import Cluster
import Domain
import Propensity
import Testing

/// A scoring from its acceptance to its commit.
@Suite struct CoordinatorScoringTests {
  private func scorings(_ effects: [CoordinatorEffect]) -> [ShardScoring] {
    effects.allSent.compactMap { if case .scoreShard(let scoring) = $0 { scoring } else { nil } }
  }

  @Test func `margins are counted on all shards, and then all write scores with one table`() throws
  {
    var training = try TrainingBench(workerCount: 2)
    let (job, asked) = try training.beginScoring()

    let counting = scorings(asked)
    let next = training.doScorings(in: asked)
    let writing = scorings(next)

    #expect(counting.count == TrainingBench.shardCount)
    #expect(counting.allSatisfy { $0.percentiles.isEmpty })
    #expect(writing.count == TrainingBench.shardCount)
    var counts = MarginCounts()
    for shard in training.shards {
      var reader = ByteReader(ModelTraining.counts(of: shard.rowCounts.keys.sorted()))
      counts.add(try MarginCounts(from: &reader))
    }
    let expected = PercentileTable(margins: counts).percentiles
    #expect(writing.allSatisfy { $0.percentiles == expected })
    #expect(training.bench.document(.job(job))["phase"] == .string("preparing"))
  }

  @Test func `scores are committed at once on all shards, after they are durable everywhere`()
    throws
  {
    var training = try TrainingBench(workerCount: 3)
    let (job, asked) = try training.beginScoring()
    let ends = training.doScorings(in: training.doScorings(in: asked))

    let durable = try #require(ends.position { if case .persist = $0 { true } else { false } })
    let told = try #require(
      ends.position { if case .send(_, .commitImport) = $0 { true } else { false } }
    )
    #expect(durable < told)
    let set = try #require(training.bench.coordinator.catalogue.set(named: training.set))
    #expect(set.lastImport?.job == job)
    #expect(set.profileCount == 60)
    let fields = set.schema.profile.fields["covey"]?.fields["propensity"]?.fields["churn"]?.fields
    #expect(fields?["score"]?.typeName == "integer")
    #expect(fields?["score"]?.count == 60)
    let document = training.bench.document(.job(job))
    #expect(document["state"] == .string("done"))
    #expect(document["kind"] == .string("score"))
    #expect(document["scored"] == .integer(60))
    #expect(document["modelVersion"] == .integer(1))
  }

  @Test func `what a scoring found is told, the same for any number of workers`() throws {
    func insights(workerCount: Int) throws -> (before: Value, after: Value) {
      var training = try TrainingBench(workerCount: workerCount)
      let (_, asked) = try training.beginScoring()
      let before = training.bench.document(.insights(training.name))
      _ = training.doScorings(in: training.doScorings(in: asked))
      return (before, training.bench.document(.insights(training.name)))
    }
    let (before, after) = try insights(workerCount: 1)

    #expect(before["quality"]?["areaUnderCurve"]?.number ?? 0 > 0.7)
    #expect(before["scoring"] == nil && before["buckets"] == nil)
    #expect(before["next"] == .string("covey propensity score churn"))
    #expect(after["next"] == nil)
    #expect(after["scoring"]?["scored"] == .integer(60))
    let counts = after["scores"]?.elements?.compactMap(\.integer) ?? []
    #expect(counts.count == 101)
    #expect(counts.reduce(0, +) == 2_400)
    let buckets = after["buckets"]?.elements ?? []
    #expect(buckets.map { $0["bucket"]?.text?.string } == ["low", "medium", "high"])
    #expect(buckets.compactMap { $0["profiles"]?.integer }.reduce(0, +) == 2_400)
    for bucket in buckets {
      for factor in bucket["factors"]?.elements ?? [] {
        let values = factor["values"]?.elements ?? []
        let shares = values.compactMap { $0["share"]?.number }.reduce(0, +)
        #expect(abs(shares - 1) < 1e-9, "\(factor)")
      }
    }
    #expect(buckets.last?["factors"]?.elements?.first?["code"] != nil)
    let drift = after["drift"]?["features"]?.elements ?? []
    // The rows are those trained on.
    #expect(!drift.isEmpty && drift.allSatisfy { $0["index"]?.number == 0 }, "\(drift)")

    let three = try insights(workerCount: 3)
    for member in ["quality", "scores", "buckets", "drift", "warnings"] as [Text] {
      #expect(three.after[member] == after[member])
    }
  }

  @Test func `a model that was trained after the last scoring has nothing to tell of it`() throws {
    var training = try TrainingBench(workerCount: 1)
    let (_, asked) = try training.beginScoring()
    _ = training.doScorings(in: training.doScorings(in: asked))
    _ = try training.begin(training.request("again"))
    try training.finishAll()

    let insights = training.bench.document(.insights(training.name))

    #expect(insights["model"]?["version"] == .integer(2))
    #expect(insights["scoring"]?["isOfModel"] == .boolean(false))
    #expect(insights["buckets"] == nil)
    #expect(insights["next"] == .string("covey propensity score churn"))
  }

  @Test func `what a worker tells of scores and cannot be read voids the attempt`() throws {
    var training = try TrainingBench(workerCount: 1)
    let (job, asked) = try training.beginScoring()
    let writing = training.doScorings(in: asked)
    let scoring = try #require(scorings(writing).first)
    let worker = try #require(training.peer(of: training.workers[0]))

    let effects = training.handle(
      .worker(
        worker,
        .scoresPrepared(
          scoring.attempt,
          scoring.place,
          ShardContents(lsn: 9),
          ShardFindings(census: [0xFF])
        )
      )
    )

    #expect(training.bench.document(.job(job))["phase"] == .string("waiting"))
    #expect(effects.allSent.contains { if case .abortImport = $0 { true } else { false } })
  }

  @Test func `a profile's score is asked of the worker that holds it, once there are scores`()
    throws
  {
    var training = try TrainingBench(workerCount: 2)
    let key = ModelRow.key(7)
    let request = ClientRequest.explainScore(set: training.set, instance: training.name, key)
    let untrained = training.bench.reply(to: request)
    let (_, asked) = try training.beginScoring()
    let unscored = training.bench.reply(to: request)
    _ = training.doScorings(in: training.doScorings(in: asked))
    let effects = training.bench.ask(training.client, request)

    #expect(untrained?.error?.code == .noSuchModel)
    #expect(unscored?.error?.code == .notScored)
    #expect(unscored?.error?.next == "covey propensity score churn --set customers")
    let questions = effects.allSent.compactMap { message -> (ShardPlace, ScoreQuestion)? in
      guard case .query(_, let place, _, .explainScore(let question)) = message else { return nil }
      return (place, question)
    }
    let (place, question) = try #require(questions.first)
    #expect(questions.count == 1)
    #expect(place.shard == key.shard(of: TrainingBench.shardCount))
    #expect(question.key == key && question.asOf == Instant(milliseconds: 44))
    #expect(question.model == training.model?.file)
    #expect(question.percentiles.count == MarginCounts.bucketCount)
  }

  @Test func `a worker's leaving voids the attempt, and its return begins another one`() throws {
    var training = try TrainingBench(workerCount: 2)
    let (job, asked) = try training.beginScoring()
    let writing = training.doScorings(in: asked)
    let lost = try #require(training.workers.first)
    try training.kill(lost)
    let late = training.doScorings(in: writing)
    #expect(try training.job(job).state == .running)
    #expect(training.bench.document(.job(job))["phase"] == .string("waiting"))
    #expect(late.records.isEmpty)

    let back = try training.returnToScoring(lost)
    let again = scorings(back)
    #expect(again.count == TrainingBench.shardCount)
    #expect(again.allSatisfy { $0.percentiles.isEmpty && $0.attempt.attempt == 2 })
    _ = training.doScorings(in: training.doScorings(in: back))

    #expect(try training.job(job).state == .succeeded)
  }

  @Test func `a shard that fails is tried again, and the third time is the last`() throws {
    var training = try TrainingBench(workerCount: 1)
    var (job, asked) = try training.beginScoring()
    let failure = WorkFailure(code: "DISK_FULL", message: "the disk is full", isRetryable: true)
    for _ in 0..<Coordinator.taskFailureCountMax {
      #expect(try training.job(job).state == .running)
      let scoring = try #require(scorings(asked).first)
      let worker = try #require(training.peer(of: training.workers[0]))
      _ = training.handle(
        .worker(worker, .importFailed(scoring.attempt, scoring.place, failure))
      )
      asked = training.bench.pass(Coordinator.taskRetryMilliseconds)
    }

    let record = try training.job(job)
    #expect(record.state == .failed)
    #expect(record.failure?.message.string.contains("the disk is full (DISK_FULL)") == true)
  }

  @Test
  func `a scoring whose pause is over waits for its worker, and not for time that has passed`()
    throws
  {
    var training = try TrainingBench(workerCount: 2)
    let (job, asked) = try training.beginScoring()
    let scoring = try #require(scorings(asked).first)
    let set = try #require(training.bench.coordinator.catalogue.set(named: training.set))
    let owner = set.owners[Int(scoring.place.shard.number)]
    let failure = WorkFailure(code: "DISK_FULL", message: "the disk is full", isRetryable: true)
    let worker = try #require(training.peer(of: owner))
    _ = training.handle(.worker(worker, .importFailed(scoring.attempt, scoring.place, failure)))
    try training.kill(owner)

    training.bench.now += Coordinator.taskRetryMilliseconds
    _ = training.handle(.tick)

    let deadline = try #require(training.bench.coordinator.nextDeadline)
    #expect(training.bench.now < deadline)
    #expect(try training.job(job).state == .running)
    #expect(scorings(try training.returnToScoring(owner)).count == TrainingBench.shardCount)
  }

  @Test func `a coordinator that restarts goes on with a new attempt`() throws {
    var training = try TrainingBench(workerCount: 2)
    let (job, asked) = try training.beginScoring()
    _ = training.doScorings(in: asked)

    training.bench.restart()
    var effects: [CoordinatorEffect] = []
    for worker in training.workers { effects += try training.returnToScoring(worker) }
    let again = scorings(effects)

    #expect(again.count == TrainingBench.shardCount)
    #expect(again.allSatisfy { $0.attempt == ImportAttempt(job: job, attempt: 2) })
    _ = training.doScorings(in: training.doScorings(in: effects))
    #expect(try training.job(job).state == .succeeded)
  }

  @Test func `one change of a set at a time, and one token is one job`() throws {
    var training = try TrainingBench(workerCount: 1)
    let (job, _) = try training.beginScoring()

    let same = training.bench.reply(to: .score(training.scoringRequest()))
    let twice = training.bench.reply(to: .score(training.scoringRequest("other")))
    let imported = training.bench.reply(to: .beginImport(training.importSpecification))
    let deleted = training.bench.reply(to: .deleteInstances([training.name]))
    let dropped = training.bench.reply(to: .dropSet(training.set))

    #expect(same == .accepted(job))
    for reply in [twice, imported, deleted, dropped] { #expect(reply?.error?.code == .busy) }
  }

  @Test func `a cancelled scoring leaves nothing on any shard`() throws {
    var training = try TrainingBench(workerCount: 2)
    let (job, asked) = try training.beginScoring()
    _ = training.doScorings(in: asked)

    let effects = training.bench.ask(training.client, .cancelJob(job))

    #expect(try training.job(job).state == .cancelled)
    let aborted = effects.allSent.filter { if case .abortImport = $0 { true } else { false } }
    #expect(aborted.count == TrainingBench.shardCount)
    let set = try #require(training.bench.coordinator.catalogue.set(named: training.set))
    #expect(set.schema.profile.fields["covey"] == nil)
  }

  @Test func `without a model there are no scores, and those of a poor one only when forced`()
    throws
  {
    var instance = ModelTraining.instance("churn")
    instance.training.treeCountMax = 1
    instance.training.leafCountMax = 2
    instance.training.learningRate = 0.01
    var training = try TrainingBench(workerCount: 1, instance: instance)
    let untrained = training.bench.reply(to: .score(training.scoringRequest()))
    _ = try training.begin()
    try training.finishAll()
    let area = training.model?.report["quality"]?["areaUnderCurve"]?.number ?? 1
    try #require(area < ModelReport.areaMin, "area \(area)")

    let refused = training.bench.reply(to: .score(training.scoringRequest()))
    let forced = training.bench.reply(to: .score(training.scoringRequest(isForced: true)))

    #expect(untrained?.error?.code == .noSuchModel)
    #expect(refused?.error?.code == .notTrainable)
    #expect(refused?.error?.message.string.contains("model quality is poor") == true)
    guard case .accepted? = forced else {
      Issue.record("\(String(describing: forced))")
      return
    }
  }
}
