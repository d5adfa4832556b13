import Bytes
import Domain
import Foundation
import Testing

/// The built program on files of instances and on clusters that are not there.
@Suite struct PropensityCommandTests {
  /// Customers whose leaving depends on their age and contract, as CSV.
  private static func customers(_ count: Int) -> String {
    var random = SeededRandom(seed: 9)
    let rows = (0..<count).map { number in
      let age = 18 + random.below(60)
      let contract = ["month", "year"][random.below(2)]
      let isGone = random.below(10) < (age > 45 ? 5 : 2) + (contract == "month" ? 3 : 0)
      return "c\(number),\(age),\(contract),\(isGone ? "yes" : "no")\n"
    }
    return "_id,age,contract,gone\n" + rows.joined()
  }

  private static let instance = """
    {"name": "churn", "type": "churn", "goal": "gone = \\"yes\\"",
     "training": {"treeCountMax": 10, "learningRate": 0.3}}
    """

  /// Trains a model, in `out`, on so many customers.
  private func trained(on count: Int) throws -> (folder: Scratch, profiles: String) {
    let folder = try Scratch()
    let profiles = try folder.write(Self.customers(count), to: "customers.csv")
    let instance = try folder.write(Self.instance, to: "churn.json")
    let run = try Covey.run([
      "propensity", "train", "--profiles", profiles, "--instance", instance, "--output",
      folder.path("out"),
    ])
    try #require(run.status == 0, "\(run.messages)")
    return (folder, profiles)
  }

  @Test(.timeLimit(.minutes(3)))
  func `files become a model, a report and scores, the same for any number of workers`() throws {
    let folder = try Scratch()
    let profiles = try folder.write(Self.customers(2_000), to: "customers.csv")
    let instance = try folder.write(Self.instance, to: "churn.json")
    func train(_ output: String, _ more: String...) throws -> Covey.Run {
      try Covey.run(
        [
          "propensity", "train", "--profiles", profiles, "--instance", instance, "--as-of",
          "2026-01-01", "--output", folder.path(output),
        ] + more
      )
    }

    let one = try train("one", "--workers", "1", "--shards", "3")
    let three = try train("three", "--workers", "3", "--shards", "8", "--json")

    #expect(one.status == 0, "\(one.messages)")
    #expect(one.output.hasPrefix("model of churn in \(folder.path("one")): 2,000 profiles scored"))
    #expect(three.status == 0, "\(three.messages)")
    for file in ["model", "features", "instance.json", "report.json", "scores.csv"] {
      let contents = try #require(FileManager.default.contents(atPath: folder.path("one/" + file)))
      #expect(FileManager.default.contents(atPath: folder.path("three/" + file)) == contents)
    }
    let printed = try #require(try Value.parse(json: Array(three.output.utf8)))
    #expect(printed["scored"] == .integer(2_000))
    #expect(printed["report"]?["quality"]?["areaUnderCurve"]?.number ?? 0 > 0.65)
    let lines = try folder.read("one/scores.csv").split(separator: "\n")
    #expect(lines.count == 2_001)
    #expect(lines[0] == "profile,score,probability,percentile,bucket")

    let scored = try Covey.run([
      "propensity", "score", "--model", folder.path("one/model"), "--profiles", profiles,
      "--as-of", "2026-01-01", "--explain", "top",
    ])
    #expect(scored.status == 0, "\(scored.messages)")
    let reasons = scored.output.split(separator: "\n")
    #expect(reasons[0] == "profile,score,probability,percentile,bucket,factors")
    for (line, reason) in zip(lines, reasons).dropFirst() {
      #expect(reason.hasPrefix(line + ","))
      #expect(reason.contains("age = "), "\(reason)")
    }
  }

  @Test(.timeLimit(.minutes(3)))
  func `contributions and the base add up to the margin of every profile`() throws {
    let (folder, profiles) = try trained(on: 1_500)

    let scored = try Covey.run([
      "propensity", "score", "--model", folder.path("out/model"), "--profiles", profiles, "--raw",
    ])

    let lines = scored.output.split(separator: "\n").map { $0.split(separator: ",") }
    #expect(
      lines.first?.joined(separator: ",")
        == "profile,score,probability,percentile,bucket,margin,base,age,contract"
    )
    let objects = try Covey.run([
      "propensity", "score", "--model", folder.path("out/model"), "--profiles", profiles,
      "--format", "jsonl", "--explain", "top",
    ])
    let records = try objects.output.split(separator: "\n").map {
      try #require(try Value.parse(json: Array($0.utf8)))
    }
    #expect(records.map { $0["profile"]?.text?.string } == lines.dropFirst().map { String($0[0]) })
    #expect(records.allSatisfy { $0["factors"]?.elements?.isEmpty == false })
    #expect(
      records.map { $0["score"]?.integer } == lines.dropFirst().map { Int64(String($0[1])) }
    )
    #expect(lines.count == 1_501)
    for line in lines.dropFirst() {
      let numbers = line.dropFirst(5).compactMap { Double($0) }
      try #require(numbers.count == 4)
      #expect(abs(numbers[1] + numbers[2] + numbers[3] - numbers[0]) < 1e-9)
    }
  }

  @Test(.timeLimit(.minutes(3)))
  func `what does not allow a model is told with its numbers, and leaves nothing behind`() throws {
    let folder = try Scratch()
    let few = try folder.write(Self.customers(600), to: "few.csv")
    func failure(_ instance: String) throws -> Covey.Run {
      let file = try folder.write(instance, to: "instance.json")
      return try Covey.run([
        "propensity", "train", "--profiles", few, "--instance", file, "--output",
        folder.path("out"),
      ])
    }

    let tooFew = try failure(Self.instance)
    let unknown = try failure(#"{"name": "a", "type": "churn", "goal": "gnoe = \"yes\""}"#)
    let strange = try failure(#"{"name": "a", "type": "chrun", "goal": "gone = \"yes\""}"#)
    let absent = try failure(
      #"{"name": "a", "type": "churn", "goal": "age > 40", "attributes": {"exclude": ["agee"]}}"#
    )

    #expect(tooFew.status == 65)
    #expect(tooFew.messages.contains("of the 600 rows"), "\(tooFew.messages)")
    #expect(tooFew.messages.contains("at least 500 of either are needed"))
    #expect(unknown.status == 65)
    #expect(unknown.messages.contains("reached by none of the 600 rows"), "\(unknown.messages)")
    #expect(unknown.messages.contains("gnoe"), "\(unknown.messages)")
    #expect(strange.status == 65)
    #expect(strange.messages.contains("'type'"), "\(strange.messages)")
    #expect(absent.status == 65)
    #expect(absent.messages.contains("did you mean 'age'?"), "\(absent.messages)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
  }

  @Test(.timeLimit(.minutes(3)))
  func `fields that the model uses and the files do not have are named`() throws {
    let (folder, _) = try trained(on: 1_500)
    func score(_ contents: String) throws -> Covey.Run {
      let file = try folder.write(contents, to: "others.csv")
      return try Covey.run([
        "propensity", "score", "--model", folder.path("out/model"), "--profiles", file,
      ])
    }

    let some = try score("_id,age\na,30\nb,70\n")
    let none = try score("_id,colour\na,red\n")

    #expect(some.status == 0, "\(some.messages)")
    #expect(some.messages.contains("the files have no 'contract'"), "\(some.messages)")
    #expect(some.output.split(separator: "\n").count == 3)
    #expect(none.status == 65)
    #expect(
      none.messages.contains("none of the 2 fields that the model uses, such as 'age'"),
      "\(none.messages)"
    )
    #expect(none.output.isEmpty)
  }

  @Test(.timeLimit(.minutes(3)))
  func `fields that the files have as something else than the model knows are errors`() throws {
    let (folder, _) = try trained(on: 1_500)
    func score(_ contents: String, _ more: [String] = []) throws -> Covey.Run {
      let file = try folder.write(contents, to: "others.csv")
      return try Covey.run(
        [
          "propensity", "score", "--model", folder.path("out/model"), "--profiles", file,
          "--output", folder.path("scores.csv"),
        ] + more
      )
    }

    let texts = try score("_id,age,contract\na,30,x\nb,old,y\n")
    let told = try score("_id,age,contract\na,30,x\nb,old,y\n", ["--types", "age=double"])
    let numbers = try score("_id,age,contract\na,30,1\nb,40,2\n")
    #expect(!FileManager.default.fileExists(atPath: folder.path("scores.csv")))
    let read = try score("_id,age,contract\na,30,1\nb,40,2\n", ["--types", "contract=string"])

    #expect(texts.status == 65)
    #expect(
      texts.messages.contains("have 'age' as string, and the model learned from numbers"),
      "\(texts.messages)"
    )
    #expect(texts.messages.contains("'--types age=double' reads it so"), "\(texts.messages)")
    #expect(told.status == 65)
    #expect(told.messages.contains("others.csv:3: age: a double expected ('old')"))
    #expect(numbers.status == 65)
    #expect(
      numbers.messages.contains("have 'contract' as integer, and the model learned from texts"),
      "\(numbers.messages)"
    )
    #expect(read.status == 0, "\(read.messages)")
  }

  @Test(.timeLimit(.minutes(3)))
  func `a model goes to LightGBM's format and back, and is compared with itself`() throws {
    let (folder, profiles) = try trained(on: 1_500)
    func margins(_ model: String) throws -> [Substring] {
      let run = try Covey.run([
        "propensity", "score", "--model", folder.path(model), "--profiles", profiles, "--raw",
      ])
      #expect(run.status == 0, "\(run.messages)")
      return run.output.split(separator: "\n").dropFirst().map { $0.split(separator: ",")[5] }
    }

    let exported = try Covey.run([
      "propensity", "export", "--model", folder.path("out/model"), "--format", "lightgbm",
      "--output", folder.path("lgb"),
    ])
    let copied = try Covey.run([
      "propensity", "export", "--model", folder.path("out/model"), "--output",
      folder.path("copy"), "--json",
    ])

    #expect(exported.output == "model.txt, columns.json, features in \(folder.path("lgb"))\n")
    #expect(copied.status == 0)
    #expect(
      FileManager.default.contents(atPath: folder.path("copy/model"))
        == FileManager.default.contents(atPath: folder.path("out/model"))
    )
    let own = try margins("out/model")
    let theirs = try margins("lgb/model.txt")
    #expect(own.count == 1_500)
    for (one, other) in zip(own, theirs) {
      let (one, other) = (try #require(Double(one)), try #require(Double(other)))
      #expect(abs(one - other) < 1e-9)
    }
    _ = try folder.write(#"{"columns": [{"name": "age"}]}"#, to: "lgb/columns.json")
    let wrong = try Covey.run([
      "propensity", "score", "--model", folder.path("lgb/model.txt"), "--profiles", profiles,
    ])
    #expect(wrong.status == 65)
    #expect(
      wrong.messages.contains("column 1 of the LightGBM model, 'contract', is not"),
      "\(wrong.messages)"
    )

    let compared = try Covey.run([
      "propensity", "compare", folder.path("out"), folder.path("out/report.json"), "--json",
    ])
    let document = try #require(try Value.parse(json: Array(compared.output.utf8)))
    #expect(document["difference"]?["areaUnderCurve"] == .double(0))
    #expect(document["difference"]?["counts"] == .boolean(false))
    #expect(document["isSameData"] == .boolean(true))
  }

  /// A file that the tests of the models' room have, which also make it.
  private static func fixture(_ name: String) throws -> String {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let file = folder.appendingPathComponent("../PropensityTests/Fixtures/\(name)")
    return String(decoding: try Data(contentsOf: file), as: UTF8.self)
  }

  @Test(.timeLimit(.minutes(3)))
  func `a model that LightGBM wrote scores the attributes that its columns are named after`() throws
  {
    let folder = try Scratch()
    let model = try folder.write(try Self.fixture("lightgbm-pandas.txt"), to: "lgb.txt")
    let table = try Self.fixture("lightgbm-pandas.csv")
    let profiles = try folder.write(table, to: "rows.csv")

    let run = try Covey.run([
      "propensity", "score", "--model", model, "--profiles", profiles, "--raw",
    ])
    let insights = try Covey.run([
      "propensity", "insights", "--model", model, "--profiles", profiles,
    ])

    #expect(insights.status == 0, "\(insights.messages)")
    #expect(insights.output.hasPrefix("a model of no known instance\nscored  60 of 60 profiles"))
    #expect(run.status == 0 && run.messages.isEmpty, "\(run.messages)")
    let lines = run.output.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
    let found = Dictionary(uniqueKeysWithValues: lines.dropFirst().map { ($0[0], $0) })
    let rows = table.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    #expect(found.count == 60 && rows.count == 60)
    let header = try #require(lines.first)
    let columns = ["margin", "amount", "colour", "age", "plan", "isNew"].compactMap {
      header.firstIndex(of: $0)
    }
    try #require(columns.count == 6, "\(header)")
    for row in rows {
      let own = try #require(found[row[0]])
      // The margin, then what each feature adds.
      for (column, expected) in zip(columns, row[6...]) {
        let (one, other) = (try #require(Double(own[column])), try #require(Double(expected)))
        #expect(abs(one - other) < 1e-9, "\(row[0]): \(header[column])")
      }
    }
  }

  @Test(.timeLimit(.minutes(3)))
  func `a model of which not all is known is told with what is to be done`() throws {
    let (folder, profiles) = try trained(on: 1_500)
    func score(_ model: String, _ profiles: String) throws -> Covey.Run {
      try Covey.run(["propensity", "score", "--model", model, "--profiles", profiles])
    }
    try FileManager.default.createDirectory(
      atPath: folder.path("lgb"),
      withIntermediateDirectories: true
    )
    let numbers = try folder.write(try Self.fixture("lightgbm-binary.txt"), to: "lgb/numbers.txt")
    let named = try folder.write(try Self.fixture("lightgbm-pandas.txt"), to: "lgb/named.txt")
    try FileManager.default.removeItem(atPath: folder.path("out/features"))

    let unnamed = try score(numbers, profiles)
    let other = try score(named, profiles)
    let alone = try score(folder.path("out/model"), profiles)

    #expect(unnamed.status == 65)
    #expect(unnamed.messages.contains("takes 'colour' for a category"), "\(unnamed.messages)")
    #expect(unnamed.messages.contains("lgb/columns.json'"), "\(unnamed.messages)")
    #expect(other.status == 0)
    let warning = "the files have no 'amount', 'colour', 'plan', 'isNew'; "
    #expect(other.messages.contains(warning), "\(other.messages)")
    #expect(alone.status == 66)
    #expect(alone.messages.contains("/features', which says what is measured"), "\(alone.messages)")
  }

  @Test(.timeLimit(.minutes(3)))
  func `insights into a model in a file tell quality, buckets, factors and drift`() throws {
    let (folder, profiles) = try trained(on: 2_000)
    func insights(_ words: String...) throws -> Covey.Run {
      try Covey.run(
        [
          "propensity", "insights", "--model", folder.path("out/model"), "--as-of", "2026-01-01",
        ] + words
      )
    }

    let one = try insights("--profiles", profiles, "--workers", "1", "--shards", "3", "--json")
    let three = try insights(
      "--profiles",
      profiles,
      "--workers",
      "3",
      "--shards",
      "8",
      "--json",
      "--html",
      folder.path("page.html")
    )
    let old = Self.customers(500).replacingOccurrences(of: ",month,", with: ",year,")
    let shifted = try insights("--profiles", try folder.write(old, to: "old.csv"))
    let young = Self.customers(500).split(separator: "\n").dropFirst().map { row in
      let cells = row.split(separator: ",")
      return "\(cells[0]),18,year,\(cells[3])\n"
    }
    let both = try insights(
      "--profiles",
      try folder.write("_id,age,contract,gone\n" + young.joined(), to: "young.csv")
    )

    #expect(one.status == 0, "\(one.messages)")
    #expect(three.output == one.output)
    let document = try #require(try Value.parse(json: Array(one.output.utf8)))
    #expect(document["instance"] == .string("churn"))
    #expect(document["scoring"]?["scored"] == .integer(2_000))
    let drift = document["drift"]?["features"]?.elements ?? []
    #expect(drift.count == 2 && drift.allSatisfy { $0["index"]?.number == 0 }, "\(drift)")
    #expect(try PageCheck.problems(of: folder.read("page.html")) == [])
    #expect(shifted.status == 0, "\(shifted.messages)")
    #expect(
      shifted.output.contains("WARNING 'contract' has shifted since training"),
      "\(shifted.output)"
    )
    #expect(
      both.output.contains("' and 1 more feature have shifted since training (stability index "),
      "\(both.output)"
    )
    let bad = try insights("--profiles", profiles, "--html", folder.path("none/page.html"))
    #expect(bad.status == 73 || bad.status == 74, "\(bad.status) \(bad.messages)")
  }

  private static let failures: [(words: [String], status: Int32, message: String)] = [
    (["propensity", "train"], 64, "needs INSTANCE, or files"),
    (["propensity", "train", "--profiles", "x.csv"], 64, "needs '--instance FILE'"),
    (
      ["propensity", "train", "--profiles", "x.csv", "--instance", "/nonexistent"], 64,
      "needs '--output DIR'"
    ),
    (["propensity", "train", "a", "--profiles", "x.csv"], 64, "the instance 'a' or files"),
    (["propensity", "train", "a", "--output", "x"], 64, "'--output' belongs to '--profiles'"),
    (
      ["propensity", "train", "--events", "x.csv", "--set", "a"], 64,
      "'--set' belongs to 'propensity train INSTANCE'"
    ),
    (["propensity", "score", "--profiles", "x.csv"], 64, "needs INSTANCE, or '--model FILE'"),
    (
      ["propensity", "score", "a", "--model", "x"], 64, "'--model' belongs to the scoring of files"
    ),
    (["propensity", "score", "--model", "x", "--force"], 64, "'--force' belongs to"),
    (["propensity", "score", "--model", "x"], 64, "needs files by '--profiles' or '--events'"),
    (
      ["propensity", "score", "--model", "/nonexistent", "--profiles", "x.csv"], 66,
      "/nonexistent"
    ),
    (["propensity", "export"], 64, "needs '--output DIR'"),
    (["propensity", "export", "--output", "/nonexistent/a"], 64, "needs INSTANCE or '--model"),
    (["propensity", "export", "a", "--model", "b", "--output", "c"], 64, "not both"),
    (["propensity", "compare", "a"], 64, "MODEL"),
    (["propensity", "compare", "/nonexistent", "a"], 66, "/nonexistent/report.json"),
    (["propensity", "insights"], 64, "needs INSTANCE, or '--model FILE' and files"),
    (["propensity", "insights", "--model", "x"], 64, "needs files by '--profiles' or '--events'"),
    (
      ["propensity", "insights", "a", "--model", "x"], 64, "'--model' belongs to insights of files"
    ),
    (
      ["propensity", "insights", "--model", "x", "--coordinator", "127.0.0.1:1"], 64,
      "'--coordinator' belongs to"
    ),
    (["propensity", "explain", "a"], 64, "needs '--profile KEY'"),
    (["propensity", "apply", "/nonexistent"], 66, "no file matches '/nonexistent'"),
    (["propensity", "show", "a b", "--coordinator", "127.0.0.1:1"], 64, "'a b' is no name"),
    (["propensity", "list", "--coordinator", "127.0.0.1:1"], 69, "cannot reach the coordinator"),
  ]

  @Test(arguments: failures)
  func `what cannot be done is told in a sentence with a status`(
    words: [String],
    status: Int32,
    message: String
  ) throws {
    let run = try Covey.run(words)

    #expect(run.status == status, "\(run.messages)")
    #expect(run.messages.contains(message), "\(run.messages)")
    #expect(run.output.isEmpty)
  }
}
