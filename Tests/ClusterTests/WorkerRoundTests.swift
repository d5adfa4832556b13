import Bytes
import Cluster
import Domain
import Testing

/// A worker's part in the rounds of a training.
@Suite struct WorkerRoundTests {
  private static let job = JobID(8)

  private static let plan = RoundPlan(
    job: job,
    set: SetID(1),
    asOf: Instant(milliseconds: 0),
    contents: [Bench.contents],
    instance: [1]
  )

  private static func task(_ round: UInt32, attempt: UInt32 = 1) -> RoundTask {
    RoundTask(
      job: job,
      set: SetID(1),
      round: round,
      attempt: attempt,
      shards: [ShardIndex(0)]
    )
  }

  private func bench() throws -> Bench {
    var bench = try Bench()
    _ = bench.join()
    _ = bench.handle(.message(PeerID(1), .planRounds(Self.plan)))
    return bench
  }

  @Test func `a part is done with the plan that was told, and its answers reported`() throws {
    var bench = try bench()
    let task = Self.task(1)

    let asked = bench.handle(.message(PeerID(1), .runRound(task, work: [7])))
    let first = bench.handle(.completed(.roundAnswer(task, index: 0, answer: [8])))
    let done = bench.handle(.completed(.roundDone(task, answer: [9])))
    let late = bench.handle(.completed(.roundAnswer(task, index: 0, answer: [8])))

    #expect(asked == [.perform(.runRound(Self.plan, task, work: [7]))])
    #expect(first == [.send(PeerID(1), .roundAnswer(task, index: 0, answer: [8]))])
    #expect(late == [])
    #expect(done == [.send(PeerID(1), .roundDone(task, answer: [9]))])
  }

  @Test func `a part without a plan is a failure that may be tried again`() throws {
    var bench = try Bench()
    _ = bench.join()

    let effects = bench.handle(.message(PeerID(1), .runRound(Self.task(1), work: [])))

    guard case .send(_, .roundFailed(Self.task(1), let failure))? = effects.first else {
      Issue.record("\(effects)")
      return
    }
    #expect(failure.code == "NO_PLAN")
    #expect(failure.isRetryable)
  }

  @Test func `only the part that was asked for last is reported`() throws {
    var bench = try bench()
    _ = bench.handle(.message(PeerID(1), .runRound(Self.task(1), work: [])))
    _ = bench.handle(.message(PeerID(1), .runRound(Self.task(1, attempt: 2), work: [])))

    #expect(bench.handle(.completed(.roundDone(Self.task(1), answer: []))) == [])
    let done = bench.handle(.completed(.roundDone(Self.task(1, attempt: 2), answer: [])))

    #expect(done.count == 1)
  }

  @Test func `all parts of a try are reported, and none after one that failed`() throws {
    var bench = try bench()
    for round: UInt32 in 1...3 {
      _ = bench.handle(.message(PeerID(1), .runRound(Self.task(round), work: [])))
    }
    let failure = WorkFailure(code: "DISK", message: "the disk is tired", isRetryable: true)

    let first = bench.handle(.completed(.roundDone(Self.task(1), answer: [9])))
    let second = bench.handle(.completed(.roundFailed(Self.task(2), failure)))
    let third = bench.handle(.completed(.roundDone(Self.task(3), answer: [9])))

    #expect(first == [.send(PeerID(1), .roundDone(Self.task(1), answer: [9]))])
    #expect(second == [.send(PeerID(1), .roundFailed(Self.task(2), failure))])
    #expect(third == [])
  }

  @Test func `what is kept is forgotten at the end, and nothing of it reported`() throws {
    var bench = try bench()
    _ = bench.handle(.message(PeerID(1), .runRound(Self.task(1), work: [])))

    let ended = bench.handle(.message(PeerID(1), .endRounds(Self.job)))

    #expect(ended == [.perform(.endRounds(Self.job))])
    #expect(bench.handle(.completed(.roundDone(Self.task(1), answer: []))) == [])
  }

  @Test
  func `a shard is scored with the plan that was told, and what it prepares is in the inventory`()
    throws
  {
    var bench = try Bench()
    _ = bench.join()
    let plan = ScoringPlan(
      job: Self.job,
      instance: try #require(Name("churn")),
      modelVersion: 1,
      asOf: Instant(milliseconds: 0),
      features: [],
      model: [],
      keepsOthers: false,
      earlier: []
    )
    let attempt = ImportAttempt(job: Self.job, attempt: 1)
    let scoring = ShardScoring(
      attempt: attempt,
      place: Bench.place,
      contents: Bench.contents,
      percentiles: [1]
    )

    let measure = ShardMeasure(margins: [5], lastEvent: nil, outcome: nil, met: nil)
    let early = bench.handle(.message(PeerID(1), .scoreShard(scoring)))
    _ = bench.handle(.message(PeerID(1), .planScoring(plan)))
    let asked = bench.handle(.message(PeerID(1), .scoreShard(scoring)))
    let counted = bench.handle(.completed(.marginsCounted(attempt, Bench.place, measure)))
    let prepared = bench.handle(
      .completed(.importPrepared(attempt, Bench.place, Bench.contents))
    )

    guard case .send(_, .importFailed(attempt, Bench.place, let failure))? = early.first else {
      Issue.record("\(early)")
      return
    }
    #expect(failure.code == "NO_PLAN")
    #expect(asked == [.perform(.scoreShard(plan, scoring))])
    #expect(counted == [.send(PeerID(1), .marginsCounted(attempt, Bench.place, measure))])
    #expect(prepared == [.send(PeerID(1), .importPrepared(attempt, Bench.place, Bench.contents))])
    #expect(bench.worker.inventory.first?.prepared == [attempt])
  }

  @Test func `rows of a scoring that were not prepared are void when the coordinator is lost`()
    throws
  {
    var bench = try Bench()
    _ = bench.join()
    let plan = ScoringPlan(
      job: Self.job,
      instance: try #require(Name("churn")),
      modelVersion: 1,
      asOf: Instant(milliseconds: 0),
      features: [],
      model: [],
      keepsOthers: false,
      earlier: []
    )
    let scoring = ShardScoring(
      attempt: ImportAttempt(job: Self.job, attempt: 1),
      place: Bench.place,
      contents: Bench.contents,
      percentiles: [1]
    )
    _ = bench.handle(.message(PeerID(1), .planScoring(plan)))
    _ = bench.handle(.message(PeerID(1), .scoreShard(scoring)))

    let effects = bench.handle(.disconnected(PeerID(1), reason: "gone"))

    #expect(bench.performed(effects) == [.abortImport(Self.job, Bench.place)])
  }

  @Test func `a worker that lost its coordinator forgets all trainings`() throws {
    var bench = try bench()
    _ = bench.handle(.message(PeerID(1), .runRound(Self.task(1), work: [])))

    let effects = bench.handle(.disconnected(PeerID(1), reason: "gone"))

    #expect(bench.performed(effects) == [.endRounds(Self.job)])
    _ = bench.join(2)
    #expect(bench.handle(.completed(.roundDone(Self.task(1), answer: []))) == [])
  }
}
