import Bytes
import Cluster
import Domain
import Intake
import Platform
import Runtime
import Testing
import Wire

extension ProcessTests {
  @Suite struct EndToEndTests {
    @Test(.timeLimit(.minutes(2)))
    func `files become audiences on three workers, and an export`() throws {
      let shop = Shop(customerCount: 300)
      let cluster = try TestCluster(workerCount: 3)

      let imported = try cluster.importShop(shop)
      _ = try cluster.applySegments(of: shop)
      let job = try cluster.evaluateShop()

      #expect(imported.document["profiles"]?.integer == 300)
      #expect(job["state"]?.text == "done", "\(job)")
      for segment in shop.segments {
        #expect(try cluster.members(of: segment.id) == shop.members(of: segment.id))
      }

      let path = AudienceExport.path(
        for: cluster.scratch.path,
        segment: makeName("nordic"),
        format: .csv
      )
      var export = AudienceExport(
        set: TestCluster.shop,
        segment: makeName("nordic"),
        format: .csv,
        path: path
      )
      export.fields = ["country", "age"]
      let manifest = try export.run(try cluster.connect())

      let nordic = shop.members(of: "nordic")
      let text = try cluster.scratch.read("nordic.csv")
      let lines = text.split(separator: "\n")
      #expect(path == cluster.scratch.path + "/nordic.csv")
      #expect(lines.first == "key,status,lastQualificationTime,country,age")
      #expect(lines.dropFirst().map { String($0.prefix { $0 != "," }) } == nordic)
      #expect(manifest.rowCount == UInt64(nordic.count))
      #expect(manifest.byteCount == text.utf8.count)
      let digest = SHA256.hash(Array(text.utf8)).map { byte in
        String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
      }.joined()
      #expect(manifest.sha256 == digest)
      #expect(
        try Value.parse(json: Text(cluster.scratch.read("nordic.csv.manifest.json")))
          == manifest.document
      )
      #expect(cluster.failures.isEmpty)
    }

    @Test(.timeLimit(.minutes(2)))
    func `the same import a second time does nothing`() throws {
      let shop = Shop(customerCount: 20)
      let cluster = try TestCluster(workerCount: 2)
      _ = try cluster.importShop(shop)

      let again = try cluster.importShop(shop)

      #expect(again.document["isRepeated"]?.boolean == true)
      #expect(again.document["profiles"]?.integer == 20)
      #expect(again.attemptCount == 0)
    }

    @Test(.timeLimit(.minutes(2)))
    func `too many bad rows store nothing`() throws {
      let cluster = try TestCluster(workerCount: 1)
      let path = try cluster.scratch.write("bad.jsonl", "{\"_id\":\"a\"}\n{\"age\":1}\n")
      let source = try IntakeSource([.init(path, .attributes)])
      var options = ImportJob.Options(set: TestCluster.shop)
      options.shardCountIfNew = .exactly(2)

      let job = ImportJob(source, options: options, connect: { try cluster.connect() })

      #expect(throws: ImportError.self) { try job.run() }
      #expect(try cluster.connect().document(.sets)["sets"]?.elements == [])
      options.rejectCountMax = 1
      let lenient = ImportJob(source, options: options, connect: { try cluster.connect() })
      #expect(try lenient.run().document["profiles"]?.integer == 1)
    }

    @Test(.timeLimit(.minutes(2)))
    func `every bad definition is named, and none is applied`() throws {
      let cluster = try TestCluster(workerCount: 1)
      let bad: [Value] = ["age >", "age > 3", "nosuch("].enumerated().map { index, rule in
        .object([
          ("id", .string("s\(index)")), ("name", .string("s")),
          ("expression", .object([("value", .string(rule))])),
        ])
      }
      let client = try cluster.connect()

      do {
        _ = try client.document(
          .applySegments(bad, set: nil, isDryRun: false, removesOthers: false)
        )
        Issue.record("bad definitions were applied")
      } catch let error as ClusterError {
        #expect(error.code == .badDefinition)
        #expect(error.description.contains("s0"))
        #expect(error.description.contains("s2"))
        #expect(!error.description.contains("s1"))
      }
      #expect(try client.document(.segments(set: nil))["segments"]?.elements == [])
    }

    @Test(.timeLimit(.minutes(2)))
    func `a viewer sees how the cluster stands and no profile`() throws {
      let shop = Shop(customerCount: 5)
      let cluster = try TestCluster(workerCount: 1)
      _ = try cluster.importShop(shop)
      let viewer = try cluster.connect(.viewer)

      let status = try viewer.document(.status)

      #expect(status["profiles"]?.integer == 5)
      do {
        _ = try viewer.document(.profile(set: TestCluster.shop, ProfileKey("c1")))
        Issue.record("a viewer saw a profile")
      } catch let error as ClusterError {
        #expect(error.code == .notPermitted)
      }
      let profile = try cluster.connect().document(
        .profile(set: TestCluster.shop, ProfileKey("c1"))
      )
      #expect(profile["attributes"]?["age"]?.integer == Int64(shop.customers[1].age))
    }

    @Test(.timeLimit(.minutes(2)))
    func `a worker with next to no memory and one open shard gives the same audiences`() throws {
      let shop = Shop(customerCount: 300)
      let cluster = try TestCluster(
        workerCount: 1,
        changeWorker: { options in
          options.memoryBudgetMebibytes = 1
          options.openStoreCountMax = 1
          options.threadCount = 4
        }
      )

      _ = try cluster.importShop(shop)
      _ = try cluster.applySegments(of: shop)
      let job = try cluster.evaluateShop()

      #expect(job["state"]?.text == "done", "\(job)")
      for segment in shop.segments {
        #expect(try cluster.members(of: segment.id) == shop.members(of: segment.id))
      }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a dropped set leaves nothing on disk, and its name is free again`() throws {
      let shop = Shop(customerCount: 30)
      let cluster = try TestCluster(workerCount: 1)
      _ = try cluster.importShop(shop)
      let disk = LinuxDisk()
      let shards = cluster.scratch.path + "/w0/shards"
      #expect(try disk.list(shards) == ["1"])

      _ = try cluster.connect().document(.dropSet(TestCluster.shop))
      let again = try cluster.importShop(shop)

      #expect(again.document["isRepeated"]?.boolean == false)
      #expect(again.document["profiles"]?.integer == 30)
      #expect(try disk.list(shards) == ["2"])
    }

    @Test(.timeLimit(.minutes(2)))
    func `a cancelled evaluation leaves no trace, and the next one runs`() throws {
      let shop = Shop(customerCount: 100)
      let cluster = try TestCluster(workerCount: 2)
      _ = try cluster.importShop(shop)
      _ = try cluster.applySegments(of: shop)
      // One worker is away, so the job cannot end by itself.
      cluster.stopWorker(0)

      let cancelled = try cluster.evaluateShop { document in
        guard document["state"]?.text == "running", let id = document["id"]?.text,
          let number = UInt64(id.string.dropFirst("job-".count))
        else { return }
        _ = try cluster.connect().request(.cancelJob(JobID(number)))
      }
      try cluster.startWorker(0)
      try cluster.awaitWorkers(2)

      #expect(cancelled["state"]?.text == "cancelled", "\(cancelled)")
      #expect(try cluster.connect().document(.audiences(set: nil))["audiences"]?.elements == [])
      #expect(try cluster.evaluateShop()["state"]?.text == "done")
      #expect(try cluster.members(of: "nordic") == shop.members(of: "nordic"))
    }

    @Test(.timeLimit(.minutes(2)))
    func `a profile's part in a segment is explained`() throws {
      let shop = Shop(customerCount: 10)
      let cluster = try TestCluster(workerCount: 2)
      _ = try cluster.importShop(shop)
      _ = try cluster.applySegments(of: shop)
      _ = try cluster.evaluateShop()
      let client = try cluster.connect()

      let explanation = try client.document(
        .explain(
          set: TestCluster.shop,
          segment: makeName("nordic-spenders"),
          ProfileKey("c3"),
          asOf: nil
        )
      )
      let overlap = try client.document(
        .overlap(set: TestCluster.shop, [makeName("nordic"), makeName("nordic-spenders")])
      )

      let isMember = shop.members(of: "nordic-spenders").contains("c3")
      #expect(explanation["isMember"]?.boolean == isMember)
      #expect(explanation["lines"]?.elements?.isEmpty == false)
      let both = shop.members(of: "nordic-spenders").count
      #expect(
        overlap["counts"]
          == .array([
            .array([.integer(Int64(shop.members(of: "nordic").count)), .integer(Int64(both))]),
            .array([.integer(Int64(both)), .integer(Int64(both))]),
          ])
      )
    }
  }
}
