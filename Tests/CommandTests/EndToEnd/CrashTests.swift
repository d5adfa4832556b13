import Bytes
import Domain
import Foundation
import Testing

/// Processes that are killed in the middle of their work, on real sockets and a real disk.
@Suite(.serialized) struct CrashTests {
  private static let asOf = "2026-01-01T00:00:00Z"

  /// Customers, events and definitions to work on.
  private static func generate(into cluster: LocalClusterRun) throws {
    _ = try cluster.run(
      "generate",
      "--profiles",
      "600",
      "--events",
      "6000",
      "--seed",
      "11",
      "--out",
      "input"
    )
    _ = try cluster.run("segments", "apply", "input/segments.json")
  }

  private static let importWords = [
    "import", "shop", "input/profiles*", "--events", "input/events*", "--shards", "16",
  ]

  private static let evaluateWords = ["evaluate", "shop", "--as-of", asOf]

  /// What must be the same whatever happened: every audience with its members.
  private static func result(_ cluster: LocalClusterRun) throws -> String {
    var text = ""
    for audience in try cluster.document("audiences", "list", "shop")["audiences"]?.elements ?? [] {
      let segment = try #require(audience["segment"]?.text?.string)
      text += "\(segment) \(audience["members"]?.integer ?? -1)\n"
      text += try cluster.run("audiences", "members", "shop", segment, "--limit", "1000000")
    }
    return text
  }

  private static func undisturbed() throws -> String {
    let cluster = try LocalClusterRun(workers: 2)
    try generate(into: cluster)
    #expect(try cluster.start(importWords).finish().status == 0)
    #expect(try cluster.start(evaluateWords).finish().status == 0)
    defer { cluster.stop() }
    return try result(cluster)
  }

  @Test(.timeLimit(.minutes(10)))
  func `killed processes change no answer`() throws {
    let expected = try Self.undisturbed()
    #expect(expected.utf8.count > 1_000)

    for victim in ["worker-2", "coordinator"] {
      let cluster = try LocalClusterRun(workers: 2)
      try Self.generate(into: cluster)

      let importing = try cluster.start(Self.importWords)
      try cluster.awaitRunningJob(kind: "import")
      try cluster.killAndAwaitReturn(of: victim)
      let imported = importing.finish()
      #expect(imported.status == 0, "\(victim): \(imported.messages)\(cluster.log)")

      let evaluating = try cluster.start(Self.evaluateWords)
      try cluster.awaitRunningJob(kind: "evaluate")
      try cluster.killAndAwaitReturn(of: victim)
      let evaluated = evaluating.finish()
      #expect(evaluated.status == 0, "\(victim): \(evaluated.messages)\(cluster.log)")

      #expect(try Self.result(cluster) == expected, "\(victim) was killed")
      try cluster.restart()
      #expect(try Self.result(cluster) == expected, "after a restart of all")
      cluster.stop()
    }
  }
}
