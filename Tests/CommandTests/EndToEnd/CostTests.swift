import Bytes
import Domain
import Testing

/// `covey segments cost` after an evaluation on a cluster of two workers.
@Suite struct CostTests {
  @Test(.timeLimit(.minutes(5)))
  func `an evaluation tells what each segment and each shared part took, and it adds up`() throws {
    let cluster = try LocalClusterRun(workers: 2)
    defer { cluster.stop() }
    _ = try cluster.run("generate", "--profiles", "300", "--events", "3000", "--out", "input")
    _ = try cluster.run("segments", "apply", "input/segments.json")
    _ = try cluster.run(
      "import",
      "shop",
      "input/profiles*",
      "--events",
      "input/events*",
      "--shards",
      "5"
    )
    _ = try cluster.run("evaluate", "shop")

    let costs = try cluster.document("segments", "cost", "shop")
    let first = try cluster.document("segments", "cost", "shop", "--top", "2")

    let segments = try #require(costs["segments"]?.elements)
    let parts = try #require(costs["shared"]?.elements)
    let ids = segments.compactMap { $0["segment"]?.text }
    #expect(ids.count > 2)
    for part in parts {
      let users = part["segmentIds"]?.elements?.compactMap(\.text) ?? []
      #expect(users.count == part["segments"]?.integer.map(Int.init), "\(part)")
      #expect(Set(users).isSubset(of: ids), "\(part)")
    }
    #expect(parts.contains { $0["kind"]?.text == "events" && ($0["rows"]?.integer ?? 0) > 0 })
    #expect(segments.allSatisfy { ($0["rows"]?.integer ?? 0) > 0 })
    for (name, own) in [
      ("nanoseconds", "ownNanoseconds"), ("rows", "ownRows"), ("steps", "ownSteps"),
    ] as [(Text, Text)] {
      let whole = try #require(costs[name]?.integer)
      let alone = try #require(costs[own]?.integer)
      #expect(segments.compactMap { $0[name]?.integer }.reduce(0, +) == whole, "\(name)")
      #expect(parts.compactMap { $0[name]?.integer }.reduce(alone, +) == whole, "\(name)")
      let listed = first["segments"]?.elements?.compactMap { $0[name]?.integer } ?? []
      #expect(listed.count == 2)
      #expect(first["otherSegments"]?[name]?.integer == whole - listed.reduce(0, +), "\(name)")
    }
    let text = try cluster.run("segments", "cost", "shop", "--top", "2")
    #expect(text.contains("\nSEGMENT ") && text.contains("\nSHARED "), "\(text)")
  }
}
