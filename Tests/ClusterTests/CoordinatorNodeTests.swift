import Bytes
import Cluster
import Domain
import Testing

/// Who the workers are and how the coordinator sees them.
@Suite struct CoordinatorNodeTests {
  private static func states(_ bench: inout CoordinatorBench) -> [String] {
    (bench.document(.nodes)["nodes"]?.elements ?? []).map {
      "\($0["name"]?.text ?? "") \($0["state"]?.text ?? "")"
    }
  }

  @Test func `each start raises the epoch before anything else is done`() {
    var bench = CoordinatorBench()
    #expect(bench.coordinator.epoch == Epoch(1))

    bench.restart()

    #expect(bench.coordinator.epoch == Epoch(2))
    #expect(bench.log.last == .epochRaised(Epoch(2)))
  }

  @Test func `a worker is welcomed with the epoch after it is in the catalogue`() throws {
    var bench = CoordinatorBench()

    let (peer, effects) = try bench.greet("w0", capacity: 3)

    let name = try #require(Name("w0"))
    let records = effects.position { $0 == .persist([.workerSeen(name, capacity: 3)]) }
    let welcome = effects.position { $0 == .send(peer, .welcome(Epoch(1))) }
    #expect(try #require(records) < (try #require(welcome)))
    #expect(Self.states(&bench) == ["w0 ok"])
  }

  @Test func `a worker that says nothing for five seconds is closed`() {
    var bench = CoordinatorBench()
    let peer = bench.connect(.worker)

    #expect(bench.pass(4_999).closed == [])
    #expect(bench.pass(1).closed == [peer])
  }

  @Test func `workers hear of the coordinator each second`() throws {
    var bench = CoordinatorBench()
    let (peer, _) = try bench.greet("w0")

    let beats = bench.pass(3_000).count { $0 == .send(peer, .heartbeat) }

    #expect((3...4).contains(beats))
  }

  @Test func `a silent worker is suspect after five seconds and closed as lost after fifteen`()
    throws
  {
    var bench = CoordinatorBench()
    let (peer, _) = try bench.greet("w0")

    bench.pass(4_999)
    #expect(Self.states(&bench) == ["w0 ok"])
    bench.pass(1)
    #expect(Self.states(&bench) == ["w0 suspect"])
    #expect(bench.pass(9_999).closed == [])
    #expect(bench.pass(1).closed == [peer])
    #expect(Self.states(&bench) == ["w0 lost"])
  }

  @Test func `a suspect that is heard again is ok`() throws {
    var bench = CoordinatorBench()
    let (peer, _) = try bench.greet("w0")
    bench.pass(6_000)

    bench.handle(.worker(peer, .heartbeat(.some)))

    #expect(Self.states(&bench) == ["w0 ok"])
  }

  @Test func `a worker whose connection ends is suspect, lost after fifteen seconds, ok when back`()
    throws
  {
    var bench = CoordinatorBench()
    let (peer, _) = try bench.greet("w0")

    bench.handle(.disconnected(peer, reason: "reset"))
    #expect(Self.states(&bench) == ["w0 suspect"])
    bench.pass(15_000)
    #expect(Self.states(&bench) == ["w0 lost"])
    _ = try bench.greet("w0", incarnation: 2)
    #expect(Self.states(&bench) == ["w0 ok"])
  }

  @Test func `after a start known workers are joining until they are lost`() throws {
    var bench = CoordinatorBench()
    _ = try bench.greet("w0")
    bench.restart()

    #expect(Self.states(&bench) == ["w0 joining"])
    bench.pass(15_000)
    #expect(Self.states(&bench) == ["w0 lost"])
  }

  @Test func `a loop that was late itself calls nobody silent`() throws {
    var bench = CoordinatorBench()
    _ = try bench.greet("w0")
    bench.pass(1_000)

    bench.now += 60_000
    bench.handle(.tick)

    #expect(Self.states(&bench) == ["w0 ok"])
  }

  @Test func `the newer process of a name takes over and the older is closed`() throws {
    var bench = CoordinatorBench()
    let (old, _) = try bench.greet("w0", incarnation: 5)

    let (new, effects) = try bench.greet("w0", incarnation: 6)

    #expect(effects.closed == [old])
    #expect(effects.sent(to: new) == [.welcome(Epoch(1))])
    #expect(Self.states(&bench) == ["w0 ok"])
  }

  @Test func `the older process of a name is refused while the newer is there`() throws {
    var bench = CoordinatorBench()
    _ = try bench.greet("w0", incarnation: 6)

    let (old, effects) = try bench.greet("w0", incarnation: 5)

    #expect(effects.closed == [])
    let reason = try #require(effects.refusal(to: old))
    #expect(reason.string.contains("a newer process of worker 'w0' is connected"))
  }

  @Test func `what an older connection still says changes nothing`() throws {
    var bench = CoordinatorBench()
    let (old, _) = try bench.greet("w0", incarnation: 5)
    _ = try bench.greet("w0", incarnation: 6)
    let before = bench.coordinator.catalogue

    let effects = bench.handle(.worker(old, .heartbeat(.some)))

    #expect(effects == [])
    #expect(bench.coordinator.catalogue == before)
  }

  @Test func `a worker with data of sets this cluster never had is refused`() throws {
    var bench = CoordinatorBench()
    let place = ShardPlace(set: SetID(9), shard: ShardIndex(0))
    let replica = ReplicaInventory(
      place: place,
      contents: ShardContents(lsn: 1),
      prepared: [],
      membershipJob: nil,
      stagedJobs: []
    )

    let (peer, effects) = try bench.greet("w0", replicas: [replica])

    let reason = try #require(effects.refusal(to: peer))
    #expect(reason.string.contains("belongs to another cluster"))
  }

  @Test func `a dropped set's data go when the worker comes back`() throws {
    var imported = try ImportedSet()
    _ = try imported.commit("one")
    let (worker, peer) = try #require(imported.workers.first)
    imported.bench.handle(.disconnected(peer, reason: "reset"))
    _ = imported.bench.reply(to: .dropSet(imported.name))

    let (again, effects) = try imported.bench.greet(
      worker.text.string,
      replicas: imported.inventory(of: worker)
    )

    #expect(effects.sent(to: again) == [.welcome(Epoch(1)), .dropSet(imported.set.id)])
  }

  @Test func `a worker without the data it should have makes its shards missing, with the reason`()
    throws
  {
    var imported = try ImportedSet()
    _ = try imported.commit("one")
    let (worker, peer) = try #require(imported.workers.sorted { $0.key < $1.key }.first)
    imported.bench.handle(.disconnected(peer, reason: "reset"))

    _ = try imported.bench.greet(worker.text.string)

    let document = imported.bench.document(.shards(set: imported.name))
    let missing = (document["shards"]?.elements ?? []).filter { $0["state"]?.text == "missing" }
    #expect(missing.count == imported.inventory(of: worker).count)
    #expect(
      missing.first?["reason"]?.text?.string.contains("came without the shard's data") == true
    )
    let status = imported.bench.document(.status)
    #expect(status["health"]?.text == "down")
    let begun = imported.bench.reply(to: .beginImport(imported.specification("two")))
    #expect(begun?.error?.code == .noCopy)
  }
}

extension WorkerVitals {
  static let some = WorkerVitals(
    residentByteCount: 1_000,
    memoryByteLimit: 0,
    diskFreeByteCount: 5_000,
    runningCount: 1,
    queuedCount: 0
  )
}
