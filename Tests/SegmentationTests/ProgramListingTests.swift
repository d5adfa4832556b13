import Bytes
import Domain
import Glibc
import PQL
import Segmentation
import Testing

@Suite struct ProgramListingTests {
  private static let now = Instant(milliseconds: 1_773_576_000_000)

  private static let example: [(String, Text)] = [
    (
      "buyers",
      """
      exists E from xEvent where E.eventType = "buy" and E.timestamp occurs <= 30 days before now
      """
    ),
    (
      "window",
      """
      homeAddress.countryCode in ["CA", "US"] and
      xEvent[eventType = "view"].count() >= 3 and not inSegment("buyers")
      """
    ),
    (
      "quick",
      """
      chain(xEvent, timestamp, [A: WHAT(eventType = "view"),
      B: WHAT(eventType = "buy") WHEN(<= 2 days after A)])
      """
    ),
  ]

  @Test func `the page shows the program of its example`() throws {
    let program = try Self.program(Self.example)
    let listing = program.listing(asOf: Self.now).joined(separator: "\n")

    let page = try #require(Self.page())
    #expect(page.contains("```\n" + listing + "\n```"), "\(listing)")
  }

  @Test(
    arguments: [
      "exists E from xEvent where E.kind = \"a\"", "xEvent[kind = \"a\"]",
      "xEvent.filter((X) => X.kind = \"a\")", "xEvent.exists(kind = \"a\")",
      "select Y from xEvent where Y.kind = \"a\"", "xEvent[kind = \"a\"].count() >= 1",
      "0 < xEvent[kind = \"a\"].count()", "not forall E from xEvent where not (E.kind = \"a\")",
      "let all = xEvent in all[kind = \"a\"]", "not not xEvent[kind = \"a\"].count() != 0",
    ] as [Text]
  )
  func `spellings of one condition are one condition`(spelling: Text) throws {
    let program = try Self.program([
      ("a", "exists E from xEvent where E.kind = \"a\""), ("b", spelling),
    ])
    let definitions = program.listing(asOf: Self.now).suffix(2)

    #expect(definitions.first == "  a = n1")
    #expect(definitions.last == "  b = n1")
  }

  private static func program(_ definitions: [(String, Text)]) throws -> SegmentProgram {
    try SegmentProgram(
      definitions.map { id, expression in
        ProgramDefinition(
          id: try #require(Name(id)),
          version: 1,
          expression: expression,
          timeZone: nil
        )
      },
      zones: .utcOnly
    )
  }

  private static func page() -> String? {
    let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
    let name = folder.joined(separator: "/") + "/Sources/Segmentation/README.md"
    guard let file = fopen(name, "rb") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes.prefix(count), as: UTF8.self)
  }
}
