import Bytes
import Domain
import PQL
import Segmentation
import Testing

@Suite struct SegmentProgramTests {
  private static func definition(
    _ id: String,
    _ expression: Text,
    timeZone: Text? = nil
  ) throws -> ProgramDefinition {
    ProgramDefinition(
      id: try #require(Name(id)),
      version: 1,
      expression: expression,
      timeZone: timeZone
    )
  }

  @Test func `definitions that stand after those they ask about make a program`() throws {
    let definitions = try [
      Self.definition("a", "age > 3"), Self.definition("b", "inSegment(\"a\")"),
      Self.definition("c", "inSegment(\"a\") and inSegment(\"elsewhere\")"),
    ]

    let program = try SegmentProgram(definitions, zones: .utcOnly)

    #expect(program.definitions == definitions)
  }

  @Test(arguments: [
    (["a > 3 +"], "definition 'd0': 1:8: expected a value, found the end"),
    (
      ["true", "inSegment(d0)"],
      "definition 'd1': 1:11: the segment of 'inSegment' must be written out; put its id in double quotes"
    ),
    (
      ["inSegment(\"d1\")", "true"],
      "definition 'd0': 'd1' is asked about and has to be evaluated before it"
    ),
    (
      ["inSegment(\"d0\")"],
      "definition 'd0': 'd0' is asked about and has to be evaluated before it"
    ),
  ])
  func `what makes no program names the definition`(
    expressions: [String],
    message: String
  ) throws {
    let definitions = try expressions.enumerated().map { index, expression in
      try Self.definition("d\(index)", Text(expression))
    }

    let error = #expect(throws: ProgramError.self) {
      try SegmentProgram(definitions, zones: .utcOnly)
    }

    #expect(error?.description == message)
  }

  @Test func `an id stands once, and a zone has to be known`() throws {
    let twice = try [Self.definition("a", "true"), Self.definition("a", "false")]
    let nowhere = try [Self.definition("a", "true", timeZone: "Nowhere")]
    let id = try #require(Name("a"))

    #expect(throws: ProgramError(id: id, .idTwice)) {
      try SegmentProgram(twice, zones: .utcOnly)
    }
    #expect(throws: ProgramError(id: id, .unknownZone("Nowhere"))) {
      try SegmentProgram(nowhere, zones: .utcOnly)
    }
  }
}
