import Bytes
import Domain
import PQL
import ProfileStore
import Segmentation
import Testing

/// A definition that is far too dear, among others that are not.
@Suite struct PathologicalDefinitionTests {
  private static let ordinary: [Text] = [
    "age > 18", "exists E from xEvent where E.eventType = \"view\"",
    "xEvent[amount >= 1].count() >= 2", "(sum E.amount over E from xEvent) >= 18",
    "chain(xEvent, timestamp, [a: what(eventType = \"view\"), b: what(eventType = \"buy\")])",
    "age > last", "inSegment(\"d0\") and not inSegment(\"d1\")",
  ]

  private static let bad: Text = """
    exists A from xEvent where forall B from xEvent where forall C from xEvent where \
    forall D from xEvent where A.amount + B.amount + C.amount + D.amount != 0.123
    """

  private static let now = Instant(milliseconds: 1_773_576_000_000)

  @Test func `it costs the others nothing and its own steps are told`() throws {
    let data = try ProgramData(seed: 11, profileCount: 200, blockProfileCount: 64)
    let without = try Self.program(Self.ordinary).members(data.snapshot, asOf: Self.now)

    let with = try Self.program(Self.ordinary + [Self.bad]).members(data.snapshot, asOf: Self.now)

    let others = with.costs.definitions.dropLast()
    #expect(others.map(\.rowCount) == without.costs.definitions.map(\.rowCount))
    #expect(others.map(\.stepCount) == without.costs.definitions.map(\.stepCount))
    #expect(Array(with.members.dropLast()) == without.members)
    let rows = [without, with].map { $0.costs.shared.reduce(0) { $0 + $1.cost.rowCount } }
    #expect(rows[0] > 0 && rows[1] * 100 < rows[0] * 105, "\(rows)")
    let own = try #require(with.costs.definitions.last)
    #expect(own.stepCount > 10 * others.reduce(0) { $0 + $1.stepCount })
  }

  @Test func `beyond its budget it fails by name, and the others do not`() throws {
    let data = try ProgramData(seed: 11, profileCount: 200, blockProfileCount: 64)
    let program = try Self.program(Self.ordinary + [Self.bad], stepCountMax: 500)
    let wanted = try program.referenceMembers(data.snapshot, asOf: Self.now)

    let found = try program.members(data.snapshot, asOf: Self.now)

    #expect(found.failures.last??.message.string.contains("more than 500 steps") == true)
    #expect(found.failures.last == wanted.failures.last)
    #expect(found.failures.dropLast().allSatisfy { $0 == nil })
    #expect(found.members.dropLast() == wanted.members.dropLast())
  }

  private static func program(
    _ expressions: [Text],
    stepCountMax: Int = EvaluationContext.stepCountMax
  ) throws -> SegmentProgram {
    try SegmentProgram(
      try expressions.enumerated().map { index, expression in
        ProgramDefinition(
          id: try #require(Name("d\(index)")),
          version: 1,
          expression: expression,
          timeZone: nil
        )
      },
      zones: .utcOnly,
      stepCountMax: stepCountMax
    )
  }
}
