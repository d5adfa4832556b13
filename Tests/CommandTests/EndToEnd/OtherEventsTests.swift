import Bytes
import Domain
import Foundation
import Testing

/// Models over events, and profiles whose events are of other types.
@Suite struct OtherEventsTests {
  private static let asOf = "2026-05-01"

  private static let instance = #"""
    {"name": "buy", "type": "conversion", "goal": {"conditions": ["eventType = \"buy\""]},
     "outcomeWindowDays": 14, "training": {"treeCountMax": 10, "learningRate": 0.3}}
    """#

  /// Events of the 120 days before the cut-off: a third of each customer's are of the first type.
  private static func events(_ buy: String, _ look: String, of count: Int) -> String {
    var random = SeededRandom(seed: 12)
    var lines = "customer,date,eventType\n"
    for customer in 0..<count {
      let gap = [2, 9, 30][random.below(3)]
      var day = random.below(gap)
      while day < 120 {
        let type = random.below(3) == 0 ? buy : look
        let instant = Instant(milliseconds: 1_767_261_600_000 + Int64(day) * 86_400_000)
        lines += "c\(customer),\(instant.clamped.iso),\(type)\n"
        day += 1 + random.below(2 * gap)
      }
    }
    return lines
  }

  private static let columns = ["--event-key", "customer", "--event-time", "date"]
  private static let refusal =
    "'look', 'buy' events of eligible profiles before 2026-05-01T00:00:00Z, "
    + "and the model uses nothing else"

  @Test(.timeLimit(.minutes(5)))
  func `a set or files with none of the types are refused, and one that lacks some is told`() throws
  {
    let cluster = try LocalClusterRun(workers: 2)
    defer { cluster.stop() }
    let sets = [("shop", "buy", "look"), ("other", "order", "view"), ("some", "buy", "view")]
    for (set, buy, look) in sets {
      try cluster.folder.write(Self.events(buy, look, of: 1_600), to: "\(set).csv")
      let run = try cluster.start(["import", set, "--events", "\(set).csv"] + Self.columns)
      #expect(run.finish().status == 0)
    }
    try cluster.folder.write(Self.instance, to: "buy.json")
    _ = try cluster.run("propensity", "apply", "buy.json")
    _ = try cluster.run("propensity", "train", "buy", "--set", "shop", "--as-of", Self.asOf)
    _ = try cluster.run("propensity", "export", "buy", "--output", "out")
    func score(_ set: String) throws -> Covey.Run {
      try cluster.start(["propensity", "score", "buy", "--set", set, "--as-of", Self.asOf]).finish()
    }
    func scoreFile(_ set: String) throws -> Covey.Run {
      try cluster.start(
        [
          "propensity", "score", "--model", "out/model", "--events", "\(set).csv", "--as-of",
          Self.asOf, "--output", "\(set).scores",
        ] + Self.columns
      ).finish()
    }

    let (same, other, some) = try (score("shop"), score("other"), score("some"))
    let (sameFile, otherFile) = try (scoreFile("shop"), scoreFile("other"))
    let someFile = try scoreFile("some")

    #expect(same.status == 0, "\(same.messages)")
    #expect(!same.output.contains("never happened"), "\(same.output)")
    #expect(other.status == 65)
    #expect(other.messages.contains("set 'other' has no \(Self.refusal)"), "\(other.messages)")
    #expect(other.messages.contains("propensity train buy --set other"), "\(other.messages)")
    #expect(try !cluster.run("sets", "schema", "other").contains("covey"))
    #expect(some.status == 0, "\(some.messages)")
    #expect(some.output.contains("set 'some' has no 'look' events of eligible profiles"))
    #expect(sameFile.status == 0, "\(sameFile.messages)")
    #expect(!sameFile.messages.contains("never happened"), "\(sameFile.messages)")
    #expect(otherFile.status == 65)
    #expect(otherFile.messages.contains("the files have no \(Self.refusal)"))
    #expect(!FileManager.default.fileExists(atPath: cluster.folder.path("other.scores")))
    #expect(someFile.status == 0, "\(someFile.messages)")
    #expect(someFile.messages.contains("the files have no 'look' events of eligible profiles"))
  }
}
