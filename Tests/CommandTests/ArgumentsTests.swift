import Bytes
import Platform
import Testing
import covey

@Suite struct ArgumentsTests {
  private static let command = Command(
    "load",
    "Load things",
    operands: [.one("SET", "A set."), .several("FILE", "Files.", isRequired: false)],
    options: [
      .value("shards", "N", "A number."), .flag("json", "As JSON."),
      .several("events", "FILE", "Files."),
    ],
    examples: [Example("covey load shop", "It.")]
  ) { _, _ in .success }

  private static let strict = Command(
    "serve",
    "Serve",
    options: [.required("listen", "HOST:PORT", "Where."), .value("timeout", "TIME", "How long.")],
    examples: [Example("covey serve --listen :1", "It.")]
  ) { _, _ in .success }

  @Test(arguments: [
    ["shop", "a", "b", "--shards", "7", "--json"],
    ["--shards=7", "--json", "shop", "a", "b"],
    ["--json", "shop", "--shards=7", "--", "a", "b"],
    ["shop", "--json", "a", "--shards", "7", "b"],
  ])
  func `options may stand anywhere and be written both ways`(words: [String]) throws {
    let arguments = try Arguments(words, for: Self.command)

    #expect(arguments.operands == ["shop", "a", "b"])
    #expect(arguments.value("shards") == "7")
    #expect(arguments.has("json"))
    #expect(!arguments.has("events"))
  }

  @Test func `an option of several values takes words up to the next option and may come again`()
    throws
  {
    let words = ["shop", "--events", "a", "b", "--json", "--events=c", "--events", "d"]

    let arguments = try Arguments(words, for: Self.command)

    #expect(arguments.all("events") == ["a", "b", "c", "d"])
    #expect(arguments.operands == ["shop"])
  }

  @Test func `words behind two dashes are operands, whatever they look like`() throws {
    let arguments = try Arguments(["shop", "--", "--json", "-", "--"], for: Self.command)

    #expect(arguments.operands == ["shop", "--json", "-", "--"])
    #expect(!arguments.has("json"))
  }

  @Test func `a lone dash and a negative number are values`() throws {
    let arguments = try Arguments(["-", "-5", "--shards", "-1"], for: Self.command)

    #expect(arguments.operands == ["-", "-5"])
    #expect(arguments.value("shards") == "-1")
  }

  @Test func `a value may hold anything behind the sign of equality`() throws {
    #expect(try Arguments(["x", "--shards=--a=b"], for: Self.command).value("shards") == "--a=b")
    #expect(try Arguments(["x", "--shards="], for: Self.command).value("shards") == "")
  }

  private static let refusals: [(words: [String], message: String)] = [
    ([], "'load' needs SET; write 'covey load SET [FILE…] [OPTIONS]'"),
    (
      ["--events", "a", "shop"],
      "'load' needs SET; write 'covey load SET [FILE…] [OPTIONS]', with SET before options that "
        + "take several words"
    ),
    (["shop", "--shards"], "'--shards' needs a value; write '--shards N'"),
    (["shop", "--shards", "--json"], "'--shards' needs a value; write '--shards N'"),
    (
      ["shop", "--shards", "1", "--shards=2"],
      "'--shards' is given twice for 'load'; once is enough"
    ),
    (
      ["shop", "--json=yes"],
      "'--json' is on or off and takes no value; write '--json' alone"
    ),
    (
      ["shop", "--shrads", "3"], "unknown option '--shrads' for 'load'; did you mean '--shards'?"
    ),
    (
      ["shop", "--colour"],
      "unknown option '--colour' for 'load'; 'covey load --help' lists its options"
    ),
  ]

  @Test(arguments: refusals)
  func `what the description does not allow is refused with what would be right`(
    words: [String],
    message: String
  ) {
    #expect(throws: UsageError(message)) { try Arguments(words, for: Self.command) }
  }

  @Test func `a missing option and a word too many are refused`() {
    #expect(throws: UsageError("'serve' needs '--listen HOST:PORT'")) {
      try Arguments([], for: Self.strict)
    }
    #expect(
      throws: UsageError(
        "'serve' does not take 'now'; write 'covey serve --listen HOST:PORT [OPTIONS]'"
      )
    ) { try Arguments(["--listen", ":1", "now"], for: Self.strict) }
  }

  @Test func `help is found before anything is missed`() throws {
    #expect(try Arguments(["--help"], for: Self.strict).wantsHelp)
    #expect(try Arguments(["x", "-h"], for: Self.strict).wantsHelp)
    #expect(try !Arguments(["--listen=:1", "--"], for: Self.strict).wantsHelp)
  }

  @Test func `values are read as what they mean`() throws {
    let arguments = try Arguments(["--listen", ":7070", "--timeout", "2m"], for: Self.strict)

    #expect(try arguments.endpoint("listen")?.description == "127.0.0.1:7070")
    #expect(try arguments.milliseconds("timeout") == 120_000)
    #expect(throws: UsageError("'--listen :7070' is not a whole number of at least 1")) {
      try arguments.integer("listen", in: 1 ... .max)
    }
    #expect(
      throws: UsageError(
        "'--timeout 2m' is no time; write one as 2026-03-15T12:00:00Z, 2026-03-15, or now"
      )
    ) { try arguments.instant("timeout", now: .earliest) }
  }

  @Test(arguments: [
    ("500ms", 500), ("0s", 0), ("30s", 30_000), ("10m", 600_000), ("2h", 7_200_000),
    ("1d", 86_400_000), ("30", nil), ("-1s", nil), ("s", nil), ("", nil),
    ("9223372036854775807d", nil), ("1.5s", nil),
  ])
  func `a duration has a whole number and a unit`(text: String, milliseconds: Int?) {
    #expect(DurationText.milliseconds(text) == milliseconds)
  }
}
