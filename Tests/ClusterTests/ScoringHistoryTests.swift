import Bytes
import Cluster
import Domain
import Propensity
import Testing

/// What is told of scorings once their outcome windows have passed.
@Suite struct ScoringHistoryTests {
  private static let day: Int64 = 86_400_000
  private static let first = Instant(milliseconds: 44)
  /// A window of a day later, and more.
  private static let later = Instant(milliseconds: 45 + day)

  private func scorings(_ effects: [CoordinatorEffect]) -> [ShardScoring] {
    effects.allSent.compactMap { if case .scoreShard(let scoring) = $0 { scoring } else { nil } }
  }

  private func plans(_ effects: [CoordinatorEffect]) -> [ScoringPlan] {
    effects.allSent.compactMap { if case .planScoring(let plan) = $0 { plan } else { nil } }
  }

  /// A set that is scored as of `first`.
  private func scored(
    workerCount: Int = 2,
    windowDays: UInt32? = 1
  ) throws -> TrainingBench {
    var training = try TrainingBench(workerCount: workerCount)
    training.windowDays = windowDays
    let (_, asked) = try training.beginScoring()
    _ = training.doScorings(in: training.doScorings(in: asked))
    return training
  }

  /// Scores once more; returns what the shards were asked for at last.
  @discardableResult
  private func score(
    _ training: inout TrainingBench,
    asOf: Instant,
    _ token: Text
  ) throws -> [ShardScoring] {
    let (job, asked) = try training.score(training.scoringRequest(token, asOf: asOf))
    let writing = training.doScorings(in: asked)
    _ = training.doScorings(in: writing)
    #expect(try training.job(job).state == .succeeded)
    return scorings(writing)
  }

  private func history(_ training: TrainingBench) -> [PastScoring] {
    training.bench.coordinator.catalogue.histories[training.name]?.scorings ?? []
  }

  private func document(_ training: TrainingBench) -> Value? {
    var training = training
    return training.bench.document(.insights(training.name))["history"]
  }

  /// What all profiles in one piece tell of the first scoring.
  private func expected(_ training: TrainingBench) -> ScoredOutcomes {
    var all = ModelProfiles()
    for shard in training.shards { all.merge(shard) }
    return ModelTraining.outcomes(of: all, at: [Self.first]).first ?? ScoredOutcomes()
  }

  @Test func `until its window has passed a scoring tells what is expected, and when it is known`()
    throws
  {
    var training = try scored()
    try score(&training, asOf: Instant(milliseconds: 43 + Self.day), "early")

    let scorings = try #require(document(training)?["scorings"]?.elements)
    #expect(scorings.count == 2)
    let told = try #require(scorings.last)
    #expect(told["asOf"] == .string(Self.first.iso))
    #expect(told["isKnown"] == .boolean(false))
    #expect(told["windowEnd"] == .string(Instant(milliseconds: 44 + Self.day).iso))
    #expect(told["actualRate"] == nil && told["judged"] == nil)
    let buckets = told["buckets"]?.elements ?? []
    #expect(buckets.map { $0["bucket"]?.text?.string } == ["low", "medium", "high"])
    let now = training.bench.document(.insights(training.name))["buckets"]?.elements ?? []
    #expect(buckets.map { $0["expectedRate"] } == now.map { $0["expectedRate"] })
  }

  @Test(arguments: [1, 3])
  func `the first scoring behind the window tells what came, the same for any number of workers`(
    workerCount: Int
  ) throws {
    var training = try scored(workerCount: workerCount)

    let asked = try score(&training, asOf: Self.later, "later")

    #expect(asked.count == TrainingBench.shardCount)
    #expect(asked.allSatisfy { $0.judged == [Self.first] })
    let expected = expected(training)
    #expect(history(training).map(\.asOf) == [Self.first, Self.later])
    #expect(history(training).first?.fate == .known(expected, asOf: Self.later))
    #expect(history(training).last?.isAwaited == true)
    let told = document(training)?["scorings"]?.elements?.last
    #expect(told?["isKnown"] == .boolean(true))
    #expect(told?["knownAsOf"] == .string(Self.later.iso))
    #expect(told?["judged"] == .integer(60))
    #expect(told?["positives"] == .integer(20))
    #expect(told?["actualRate"] == .double(20.0 / 60))
    let low = told?["buckets"]?.elements?.first
    #expect(low?["judged"] == .integer(25))
    #expect(low?["positives"] == .integer(Int64(expected.positiveCount(of: .low))))
    // Once told, it is not asked for again.
    let third = try score(&training, asOf: Self.later.advanced(byMilliseconds: 1), "third")
    #expect(third.allSatisfy { $0.judged.isEmpty })
    #expect(history(training).first?.fate == .known(expected, asOf: Self.later))
  }

  @Test func `a window that ends behind the last event is not judged, whatever the time is`() throws
  {
    var training = try scored()
    training.lastEvent = Instant(milliseconds: 43 + Self.day)
    let early = try score(&training, asOf: Self.later, "early")
    training.lastEvent = nil
    let without = try score(&training, asOf: Self.later.advanced(byMilliseconds: 1), "without")
    training.lastEvent = Instant(milliseconds: 44 + Self.day)
    let enough = try score(&training, asOf: Self.later.advanced(byMilliseconds: 2), "enough")

    #expect(early.allSatisfy { $0.judged.isEmpty } && without.allSatisfy { $0.judged.isEmpty })
    #expect(enough.allSatisfy { $0.judged == [Self.first] })
    #expect(history(training).first?.isAwaited == false)
  }

  @Test func `attempts that fail, words that come twice and restarts count nobody twice`() throws {
    var training = try scored()
    let (job, asked) = try training.score(training.scoringRequest("later", asOf: Self.later))
    let writing = training.doScorings(in: asked)
    let lost = try #require(training.workers.first)
    // One worker has told everything, the other one nothing.
    let partly = writing.filter { effect in
      guard case .send(let peer, _) = effect else { return false }
      return peer != training.peer(of: lost)
    }
    _ = training.doScorings(in: partly)
    _ = training.doScorings(in: partly)
    try training.kill(lost)
    let again = try training.returnToScoring(lost)
    _ = training.doScorings(in: training.doScorings(in: again))
    #expect(try training.job(job).state == .succeeded)
    let told = history(training)
    _ = training.doScorings(in: writing)

    #expect(told.first?.fate == .known(expected(training), asOf: Self.later))
    #expect(history(training) == told)
    training.bench.restart()
    #expect(history(training) == told)
  }

  @Test(arguments: [true, false])
  func `outcomes that are missing, and a census of another model, void the attempt`(
    hasOutcomes: Bool
  ) throws {
    var training = try scored(workerCount: 1)
    let (job, asked) = try training.score(training.scoringRequest("later", asOf: Self.later))
    let writing = training.doScorings(in: asked)
    let last = try #require(scorings(writing).last)
    let peer = try #require(training.peer(of: training.workers[0]))
    _ = training.doScorings(in: Array(writing.dropLast()))
    var other = ByteWriter()
    ScoringCensus(leaders: []).encode(into: &other)
    var findings = ModelTraining.findings(
      of: training.shards[Int(last.place.shard.number)],
      by: training.model?.file ?? [],
      at: Self.later,
      judged: last.judged
    )
    if hasOutcomes { findings.census = other.bytes } else { findings.outcomes = [] }

    _ = training.handle(
      .worker(peer, .scoresPrepared(last.attempt, last.place, ShardContents(lsn: 9), findings))
    )

    #expect(training.bench.document(.job(job))["phase"] == .string("waiting"))
    #expect(history(training).map(\.isAwaited) == [true])
  }

  @Test func `a coordinator that restarts in between asks for the same again`() throws {
    var training = try scored()
    let (job, asked) = try training.score(training.scoringRequest("later", asOf: Self.later))
    let before = training.doScorings(in: asked)

    training.bench.restart()
    var effects: [CoordinatorEffect] = []
    for worker in training.workers { effects += try training.returnToScoring(worker) }
    let writing = training.doScorings(in: effects)
    _ = training.doScorings(in: writing)

    #expect(plans(effects).first == plans(asked).first)
    #expect(scorings(writing).map(\.judged) == scorings(before).map(\.judged))
    #expect(try training.job(job).state == .succeeded)
    #expect(history(training).first?.fate == .known(expected(training), asOf: Self.later))
  }

  @Test func `scores of the same instant take the place of those before, and do not judge them`()
    throws
  {
    var training = try scored()
    let (job, asked) = try training.score(training.scoringRequest("again"))
    _ = training.doScorings(in: training.doScorings(in: asked))

    #expect(plans(asked).allSatisfy { $0.earlier.isEmpty })
    #expect(history(training).map(\.job) == [job])
    try score(&training, asOf: Self.later, "later")
    #expect(history(training).count == 2)
    try score(&training, asOf: Self.first, "back")
    #expect(history(training).map(\.isAwaited) == [true, true])
  }

  @Test func `each scoring is judged by its own goal and window, also when the instance changes`()
    throws
  {
    var training = try scored()
    training.windowDays = 7
    let between = Instant(milliseconds: 50)
    try score(&training, asOf: between, "between")
    let asked = try score(&training, asOf: Self.later, "later")

    #expect(asked.allSatisfy { $0.judged == [Self.first] })
    #expect(history(training).map(\.isAwaited) == [false, true, true])
    #expect(
      history(training).map { $0.windowEnd.milliseconds - $0.asOf.milliseconds }
        == [Self.day, 7 * Self.day, 7 * Self.day]
    )
  }

  @Test func `a goal over attributes alone has no history, and that is said`() throws {
    var training = try scored(windowDays: nil)
    try score(&training, asOf: Self.later, "later")

    #expect(history(training).isEmpty)
    #expect(document(training)?["hasOutcomeWindow"] == .boolean(false))
    #expect(document(training)?["scorings"] == .array([]))
    let remark = document(training)?["remark"]?.text?.string ?? ""
    #expect(remark.contains("over attributes alone"))
  }

  @Test func `so many scorings wait for their outcomes, and one more is not followed`() throws {
    var history = ScoringHistory()
    var random = RandomMessages(seed: 7)
    var past = random.pastScoring()
    past.setName = try #require(Name("customers"))
    let catalogue = history
    #expect(catalogue.scorings.isEmpty)
    func fill(_ instants: Range<Int>, _ fate: PastScoring.Fate) {
      for number in instants {
        past.asOf = Instant(milliseconds: Int64(number))
        past.fate = fate
        history.add(past)
      }
    }
    let count = ScoringHistory.awaitedCountMax
    fill(0..<count + 5, .awaited(outcome: []))

    #expect(history.awaited(in: past.setName).map(\.asOf.milliseconds) == Array(0..<Int64(count)))
    let known = ScoringHistory.knownCountMax
    for number in 0..<Int64(known + 3) {
      var awaited = past
      awaited.asOf = Instant(milliseconds: number + 1_000)
      history.take(
        OutcomeNews(
          awaited: awaited,
          known: history.scorings.filter(\.isAwaited).prefix(1).map {
            OutcomeNews.Known(asOf: $0.asOf, outcomes: random.outcomes())
          }
        ),
        of: past.setName,
        asOf: awaited.asOf
      )
    }
    #expect(history.scorings.count { !$0.isAwaited } == known)
    #expect(history.awaited(in: past.setName).count == count)
    #expect(history.scorings.map(\.asOf) == history.scorings.map(\.asOf).sorted())
    history.forget(past.setName)
    #expect(history.scorings.isEmpty)
  }
}
