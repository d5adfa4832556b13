import Bytes
import Cluster
import Domain
import Testing

/// Definitions that are applied and deleted, and sets that are dropped.
@Suite struct CoordinatorSegmentTests {
  private static func changes(_ reply: ClientReply?) -> [String] {
    guard case .document(let document)? = reply else { return ["\(String(describing: reply))"] }
    return (document["changes"]?.elements ?? []).map {
      "\($0["id"]?.text ?? "") \($0["change"]?.text ?? "")"
    }
  }

  private static func versions(_ bench: CoordinatorBench) -> [String] {
    bench.coordinator.catalogue.definitions.values.sorted { $0.id < $1.id }
      .map { "\($0.id) \($0.version)" }
  }

  @Test func `what is new, changed, gone and the same is told, and versions rise with changes`()
    throws
  {
    var bench = CoordinatorBench()
    _ = bench.apply([try .named("a"), try .named("b"), try .named("c")])

    let reply = bench.apply(
      [try .named("a", says: "false"), try .named("b"), try .named("d")],
      removesOthers: true
    )

    #expect(Self.changes(reply) == ["a changed", "b unchanged", "c removed", "d added"])
    #expect(Self.versions(bench) == ["a 2", "b 1", "d 1"])
  }

  @Test func `a dry run tells the same and changes nothing`() throws {
    var bench = CoordinatorBench()
    _ = bench.apply([try .named("a")])
    let before = bench.log

    let reply = bench.apply(
      [try .named("b")],
      isDryRun: true,
      removesOthers: true
    )

    #expect(Self.changes(reply) == ["a removed", "b added"])
    #expect(bench.log == before)
  }

  @Test func `a circle is refused with its path and nothing of the lot is kept`() throws {
    var bench = CoordinatorBench()
    _ = bench.apply([try .named("a", ["b"])])

    let reply = bench.apply([try .named("b", ["a"]), try .named("c")])

    #expect(reply?.error?.code == .circle)
    #expect(
      reply?.error?.message
        == "the definitions refer to each other in a circle: a -> b -> a"
    )
    #expect(Self.versions(bench) == ["a 1"])
  }

  @Test func `a definition that another one names is not deleted without it`() throws {
    var bench = CoordinatorBench()
    _ = bench.apply([try .named("a"), try .named("b", ["a"])])
    let names = try ["a", "b"].map { try #require(Name($0)) }

    let alone = bench.reply(to: .deleteSegments([names[0]]))
    let both = bench.reply(to: .deleteSegments(names))

    #expect(alone?.error?.message == "segment 'a' is used by segment 'b'")
    #expect(both?.error == nil)
    #expect(Self.versions(bench) == [])
  }

  @Test func `a definition does not use one for another set, nor move away from its users`()
    throws
  {
    func definition(_ id: String, _ set: String?, _ references: [String] = [])
      throws -> SegmentDefinition
    {
      var definition = try SegmentDefinition.named(id, references)
      definition.set = set.flatMap { Name($0) }
      return definition
    }
    var bench = CoordinatorBench()
    _ = bench.apply([try definition("base", "shop"), try definition("user", "shop", ["base"])])

    let moved = bench.apply([try definition("base", "bank")])
    let wide = bench.apply([try definition("wide", nil, ["base"])])
    let freed = bench.apply([try definition("base", nil)])

    #expect(
      moved?.error?.message
        == "segment 'user' for set 'shop' uses segment 'base', which is for set 'bank' alone"
    )
    #expect(wide?.error?.code == .badDefinition)
    #expect(Self.changes(freed) == ["base changed"])
    #expect(Self.versions(bench) == ["base 2", "user 1"])
  }

  @Test func `deleting what is not there is an error that names it`() throws {
    var bench = CoordinatorBench()

    let reply = bench.reply(to: .deleteSegments([try #require(Name("x"))]))

    #expect(reply?.error?.message == "there is no segment 'x'")
  }

  @Test func `an audience is current until its definition or the data change`() throws {
    var imported = try ImportedSet()
    _ = try imported.commit("one")
    let (_, effects) = try imported.evaluate([try .named("a")])
    _ = try imported.finishTasks(of: effects)
    let request = ClientRequest.audience(set: imported.name, try #require(Name("a")))

    let fresh = imported.bench.document(request)["isCurrent"]
    _ = try imported.commit("two", imports: 2)
    let stale = imported.bench.document(request)["isCurrent"]

    #expect(fresh == .boolean(true))
    #expect(stale == .boolean(false))
  }

  @Test func `a set is not dropped while a job runs on it`() throws {
    var imported = try ImportedSet()
    let (job, _) = try imported.evaluate([try .named("a")])

    let busy = imported.bench.reply(to: .dropSet(imported.name))
    _ = imported.bench.reply(to: .cancelJob(job))
    let client = imported.bench.connect(.client)
    let dropped = imported.bench.ask(client, .dropSet(imported.name))

    #expect(busy?.error?.code == .busy)
    #expect(dropped.replies == [.document(.object([("dropped", .string("customers"))]))])
    #expect(dropped.allSent.allSatisfy { $0 == .dropSet(imported.set.id) })
    #expect(imported.bench.reply(to: .set(imported.name))?.error?.code == .noSuchSet)
  }

  @Test func `a set's number of shards and its name are checked`() throws {
    var imported = try ImportedSet()
    let other = try #require(Name("other"))

    let twice = imported.bench.reply(
      to: .createSet(imported.name, shardCount: .exactly(1), description: "")
    )
    let none = imported.bench.reply(to: .createSet(other, shardCount: .exactly(0), description: ""))
    let many = imported.bench.reply(
      to: .createSet(other, shardCount: .exactly(4_097), description: "")
    )

    #expect(twice?.error?.code == .exists)
    #expect(none?.error?.code == .limit)
    #expect(many?.error?.code == .limit)
  }

  @Test(
    arguments: [
      ([], 32), ([2, 1], 32), ([4, 4], 32), ([5, 4], 36), ([64, 64, 128], 1_024),
      ([900, 900], 4_096), ([.max, .max], 4_096),
    ] as [([UInt32], Int)]
  )
  func `a set gets as many shards as suit the workers there are`(
    threadCounts: [UInt32],
    wanted: Int
  ) throws {
    var bench = CoordinatorBench()
    _ = try bench.greet("first", threadCount: threadCounts.first ?? 1)
    for (index, threads) in threadCounts.dropFirst().enumerated() {
      _ = try bench.greet("w\(index)", threadCount: threads)
    }
    let name = try #require(Name("customers"))

    _ = bench.reply(to: .createSet(name, shardCount: .suited, description: ""))

    #expect(bench.coordinator.catalogue.set(named: name)?.shardCount == wanted)
  }
}
