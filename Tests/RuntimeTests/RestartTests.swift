import Bytes
import Cluster
import Domain
import Platform
import Runtime
import Synchronization
import Testing

extension ProcessTests {
  @Suite struct RestartTests {
    /// Does something once, whoever asks.
    private final class Once: Sendable {
      private let isDone = Mutex(false)

      func callAsFunction(_ body: () throws -> Void) rethrows {
        let isFirst = isDone.withLock { isDone in
          defer { isDone = true }
          return !isDone
        }
        if isFirst { try body() }
      }
    }

    /// Fails unless every audience has the members that the shop says.
    private func expectAudiences(of shop: Shop, in cluster: TestCluster) throws {
      for segment in shop.segments {
        #expect(try cluster.members(of: segment.id) == shop.members(of: segment.id))
      }
      #expect(cluster.failures.isEmpty)
    }

    @Test(.timeLimit(.minutes(3)), arguments: [true, false])
    func `a restart in the middle of an import changes nothing`(ofWorker: Bool) throws {
      let shop = Shop(customerCount: 4_000)
      let cluster = try TestCluster(workerCount: 2)
      let once = Once()

      let outcome = try cluster.importShop(shop, batchByteCount: 2 << 10) { progress in
        guard progress.phase == .sending, progress.rowCount > 1_000 else { return }
        try once {
          if ofWorker {
            cluster.stopWorker(0)
            try cluster.startWorker(0)
          } else {
            cluster.stopCoordinator()
            try cluster.startCoordinator()
          }
        }
      }
      _ = try cluster.applySegments(of: shop)
      let job = try cluster.evaluateShop()

      #expect(outcome.attemptCount >= 2)
      #expect(outcome.document["profiles"]?.integer == 4_000)
      let events = shop.customers.reduce(0) { $0 + $1.amounts.count }
      #expect(outcome.document["events"]?.integer == Int64(events))
      #expect(job["state"]?.text == "done", "\(job)")
      try expectAudiences(of: shop, in: cluster)
    }

    @Test(.timeLimit(.minutes(3)))
    func `an evaluation waits for a worker, also over a restart of the coordinator`() throws {
      let shop = Shop(customerCount: 200)
      let cluster = try TestCluster(workerCount: 2)
      _ = try cluster.importShop(shop)
      _ = try cluster.applySegments(of: shop)
      cluster.stopWorker(1)
      let once = Once()
      var states: [Text] = []

      let job = try cluster.evaluateShop { document in
        states.append(document["state"]?.text ?? "?")
        try once {
          cluster.stopCoordinator()
          try cluster.startCoordinator()
          try cluster.startWorker(1)
        }
      }

      #expect(states.first == "running")
      #expect(job["state"]?.text == "done", "\(job)")
      #expect(try cluster.connect().document(.jobs(countMax: 10))["jobs"]?.elements?.count == 2)
      try expectAudiences(of: shop, in: cluster)
    }

    @Test(.timeLimit(.minutes(3)))
    func `what was acknowledged is there after everything was restarted`() throws {
      let shop = Shop(customerCount: 100)
      let cluster = try TestCluster(
        workerCount: 2,
        change: { options in
          options.catalogueGrowthMax = 1
          options.catalogueRewriteByteCountMin = 1
        }
      )
      _ = try cluster.importShop(shop)
      _ = try cluster.applySegments(of: shop)
      _ = try cluster.evaluateShop()
      for _ in 0..<3 { _ = try cluster.evaluateShop() }
      #expect(cluster.lines.line(with: "catalogue-rewritten") != nil)

      cluster.stop()
      try cluster.startCoordinator()
      for number in 0..<2 { try cluster.startWorker(number) }
      try cluster.awaitWorkers(2)

      try expectAudiences(of: shop, in: cluster)
      #expect(try cluster.connect().document(.status)["cluster"]?["epoch"]?.integer == 2)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a damaged catalogue is not opened`() throws {
      let cluster = try TestCluster(workerCount: 1)
      _ = try cluster.connect().document(
        .createSet(TestCluster.shop, shardCount: .exactly(3), description: "")
      )
      cluster.stopCoordinator()
      let path = cluster.scratch.path + "/coordinator/catalogue.log"
      var bytes = try LinuxDisk().read(path)
      bytes[40] ^= 1
      try LinuxDisk().replace(path, with: bytes)

      do {
        try cluster.startCoordinator()
        Issue.record("a damaged catalogue was opened")
      } catch let error as RuntimeError {
        guard case .catalogueDamaged(path, _) = error else { throw error }
        #expect(error.description.contains("restore"))
      }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a data folder has one process at a time`() throws {
      let cluster = try TestCluster(workerCount: 1)

      #expect(throws: PlatformError.self) { try cluster.startCoordinator() }
      #expect(throws: PlatformError.self) { try cluster.startWorker(0) }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a worker stays with its first cluster`() throws {
      let first = try TestCluster(workerCount: 1)
      first.stop()
      let second = try TestCluster(workerCount: 0)
      var options = WorkerOptions(
        dataDirectory: first.scratch.path + "/w0",
        coordinator: second.endpoint,
        name: makeName("w0"),
        keyFile: second.keyFile
      )
      options.log = second.lines.log("w0")
      let worker = try WorkerProcess(options)
      let thread = try WorkerThread(named: "w0") { try? worker.run() }

      #expect(second.lines.line(with: "at=w0", "coordinator-unreachable", "cluster") != nil)
      worker.stop()
      thread.join()
    }

    @Test(.timeLimit(.minutes(1)))
    func `a worker refuses a coordinator whose reign is over`() throws {
      let cluster = try TestCluster(workerCount: 1)
      cluster.stopCoordinator()
      let path = cluster.scratch.path + "/coordinator/catalogue.log"
      let old = try LinuxDisk().read(path)
      for _ in 0..<2 {
        try cluster.startCoordinator()
        try cluster.awaitWorkers(1)
        cluster.stopCoordinator()
      }

      try LinuxDisk().replace(path, with: old)
      try cluster.startCoordinator()

      #expect(cluster.lines.line(with: "at=coordinator", "epoch-stale", "epoch=2", "seen=3") != nil)
      let nodes = try cluster.connect().document(.nodes)["nodes"]?.elements
      #expect(nodes?.contains { $0["state"]?.text == "ok" } == false)
    }
  }
}
