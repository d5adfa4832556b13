import Bytes
import Domain
import Testing
import covey

@Suite struct AudienceWriterTests {
  private let sink = MemorySink()

  private func writer(showsMembers: Bool = true) throws -> AudienceWriter {
    let definitions = try ["b", "a"].map { id in
      SegmentDefinition(
        id: try #require(Name(id)),
        name: Text("Segment \"\(id)\""),
        expression: "true",
        timeZone: nil,
        set: nil,
        version: 1,
        references: [],
        document: .object([])
      )
    }
    // Two pages of keys for the first segment, none for the second.
    var pages: [[ProfileKey]] = [
      [ProfileKey("1"), ProfileKey("2,\"x\"")], [ProfileKey("line\nend")],
    ]
    return AudienceWriter(
      output: ResultOutput(sink),
      definitions: definitions,
      counts: [definitions[0].id: 3],
      members: showsMembers
        ? { id in { id == definitions[0].id && !pages.isEmpty ? pages.removeFirst() : nil } }
        : nil
    )
  }

  private let facts = AudienceWriter.Facts(
    asOf: Instant(milliseconds: 0),
    profileCount: 5,
    eventCount: 9,
    rejectedCount: 1
  )

  @Test func `the object has the audiences in the order of the files, members in pages`() throws {
    try writer().writeJSON(facts) { [("start", 0.5), ("total", 1)] }

    #expect(
      sink.text == #"{"asOf":"1970-01-01T00:00:00Z","profiles":5,"events":9,"segments":["#
        + #"{"id":"b","name":"Segment \"b\"","count":3,"members":["1","2,\"x\"","line\nend"]},"#
        + #"{"id":"a","name":"Segment \"a\"","count":0,"members":[]}],"rejected":1,"#
        + #""timings":{"start":0.5,"total":1.0}}"# + "\n"
    )
    #expect(try Value.parse(json: sink.bytes)?["segments"]?.elements?.count == 2)
  }

  @Test func `without members the counts are left`() throws {
    try writer(showsMembers: false).writeJSON(facts) { [] }

    let segments = try Value.parse(json: sink.bytes)?["segments"]?.elements
    #expect(segments?.first?["count"] == .integer(3))
    #expect(segments?.first?["members"] == nil)
  }

  @Test func `rows of CSV are quoted where they have to be`() throws {
    try writer().writeCSV()

    #expect(sink.text == "segment,profile\nb,1\nb,\"2,\"\"x\"\"\"\nb,\"line\nend\"\n")
  }
}
