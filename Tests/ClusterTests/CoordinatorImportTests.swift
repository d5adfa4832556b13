import Bytes
import Cluster
import Domain
import Testing

/// An import from its beginning to its commit, and what may go wrong between.
@Suite struct CoordinatorImportTests {
  @Test func `the set of a first import is made and placed over all workers`() throws {
    var bench = CoordinatorBench()
    _ = try bench.greet("w0")
    _ = try bench.greet("w1")
    let client = bench.connect(.client)
    let name = try #require(Name("new"))
    var specification = try ImportedSet().specification("one")
    specification.set = name

    let effects = bench.ask(client, .beginImport(specification))

    #expect(
      effects.replies
        == [.importOpened(ImportAttempt(job: JobID(1), attempt: 1), shardCount: 4)]
    )
    let set = try #require(bench.coordinator.catalogue.set(named: name))
    #expect(Set(set.owners.map(\.description)) == ["w0", "w1"])
  }

  @Test func `without workers there is nothing to place a set on`() throws {
    var bench = CoordinatorBench()

    let reply = bench.reply(to: .beginImport(try ImportedSet().specification("one")))

    #expect(reply?.error?.code == .noWorkers)
  }

  @Test func `a batch goes to its shard's owner and is stored when the owner says so`() throws {
    var imported = try ImportedSet()
    let attempt = try imported.begin("one")
    let place = imported.places[2]
    let owner = try imported.peer(of: place)

    let sent = imported.bench.ask(
      imported.client,
      .storeBatch(attempt, place.shard, sequence: 0, rows: [1, 2])
    )
    let stored = imported.bench.handle(.worker(owner, .batchStored(attempt, place, sequence: 0)))

    #expect(sent.allSent == [.storeBatch(attempt, place, sequence: 0, rows: [1, 2])])
    #expect(sent.replies == [])
    #expect(stored.replies == [.stored])
  }

  @Test func `an import is committed when all shards are prepared, and told after it is durable`()
    throws
  {
    var imported = try ImportedSet()
    let attempt = try imported.begin("one")

    let finish = imported.bench.ask(
      imported.client,
      .finishImport(attempt, ImportTotals(), batchCounts: [0, 1, 2, 3])
    )
    let effects = try imported.prepareAll(attempt)

    #expect(finish.allSent.count == 4)
    let durable = effects.position { if case .persist = $0 { true } else { false } }
    let told = effects.position { if case .reply = $0 { true } else { false } }
    let ordered = effects.position { if case .send(_, .commitImport) = $0 { true } else { false } }
    #expect(try #require(durable) < (try #require(told)))
    #expect(try #require(durable) < (try #require(ordered)))
    #expect(effects.allSent.count == 4)
    let set = try #require(imported.bench.coordinator.catalogue.set(named: imported.name))
    #expect(set.contents == imported.places.map { ImportedSet.contents($0) })
    #expect(set.lastImport == attempt)
  }

  @Test func `nothing is committed while one shard is not prepared`() throws {
    var imported = try ImportedSet()
    let attempt = try imported.begin("one")
    imported.bench.ask(
      imported.client,
      .finishImport(attempt, ImportTotals(), batchCounts: [0, 0, 0, 0])
    )

    var records: [CatalogueRecord] = []
    for place in imported.places.dropLast() {
      records +=
        imported.bench.handle(
          .worker(
            try imported.peer(of: place),
            .importPrepared(attempt, place, ImportedSet.contents(place))
          )
        ).records
    }

    #expect(records == [])
  }

  @Test func `a committed import is not done twice, and its id stands for its rows`() throws {
    var imported = try ImportedSet()
    _ = try imported.commit("one")

    let again = imported.bench.reply(to: .beginImport(imported.specification("one")))
    let other = imported.bench.reply(to: .beginImport(imported.specification("one", content: 9)))

    guard case .importDoneBefore(let document)? = again else {
      Issue.record("\(String(describing: again))")
      return
    }
    #expect(document["isRepeated"] == .boolean(true))
    #expect(document["profiles"] == .integer(10))
    #expect(other?.error?.code == .importConflict)
  }

  @Test func `one import of a set at a time`() throws {
    var imported = try ImportedSet()
    _ = try imported.begin("one")

    let reply = imported.bench.reply(to: .beginImport(imported.specification("two")))

    #expect(reply?.error?.code == .busy)
  }

  @Test func `another client may send the same import only when the first is silent`() throws {
    var imported = try ImportedSet()
    let attempt = try imported.begin("one")

    let early = imported.bench.reply(to: .beginImport(imported.specification("one")))
    // The workers are heard all the time.
    for _ in 0..<16 {
      imported.bench.pass(1_000)
      for peer in imported.workers.values {
        imported.bench.handle(.worker(peer, .heartbeat(.some)))
      }
    }
    let late = imported.bench.reply(to: .beginImport(imported.specification("one")))
    let first = imported.bench.ask(
      imported.client,
      .storeBatch(attempt, ShardIndex(0), sequence: 0, rows: [])
    )

    #expect(early?.error?.code == .busy)
    #expect(
      late == .importOpened(ImportAttempt(job: attempt.job, attempt: 2), shardCount: 4)
    )
    #expect(first.error?.code == .importInterrupted)
  }

  @Test func `an owner that goes away voids the attempt, and the next one begins anew`() throws {
    var imported = try ImportedSet()
    let attempt = try imported.begin("one")
    let place = imported.places[0]
    imported.bench.ask(
      imported.client,
      .storeBatch(attempt, place.shard, sequence: 0, rows: [1])
    )
    let owner = imported.set.owners[0]

    let effects = imported.bench.handle(
      .disconnected(try imported.peer(of: place), reason: "reset")
    )
    let refused = imported.bench.ask(
      imported.client,
      .beginImport(imported.specification("one"))
    )
    imported.workers[owner] = try imported.bench.greet(owner.description).peer
    let second = try imported.begin("one")

    #expect(effects.error?.code == .importInterrupted)
    #expect(effects.error?.message.string.contains("worker '\(owner)' went away") == true)
    #expect(effects.allSent.allSatisfy { if case .abortImport = $0 { true } else { false } })
    #expect(refused.error?.code == .noCopy)
    #expect(second == ImportAttempt(job: attempt.job, attempt: 2))
  }

  @Test func `a ready import outlives its workers and is committed as they come back`() throws {
    var imported = try ImportedSet()
    _ = try imported.commit("one")
    let (job, tasks) = try imported.evaluate([try .named("a")])
    let attempt = try imported.begin("two")
    imported.bench.ask(
      imported.client,
      .finishImport(attempt, ImportTotals(), batchCounts: [0, 0, 0, 0])
    )
    let ready = try imported.prepareAll(attempt, imports: 2)
    let owner = imported.set.owners[0]
    let peer = try #require(imported.workers[owner])

    imported.bench.handle(.disconnected(peer, reason: "reset"))
    let cancelled = imported.bench.ask(imported.client, .cancelJob(job))
    let (_, back) = try imported.bench.greet(
      owner.description,
      replicas: imported.inventory(of: owner, prepared: [attempt])
    )

    // While the evaluation runs the data stay as they are.
    #expect(ready.records == [])
    #expect(!tasks.tasks.isEmpty)
    #expect(
      cancelled.records.contains { if case .importCommitted = $0 { true } else { false } }
    )
    #expect(
      back.allSent.filter { if case .commitImport(attempt, _) = $0 { true } else { false } }.count
        == imported.inventory(of: owner).count
    )
  }

  @Test func `a client that goes away while it sends leaves an import that fails in the end`()
    throws
  {
    var imported = try ImportedSet()
    let attempt = try imported.begin("one")

    imported.bench.handle(.disconnected(imported.client, reason: "reset"))
    imported.bench.pass(Coordinator.importGraceMilliseconds - 1)
    #expect(imported.bench.coordinator.catalogue.jobs[attempt.job]?.state == .running)
    imported.bench.pass(1)

    let job = try #require(imported.bench.coordinator.catalogue.jobs[attempt.job])
    #expect(job.state == .failed)
    #expect(job.failure?.message == "its client did not come back within 600 s")
  }

  @Test func `a client that goes away after it has sent everything has its import committed`()
    throws
  {
    var imported = try ImportedSet()
    let attempt = try imported.begin("one")
    imported.bench.ask(
      imported.client,
      .finishImport(attempt, ImportTotals(), batchCounts: [0, 0, 0, 0])
    )

    imported.bench.handle(.disconnected(imported.client, reason: "reset"))
    let effects = try imported.prepareAll(attempt)

    #expect(effects.records.count == 1)
    #expect(effects.replies == [])
  }

  @Test func `a restarted coordinator waits for the client and tells workers to forget the rest`()
    throws
  {
    var imported = try ImportedSet()
    let attempt = try imported.begin("one")
    imported.bench.restart()

    for worker in imported.workers.keys.sorted() {
      let (peer, effects) = try imported.bench.greet(
        worker.description,
        replicas: imported.inventory(of: worker, imports: 0, prepared: [attempt])
      )
      let orders = effects.sent(to: peer).dropFirst()
      #expect(!orders.isEmpty)
      #expect(orders.allSatisfy { if case .abortImport = $0 { true } else { false } })
    }
    let reply = imported.bench.reply(to: .beginImport(imported.specification("one")))

    #expect(
      reply == .importOpened(ImportAttempt(job: attempt.job, attempt: 2), shardCount: 4)
    )
  }

  @Test func `a failure that may pass interrupts, one that stays fails the import`() throws {
    var imported = try ImportedSet()
    let first = try imported.begin("one")
    let place = imported.places[0]
    let peer = try imported.peer(of: place)
    var failure = WorkFailure(code: "DISK_FULL", message: "the disk is full", isRetryable: true)

    imported.bench.handle(.worker(peer, .importFailed(first, place, failure)))
    let second = try imported.begin("one")
    failure.isRetryable = false
    imported.bench.handle(.worker(peer, .importFailed(second, place, failure)))

    #expect(second.attempt == 2)
    let job = try #require(imported.bench.coordinator.catalogue.jobs[first.job])
    #expect(job.state == .failed)
    #expect(job.failure?.message.string.contains("the disk is full (DISK_FULL)") == true)
  }

  @Test func `reports on an attempt that is over change nothing but are told so`() throws {
    var imported = try ImportedSet()
    let first = try imported.begin("one")
    let place = imported.places[0]
    let peer = try imported.peer(of: place)
    imported.bench.ask(imported.client, .abortImport(first, reason: "enough"))
    let before = imported.bench.coordinator.catalogue

    let effects = imported.bench.handle(.worker(peer, .batchStored(first, place, sequence: 0)))

    #expect(effects == [.send(peer, .abortImport(first.job, place))])
    #expect(imported.bench.coordinator.catalogue == before)
  }

  @Test func `a late report on an attempt does not answer for the next one`() throws {
    var imported = try ImportedSet()
    let first = try imported.begin("one")
    let place = imported.places[0]
    let peer = try imported.peer(of: place)
    imported.bench.ask(
      imported.client,
      .storeBatch(first, place.shard, sequence: 0, rows: [1])
    )
    let second = try imported.begin("one")
    imported.bench.ask(
      imported.client,
      .storeBatch(second, place.shard, sequence: 0, rows: [1])
    )

    let late = imported.bench.handle(.worker(peer, .batchStored(first, place, sequence: 0)))
    let due = imported.bench.handle(.worker(peer, .batchStored(second, place, sequence: 0)))

    #expect(late == [])
    #expect(due.replies == [.stored])
  }

  @Test func `shards that do not get durable in time void the attempt`() throws {
    var imported = try ImportedSet()
    let attempt = try imported.begin("one")
    imported.bench.ask(
      imported.client,
      .finishImport(attempt, ImportTotals(), batchCounts: [0, 0, 0, 0])
    )

    var effects: [CoordinatorEffect] = []
    for _ in 0..<301 {
      for peer in imported.workers.values {
        effects += imported.bench.handle(.worker(peer, .heartbeat(.some)))
      }
      effects += imported.bench.pass(1_000)
    }

    #expect(effects.error?.code == .importInterrupted)
  }

  @Test func `a connection may have so many requests waiting and no more`() throws {
    var imported = try ImportedSet()
    let attempt = try imported.begin("one")

    let replies = (0...64).map { sequence in
      imported.bench.ask(
        imported.client,
        .storeBatch(attempt, ShardIndex(0), sequence: UInt32(sequence), rows: [])
      ).error
    }

    #expect(replies.dropLast().allSatisfy { $0 == nil })
    #expect(replies.last??.code == .limit)
  }
}
