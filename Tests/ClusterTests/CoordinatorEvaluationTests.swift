import Bytes
import Cluster
import Domain
import Testing

/// An evaluation from its acceptance to its commit.
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
      // A plan without tasks does nothing, so workers may read it meanwhile.
      case .send(_, .planJob): false
      case .send, .reply: true
      case .persist, .close, .planFeatures, .log: false
      }
    }
    let plan = effects.position { if case .send(_, .planJob) = $0 { true } else { false } }
    #expect(others.allSatisfy { durable < $0 })
    #expect(try #require(plan) < durable)
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

  @Test func `who waits for a job hears of its end at once, before the workers commit it`() throws {
    var imported = try ImportedSet(shardCount: 1)
    let (job, effects) = try imported.evaluate([try .named("a")])
    let version = imported.bench.document(.job(job))["version"]?.integer ?? 0
    imported.bench.ask(imported.client, .waitJob(job, seenVersion: UInt64(version)))

    let end = try imported.finishTasks(of: effects)

    let durable = end.position { if case .persist = $0 { true } else { false } }
    let heard = end.position { if case .reply = $0 { true } else { false } }
    let commit = end.position { if case .send(_, .commitJob) = $0 { true } else { false } }
    #expect(try #require(durable) < (try #require(heard)))
    #expect(try #require(heard) < (try #require(commit)))
  }

  @Test func `a part that was named before is a number in later results of the connection`() throws
  {
    var imported = try ImportedSet(shardCount: 8)
    let (job, effects) = try imported.evaluate([try .named("a")])
    var named: Set<PeerID> = []
    var open = effects.tasks
    while let (peer, task) = open.first {
      open.removeFirst()
      var result = imported.result(task)
      if !named.insert(peer).inserted {
        result.namedCosts = [NamedCost(number: 0, cost: result.sharedCosts[0].cost)]
        result.sharedCosts = []
      }
      open += imported.bench.handle(.worker(peer, .taskFinished(task, result))).tasks
    }

    let record = try Self.job(job, in: imported)
    #expect(record.state == .succeeded)
    #expect(record.sharedCosts.map(\.part) == ["values of age"])
    #expect(record.sharedCosts.map(\.cost) == [WorkCost(rowCount: 72, nanoseconds: 88)])
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

  @Test func `a job's plan has the definitions of the moment`() throws {
    var imported = try ImportedSet()
    func planned(_ effects: [CoordinatorEffect]) -> [String] {
      guard case .planJob(let plan)? = effects.allSent.first else { return [] }
      return plan.definitions.map(\.id.description)
    }

    let (_, first) = try imported.evaluate([try .named("b")])
    _ = try imported.finishTasks(of: first)
    let (_, second) = try imported.evaluate([], token: "t2")
    _ = try imported.finishTasks(of: second)
    let (_, third) = try imported.evaluate([try .named("a", ["b"])], token: "t3")
    _ = try imported.finishTasks(of: third, definitionCount: 2)
    _ = imported.bench.reply(to: .deleteSegments([try #require(Name("a"))]))
    let (_, fourth) = try imported.evaluate([], token: "t4")

    #expect([first, second, third, fourth].map(planned) == [["b"], ["b"], ["b", "a"], ["b"]])
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
    let told = imported.bench.pass(Coordinator.progressMilliseconds)
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
    #expect(change.replies == [], "a client is not told of every shard")
    #expect(told.replies.count == 1)
    #expect(heldAgain.replies == [])
    #expect(late.replies.count == 1)
  }
}
