import Bytes
import Domain
import Foundation
import Testing

/// `covey propensity` on a cluster of two workers.
@Suite struct PropensityTests {
  @Test(.timeLimit(.minutes(5)))
  func `an instance is applied, trained, shown and deleted, whoever is killed meanwhile`() throws {
    let cluster = try LocalClusterRun(workers: 2)
    defer { cluster.stop() }
    var random = SeededRandom(seed: 3)
    let rows = (0..<2_500).map { number in
      let age = 18 + random.below(60)
      return "c\(number),\(age),\(random.below(60) < age - 18 ? "yes" : "no")\n"
    }
    try cluster.folder.write("_id,age,gone\n" + rows.joined(), to: "customers.csv")
    try cluster.folder.write(
      #"{"name": "churn", "type": "churn", "goal": "gone = \"yes\"", "#
        + #""training": {"treeCountMax": 1000, "learningRate": 0.002, "patience": 0}}"#,
      to: "churn.json"
    )
    _ = try cluster.run("import", "shop", "customers.csv", "--shards", "5")

    let applied = try cluster.run("propensity", "apply", "churn.json")
    #expect(applied.hasPrefix("+ churn\n1 added"))
    let job = try cluster.run(
      "propensity",
      "train",
      "churn",
      "--as-of",
      "2026-01-01",
      "--no-wait"
    )
    let id = String(job.split(separator: "\n").first ?? "")
    func awaitTrees() throws {
      var job = try cluster.document("jobs", id)
      try eventually {
        job = try cluster.document("jobs", id)
        return job["done"]?.integer ?? 0 > 2
      }
      #expect(job["state"] == .string("running"), "\(job)")
    }
    try awaitTrees()
    try cluster.killAndAwaitReturn(of: "worker-1")
    try awaitTrees()
    try cluster.killAndAwaitReturn(of: "coordinator")
    try awaitTrees()
    try cluster.killAndAwaitReturn(of: "worker-2")
    let ended = try cluster.document("jobs", id, "--wait")

    #expect(ended["state"] == .string("done"), "\(ended)")
    #expect(ended["kind"] == .string("train"))
    let shown = try cluster.run("propensity", "show", "churn")
    #expect(shown.contains("model 1 of set shop"), "\(shown)")
    #expect(shown.contains("area under the curve 0."), "\(shown)")
    _ = try cluster.run("propensity", "export", "churn", "--output", "killed")
    let again = try cluster.run(
      "propensity",
      "train",
      "churn",
      "--set",
      "shop",
      "--as-of",
      "2026-01-01"
    )
    #expect(again.contains("model 2 of churn from set shop"), "\(again)")
    _ = try cluster.run("propensity", "export", "churn", "--output", "undisturbed")
    for file in ["model", "features", "report.json"] {
      #expect(
        FileManager.default.contents(atPath: cluster.folder.path("killed/\(file)"))
          == FileManager.default.contents(atPath: cluster.folder.path("undisturbed/\(file)"))
      )
    }
    let compared = try cluster.run("propensity", "compare", "churn", "./killed")
    #expect(compared.contains("neither ranks better"), "\(compared)")
    let unscored = try cluster.run("propensity", "insights", "churn")
    #expect(unscored.contains("scored  never"), "\(unscored)")
    #expect(unscored.contains("NEXT covey propensity score churn"), "\(unscored)")
    _ = try cluster.run("propensity", "explain", "churn", "--profile", "c9", status: 66)
    let scored = try cluster.run("propensity", "score", "churn")
    #expect(scored.contains("2,500 of 2,500 profiles scored"), "\(scored)")
    let insights = try cluster.run("propensity", "insights", "churn", "--html", "churn.html")
    #expect(insights.contains("FACTORS of bucket high"), "\(insights)")
    #expect(try cluster.folder.read("churn.html").hasSuffix("</html>\n"))
    let drift = try cluster.document("propensity", "insights", "churn")["drift"]
    #expect(drift?["features"]?.elements?.first?["code"] == .string("age"))
    let explained = try cluster.run("propensity", "explain", "churn", "--profile", "c9")
    #expect(explained.contains("c9 scores "), "\(explained)")
    #expect(explained.contains("age = "), "\(explained)")
    try cluster.folder.write(
      "id: high\nname: High\n---\ncovey.propensity.churn.score >= 75\n",
      to: "high.pql"
    )
    _ = try cluster.run("segments", "apply", "high.pql")
    let audience = try cluster.document("evaluate", "shop")
    let members = audience["results"]?.elements?.first?["members"]?.integer ?? 0
    #expect((400...900).contains(members), "\(members)")
    try refusesOtherFields(cluster)
    let list = try cluster.document("propensity", "list")
    #expect(list["instances"]?.elements?.first?["model"]?["version"] == .integer(2))
    #expect(try cluster.run("jobs").contains("train"))

    try cluster.restart()
    _ = try cluster.run("propensity", "delete", "churn", "--yes")
    #expect(try cluster.run("propensity", "list").hasPrefix("no propensity instance"))
    _ = try cluster.run("propensity", "train", "churn", "--set", "shop", status: 66)
  }

  /// Sets whose fields are not those that the model learned from get no scores.
  private func refusesOtherFields(_ cluster: LocalClusterRun) throws {
    let sets = [
      ("lacking", "_id,colour\na,red\n", "set 'lacking' has no 'age'"),
      ("texts", "_id,age\na,30\nb,old\n", "set 'texts' has 'age' as string"),
    ]
    for (set, contents, message) in sets {
      try cluster.folder.write(contents, to: "\(set).csv")
      _ = try cluster.run("import", set, "\(set).csv")
      let run = try cluster.start(["propensity", "score", "churn", "--set", set]).finish()
      #expect(run.status == 65)
      #expect(run.messages.contains(message), "\(run.messages)")
      let schema = try cluster.run("sets", "schema", set)
      #expect(!schema.contains("covey"), "\(schema)")
    }
    try cluster.folder.write(
      #"{"_id":"a","age":30}"# + "\n" + #"{"_id":"b","age":"old"}"#,
      to: "m.jsonl"
    )
    _ = try cluster.run("import", "mixed", "m.jsonl")
    let mixed = try cluster.run("propensity", "score", "churn", "--set", "mixed")
    let warning =
      "set 'mixed' has values in 'age' that are no numbers; the model takes them as missing"
    #expect(mixed.contains(warning), "\(mixed)")
    #expect(try cluster.document("jobs")["jobs"]?.elements?.first?["warnings"] != nil)
  }
}
