import Testing

/// The built program on definition files and on clusters that are not there.
@Suite struct SegmentCommandTests {
  @Test func `validate counts definitions and warns of references nobody defines`() throws {
    let folder = try Scratch()
    try folder.write("id: a\nname: A\n---\nage > 3\n", to: "a.pql")
    try folder.write("id: b\nname: B\n---\ninSegment(\"a\") or inSegment(\"c\")\n", to: "b.pql")

    let run = try Covey.run(["segments", "validate", folder.directory])

    #expect(run.output == "ok: 2 definitions in 2 files\n")
    #expect(run.messages == "covey: warning: 'b' refers to 'c', which no file defines\n")
    #expect(run.status == 0)
  }

  @Test func `validate names file, line and column of a wrong rule`() throws {
    let folder = try Scratch()
    let path = try folder.write("id: a\nname: A\n---\nage >\n", to: "a.pql")

    let run = try Covey.run(["segments", "validate", path])

    #expect(run.messages.hasPrefix("covey: \(path):"))
    #expect(run.status == 65)
  }

  @Test func `definitions in a circle are refused`() throws {
    let folder = try Scratch()
    try folder.write("id: a\nname: A\n---\ninSegment(\"b\")\n", to: "a.pql")
    try folder.write("id: b\nname: B\n---\ninSegment(\"a\")\n", to: "b.pql")

    let run = try Covey.run(["segments", "validate", folder.directory])

    #expect(run.messages.contains("circle: a -> b -> a"))
    #expect(run.status == 65)
  }

  private static let failures: [(words: [String], status: Int32, message: String)] = [
    (["status", "--coordinator", "127.0.0.1:1"], 69, "cannot reach the coordinator"),
    (["status", "--coordinator", "nowhere"], 64, "'--coordinator nowhere' is no address"),
    (["sets", "create", "a b", "--coordinator", "127.0.0.1:1"], 64, "'a b' is no name of a set"),
    (["jobs", "seven", "--coordinator", "127.0.0.1:1"], 64, "'seven' is no job"),
    (["evaluate", "shop", "--segments", ""], 64, "names no segment"),
    (["audiences", "members", "shop", "a", "--fields", "a..b"], 64, "'a..b' is no path"),
    (["audiences", "export", "shop", "a", "--output", "-"], 64, "'--output -' names none"),
    (["evaluate"], 64, "'evaluate' needs SET"),
    (["evaluate", "--segments", "a", "shop"], 64, "'evaluate' needs SET before its options"),
    (["evaluate", "shop", "--workers", "3"], 64, "'--workers' belongs to '--profiles'"),
    (["evaluate", "shop", "--profiles", "x.csv"], 64, "takes the set 'shop' or files, not both"),
    (["evaluate", "--profiles", "x.csv"], 64, "needs '--segments FILE…'"),
    (
      ["evaluate", "--profiles", "/nonexistent.csv", "--segments", "/nonexistent.pql"], 66,
      "no file matches '/nonexistent.pql'"
    ),
    (["segments", "validate", "/nonexistent"], 66, "no file matches '/nonexistent'"),
    (["generate", "--profiles", "0", "--events", "1", "--out", "x"], 64, "whole number"),
  ]

  @Test(arguments: failures)
  func `what cannot be done is told in a sentence with a status`(
    words: [String],
    status: Int32,
    message: String
  ) throws {
    let run = try Covey.run(words)

    #expect(run.status == status, "\(run.messages)")
    #expect(run.messages.hasPrefix("covey: ") && run.messages.contains(message), "\(run.messages)")
    #expect(run.output == "")
  }

  @Test func `generate writes files that validate`() throws {
    let folder = try Scratch()
    let out = folder.path("shop")

    let made = try Covey.run(["generate", "--profiles", "20", "--events", "50", "--out", out])
    let valid = try Covey.run(["segments", "validate", out + "/segments.json"])

    #expect(made.status == 0 && made.output.hasPrefix(out + "/profiles.jsonl  20 rows\n"))
    #expect(valid.status == 0, "\(valid.messages)")
  }
}
