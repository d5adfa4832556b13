import Bytes
import Cluster
import Domain
import Testing

/// What a worker does, rule by rule.
@Suite struct WorkerRulesTests {
  // MARK: Joining

  @Test func `a worker connects at once, greets with what it holds, and joins when welcomed`()
    throws
  {
    let held = Bench.replica(lsn: 5)
    var bench = try Bench(inventory: [held])

    let connects = bench.tick()
    let greets = bench.handle(.connected(PeerID(1)))
    let joins = bench.handle(.message(PeerID(1), .welcome(Epoch(3))))

    #expect(connects == [.connect(PeerID(1))])
    guard case .send(PeerID(1), .hello(let hello))? = greets.first else {
      Issue.record("\(greets)")
      return
    }
    #expect(hello.name.text == "host.0")
    #expect(hello.replicas == [held])
    #expect(bench.performed(joins) == [.rememberEpoch(Epoch(3))])
    #expect(bench.worker.isJoined)
    #expect(bench.worker.epoch == Epoch(3))
  }

  @Test func `the epoch that is known already is not written again`() throws {
    var bench = try Bench(epoch: Epoch(3))

    let joins = bench.join(epoch: Epoch(3))

    #expect(bench.performed(joins) == [])
    #expect(bench.worker.isJoined)
  }

  @Test func `a coordinator of a lower epoch is left`() throws {
    var bench = try Bench(epoch: Epoch(9))

    let effects = bench.join(epoch: Epoch(8))

    #expect(
      effects.first
        == .disconnect(PeerID(1), reason: "the coordinator's epoch 8 is over; 9 was seen")
    )
    #expect(!bench.worker.isJoined)
    #expect(bench.worker.epoch == Epoch(9))
    #expect(bench.performed(effects) == [])
  }

  @Test func `a refused worker tries again later`() throws {
    var bench = try Bench()
    _ = bench.tick()
    _ = bench.handle(.connected(PeerID(1)))

    let effects = bench.handle(.message(PeerID(1), .refuse("name in use")))

    #expect(
      effects.first == .disconnect(PeerID(1), reason: "the coordinator refused the worker")
    )
    let due = try #require(bench.worker.nextDeadline)
    #expect((50...100).contains(due - bench.now))
    #expect(bench.tick(at: due) == [.connect(PeerID(2))])
  }

  @Test func `pauses between tries double up to five seconds and begin anew after joining`() throws
  {
    var bench = try Bench()
    var pauses: [Int64] = []
    for number in 1...10 {
      _ = bench.tick(at: bench.worker.nextDeadline ?? bench.now)
      _ = bench.handle(.disconnected(PeerID(UInt64(number)), reason: "refused"))
      pauses.append((bench.worker.nextDeadline ?? 0) - bench.now)
    }

    let ceilings: [Int64] = [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000, 5_000, 5_000]
    for (pause, ceiling) in zip(pauses, ceilings) {
      #expect((ceiling / 2...ceiling).contains(pause))
    }

    _ = bench.tick(at: bench.worker.nextDeadline ?? bench.now)
    _ = bench.handle(.connected(PeerID(11)))
    _ = bench.handle(.message(PeerID(11), .welcome(Epoch(1))))
    _ = bench.handle(.disconnected(PeerID(11), reason: "closed"))
    #expect((50...100).contains((bench.worker.nextDeadline ?? 0) - bench.now))
  }

  @Test func `orders before the welcome and from another connection are passed over`() throws {
    var bench = try Bench()
    _ = bench.tick()
    let order = CoordinatorMessage.dropSet(SetID(1))

    #expect(bench.handle(.message(PeerID(1), order)) == [])
    _ = bench.handle(.connected(PeerID(1)))
    #expect(bench.handle(.message(PeerID(1), order)) == [])
    _ = bench.handle(.message(PeerID(1), .welcome(Epoch(1))))
    #expect(bench.handle(.message(PeerID(9), order)) == [])
    #expect(bench.handle(.message(PeerID(1), order)) == [.perform(.dropSet(SetID(1)))])
  }

  @Test func `events of a connection that was given up change nothing`() throws {
    var bench = try Bench()
    _ = bench.join()
    _ = bench.handle(.disconnected(PeerID(1), reason: "closed"))
    _ = bench.tick(at: bench.worker.nextDeadline ?? bench.now)

    #expect(bench.handle(.disconnected(PeerID(1), reason: "closed again")) == [])
    #expect(bench.handle(.connected(PeerID(1))) == [])
    #expect(bench.handle(.message(PeerID(1), .welcome(Epoch(7)))) == [])
    #expect(bench.worker.epoch == Epoch(1))
  }

  // MARK: Signs of life

  @Test func `a joined worker sends a heartbeat each second with how it stands`() throws {
    var bench = try Bench()
    _ = bench.join()
    _ = bench.handle(
      .measured(residentByteCount: 10, memoryByteLimit: 20, diskFreeByteCount: 30)
    )
    bench.start(Bench.task(), plan: true)
    let start = bench.now

    let first = bench.tick()
    let tooEarly = bench.tick(at: start + 999)
    let second = bench.tick(at: start + 1_000)

    let vitals = WorkerVitals(
      residentByteCount: 10,
      memoryByteLimit: 20,
      diskFreeByteCount: 30,
      runningCount: 1,
      queuedCount: 0
    )
    #expect(first == [.send(PeerID(1), .heartbeat(vitals))])
    #expect(tooEarly == [])
    #expect(second == [.send(PeerID(1), .heartbeat(vitals))])
    #expect(bench.worker.nextDeadline == start + 2_000)
  }

  @Test func `a coordinator that is silent for fifteen seconds is left, any word keeps it`() throws
  {
    var bench = try Bench()
    _ = bench.join()
    let start = bench.now
    _ = bench.tick(at: start + 14_000)
    _ = bench.handle(.message(PeerID(1), .heartbeat))

    _ = bench.tick(at: start + 28_999)
    #expect(bench.worker.isJoined)
    let effects = bench.tick(at: start + 29_000)

    #expect(
      effects.first == .disconnect(PeerID(1), reason: "the coordinator was silent for 15000 ms")
    )
    #expect(!bench.worker.isJoined)
  }

  @Test func `a greeting that is not answered for fifteen seconds is given up`() throws {
    var bench = try Bench()
    _ = bench.tick()
    _ = bench.handle(.connected(PeerID(1)))
    let start = bench.now

    #expect(bench.worker.nextDeadline == start + 15_000)
    #expect(bench.tick(at: start + 14_999) == [])
    #expect(bench.tick(at: start + 15_000).first?.isDisconnect == true)
  }

  // MARK: Imports

  @Test func `batches are stored and reported`() throws {
    var bench = try Bench()
    _ = bench.join()
    let attempt = ImportAttempt(job: JobID(4), attempt: 2)

    let orders = bench.handle(
      .message(PeerID(1), .storeBatch(attempt, Bench.place, sequence: 7, rows: [1, 2]))
    )
    let report = bench.handle(.completed(.batchStored(attempt, Bench.place, sequence: 7)))

    #expect(orders == [.perform(.storeBatch(attempt, Bench.place, sequence: 7, rows: [1, 2]))])
    #expect(report == [.send(PeerID(1), .batchStored(attempt, Bench.place, sequence: 7))])
  }

  @Test func `an import is prepared and committed, each step once at a time`() throws {
    var bench = try Bench(inventory: [Bench.replica(lsn: 1)])
    _ = bench.join()
    let attempt = ImportAttempt(job: JobID(4), attempt: 1)
    let grown = ShardContents(lsn: 2, profileCount: 3, eventCount: 4)
    let prepare = CoordinatorMessage.prepareImport(attempt, Bench.place, batchCount: 9)
    let commit = CoordinatorMessage.commitImport(attempt, Bench.place)

    #expect(
      bench.handle(.message(PeerID(1), prepare))
        == [.perform(.prepareImport(attempt, Bench.place, batchCount: 9))]
    )
    #expect(bench.handle(.message(PeerID(1), prepare)) == [], "it is under way")
    #expect(
      bench.handle(.completed(.importPrepared(attempt, Bench.place, grown)))
        == [.send(PeerID(1), .importPrepared(attempt, Bench.place, grown))]
    )
    #expect(bench.worker.inventory.map(\.prepared) == [[attempt]])
    #expect(bench.worker.inventory.map(\.contents.lsn) == [1], "not visible yet")
    #expect(
      bench.handle(.message(PeerID(1), commit))
        == [.perform(.commitImport(attempt, Bench.place))]
    )
    #expect(bench.handle(.message(PeerID(1), commit)) == [], "it is under way")
    #expect(
      bench.handle(.completed(.importCommitted(attempt, Bench.place, grown)))
        == [.send(PeerID(1), .importCommitted(attempt, Bench.place, grown))]
    )
    #expect(bench.worker.inventory.map(\.prepared) == [[]])
    #expect(bench.worker.inventory.map(\.contents) == [grown])
  }

  @Test func `a later attempt takes the place of an earlier one in the inventory`() throws {
    var bench = try Bench()
    _ = bench.join()

    for number in 1...2 as ClosedRange<UInt32> {
      let attempt = ImportAttempt(job: JobID(4), attempt: number)
      _ = bench.handle(.completed(.importPrepared(attempt, Bench.place, ShardContents(lsn: 2))))
    }

    #expect(
      bench.worker.inventory.map(\.prepared) == [[ImportAttempt(job: JobID(4), attempt: 2)]]
    )
    _ = bench.handle(.completed(.importAborted(JobID(4), Bench.place)))
    #expect(bench.worker.inventory.map(\.prepared) == [[]])
  }

  @Test func `an import that cannot be prepared is reported and may be tried again`() throws {
    var bench = try Bench()
    _ = bench.join()
    let attempt = ImportAttempt(job: JobID(4), attempt: 1)
    let prepare = CoordinatorMessage.prepareImport(attempt, Bench.place, batchCount: 9)
    let failure = WorkFailure(code: "DISK_FULL", message: "no room", isRetryable: true)
    _ = bench.handle(.message(PeerID(1), prepare))

    let report = bench.handle(.completed(.importFailed(attempt, Bench.place, failure)))

    #expect(report == [.send(PeerID(1), .importFailed(attempt, Bench.place, failure))])
    #expect(
      bench.performed(bench.handle(.message(PeerID(1), prepare)))
        == [.prepareImport(attempt, Bench.place, batchCount: 9)]
    )
  }

  @Test func `what ends while nobody is connected stands in the next greeting`() throws {
    var bench = try Bench()
    _ = bench.join()
    let attempt = ImportAttempt(job: JobID(4), attempt: 1)
    _ = bench.handle(.message(PeerID(1), .prepareImport(attempt, Bench.place, batchCount: 1)))
    _ = bench.handle(.disconnected(PeerID(1), reason: "closed"))

    let unheard = bench.handle(
      .completed(.importPrepared(attempt, Bench.place, ShardContents(lsn: 2)))
    )
    _ = bench.tick(at: bench.worker.nextDeadline ?? bench.now)
    let greets = bench.handle(.connected(PeerID(2)))

    #expect(unheard == [])
    guard case .send(PeerID(2), .hello(let hello))? = greets.first else {
      Issue.record("\(greets)")
      return
    }
    #expect(hello.replicas.map(\.prepared) == [[attempt]])
  }

  @Test func `a set that is dropped is forgotten at once`() throws {
    var bench = try Bench(inventory: [Bench.replica(lsn: 1)])
    _ = bench.join()

    let effects = bench.handle(.message(PeerID(1), .dropSet(SetID(1))))

    #expect(effects == [.perform(.dropSet(SetID(1)))])
    #expect(bench.worker.inventory == [])
    #expect(bench.handle(.completed(.setDropped(SetID(1)))) == [])
  }

  @Test func `a disk that failed where nothing may be lost ends the process`() throws {
    var bench = try Bench()

    let effects = bench.handle(.completed(.storeFailed(reason: "sync failed")))

    #expect(effects.last == .exit(reason: "sync failed"))
  }
}

extension WorkerEffect {
  fileprivate var isDisconnect: Bool { if case .disconnect = self { true } else { false } }
}
