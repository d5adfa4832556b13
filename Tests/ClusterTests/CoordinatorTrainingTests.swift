import Bytes
import Cluster
import Domain
import Propensity
import Testing

/// A training from its acceptance to its model.
@Suite struct CoordinatorTrainingTests {
  @Test(arguments: [1, 2, 3, 7])
  func `the model is the same bytes for any number of workers`(workerCount: Int) throws {
    var training = try TrainingBench(workerCount: workerCount)
    let job = try training.begin()

    try training.finishAll()

    let model = try #require(training.model)
    #expect(model.file == (try training.expectedFile()))
    #expect(try PropensityModel(decoding: model.file).trees.count > 1)
    #expect(model.version == 1)
    #expect(model.job == job)
    #expect(try training.job(job).state == .succeeded)
  }

  @Test(arguments: 1..<13 as Range<UInt64>)
  func `and with workers killed at any round, and answers in any order`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var training = try TrainingBench(workerCount: [1, 2, 3, 7][random.below(4)])
    let job = try training.begin()
    var away: [Name] = []
    var killCount = 0

    while try training.job(job).state == .running {
      if random.oneIn(6), let worker = training.workers.randomElement(using: &random),
        !away.contains(worker)
      {
        if random.oneIn(2), let index = training.open.firstIndex(where: { $0.worker == worker }) {
          try training.finishAlmost(index)
        } else {
          try training.kill(worker)
        }
        away.append(worker)
        killCount += 1
      }
      if let worker = away.first, training.open.isEmpty || random.oneIn(3) {
        away.removeFirst()
        try training.restart(worker)
      }
      if !training.open.isEmpty { try training.finish(random.below(training.open.count)) }
    }

    #expect(training.model?.file == (try training.expectedFile()), "seed \(seed)")
    #expect(killCount > 0, "seed \(seed)")
  }

  @Test func `a worker that comes back carries out all orders so far, and the others none again`()
    throws
  {
    var training = try TrainingBench(workerCount: 2)
    _ = try training.begin()
    // Into the second tree.
    while training.open.first?.task.round ?? 0 < 10 { try training.finish() }
    let lost = try #require(training.workers.first)
    try training.kill(lost)
    let kept = training.open.map(\.worker)
    try training.restart(lost)

    let (worker, _, work) = try #require(training.open.last)

    #expect(kept == [training.workers[1]])
    #expect(worker == lost)
    guard case .begin(_, _, let orders, _) = work, case .resume(_, _, let trees)? = orders.first
    else {
      Issue.record("\(work)")
      return
    }
    #expect(!trees.isEmpty)
  }

  @Test func `an answer that comes twice or late counts once`() throws {
    var training = try TrainingBench(workerCount: 2)
    let job = try training.begin()
    let (peer, task, answer) = try training.answer(0)
    _ = training.handle(.worker(peer, .roundDone(task, answer: answer)))
    _ = training.handle(.worker(peer, .roundDone(task, answer: answer)))

    #expect(training.open.count == 1, "the other worker's part is still missing")
    try training.finish()
    _ = training.handle(.worker(peer, .roundDone(task, answer: answer)))
    try training.finishAll()

    #expect(training.model?.file == (try training.expectedFile()))
    let late = training.handle(.worker(peer, .roundDone(task, answer: answer)))
    #expect(late.sent(to: peer) == [.endRounds(job)], "who reports on what is over is told so")
  }

  @Test func `answers before the last one count once, in their order, and not without it`() throws {
    var training = try TrainingBench(workerCount: 2)
    _ = try training.begin()
    func openWork() -> Int {
      guard case .next(let orders)? = training.open.first?.work else { return 1 }
      return orders.count
    }
    while openWork() < 2 { try training.finish() }
    let round = try #require(training.open.first?.task.round)
    let (peer, task, answers) = try training.answers(0)
    func tell(_ index: Int) {
      _ = training.handle(
        .worker(peer, .roundAnswer(task, index: UInt32(index), answer: answers[index]))
      )
    }

    tell(0)
    tell(0)
    #expect(training.open.map(\.task.round) == [round], "the other worker's part is missing")
    try training.finish()
    let before = training.open.count
    _ = training.handle(.worker(peer, .roundDone(task, answer: try #require(answers.last))))
    #expect(training.open.count > before, "the last answer was missing")
    let (other, next, _) = try training.answers(0)
    _ = training.handle(.worker(other, .roundAnswer(next, index: 7, answer: answers[0])))
    training.pass(Coordinator.taskRetryMilliseconds)
    #expect(training.open.contains { $0.task.attempt == next.attempt + 1 }, "it skipped some")
    try training.finishAll()

    #expect(training.model?.file == (try training.expectedFile()))
  }

  @Test func `an answer of all leads to the next round while further ones are to come`() throws {
    var training = try TrainingBench(workerCount: 2)
    _ = try training.begin()
    func openWork() -> Int {
      guard case .next(let orders)? = training.open.first?.work else { return 1 }
      return orders.count
    }
    var told: [(peer: PeerID, RoundTask, answers: [[UInt8]])] = []
    var round: UInt32 = 0
    // Until first answers lead to a split, which they need not.
    while told.isEmpty {
      while openWork() < 2 { try training.finish() }
      round = try #require(training.open.first?.task.round)
      told = try [training.answers(0), training.answers(0)]
      for (peer, task, answers) in told {
        _ = training.handle(.worker(peer, .roundAnswer(task, index: 0, answer: answers[0])))
      }
      guard training.open.isEmpty else { break }
      for (peer, task, answers) in told {
        _ = training.handle(.worker(peer, .roundDone(task, answer: try #require(answers.last))))
      }
      told = []
    }

    #expect(training.open.map(\.task.round) == [round + 1, round + 1])
    #expect(training.open.map(\.task.attempt) == told.map(\.1.attempt), "it is the same try")
    try training.kill(training.workers[0])
    try training.restart(training.workers[0])
    let again = try #require(training.open.last?.work)
    guard case .begin(_, _, _, let answerCount) = again else {
      Issue.record("\(again)")
      return
    }
    #expect(answerCount == 2, "one was taken, and one is new")
    _ = training.handle(
      .worker(told[1].peer, .roundDone(told[1].1, answer: try #require(told[1].answers.last)))
    )
    try training.finishAll()

    #expect(training.model?.file == (try training.expectedFile()))
  }

  @Test func `an answer that cannot be read is asked for again, from the rows on`() throws {
    var training = try TrainingBench(workerCount: 1)
    let job = try training.begin()
    while training.open.first?.task.round ?? 0 < 9 { try training.finish() }
    let (peer, task, _) = try training.answer(0)

    _ = training.handle(.worker(peer, .roundDone(task, answer: [1, 2, 3])))
    #expect(training.open.isEmpty)
    training.pass(Coordinator.taskRetryMilliseconds)

    let again = try #require(training.open.first)
    #expect(again.task.attempt == task.attempt + 1)
    #expect(again.task.round == task.round)
    if case .next = again.work { Issue.record("\(again.work)") }
    try training.finishAll()
    #expect(training.model?.file == (try training.expectedFile()))
    #expect(try training.job(job).state == .succeeded)
  }

  @Test func `a coordinator that restarts begins the training anew and gets the same model`() throws
  {
    var training = try TrainingBench(workerCount: 3)
    let job = try training.begin()
    for _ in 0..<20 { try training.finish() }

    try training.restartCoordinator()
    #expect(training.open.allSatisfy { $0.work == .surveyData })
    try training.finishAll()

    #expect(training.model?.file == (try training.expectedFile()))
    #expect(training.model?.job == job)
  }

  @Test func `the model is durable before anybody is told that the training is over`() throws {
    var training = try TrainingBench(workerCount: 1)
    _ = try training.begin()
    var effects: [CoordinatorEffect] = []
    while !training.open.isEmpty { effects = try training.finish() }

    let durable = try #require(effects.position { if case .persist = $0 { true } else { false } })
    let told = try #require(
      effects.position { if case .send(_, .endRounds) = $0 { true } else { false } }
    )
    #expect(durable < told)
    guard case .persist(let records) = effects[durable] else { return }
    #expect(records.count == 1)
  }

  @Test func `a training that is trained again has a higher version, and one token is one job`()
    throws
  {
    var training = try TrainingBench(workerCount: 1)
    let first = try training.begin()
    let same = try training.begin()
    try training.finishAll()
    let second = try training.begin(training.request("other"))
    try training.finishAll()

    #expect(first == same)
    #expect(second != first)
    #expect(training.model?.version == 2)
    #expect(training.model?.job == second)
    let earlier = training.bench.document(.job(first))
    #expect(earlier["modelVersion"] == .integer(1))
    #expect(earlier["done"] == training.model?.report["trees"])
    #expect(earlier["report"] == nil)
  }

  @Test func `imports are committed when the training has ended`() throws {
    var training = try TrainingBench(workerCount: 1)
    let job = try training.begin()
    let attempt = try training.openImport()
    let counts = [UInt32](repeating: 0, count: TrainingBench.shardCount)
    training.bench.ask(
      training.client,
      .finishImport(attempt, ImportTotals(), batchCounts: counts)
    )
    let peer = try #require(training.open.first).task
    let set = try #require(training.bench.coordinator.catalogue.set(named: training.set))
    let worker = try training.answer(0)
    for shard in 0..<TrainingBench.shardCount {
      let place = ShardPlace(set: set.id, shard: ShardIndex(UInt32(shard)))
      let contents = ShardContents(lsn: 1, profileCount: 1, eventCount: 0)
      _ = training.handle(.worker(worker.peer, .importPrepared(attempt, place, contents)))
    }

    #expect(training.bench.coordinator.catalogue.set(named: training.set)?.lastImport == nil)
    _ = training.handle(.worker(worker.peer, .roundDone(peer, answer: worker.answer)))
    try training.finishAll()

    #expect(try training.job(job).state == .succeeded)
    #expect(training.bench.coordinator.catalogue.set(named: training.set)?.lastImport == attempt)
  }

  @Test func `once a tree has grown it is told how long the rest takes at most`() throws {
    var training = try TrainingBench(workerCount: 1)
    let job = try training.begin()
    var lefts: [(trees: Int64, milliseconds: Int64)] = []
    while !training.open.isEmpty {
      training.bench.now += 100
      try training.finish()
      let document = training.bench.document(.job(job))
      guard let left = document["millisecondsLeft"]?.integer else { continue }
      lefts.append((document["done"]?.integer ?? 0, left))
    }

    #expect(lefts.allSatisfy { $0.trees > 0 && $0.milliseconds >= 0 })
    let first = try #require(lefts.first { $0.trees == 1 })
    let second = try #require(lefts.first { $0.trees == 2 })
    #expect(first.milliseconds > 0)
    #expect(second.milliseconds < first.milliseconds)
  }
}
