import Bytes
import Cluster
import Domain
import Intake
import Propensity
import Runtime
import Testing

extension ProcessTests {
  /// Models trained on real sockets and real disk.
  @Suite struct TrainingEndToEndTests {
    private static let customers: Name = makeName("customers")
    private static let churn: Name = makeName("churn")

    /// Customers whose leaving depends on their age, country and spending.
    private static func lines(_ count: Int) -> String {
      var random = SeededRandom(seed: 5)
      return (0..<count).map { number in
        let age = 18 + random.below(60)
        let country = ["NO", "SE", "DE"][random.below(3)]
        let spent = random.below(1_000)
        let odds = age / 10 + (country == "DE" ? 4 : 0) + spent / 250
        let isGone = random.below(14) < odds
        return #"{"_id":"c\#(number)","age":\#(age),"country":"\#(country)","spent":\#(spent),"#
          + #""note":"n\#(number)","gone":\#(isGone)}"# + "\n"
      }.joined()
    }

    private static var instance: [UInt8] {
      Array(
        """
        {"name": "churn", "type": "churn", "goal": "gone = true",
         "training": {"treeCountMax": 12, "learningRate": 0.2}}
        """.utf8
      )
    }

    private func makeCluster(workers: Int, shards: UInt32 = 7) throws -> TestCluster {
      let cluster = try TestCluster(workerCount: workers)
      var options = ImportJob.Options(set: Self.customers)
      options.shardCountIfNew = .exactly(shards)
      let file = try cluster.scratch.write("customers.jsonl", Self.lines(2_500))
      _ = try ImportJob(
        try IntakeSource([.init(file, .attributes)], options: IntakeOptions()),
        options: options,
        connect: { try cluster.connect() },
        progress: { _ in }
      ).run()
      _ = try cluster.connect().document(.applyInstances([Self.instance], isDryRun: false))
      return cluster
    }

    private func train(
      _ cluster: TestCluster,
      progress: (Value) throws -> Void = { _ in }
    ) throws -> Value {
      try EvaluationJob(connect: { try cluster.connect() }).run(
        TrainingRequest(
          instance: Self.churn,
          set: Self.customers,
          asOf: Instant(milliseconds: 1_780_000_000_000),
          token: EvaluationJob.makeToken(),
          timeoutMilliseconds: nil
        ),
        progress: progress
      )
    }

    private func model(_ cluster: TestCluster) throws -> [UInt8] {
      guard case .model(let file, _) = try cluster.connect().request(.model(Self.churn)) else {
        throw TestFailure("no model")
      }
      return file
    }

    @Test(.timeLimit(.minutes(2)))
    func `a model is the same bytes on one worker, on three, and with one restarted meanwhile`()
      throws
    {
      let alone = try makeCluster(workers: 1)
      let job = try train(alone)
      #expect(job["state"]?.text == "done", "\(job)")
      let report = try #require(job["report"])
      #expect(report["rows"] == .integer(2_500))
      #expect(report["quality"]?["areaUnderCurve"]?.number ?? 0 > 0.6, "\(report)")
      let file = try model(alone)
      #expect(try PropensityModel(decoding: file).trees.count > 1)

      let three = try makeCluster(workers: 3)
      var wasRestarted = false
      let again = try train(three) { document in
        guard !wasRestarted, document["done"]?.integer ?? 0 >= 2 else { return }
        wasRestarted = true
        three.stopWorker(1)
        try three.startWorker(1)
      }

      #expect(again["state"]?.text == "done", "\(again)\n\(three.lines.all.joined())")
      #expect(try model(three) == file)
      #expect(again["report"] == report)
      #expect(alone.failures + three.failures == [])
    }

    @Test(.timeLimit(.minutes(3)))
    func `any number of workers and of shards makes the same model and scores`() throws {
      var expected: (model: [UInt8], scores: [PageRow])?
      for (workers, shards) in [(1, 1), (2, 7), (3, 16), (7, 7), (7, 64)] as [(Int, UInt32)] {
        let cluster = try makeCluster(workers: workers, shards: shards)
        #expect(try train(cluster)["state"]?.text == "done")
        #expect(try score(cluster)["state"]?.text == "done")
        let found = (model: try model(cluster), scores: try scores(cluster))
        if let expected {
          #expect(found.model == expected.model, "\(workers) workers, \(shards) shards")
          #expect(found.scores == expected.scores, "\(workers) workers, \(shards) shards")
        }
        expected = found
        #expect(cluster.failures == [])
        cluster.stop()
      }
    }

    private func score(
      _ cluster: TestCluster,
      progress: (Value) throws -> Void = { _ in }
    ) throws -> Value {
      try EvaluationJob(connect: { try cluster.connect() }).run(
        ScoringRequest(
          instance: Self.churn,
          set: Self.customers,
          asOf: Instant(milliseconds: 1_780_000_000_000),
          token: EvaluationJob.makeToken(),
          isForced: true
        ),
        progress: progress
      )
    }

    /// What is told of the model and its last scoring, other than when and by which job.
    private func insights(_ cluster: TestCluster) throws -> Value {
      let document = try cluster.connect().document(.insights(Self.churn))
      let members = ["quality", "scores", "buckets", "drift", "warnings"] as [Text]
      return .object(try members.map { ($0, try #require(document[$0])) })
    }

    /// Sees that an explanation is that of the stored score and adds up.
    private func checkExplanation(_ cluster: TestCluster, _ key: Text) throws -> Value {
      let request = ClientRequest.explainScore(
        set: Self.customers,
        instance: Self.churn,
        ProfileKey(key)
      )
      let document = try cluster.connect().document(request)
      #expect(document["isEligible"] == .boolean(true), "\(document)")
      for member in ["score", "probability", "percentile", "bucket"] as [Text] {
        #expect(document[member] != nil && document["stored"]?[member] == document[member])
      }
      let factors = document["factors"]?.elements ?? []
      let sum = factors.compactMap { $0["shap"]?.number }.reduce(0, +)
      let (base, margin) = (document["base"]?.number ?? 0, document["margin"]?.number ?? 9)
      #expect(abs(base + sum - margin) < 1e-9, "\(document)")
      let stored = document["stored"]?["factors"]?.elements ?? []
      #expect(stored.map { $0["code"] } == factors.prefix(10).map { $0["code"] })
      return document
    }

    /// What the cluster keeps of every profile, by key.
    private func scores(_ cluster: TestCluster) throws -> [PageRow] {
      var rows: [PageRow] = []
      var stream = MemberStream(
        try cluster.connect(),
        set: Self.customers,
        query: PageQuery(audience: nil, rowCountMax: 1_000, fields: ["covey.propensity"])
      )
      while let page = try stream.next() { rows += page }
      return rows
    }

    @Test(.timeLimit(.minutes(2)))
    func `scores become fields of the profiles, the same whoever is restarted meanwhile`() throws {
      let alone = try makeCluster(workers: 1)
      _ = try train(alone)
      let job = try score(alone)
      #expect(job["state"]?.text == "done", "\(job)")
      #expect(job["scored"] == .integer(2_500))
      let expected = try scores(alone)
      #expect(expected.count == 2_500)
      let first = expected.first?.fields["covey.propensity"]?["churn"]
      #expect(first?["score"]?.integer.map { (0...100).contains($0) } == true)
      #expect(first?["percentile"]?.integer.map { (1...100).contains($0) } == true)
      #expect(first?["factors"]?.elements?.isEmpty == false)
      let found = try insights(alone)
      #expect(found["scores"]?.elements?.compactMap(\.integer).reduce(0, +) == 2_500)
      // A second scoring and a training after it see the same data.
      #expect(try score(alone)["state"]?.text == "done")
      #expect(try scores(alone) == expected)
      #expect(try insights(alone) == found)
      let explained = try checkExplanation(alone, "c7")
      let missing = ClientRequest.explainScore(
        set: Self.customers,
        instance: Self.churn,
        ProfileKey("nobody")
      )
      #expect(throws: ClusterError.self) { try alone.connect().document(missing) }
      let file = try model(alone)
      _ = try train(alone)
      #expect(try model(alone) == file, "scores are no features")

      let three = try makeCluster(workers: 3)
      _ = try train(three)
      var wasRestarted = false
      let again = try score(three) { document in
        guard !wasRestarted, document["done"]?.integer ?? 0 >= 1 else { return }
        wasRestarted = true
        three.stopWorker(2)
        try three.startWorker(2)
      }

      #expect(again["state"]?.text == "done", "\(again)\n\(three.lines.all.joined())")
      #expect(try scores(three) == expected)
      #expect(try insights(three) == found)
      #expect(try checkExplanation(three, "c7") == explained)
      #expect(alone.failures + three.failures == [])
    }

    @Test(.timeLimit(.minutes(2)))
    func `what is wrong with an instance is told when it is applied or trained`() throws {
      let cluster = try makeCluster(workers: 2)
      let client = try cluster.connect()
      func refusal(_ file: String) -> ClusterError? {
        do {
          _ = try client.document(.applyInstances([Array(file.utf8)], isDryRun: false))
          return nil
        } catch { return error as? ClusterError }
      }

      let unknown = refusal(#"{"name":"a","type":"churn","goal":"gone = true","gaol":1}"#)
      let rule = refusal(#"{"name":"a","type":"churn","goal":"gone = = true"}"#)
      #expect(unknown?.code == .badInstance)
      #expect(unknown?.message.string.contains("unknown field 'gaol'") == true)
      #expect(rule?.code == .badInstance)
      #expect(rule?.message.string.contains("'goal'") == true)
      #expect(try client.document(.instances)["instances"]?.elements?.count == 1)

      let never = #"{"name":"churn","type":"churn","goal":"age > 500"}"#
      _ = try client.document(.applyInstances([Array(never.utf8)], isDryRun: false))
      let job = try train(cluster)
      #expect(job["state"]?.text == "failed")
      #expect(job["error"]?["code"] == .string("NOT_TRAINABLE"))
      #expect(
        job["error"]?["message"]
          == .string(
            "the goal is reached by none of the 2500 rows; at least 500 of either are needed"
          )
      )
      #expect(cluster.failures.isEmpty)
    }
  }
}
