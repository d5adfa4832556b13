import Bytes
import Cluster
import Domain
import Testing

/// What a worker does with tasks of evaluations and with queries.
@Suite struct WorkerTaskTests {
  @Test func `a task is evaluated by its plan and reported, staged`() throws {
    var bench = try Bench(inventory: [Bench.replica(lsn: 5)])
    _ = bench.join()

    let orders = bench.start(Bench.task(), plan: true)
    let report = bench.handle(.completed(.taskFinished(Bench.task(), Bench.result)))

    #expect(orders == [.perform(.evaluate(Bench.plan(), Bench.task()))])
    #expect(report == [.send(PeerID(1), .taskFinished(Bench.task(), Bench.result))])
    #expect(bench.worker.inventory.map(\.stagedJobs) == [[JobID(8)]])
  }

  @Test func `a task without a plan fails and may be tried again`() throws {
    var bench = try Bench()
    _ = bench.join()

    let effects = bench.start(Bench.task(), plan: false)

    let failure = WorkFailure(
      code: "NO_PLAN",
      message: "the worker was told no plan of job-8",
      isRetryable: true
    )
    #expect(effects == [.send(PeerID(1), .taskFailed(Bench.task(), failure))])
  }

  @Test func `a task asked for again while it runs is reported under its new attempt`() throws {
    var bench = try Bench()
    _ = bench.join()
    bench.start(Bench.task(1), plan: true)

    let again = bench.start(Bench.task(2), plan: true)
    let report = bench.handle(.completed(.taskFinished(Bench.task(1), Bench.result)))

    #expect(again == [], "it is not evaluated twice")
    #expect(report == [.send(PeerID(1), .taskFinished(Bench.task(2), Bench.result))])
  }

  @Test func `a task that is done is reported at once when it is asked for again`() throws {
    var bench = try Bench()
    _ = bench.join()
    bench.start(Bench.task(1), plan: true)
    _ = bench.handle(.completed(.taskFinished(Bench.task(1), Bench.result)))

    let again = bench.start(Bench.task(2), plan: false)

    #expect(again == [.send(PeerID(1), .taskFinished(Bench.task(2), Bench.result))])
  }

  @Test func `a task over other contents is evaluated, and the earlier one's end is no answer`()
    throws
  {
    var bench = try Bench()
    _ = bench.join()
    let other = Bench.task(2, contents: ShardContents(lsn: 6))
    bench.start(Bench.task(1), plan: true)

    let orders = bench.start(other, plan: true)
    let early = bench.handle(.completed(.taskFinished(Bench.task(1), Bench.result)))
    let report = bench.handle(.completed(.taskFinished(other, Bench.result)))

    #expect(orders == [.perform(.evaluate(Bench.plan(), other))])
    #expect(early == [])
    #expect(report == [.send(PeerID(1), .taskFinished(other, Bench.result))])
  }

  @Test func `a failed task is reported under its last attempt and may run again`() throws {
    var bench = try Bench()
    _ = bench.join()
    bench.start(Bench.task(1), plan: true)
    bench.start(Bench.task(2), plan: true)
    let failure = WorkFailure(code: "DISK_FULL", message: "no room", isRetryable: true)

    let report = bench.handle(.completed(.taskFailed(Bench.task(1), failure)))

    #expect(report == [.send(PeerID(1), .taskFailed(Bench.task(2), failure))])
    #expect(
      bench.start(Bench.task(3), plan: false)
        == [.perform(.evaluate(Bench.plan(), Bench.task(3)))]
    )
  }

  @Test func `a task that ran through a change of coordinators answers the new one`() throws {
    var bench = try Bench()
    _ = bench.join()
    bench.start(Bench.task(1), plan: true)
    _ = bench.handle(.disconnected(PeerID(1), reason: "closed"))
    _ = bench.join(2, epoch: Epoch(2))

    let again = bench.handle(.message(PeerID(2), .runTask(Bench.task(2))))
    let report = bench.handle(.completed(.taskFinished(Bench.task(1), Bench.result)))

    #expect(again == [])
    #expect(report == [.send(PeerID(2), .taskFinished(Bench.task(2), Bench.result))])
  }

  @Test func `a task that ends between hello and welcome is reported with the welcome`() throws {
    var bench = try Bench(inventory: [Bench.replica(lsn: 5)])
    _ = bench.join()
    bench.start(Bench.task(), plan: true)
    _ = bench.handle(.disconnected(PeerID(1), reason: "closed"))
    _ = bench.tick(at: bench.worker.nextDeadline)
    let hello = bench.handle(.connected(PeerID(2)))
    let early = bench.handle(.completed(.taskFinished(Bench.task(), Bench.result)))

    let welcome = bench.handle(.message(PeerID(2), .welcome(Epoch(1))))
    let over = bench.handle(.message(PeerID(2), .abortJob(JobID(8), SetID(1))))

    guard case .send(_, .hello(let said))? = hello.first else {
      Issue.record("\(hello)")
      return
    }
    #expect(said.replicas.map(\.stagedJobs) == [[]], "the coordinator cannot know of it")
    #expect(early == [])
    #expect(welcome.last == .send(PeerID(2), .taskFinished(Bench.task(), Bench.result)))
    #expect(over == [.perform(.discardJob(JobID(8), SetID(1)))])
  }

  @Test func `what the hello tells of is not reported with the welcome`() throws {
    var bench = try Bench(inventory: [Bench.replica(lsn: 5)])
    _ = bench.join()
    bench.start(Bench.task(), plan: true)
    _ = bench.handle(.disconnected(PeerID(1), reason: "closed"))
    _ = bench.handle(.completed(.taskFinished(Bench.task(), Bench.result)))

    let welcome = bench.join(2)

    #expect(welcome.allSatisfy { if case .send = $0 { false } else { true } })
    #expect(bench.worker.inventory.map(\.stagedJobs) == [[JobID(8)]])
  }

  @Test func `a part is named once on each connection, and is a number after that`() throws {
    var bench = try Bench()
    _ = bench.join()
    let one = Bench.task()
    let two = TaskAttempt(
      job: one.job,
      place: ShardPlace(set: SetID(1), shard: ShardIndex(1)),
      attempt: 1,
      contents: Bench.contents
    )
    bench.start(one, plan: true)
    bench.start(two, plan: false)
    let first = [Self.cost("a", [0], 1), Self.cost("b", [1], 2)]
    let second = [Self.cost("b", [1], 3), Self.cost("b", [2], 4), Self.cost("a", [0], 5)]

    let reports =
      bench.handle(.completed(.taskFinished(one, Bench.result(sharing: first))))
      + bench.handle(.completed(.taskFinished(two, Bench.result(sharing: second))))
    _ = bench.handle(.disconnected(PeerID(1), reason: "closed"))
    _ = bench.join(2)
    let again = bench.handle(.message(PeerID(2), .runTask(two)))

    var short = Bench.result(sharing: [second[1]])
    short.namedCosts = [
      NamedCost(number: 1, cost: second[0].cost), NamedCost(number: 0, cost: second[2].cost),
    ]
    #expect(
      reports == [
        .send(PeerID(1), .taskFinished(one, Bench.result(sharing: first))),
        .send(PeerID(1), .taskFinished(two, short)),
      ]
    )
    #expect(again == [.send(PeerID(2), .taskFinished(two, Bench.result(sharing: second)))])
  }

  private static func cost(_ part: Text, _ users: [Int], _ nanoseconds: UInt64) -> SharedCost {
    SharedCost(
      kind: "events",
      part: part,
      definitions: Bitmap(users),
      cost: WorkCost(nanoseconds: nanoseconds)
    )
  }

  @Test func `plans are of one connection`() throws {
    var bench = try Bench()
    _ = bench.join()
    _ = bench.handle(.message(PeerID(1), .planJob(Bench.plan())))
    _ = bench.handle(.disconnected(PeerID(1), reason: "closed"))
    _ = bench.join(2)

    let effects = bench.handle(.message(PeerID(2), .runTask(Bench.task())))

    guard case .send(PeerID(2), .taskFailed(_, let failure))? = effects.first else {
      Issue.record("\(effects)")
      return
    }
    #expect(failure.code == "NO_PLAN")
  }

  @Test func `a committed job's memberships are the shard's from then on`() throws {
    var bench = try Bench(inventory: [Bench.replica(lsn: 5)])
    _ = bench.join()
    bench.start(Bench.task(), plan: true)
    _ = bench.handle(.completed(.taskFinished(Bench.task(), Bench.result)))
    let commit = CoordinatorMessage.commitJob(JobID(8), Bench.place)

    let orders = bench.handle(.message(PeerID(1), commit))
    let report = bench.handle(.completed(.jobCommitted(JobID(8), Bench.place)))

    #expect(orders == [.perform(.commitJob(JobID(8), Bench.place))])
    #expect(report == [.send(PeerID(1), .jobCommitted(JobID(8), Bench.place))])
    #expect(bench.worker.inventory.map(\.membershipJob) == [JobID(8)])
    #expect(bench.worker.inventory.map(\.stagedJobs) == [[]])
    #expect(
      bench.handle(.message(PeerID(1), commit))
        == [.send(PeerID(1), .jobCommitted(JobID(8), Bench.place))],
      "asked again, it is done"
    )
  }

  @Test(arguments: [
    CoordinatorMessage.commitJob(JobID(8), Bench.place), .abortJob(JobID(8), SetID(1)),
  ])
  func `a job's plan and tasks that its end has overtaken are passed over`(
    end: CoordinatorMessage
  ) throws {
    var bench = try Bench(inventory: [Bench.replica(lsn: 5)])
    _ = bench.join()
    _ = bench.handle(.message(PeerID(1), end))

    let late = bench.start(Bench.task(), plan: true)
    let next = bench.start(Bench.task(job: 9), plan: true)
    _ = bench.handle(.disconnected(PeerID(1), reason: "closed"))
    _ = bench.join(2)
    let plan = bench.handle(.message(PeerID(2), .planJob(Bench.plan())))
    let again = bench.handle(.message(PeerID(2), .runTask(Bench.task())))

    #expect(late == [])
    #expect(next == [.perform(.evaluate(Bench.plan(9), Bench.task(job: 9)))])
    #expect(plan == [])
    #expect(
      again == [.perform(.evaluate(Bench.plan(), Bench.task()))],
      "another connection's orders are not those"
    )
  }

  @Test func `a cancelled job is discarded, and a task of it that ends later too`() throws {
    var bench = try Bench(inventory: [Bench.replica(lsn: 5)])
    _ = bench.join()
    bench.start(Bench.task(), plan: true)

    let orders = bench.handle(.message(PeerID(1), .abortJob(JobID(8), SetID(1))))
    let late = bench.handle(.completed(.taskFinished(Bench.task(), Bench.result)))
    let failed = bench.handle(
      .completed(
        .taskFailed(Bench.task(), WorkFailure(code: "", message: "", isRetryable: false))
      )
    )

    #expect(orders == [.perform(.discardJob(JobID(8), SetID(1)))])
    #expect(late == [.perform(.discardJob(JobID(8), SetID(1)))])
    #expect(failed == [])
    #expect(bench.worker.inventory.map(\.stagedJobs) == [[]])
  }

  @Test func `a staged job that is discarded leaves the inventory when it is gone`() throws {
    var bench = try Bench()
    _ = bench.join()
    bench.start(Bench.task(), plan: true)
    _ = bench.handle(.completed(.taskFinished(Bench.task(), Bench.result)))
    _ = bench.handle(.message(PeerID(1), .abortJob(JobID(8), SetID(1))))

    #expect(bench.worker.inventory.map(\.stagedJobs) == [[JobID(8)]], "still on disk")
    _ = bench.handle(.completed(.jobDiscarded(JobID(8), SetID(1))))
    #expect(bench.worker.inventory.map(\.stagedJobs) == [[]])
  }

  @Test func `a query is answered under its own number to the one who asked`() throws {
    var bench = try Bench()
    _ = bench.join()
    let query = Query.profile(ProfileKey("p"))

    let orders = bench.handle(
      .message(PeerID(1), .query(77, Bench.place, Bench.contents, query))
    )
    let answer = bench.handle(.completed(.answered(1, .counts([1]))))
    let twice = bench.handle(.completed(.answered(1, .counts([1]))))

    #expect(orders == [.perform(.answer(1, Bench.place, Bench.contents, query))])
    #expect(answer == [.send(PeerID(1), .answer(77, .counts([1])))])
    #expect(twice == [])
  }

  @Test func `an answer for a connection that is gone goes to nobody`() throws {
    var bench = try Bench()
    _ = bench.join()
    let query = Query.profile(ProfileKey("p"))
    _ = bench.handle(.message(PeerID(1), .query(77, Bench.place, Bench.contents, query)))
    _ = bench.handle(.disconnected(PeerID(1), reason: "closed"))
    _ = bench.join(2)

    #expect(bench.handle(.completed(.answered(1, .counts([1])))) == [])
  }
}
