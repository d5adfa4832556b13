import Bytes
import Cluster
import Domain
import Testing

/// What listings say; the members are those that scripts rely on.
@Suite struct CoordinatorDocumentTests {
  private static func names(_ value: Value?) -> [String] {
    guard case .object(let object)? = value else { return [] }
    return object.fields.map(\.name.string)
  }

  @Test func `the status of an empty cluster says what to do first`() {
    var bench = CoordinatorBench()

    let status = bench.document(.status)

    #expect(status["health"]?.text == "degraded")
    #expect(status["reason"]?.text == "no worker has joined yet")
    #expect(status["next"]?.text == "covey worker --coordinator 127.0.0.1:7070")
    #expect(status["cluster"]?["id"]?.text == "010203")
    #expect(
      Self.names(status)
        == [
          "cluster", "events", "health", "jobs", "next", "profiles", "reason", "segments", "seq",
          "sets", "shards", "workers",
        ]
    )
  }

  @Test func `a whole cluster is ok without a reason`() throws {
    var imported = try ImportedSet()
    _ = try imported.commit("one")

    let status = imported.bench.document(.status)

    #expect(status["health"]?.text == "ok")
    #expect(status["reason"] == nil)
    #expect(status["profiles"] == .integer(10))
    #expect(status["shards"]?["ok"] == .integer(4))
    #expect(status["jobs"]?["last"]?["kind"]?.text == "import")
  }

  @Test func `a lost worker with shards takes the cluster down, and the reason names it`() throws {
    var imported = try ImportedSet()
    let owner = imported.set.owners[0]
    imported.bench.handle(
      .disconnected(try #require(imported.workers[owner]), reason: "reset by peer")
    )

    let status = imported.bench.document(.status)

    #expect(status["health"]?.text == "down")
    #expect(
      status["reason"]?.text?.string.contains("worker '\(owner)': it is suspect: reset by peer")
        == true
    )
    #expect(status["next"]?.text == Text("covey worker --name \(owner)"))
  }

  @Test func `nodes come worst first and unknown figures are left out`() throws {
    var bench = CoordinatorBench()
    let (_, _) = try bench.greet("w0")
    let (second, _) = try bench.greet("w1")
    bench.handle(.disconnected(second, reason: "reset"))

    let nodes = bench.document(.nodes)["nodes"]?.elements ?? []

    #expect(nodes.map { $0["name"]?.text } == ["w1", "w0"])
    #expect(nodes[0]["memoryBytes"] == nil)
    #expect(nodes[0]["reason"]?.text == "reset")
    #expect(nodes[1]["reason"] == nil)
    #expect(nodes[1]["threads"] == .integer(2))
  }

  @Test func `a job that is done tells its results`() throws {
    var imported = try ImportedSet()
    _ = try imported.commit("one")
    let (job, effects) = try imported.evaluate([try .named("a")])
    _ = try imported.finishTasks(of: effects)

    let document = imported.bench.document(.job(job))

    #expect(document["state"]?.text == "done")
    #expect(document["done"] == .integer(4))
    #expect(document["profiles"] == .integer(10))
    #expect(document["events"] == .integer(4))
    let result = document["results"]?.elements?.first
    #expect(result?["members"] == .integer(4))
    #expect(result?["nanoseconds"] == .integer(20 + 44))
    #expect(result?["rows"] == .integer(12 + 36))
    #expect(result?["steps"] == .integer(80))
    #expect(result?["ownNanoseconds"] == .integer(20))
    #expect(result?["ownRows"] == .integer(12))
    #expect(
      document["sharedCosts"]
        == .array([
          .object([
            ("kind", .string("values")), ("part", .string("values of age")),
            ("segments", .integer(1)), ("nanoseconds", .integer(44)), ("rows", .integer(36)),
            ("steps", .integer(0)),
          ])
        ])
    )
    let jobs = imported.bench.document(.jobs(countMax: 1))["jobs"]?.elements ?? []
    #expect(jobs.map { $0["id"]?.text } == ["job-2"])
    #expect(jobs.allSatisfy { $0["results"] == nil })
  }

  @Test func `sets tell what they hold and who holds it`() throws {
    var imported = try ImportedSet()
    _ = try imported.commit("one")

    let set = imported.bench.document(.set(imported.name))

    #expect(set["profiles"] == .integer(10))
    #expect(set["workers"] == .integer(2))
    #expect(set["lastImport"]?.text == "job-1")
    #expect(set["lastEvaluation"] == nil)
  }

  @Test func `every event raises the sequence number`() {
    var bench = CoordinatorBench()

    let first = bench.document(.status)["seq"]?.integer ?? 0
    let second = bench.document(.status)["seq"]?.integer ?? 0

    #expect(first < second)
  }
}
