import Bytes
import Cluster
import Domain
import Propensity
import Testing

/// Propensity instances in the catalogue.
@Suite struct CoordinatorInstanceTests {
  private func record(_ name: Text, days: Int = 30) throws -> InstanceRecord {
    var instance = ModelTraining.instance(name)
    instance.outcomeWindowDays = days
    return try #require(ModelTraining.record(instance))
  }

  private func apply(
    _ records: [InstanceRecord],
    isDryRun: Bool = false,
    to bench: inout CoordinatorBench
  ) -> ClientReply? {
    let client = bench.connect(.client)
    return bench.handle(.instancesApplied(client, request: 1, records, isDryRun: isDryRun))
      .replies.first
  }

  private func changes(_ reply: ClientReply?) -> [Text] {
    guard case .document(let document)? = reply else { return [] }
    return document["changes"]?.elements?.compactMap { $0["change"]?.text } ?? []
  }

  @Test func `applying raises the version of what has changed and of nothing else`() throws {
    var bench = CoordinatorBench()
    let first = apply([try record("b"), try record("a")], to: &bench)
    let second = apply([try record("a", days: 7), try record("b")], to: &bench)

    #expect(changes(first) == ["added", "added"])
    #expect(changes(second) == ["changed", "unchanged"])
    let instances = bench.coordinator.catalogue.instances
    #expect(instances[try #require(Name("a"))]?.version == 2)
    #expect(instances[try #require(Name("b"))]?.version == 1)
    bench.restart()
    #expect(bench.coordinator.catalogue.instances == instances)
  }

  @Test func `a dry run changes nothing, and one given twice is refused as a whole`() throws {
    var bench = CoordinatorBench()
    let dry = apply([try record("a")], isDryRun: true, to: &bench)
    let twice = apply([try record("a"), try record("a", days: 7)], to: &bench)

    #expect(changes(dry) == ["added"])
    #expect(twice?.error?.code == .badInstance)
    #expect(bench.coordinator.catalogue.instances.isEmpty)
  }

  @Test func `instances are listed, shown and deleted with their models`() throws {
    var training = try TrainingBench(workerCount: 1)
    _ = try training.begin()
    try training.finishAll()

    let list = training.bench.document(.instances)["instances"]?.elements ?? []
    let shown = training.bench.document(.instance(training.name))
    #expect(list.count == 1)
    #expect(list.first?["type"] == .string("churn"))
    #expect(list.first?["model"]?["version"] == .integer(1))
    #expect(list.first?["model"]?["isCurrent"] == .boolean(true))
    #expect(shown["document"]?["goal"] == .string("isGone"))
    #expect(shown["report"]?["rows"] == .integer(2_400))
    #expect(shown["report"]?["quality"]?["areaUnderCurve"]?.number ?? 0 > 0.7)
    let unused = shown["report"]?["unused"]?.elements ?? []
    #expect(unused.map { $0["name"] } == [.string("size"), .string("nothing")])
    #expect(unused.map { $0["reason"] } == [.string("constant"), .string("constant")])
    guard
      case .model(let file, let features)? = training.bench.reply(to: .model(training.name))
    else {
      Issue.record("no file")
      return
    }
    #expect(file == training.model?.file)
    #expect(features == Array("plan".utf8))

    _ = training.bench.reply(to: .deleteInstances([training.name]))
    #expect(training.model == nil)
    #expect(training.bench.document(.instances)["instances"] == .array([]))
  }

  @Test func `a job's document tells rounds, trees and loss while it runs, and the report then`()
    throws
  {
    var training = try TrainingBench(workerCount: 2)
    let job = try training.begin()
    #expect(training.bench.document(.job(job))["phase"] == .string("reading"))
    while training.open.first?.task.round ?? 0 < 10 { try training.finish() }
    let running = training.bench.document(.job(job))
    try training.finishAll()
    let done = training.bench.document(.job(job))

    #expect(running["kind"] == .string("train"))
    #expect(running["phase"] == .string("training"))
    let treeCountMax = ModelTraining.instance("model").training.treeCountMax
    #expect(running["total"] == .integer(Int64(treeCountMax)))
    #expect(running["unit"] == .string("trees"))
    #expect(running["round"] == .integer(10))
    #expect(running["holdOutLoss"]?.number ?? 9 < 1)
    #expect(done["state"] == .string("done"))
    #expect(done["modelVersion"] == .integer(1))
    #expect(done["done"] == done["report"]?["trees"])
  }
}
