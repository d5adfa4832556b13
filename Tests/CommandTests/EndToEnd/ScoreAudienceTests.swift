import Bytes
import Domain
import Testing

/// `covey propensity check` and `audience` on a cluster of two workers.
@Suite struct ScoreAudienceTests {
  private struct Scored {
    var key: String
    var scores: Value
  }

  /// The scores of all customers, by key.
  private func scores(_ cluster: LocalClusterRun) throws -> [Scored] {
    let document = try cluster.document(
      "audiences",
      "members",
      "shop",
      "everyone",
      "--limit",
      "5000",
      "--fields",
      "covey.propensity"
    )
    return try (document["members"]?.elements ?? []).compactMap { member in
      guard let scores = member["fields"]?["covey.propensity"]?["at-risk"] else { return nil }
      return Scored(key: try #require(member["key"]?.text?.string), scores: scores)
    }
  }

  private func members(_ cluster: LocalClusterRun, _ segment: String) throws -> [String] {
    let document = try cluster.document(
      "audiences",
      "members",
      "shop",
      segment,
      "--limit",
      "5000"
    )
    return (document["members"]?.elements ?? []).compactMap { $0["key"]?.text?.string }
  }

  @Test(.timeLimit(.minutes(5)))
  func `an audience of scores has exactly the profiles that its options say`() throws {
    let cluster = try LocalClusterRun(workers: 2)
    defer { cluster.stop() }
    var random = SeededRandom(seed: 31)
    let rows = (0..<2_200).map { number in
      let age = 18 + random.below(60)
      let plan = ["basic", "plus"][random.below(2)]
      let isGone = random.below(70) < age - 18 + (plan == "basic" ? 20 : 0)
      return
        "c\(number),\(age),\(plan),\(number % 11 == 0 ? "no" : "yes"),\(isGone ? "yes" : "no")\n"
    }
    try cluster.folder.write("_id,age,plan,active,gone\n" + rows.joined(), to: "customers.csv")
    func write(eligible: String) throws {
      try cluster.folder.write(
        #"{"name": "at-risk", "type": "churn", "goal": "gone = \"yes\"", "eligible": "\#(eligible)","#
          + #" "training": {"treeCountMax": 20, "learningRate": 0.2}}"#,
        to: "at-risk.json"
      )
    }
    try write(eligible: #"active = \"yes\""#)
    _ = try cluster.run("import", "shop", "customers.csv", "--shards", "5")
    _ = try cluster.run("propensity", "apply", "at-risk.json")

    let check = try cluster.document("propensity", "check", "at-risk")
    #expect(check["isTrainable"] == .boolean(true), "\(check)")
    #expect(check["rows"] == .integer(2_000))
    #expect(try cluster.run("jobs").contains("check"))
    let early = try cluster.start([
      "propensity", "audience", "at-risk", "--bucket", "high", "--apply",
    ])
    .finish()
    #expect(early.status == 65)
    #expect(early.messages.contains("has not been trained"), "\(early.messages)")

    _ = try cluster.run("propensity", "train", "at-risk")
    let unscored = try cluster.start(
      ["propensity", "audience", "at-risk", "--bucket", "high", "--apply"]
    ).finish()
    #expect(unscored.status == 65)
    #expect(unscored.messages.contains("no profile of set 'shop' has scores"))
    _ = try cluster.run("propensity", "score", "at-risk", "--force")

    let printed = try cluster.run(
      "propensity",
      "audience",
      "at-risk",
      "--bucket",
      "medium",
      "--min-score",
      "40"
    )
    #expect(
      printed == """
        id: at-risk-bucket-medium-score-40-and-above
        name: at-risk: bucket medium, score 40 and above
        set: shop
        ---
        covey.propensity.`at-risk`.bucket = "medium"
        and covey.propensity.`at-risk`.score >= 40

        """,
      "\(printed)"
    )
    _ = try cluster.run(
      "propensity",
      "audience",
      "at-risk",
      "--bucket",
      "medium",
      "--min-score",
      "40",
      "--id",
      "middle",
      "--output",
      "middle.pql"
    )
    _ = try cluster.run("segments", "apply", "middle.pql")
    _ = try cluster.run(
      "propensity",
      "audience",
      "at-risk",
      "--min-percentile",
      "90",
      "--id",
      "top",
      "--apply"
    )
    _ = try cluster.run(
      "propensity",
      "audience",
      "at-risk",
      "--factor",
      "plan",
      "--direction",
      "up",
      "--importance",
      "high",
      "--id",
      "planned",
      "--apply"
    )
    let typo = try cluster.start(["propensity", "audience", "at-risk", "--factor", "plam"]).finish()
    #expect(typo.status == 65)
    #expect(typo.messages.contains("did you mean 'plan'?"), "\(typo.messages)")
    try cluster.folder.write("id: everyone\n---\nage > 0\n", to: "everyone.pql")
    _ = try cluster.run("segments", "apply", "everyone.pql")
    _ = try cluster.run("evaluate", "shop")

    let all = try scores(cluster)
    #expect(all.count == 2_000)
    func expected(_ isIn: (Value) -> Bool) -> [String] {
      all.filter { isIn($0.scores) }.map(\.key)
    }
    let middle = expected {
      $0["bucket"] == .string("medium") && $0["score"]?.integer ?? 0 >= 40
    }
    let top = expected { $0["percentile"]?.integer ?? 0 >= 90 }
    let planned = expected { scores in
      scores["factors"]?.elements?.contains {
        $0["code"] == .string("plan") && $0["direction"] == .string("up")
          && $0["importance"] == .string("high")
      } == true
    }
    #expect(try members(cluster, "middle") == middle)
    #expect(try members(cluster, "top") == top)
    #expect(try members(cluster, "planned") == planned)
    #expect(!middle.isEmpty && !top.isEmpty && !planned.isEmpty)

    // Who is no longer eligible has no scores after the next scoring.
    try write(eligible: #"active = \"yes\" and age < 60"#)
    _ = try cluster.run("propensity", "apply", "at-risk.json")
    _ = try cluster.run("propensity", "train", "at-risk")
    let again = try cluster.run("propensity", "score", "at-risk", "--force")
    let young = rows.count { row in
      let cells = row.split(separator: ",")
      return cells[3] == "yes" && (Int(cells[1]) ?? 0) < 60
    }
    #expect(again.contains("of 2,200 profiles scored"), "\(again)")
    #expect(try scores(cluster).count == young)
  }
}
