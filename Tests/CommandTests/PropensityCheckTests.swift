import Bytes
import Domain
import Foundation
import Testing

/// `covey propensity check` on files, and input that allows no good model.
@Suite struct PropensityCheckTests {
  /// Customers whose leaving depends on their age; `cells` adds columns.
  private static func customers(
    _ count: Int,
    header: String = "",
    cells: (Int, Bool) -> String = { _, _ in "" }
  ) -> String {
    var random = SeededRandom(seed: 21)
    let rows = (0..<count).map { number in
      let age = 18 + random.below(60)
      let isGone = random.below(10) < (age > 45 ? 6 : 2)
      return "c\(number),\(age),\(isGone ? "yes" : "no")\(cells(number, isGone))\n"
    }
    return "_id,age,gone\(header)\n" + rows.joined()
  }

  private static let instance = """
    {"name": "churn", "type": "churn", "goal": "gone = \\"yes\\"",
     "training": {"treeCountMax": 8, "learningRate": 0.3}}
    """

  private func run(
    _ word: String,
    _ profiles: String,
    instance: String = instance,
    _ more: [String] = [],
    in folder: Scratch
  ) throws -> Covey.Run {
    let file = try folder.write(profiles, to: "profiles.csv")
    let instance = try folder.write(instance, to: "instance.json")
    return try Covey.run(
      ["propensity", word, "--profiles", file, "--instance", instance, "--as-of", "2026-01-01"]
        + more
    )
  }

  private func check(
    _ profiles: String,
    instance: String = instance,
    _ more: String...
  ) throws -> Covey.Run {
    try run("check", profiles, instance: instance, more, in: try Scratch())
  }

  private func train(_ profiles: String, instance: String = instance) throws -> (
    run: Covey.Run, folder: Scratch
  ) {
    let folder = try Scratch()
    let run = try run(
      "train",
      profiles,
      instance: instance,
      ["--output", folder.path("out")],
      in: folder
    )
    return (run, folder)
  }

  @Test(.timeLimit(.minutes(3)))
  func `a check tells rows, features and leaks, the same bytes for any number of workers`() throws {
    // The day on which an account was closed is known of those who left only.
    let rows = Self.customers(2_000, header: ",closed,reason") { number, isGone in
      isGone ? ",2025-11-0\(1 + number % 9),price" : ",,"
    }

    let one = try check(rows, "--json", "--workers", "1", "--shards", "3")
    let three = try check(rows, "--json", "--workers", "3", "--shards", "8")
    let words = try check(rows)

    #expect(one.status == 0, "\(one.messages)")
    #expect(one.output == three.output)
    let report = try #require(try Value.parse(json: Array(one.output.utf8)))
    #expect(report["isTrainable"] == .boolean(true))
    #expect(report["rows"] == .integer(2_000))
    let positives = try #require(report["positives"]?.integer)
    #expect(report["negatives"] == .integer(2_000 - positives))
    let leaks = report["leaks"]?.elements?.compactMap { $0["name"]?.text } ?? []
    #expect(Set(leaks) == ["days since closed", "reason"])
    let features = report["features"]?.elements ?? []
    #expect(features.last?["name"] == .string("age"), "\(features)")
    #expect(features.last?["areaAlone"]?.number.map { $0 > 0.6 && $0 < 0.8 } == true)
    let omitted = report["omitted"]?.elements?.compactMap { $0["name"]?.text } ?? []
    #expect(omitted.contains("attribute:gone"))
    #expect(words.output.contains("churn on main as of 2026-01-01T00:00:00Z: can be trained"))
    #expect(words.output.contains("'reason' by itself nearly decides the goal"))
    #expect(words.output.contains("leave it out by 'attributes.exclude'"))
  }

  @Test(.timeLimit(.minutes(3)))
  func `a label that leaks is said where the model is trained, and kept beside it`() throws {
    let rows = Self.customers(2_000, header: ",left") { _, isGone in isGone ? ",1" : ",0" }

    let (trained, folder) = try train(rows)

    #expect(trained.status == 0, "\(trained.messages)")
    #expect(
      trained.output.contains("'left' by itself nearly decides the goal"),
      "\(trained.output)"
    )
    let report = try Value.parse(json: Array(try folder.read("out/report.json").utf8))
    #expect(report?["leaks"]?.elements?.first?["name"] == .string("left"))
    #expect(report?["leaks"]?.elements?.first?["areaAlone"] == .double(1))
  }

  private static let never = instance.replacingOccurrences(of: "yes", with: "never")
  private static let always = instance.replacingOccurrences(
    of: "gone = \\\"yes\\\"",
    with: "age > 0"
  )

  /// What allows no model: profiles, instance, and a part of what is said.
  private static let hopeless: [(rows: String, instance: String, message: String)] = [
    (customers(600), instance, "at least 500 of either are needed"),
    (customers(1_500), never, "the goal is reached by none of the 1500 rows"),
    (customers(1_500), always, "the goal is reached by all of the 1500 rows"),
    (
      customers(1_500).replacingOccurrences(of: ",no", with: ",yes"), instance,
      "the goal is reached by all of the 1500 rows"
    ),
    (
      "_id,gone\n" + (0..<1_500).map { "c\($0),\($0 % 2 == 0 ? "yes" : "no")\n" }.joined(),
      instance, "no feature tells the rows apart"
    ),
  ]

  @Test(.timeLimit(.minutes(3)), arguments: hopeless.indices)
  func `what allows no model is said by a check and a training alike, with nothing left behind`(
    index: Int
  ) throws {
    let (rows, instance, message) = Self.hopeless[index]

    let checked = try check(rows, instance: instance)
    let (trained, folder) = try train(rows, instance: instance)

    #expect(checked.status == 65, "\(checked.messages)")
    #expect(checked.messages.contains("a training would fail: "), "\(checked.messages)")
    #expect(checked.messages.contains(message), "\(checked.messages)")
    #expect(checked.output.contains("cannot be trained"), "\(checked.output)")
    #expect(trained.status == 65, "\(trained.messages)")
    #expect(trained.messages.contains(message), "\(trained.messages)")
    #expect(trained.messages.contains("next: "), "\(trained.messages)")
    #expect(trained.output.isEmpty)
    #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
  }

  @Test(.timeLimit(.minutes(3)))
  func `numbers that are none do not stop a training, and blanks among numbers are missing`() throws
  {
    let odd = ["NaN", "inf", "-1e999", ""]
    let rows = Self.customers(1_600, header: ",spent,total") { number, _ in
      ",\(number % 9 == 0 ? odd[number % 4] : "\(number % 50)")"
        + ",\(number % 10 == 0 ? " " : "\(number % 70).5")"
    }

    let checked = try check(rows, "--json")
    let (trained, folder) = try train(rows)

    #expect(trained.status == 0, "\(trained.messages)")
    #expect(FileManager.default.fileExists(atPath: folder.path("out/model")))
    let said = "'spent' has texts, and some of them, such as 'NaN', are numbers"
    #expect(trained.output.contains(said), "\(trained.output)")
    let report = try #require(try Value.parse(json: Array(checked.output.utf8)))
    let warnings = report["warnings"]?.elements ?? []
    let spent = warnings.first { $0["message"] == .string(Text(said)) }
    #expect(spent?["next"]?.text?.string.contains("'--types spent=double'") == true, "\(warnings)")
    let features = report["features"]?.elements ?? []
    let total = features.first { $0["name"] == .string("total") }
    #expect(total?["kind"] == .string("numeric"), "\(features)")
    #expect(total?["missing"]?.number.map { abs($0 - 0.1) < 0.01 } == true)
    let scores = try folder.read("out/scores.csv")
    #expect(!scores.contains("nan") && !scores.contains("inf"))
  }

  @Test(.timeLimit(.minutes(4)))
  func `a text that everybody has of his own is left out, and one of too many values too`() throws {
    let rows = Self.customers(1_600, header: ",mail,street") { number, _ in
      ",m\(number)@example.com,street \(number % 700)"
    }

    let checked = try check(rows, "--json")
    let (trained, _) = try train(rows)

    #expect(trained.status == 0, "\(trained.messages)")
    let report = try #require(try Value.parse(json: Array(checked.output.utf8)))
    let omitted = report["omitted"]?.elements ?? []
    let mail = omitted.first { $0["name"] == .string("attribute:mail") }
    #expect(mail?["reason"] == .string("tellsProfilesApart"), "\(omitted)")
    #expect(mail?["next"]?.text?.string.contains("nothing if it is a name or an id") == true)
    let street = report["unused"]?.elements?.first { $0["name"] == .string("street") }
    #expect(street?["reason"] == .string("tooManyCategories"), "\(report["unused"] ?? .object([]))")
  }

  @Test(.timeLimit(.minutes(3)))
  func `without any feature of use it is told what became of all, and what to do`() throws {
    let rows = (0..<1_600).map { number in
      "\(number),\(number < 9 ? ["inf", "NaN", "1e999"][number % 3] : "\(number).25"),DE,"
        + "\(number % 2 == 0 ? "yes" : "no")\n"
    }

    let (trained, folder) = try train("_id,spent,country,gone\n" + rows.joined())

    #expect(trained.status == 65)
    for part in [
      "no feature tells the rows apart", "'country' (constant)",
      "'attribute:spent' (tellsProfilesApart)", "next: 'spent' has texts",
      "import it with '--types spent=double'",
    ] {
      #expect(trained.messages.contains(part), "\(trained.messages)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
  }

  private static let failures: [(words: [String], message: String)] = [
    (["propensity", "check"], "needs INSTANCE, or files"),
    (["propensity", "check", "--profiles", "x.csv"], "needs '--instance FILE'"),
    (["propensity", "check", "a", "--profiles", "x.csv"], "the instance 'a' or files"),
    (["propensity", "check", "a", "--shards", "3"], "'--shards' belongs to '--profiles'"),
    (["propensity", "check", "--events", "x", "--set", "a"], "'--set' belongs to"),
    (["propensity", "audience", "a"], "needs '--bucket'"),
    (["propensity", "audience", "a", "--bucket", "top"], "not one of low, medium, high"),
    (["propensity", "audience", "a", "--min-percentile", "0"], "from 1 to 100"),
    (["propensity", "audience", "a", "--min-score", "101"], "from 0 to 100"),
    (
      ["propensity", "audience", "a", "--bucket", "low", "--direction", "up"], "belong to '--factor"
    ),
    (
      ["propensity", "audience", "a", "--bucket", "low", "--apply", "--output", "x"],
      "'--output' belongs to"
    ),
  ]

  @Test(arguments: failures)
  func `what cannot be asked is told in a sentence`(words: [String], message: String) throws {
    let run = try Covey.run(words + ["--json"])

    #expect(run.status == 64, "\(run.messages)")
    #expect(run.messages.contains(message), "\(run.messages)")
    #expect(run.output.isEmpty)
  }
}
