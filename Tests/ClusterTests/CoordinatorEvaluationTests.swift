import Bytes
import Cluster
import Domain
import Testing

/// An evaluation from its acceptance to its commit, and what may go wrong between.
@Suite struct CoordinatorEvaluationTests {
  private static func job(_ id: JobID, in imported: ImportedSet) throws -> JobRecord {
    try #require(imported.bench.coordinator.catalogue.jobs[id])
  }

  @Test func `a job is durable before it is accepted and before any task is asked for`() throws {
    var imported = try ImportedSet()
    _ = try imported.commit("one")

    let (_, effects) = try imported.evaluate([try .named("a")])

    let durable = try #require(effects.position { if case .persist = $0 { true } else { false } })
    let others = effects.indices.filter { index in
      switch effects[index] {
      case .send, .reply: true
      case .persist, .close, .log: false
      }
    }
    #expect(others.allSatisfy { durable < $0 })
    #expect(!effects.tasks.isEmpty)
  }

  @Test func `a worker gets the plan before its first task and as many tasks as keep it busy`()
    throws
  {
    var imported = try ImportedSet(shardCount: 40)
    let (_, effects) = try imported.evaluate([try .named("a")])

    for peer in imported.workers.values {
      let sent = effects.sent(to: peer)
      guard case .planJob? = sent.first else {
        Issue.record("\(sent)")
        return
      }
      #expect(sent.count == 1 + 2 * Coordinator.taskCountOfThreadMax)
    }
  }

  @Test func `a finished task makes room for the next`() throws {
    var imported = try ImportedSet(shardCount: 40)
    let (_, effects) = try imported.evaluate([try .named("a")])
    let (peer, task) = try #require(effects.tasks.first)

    let next = imported.bench.handle(.worker(peer, .taskFinished(task, imported.result(task))))

    #expect(next.tasks.count == 1)
    #expect(next.tasks.first?.0 == peer)
    #expect(next.sent(to: peer).count == 1)
  }

  @Test func `all shards' counts are added once and committed before the workers are told`()
    throws
  {
    var imported = try ImportedSet()
    _ = try imported.commit("one")
    let (job, effects) = try imported.evaluate([try .named("a")])

    let ends = try imported.finishTasks(of: effects)

    let durable = ends.position { if case .persist = $0 { true } else { false } }
    let told = ends.position { if case .send(_, .commitJob) = $0 { true } else { false } }
    #expect(try #require(durable) < (try #require(told)))
    let set = try #require(imported.bench.coordinator.catalogue.set(named: imported.name))
    let name = try #require(Name("a"))
    #expect(set.lastEvaluation == job)
    #expect(set.audiences[name]?.memberCount == 4)
    #expect(set.audiences[name]?.profileCount == 10)
    #expect(try Self.job(job, in: imported).state == .succeeded)
  }

  @Test func `a result that comes twice counts once`() throws {
    var imported = try ImportedSet()
    let (job, effects) = try imported.evaluate([try .named("a")])
    let (peer, task) = try #require(effects.tasks.first)
    imported.bench.handle(.worker(peer, .taskFinished(task, imported.result(task))))
    let before = imported.bench.document(.job(job))["done"]

    imported.bench.handle(.worker(peer, .taskFinished(task, imported.result(task))))

    #expect(before == .integer(1))
    #expect(imported.bench.document(.job(job))["done"] == .integer(1))
  }

  @Test func `one token is one job`() throws {
    var imported = try ImportedSet()
    let (job, _) = try imported.evaluate([try .named("a")], token: "same")

    let (again, effects) = try imported.evaluate([try .named("a")], token: "same")

    #expect(again == job)
    #expect(effects.records == [])
  }

  @Test func `one evaluation of a set at a time, and none while an import is being committed`()
    throws
  {
    var imported = try ImportedSet()
    let request = { (token: Text) in
      ClientRequest.evaluate(
        EvaluationRequest(
          set: imported.name,
          segments: nil,
          asOf: nil,
          token: token,
          timeoutMilliseconds: nil
        )
      )
    }
    let (job, _) = try imported.evaluate([try .named("a")])
    let second = imported.bench.reply(to: request("t2"))
    _ = imported.bench.reply(to: .cancelJob(job))
    let attempt = try imported.begin("one")
    imported.bench.ask(
      imported.client,
      .finishImport(attempt, ImportTotals(), batchCounts: [0, 0, 0, 0])
    )

    let third = imported.bench.reply(to: request("t3"))

    #expect(second?.error?.code == .busy)
    #expect(third?.error?.code == .busy)
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

  @Test func `audiences that are not evaluated stay and those of deleted definitions go`() throws {
    var imported = try ImportedSet()
    let (_, first) = try imported.evaluate([try .named("a"), try .named("b")])
    _ = try imported.finishTasks(of: first, definitionCount: 2)
    _ = imported.bench.reply(to: .deleteSegments([try #require(Name("b"))]))

    let effects = imported.bench.ask(
      imported.client,
      .evaluate(
        EvaluationRequest(
          set: imported.name,
          segments: [try #require(Name("a"))],
          asOf: Instant(milliseconds: 5),
          token: "t2",
          timeoutMilliseconds: nil
        )
      )
    )

    guard case .planJob(let plan)? = effects.allSent.first else {
      Issue.record("\(effects)")
      return
    }
    #expect(plan.retained.map(\.description) == ["a"])
    #expect(plan.asOf == Instant(milliseconds: 5))
    #expect(plan.definitions.map(\.id.description) == ["a"])
  }

  @Test func `a definition that was deleted and made again begins anew`() throws {
    var imported = try ImportedSet()
    let (_, first) = try imported.evaluate([try .named("a"), try .named("b")])
    _ = try imported.finishTasks(of: first, definitionCount: 2)
    _ = imported.bench.reply(to: .deleteSegments([try #require(Name("b"))]))

    let (_, effects) = try imported.evaluate([try .named("b")], token: "t2")

    guard case .planJob(let plan)? = effects.allSent.first else {
      Issue.record("\(effects)")
      return
    }
    #expect(plan.retained.map(\.description) == ["a"])
    #expect(plan.definitions.map(\.id.description) == ["a", "b"])
  }

  @Test func `waiting for a job ends with its next change or after a second`() throws {
    var imported = try ImportedSet()
    let (job, effects) = try imported.evaluate([try .named("a")])
    let version = imported.bench.document(.job(job))["version"]?.integer ?? 0
    let (peer, task) = try #require(effects.tasks.first)

    let held = imported.bench.ask(
      imported.client,
      .waitJob(job, seenVersion: UInt64(version))
    )
    let change = imported.bench.handle(
      .worker(peer, .taskFinished(task, imported.result(task)))
    )
    let behind = imported.bench.ask(
      imported.client,
      .waitJob(job, seenVersion: UInt64(version))
    )
    guard case .document(let document)? = behind.replies.first else {
      Issue.record("\(behind)")
      return
    }
    let next = UInt64(document["version"]?.integer ?? 0)
    let heldAgain = imported.bench.ask(imported.client, .waitJob(job, seenVersion: next))
    let late = imported.bench.pass(Coordinator.watchMilliseconds)

    #expect(held.replies == [])
    #expect(change.replies.count == 1)
    #expect(heldAgain.replies == [])
    #expect(late.replies.count == 1)
  }
}
