import Bytes
import Intake
import PQL
import Platform
import Testing
import covey

@Suite struct FailureTests {
  @Test func `statuses are those of sysexits`() {
    let numbers = ExitStatus.allCases.map(\.rawValue)

    #expect(numbers == [0, 64, 65, 66, 69, 70, 73, 74, 75, 77, 78, 130])
  }

  @Test func `an error tells its status and one sentence`() {
    let absent = DiskError(operation: "open", path: "x", number: 2, reason: "no such file")
    let locked = DiskError(operation: "open", path: "x", number: 13, reason: "permission denied")
    let full = DiskError(operation: "write", path: "x", number: 28, reason: "no space left")
    let key = PlatformError.keyFileIsOpenToOthers(path: "k", mode: 0o644)

    #expect(FailureReport(absent).status == .noInput)
    #expect(FailureReport(locked).status == .notPermitted)
    #expect(FailureReport(full).status == .inputOutput)
    #expect(FailureReport(key).status == .configuration)
    let folder = DiskError(operation: "read", path: "x", number: 21, reason: "it is a folder")
    let packed = DiskError(operation: "decompress", path: "x", number: 0, reason: "no gzip")
    #expect(FailureReport(folder).status == .noInput)
    #expect(FailureReport(packed).status == .data)
    #expect(FailureReport(UsageError("no")).lines == ["covey: no"])
    #expect(CommandFailure.output(folder).status == .cannotCreate)
    #expect(CommandFailure.output(full).status == .inputOutput)
    let unkeyed = FailureReport(IntakeError.noKeyColumn(file: "x.csv", reason: "it has none"))
    #expect(unkeyed.status == .data)
    #expect(unkeyed.lines.last?.hasPrefix("next: name the field") == true)
    let failure = CommandFailure(.data, "bad", details: ["  x"], next: "covey help")
    #expect(FailureReport(failure).lines == ["covey: bad", "  x", "next: covey help"])
  }

  @Test func `an error of the language shows the line with the piece marked`() throws {
    let source = QuerySource(text: "age > 3 and\n\tname >= and", name: "s.pql")

    #expect(
      throws: CommandFailure(
        .data,
        "s.pql:2:10: expected a value, found 'and'",
        details: ["   name >= and", "           ^~~"]
      )
    ) { try source.locating { text throws(LanguageError) in try CheckedQuery(text) } }
  }

  @Test func `control characters of a text do not reach the terminal`() {
    let lines = SourceExcerpt.lines(SourceRange(start: 3, end: 4), in: "ab\u{1B}c")

    #expect(lines == ["  ab\\u{1b}c", "          ^"])
  }

  @Test
  func `an output that cannot be made is told before the work, a strange field after reading`()
    throws
  {
    let folder = try Scratch()
    try folder.write("_id,age\na,3\n", to: "p.csv")
    try folder.write("id: old\n---\nages > 2", to: "old.pql")
    let words = [
      "evaluate", "--profiles", folder.path("p.csv"), "--segments", folder.path("old.pql"),
    ]

    let early = try Covey.run(words + ["--output", folder.path("")])
    let late = try Covey.run(words)

    #expect(early.status == ExitStatus.cannotCreate.rawValue, "\(early.messages)")
    #expect(!early.messages.contains("warning"))
    #expect(late.status == 0)
    #expect(late.messages.contains("the rule of 'old' at 1:1: profiles have no field 'ages'"))
  }
}
