import Bytes
import Cluster
import Domain
import Testing

/// What may go wrong between an evaluation's acceptance and its commit.
@Suite struct CoordinatorEvaluationTroubleTests {
  private static func job(_ id: JobID, in imported: ImportedSet) throws -> JobRecord {
    try #require(imported.bench.coordinator.catalogue.jobs[id])
  }

  @Test func `a job waits for a worker that is away, says for whom, and goes on when it is back`()
    throws
  {
    var imported = try ImportedSet()
    let (job, effects) = try imported.evaluate([try .named("a")])
    let owner = imported.set.owners[0]
    let peer = try #require(imported.workers[owner])
    imported.bench.handle(.disconnected(peer, reason: "reset"))

    let waiting = imported.bench.document(.job(job))
    let (again, back) = try imported.bench.greet(
      owner.description,
      replicas: imported.inventory(of: owner, imports: 0)
    )
    let others = effects.tasks.filter { $0.0 != peer }
    for (peer, task) in others {
      imported.bench.handle(.worker(peer, .taskFinished(task, imported.result(task))))
    }
    _ = try imported.finishTasks(of: back)

    #expect(waiting["phase"]?.text == "waiting")
    #expect(waiting["reason"]?.text?.string.contains("waits for worker '\(owner)'") == true)
    #expect(
      back.tasks.allSatisfy { $0.0 == again && $0.1.attempt == 2 } && !back.tasks.isEmpty
    )
    #expect(try Self.job(job, in: imported).state == .succeeded)
  }

  @Test func `a job that may not wait for ever fails with the reason`() throws {
    var imported = try ImportedSet()
    let (job, _) = try imported.evaluate([try .named("a")], timeoutMilliseconds: 20_000)
    let owner = imported.set.owners[0]
    let peer = try #require(imported.workers[owner])
    imported.bench.handle(.disconnected(peer, reason: "reset"))

    for _ in 0..<21 {
      for other in imported.workers.values where other != peer {
        imported.bench.handle(.worker(other, .heartbeat(.some)))
      }
      imported.bench.pass(1_000)
    }

    let record = try Self.job(job, in: imported)
    #expect(record.state == .failed)
    #expect(record.failure?.code == .noCopy)
    #expect(record.failure?.message.string.contains("the job waited 20 s") == true)
    #expect(record.failure?.message.string.contains("'\(owner)'") == true)
  }

  @Test func `what a worker staged and could not report is kept, and asked for again`() throws {
    var imported = try ImportedSet(shardCount: 1)
    let (job, effects) = try imported.evaluate([try .named("a")])
    let owner = imported.set.owners[0]
    let (peer, task) = try #require(effects.tasks.first)
    imported.bench.handle(.disconnected(peer, reason: "reset"))

    let (_, kept) = try imported.bench.greet(
      owner.description,
      replicas: imported.inventory(of: owner, imports: 0, stagedJobs: [job])
    )

    #expect(kept.tasks.map(\.1.attempt) == [task.attempt + 1])
    #expect(!kept.allSent.contains(.abortJob(job, imported.set.id)))
  }

  @Test func `a part's number that was not given on the connection is no cost`() throws {
    var imported = try ImportedSet(shardCount: 1)
    let (job, effects) = try imported.evaluate([try .named("a")])
    let owner = imported.set.owners[0]
    let (peer, task) = try #require(effects.tasks.first)
    imported.bench.handle(.worker(peer, .taskFinished(Self.stale(task), imported.result(task))))
    imported.bench.handle(.disconnected(peer, reason: "reset"))
    let (again, back) = try imported.bench.greet(
      owner.description,
      replicas: imported.inventory(of: owner, imports: 0)
    )
    let (_, retry) = try #require(back.tasks.first)
    var result = imported.result(retry)
    result.namedCosts = [NamedCost(number: 1, cost: WorkCost())]

    let answer = imported.bench.handle(.worker(again, .taskFinished(retry, result)))

    let reasons = answer.compactMap { effect -> Text? in
      guard case .log(_, event: "task-failed", let fields) = effect else { return nil }
      return fields.first { $0.name == "reason" }?.value
    }
    #expect(reasons == ["it told the cost of part 1, of which it named 1"])
    #expect(try Self.job(job, in: imported).state == .running)
  }

  /// The end of a try that is not asked for any more.
  private static func stale(_ task: TaskAttempt) -> TaskAttempt {
    var stale = task
    stale.attempt += 7
    return stale
  }

  @Test func `a done shard whose staged memberships are gone is done again with the same answer`()
    throws
  {
    var imported = try ImportedSet()
    let (job, effects) = try imported.evaluate([try .named("a")])
    let (peer, task) = try #require(effects.tasks.first)
    let owner = imported.set.owners[Int(task.place.shard.number)]
    imported.bench.handle(.worker(peer, .taskFinished(task, imported.result(task))))
    imported.bench.handle(.disconnected(peer, reason: "reset"))

    let (again, back) = try imported.bench.greet(
      owner.description,
      replicas: imported.inventory(of: owner, imports: 0)
    )
    let retry = try #require(back.tasks.first { $0.1.place == task.place })
    imported.bench.handle(
      .worker(again, .taskFinished(retry.1, imported.result(retry.1, digest: 8)))
    )

    let record = try Self.job(job, in: imported)
    #expect(record.state == .failed)
    #expect(record.failure?.message.string.contains("two different answers") == true)
  }

  @Test func `a task that fails is tried again after a pause, three times at most`() throws {
    var imported = try ImportedSet(shardCount: 1)
    let (job, effects) = try imported.evaluate([try .named("a")])
    var open = effects.tasks
    let failure = WorkFailure(code: "DISK_FULL", message: "full", isRetryable: true)

    var tries: [UInt32] = []
    while let (peer, task) = open.popLast() {
      tries.append(task.attempt)
      imported.bench.handle(.worker(peer, .taskFailed(task, failure)))
      open = imported.bench.pass(Coordinator.taskRetryMilliseconds).tasks
    }

    #expect(tries == [1, 2, 3])
    let record = try Self.job(job, in: imported)
    #expect(record.state == .failed)
    #expect(record.failure?.message.string.contains("failed 3 times: full (DISK_FULL)") == true)
  }

  @Test func `a pause that is over while the worker is away asks for no more ticks`() throws {
    var imported = try ImportedSet(shardCount: 1)
    let (_, effects) = try imported.evaluate([try .named("a")])
    let (peer, task) = try #require(effects.tasks.first)
    let failure = WorkFailure(code: "DISK_FULL", message: "full", isRetryable: true)
    imported.bench.handle(.worker(peer, .taskFailed(task, failure)))
    imported.bench.handle(.disconnected(peer, reason: "reset"))

    imported.bench.now += 2 * Coordinator.taskRetryMilliseconds
    imported.bench.handle(.tick)

    let due = try #require(imported.bench.coordinator.nextDeadline)
    #expect(imported.bench.now < due)
  }

  @Test func `a failure that stays fails the job at once and the others are told to forget it`()
    throws
  {
    var imported = try ImportedSet()
    let (job, effects) = try imported.evaluate([try .named("a")])
    let (peer, task) = try #require(effects.tasks.first)
    let failure = WorkFailure(code: "BAD_DEFINITION", message: "no", isRetryable: false)

    let end = imported.bench.handle(.worker(peer, .taskFailed(task, failure)))

    #expect(try Self.job(job, in: imported).state == .failed)
    let abort = CoordinatorMessage.abortJob(job, imported.set.id)
    #expect(end.allSent == [abort, abort])
  }

  @Test func `a definition without an answer fails the job with its id and the smallest key`()
    throws
  {
    var imported = try ImportedSet()
    let (job, effects) = try imported.evaluate([try .named("a"), try .named("b")])
    for (index, (peer, task)) in effects.tasks.enumerated() {
      var result = imported.result(task, definitionCount: 2)
      result.definitions[1].failure = DefinitionFailure(
        key: ProfileKey(Text("p\(9 - index)")),
        message: "too many steps"
      )
      imported.bench.handle(.worker(peer, .taskFinished(task, result)))
    }

    let record = try Self.job(job, in: imported)
    #expect(
      record.failure?.message == "segment 'b' has no answer for profile 'p6': too many steps"
    )
  }

  @Test func `a result over other data than the plan's is not counted`() throws {
    var imported = try ImportedSet()
    let (job, effects) = try imported.evaluate([try .named("a")])
    let (peer, task) = try #require(effects.tasks.first)
    var result = imported.result(task)
    result.profileCount += 1

    imported.bench.handle(.worker(peer, .taskFinished(task, result)))

    #expect(imported.bench.document(.job(job))["done"] == .integer(0))
  }

  @Test func `a running job survives a restart of the coordinator with its plan`() throws {
    var imported = try ImportedSet()
    let (job, effects) = try imported.evaluate([try .named("a")])
    let plan = effects.allSent.first
    imported.bench.restart()

    var back: [CoordinatorEffect] = []
    for worker in imported.workers.keys.sorted() {
      back += try imported.bench.greet(
        worker.description,
        replicas: imported.inventory(of: worker, imports: 0)
      ).effects
    }
    _ = try imported.finishTasks(of: back)

    #expect(back.allSent.contains { $0 == plan })
    #expect(try Self.job(job, in: imported).state == .succeeded)
  }

  @Test func `a worker that missed the commit is told of it when it is back`() throws {
    var imported = try ImportedSet()
    let (job, effects) = try imported.evaluate([try .named("a")])
    _ = try imported.finishTasks(of: effects)
    let owner = imported.set.owners[0]
    imported.bench.handle(
      .disconnected(try #require(imported.workers[owner]), reason: "reset")
    )

    let (peer, back) = try imported.bench.greet(
      owner.description,
      replicas: imported.inventory(of: owner, imports: 0, stagedJobs: [job])
    )

    let orders = back.sent(to: peer).dropFirst()
    #expect(orders.allSatisfy { if case .commitJob(job, _) = $0 { true } else { false } })
    #expect(orders.count == imported.inventory(of: owner).count)
    #expect(imported.bench.document(.status)["health"]?.text == "ok")
  }

  @Test func `a late report of a cancelled job is answered with its end`() throws {
    var imported = try ImportedSet()
    let (job, effects) = try imported.evaluate([try .named("a")])
    let (peer, task) = try #require(effects.tasks.first)
    _ = imported.bench.reply(to: .cancelJob(job))

    let late = imported.bench.handle(.worker(peer, .taskFinished(task, imported.result(task))))

    #expect(late == [.send(peer, .abortJob(job, imported.set.id))])
    #expect(try Self.job(job, in: imported).state == .cancelled)
  }
}
