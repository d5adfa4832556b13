import Bytes
import Domain
import Propensity
import Segmentation
import Testing

@Suite struct FeaturePlanCodingTests {
  private static func plan() throws -> FeaturePlan {
    var random = SeededRandom(seed: 5)
    let data = try FeatureCase(RandomHistories.profiles(20, &random))
    var instance = PropensityInstance(
      name: "i",
      kind: .conversion,
      goal: .events(.init(conditions: ["eventType = \"buy\"", "order.total > 3"]))
    )
    instance.exclusions = ["test"]
    instance.customEvents = [.init(name: "large buy", condition: "order.total > 30")]
    let audience = ProgramDefinition(
      id: try #require(Name("young")),
      version: 3,
      expression: "age < 30",
      timeZone: "Europe/Oslo"
    )
    return try data.plan(instance, audiences: [audience])
  }

  private static func bytes(_ plan: FeaturePlan) -> [UInt8] {
    var writer = ByteWriter()
    plan.encode(into: &writer)
    return writer.bytes
  }

  private static func read(_ bytes: [UInt8]) throws(DecodingError) -> FeaturePlan {
    var reader = ByteReader(bytes)
    let plan = try FeaturePlan(from: &reader)
    try reader.finish()
    return plan
  }

  @Test func `a plan reads back as itself`() throws {
    let plan = try Self.plan()

    #expect(try Self.read(Self.bytes(plan)) == plan)
    #expect(Set(plan.features.map(\.code)).count == plan.features.count)
  }

  @Test func `each feature tells what of a profile it is made of`() throws {
    let plan = try Self.plan()
    let origins = plan.origins
    let found = Dictionary(
      plan.features.map { ($0.code, origins[$0.name]) },
      uniquingKeysWith: { first, _ in first }
    )

    #expect(origins.count == plan.features.count)
    #expect(found["attribute:age"] == .attribute(path: ["age"], .number))
    #expect(found["membership:young"] == .audience)
    for feature in plan.features {
      guard case .events(_, let measure) = feature.source else { continue }
      let wanted: FeatureOrigin =
        switch measure {
        case .sum(let field, _), .mean(let field, _), .largest(let field, _):
          .eventField(path: plan.events.numbers[field], .number)
        case .variety(let field, _), .last(let field):
          .eventField(path: plan.events.texts[field], .text)
        default: .events
        }
      #expect(origins[feature.name] == wanted, "\(feature.name)")
    }
    let paths = Set(
      origins.values.compactMap { origin -> [Text]? in
        if case .eventField(let path, .number) = origin { path } else { nil }
      }
    )
    #expect(paths.contains(["order", "total"]))
  }

  @Test func `a plan cut anywhere is an error`() throws {
    let bytes = try Self.bytes(Self.plan())

    for count in stride(from: 0, to: bytes.count, by: bytes.count / 150) {
      #expect(throws: DecodingError.self) { try Self.read(Array(bytes[..<count])) }
    }
  }

  @Test func `a plan with flipped bytes is an error or another plan that can be used`() throws {
    let bytes = try Self.bytes(Self.plan())
    var random = SeededRandom(seed: 6)
    let data = try FeatureCase(RandomHistories.profiles(4, &random))
    var readCount = 0
    for at in stride(from: 0, to: bytes.count, by: bytes.count / 300) {
      var changed = bytes
      changed[at] ^= UInt8(1 << random.below(8))
      guard let plan = try? Self.read(changed) else { continue }
      readCount += 1
      if readCount % 30 == 0 { _ = try? data.rows(plan) }
    }
    #expect(readCount > 0)
  }

  @Test func `a survey reads back as itself`() throws {
    var random = SeededRandom(seed: 7)
    let data = try FeatureCase(RandomHistories.profiles(30, &random))
    let survey = try data.survey()
    var writer = ByteWriter()
    survey.encode(into: &writer)
    let bytes = writer.bytes

    var reader = ByteReader(bytes)
    #expect(try FeatureSurvey(from: &reader) == survey)
    #expect(reader.remaining == 0)

    for count in stride(from: 0, to: bytes.count, by: bytes.count / 150) {
      #expect(throws: DecodingError.self) {
        var reader = ByteReader(Array(bytes[..<count]))
        _ = try FeatureSurvey(from: &reader)
      }
    }
  }
}
