import Bytes
import PQL
import Platform
import Testing
import covey

@Suite struct FailureTests {
  @Test func `statuses are those of sysexits`() {
    let numbers = ExitStatus.allCases.map(\.rawValue)

    #expect(numbers == [0, 64, 65, 66, 69, 70, 74, 75, 77, 78, 130])
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
    #expect(FailureReport(UsageError("no")).lines == ["covey: no"])
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
}
