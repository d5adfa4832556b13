import Bytes
import Domain
import Propensity
import Segmentation
import Testing

@Suite struct AttributeFeatureTests {
  private static func instance(
    _ goal: Text = "churn = \"Yes\"",
    _ change: (inout PropensityInstance) -> Void = { _ in }
  ) -> PropensityInstance {
    var instance = PropensityInstance(name: "i", kind: .churn, goal: .predicate(goal))
    change(&instance)
    return instance
  }

  private static func people() throws -> FeatureCase {
    try FeatureCase(
      FeatureCase.attributes([
        (
          "a",
          [
            ("age", .integer(40)), ("churn", .string("Yes")), ("vip", .boolean(true)),
            ("home", .object([("city", .string("Oslo")), ("zip", .integer(7))])),
            ("since", .string("2026-01-01")), ("tags", .array([.string("x"), .string("y")])),
          ]
        ),
        (
          "b",
          [
            ("age", .double(1.5)), ("churn", .string("No")), ("vip", .boolean(false)),
            ("home", .object([("city", .string("Wien"))])), ("mixed", .string("n/a")),
          ]
        ),
        ("c", [("mixed", .integer(3)), ("covey", .object([("score", .integer(1))]))]),
      ])
    )
  }

  @Test func `attributes become numbers, flags, ages, counts and categories`() throws {
    let people = try Self.people()

    let plan = try people.plan(Self.instance())
    let rows = try people.rows(plan)

    #expect(
      plan.features.map(\.code) == [
        "attribute:age", "attribute:home.city", "attribute:home.zip", "attribute:mixed",
        "attribute:mixed#text", "attribute:since#days", "attribute:tags#count", "attribute:vip",
      ]
    )
    #expect(
      plan.features.map(\.kind) == [
        .number, .category, .number, .number, .category, .age, .number, .flag,
      ]
    )
    #expect(
      plan.features.map(\.name) == [
        "age", "home.city", "home.zip", "mixed", "text of mixed", "days since since",
        "number of tags", "vip",
      ]
    )
    let age = Double(FeatureCase.cutOff.milliseconds - 1_767_225_600_000) / 86_400_000
    #expect(
      rows["a"]?.values == [
        .number(40), .text("Oslo"), .number(7), .missing, .missing, .number(age), .number(2),
        .number(1),
      ]
    )
    #expect(
      rows["b"]?.values == [
        .number(1.5), .text("Wien"), .missing, .missing, .text("n/a"), .missing, .missing,
        .number(0),
      ]
    )
    #expect(rows["c"]?.values[3] == .number(3))
    #expect(rows.mapValues(\.label) == ["a": true, "b": false, "c": false])
  }

  @Test func `what the goal reads, what is excluded and the cluster's own fields are left out`()
    throws
  {
    let people = try Self.people()

    let plan = try people.plan(
      Self.instance { $0.attributes.exclude = ["home.zip", "tags"] }
    )

    #expect(
      plan.omissions == [
        .init(code: "attribute:churn", reason: .goalReadsIt),
        .init(code: "attribute:covey", reason: .system),
        .init(code: "attribute:home.zip", reason: .excluded),
        .init(code: "attribute:tags", reason: .excluded),
      ]
    )
    #expect(!plan.features.contains { $0.code == "attribute:tags#count" })
  }

  @Test(
    arguments: [
      "home.city = \"Oslo\" and vip", "let h = home in h.city = \"Oslo\" and vip",
      "(P) => P.home.city = \"Oslo\" and P.vip", "exists E from xEvent where home.city = \"Oslo\"",
    ] as [Text]
  )
  func `fields that a goal names are left out, however it does`(goal: Text) throws {
    let people = try Self.people()

    let plan = try people.plan(Self.instance(goal))

    #expect(!plan.features.contains { $0.code == "attribute:home.city" })
  }

  @Test func `a list of attributes has those alone`() throws {
    let people = try Self.people()

    let plan = try people.plan(
      Self.instance { instance in
        instance.attributes.include = ["home", "age"]
        instance.attributes.exclude = ["home.city"]
      }
    )

    #expect(plan.features.map(\.code) == ["attribute:age", "attribute:home.zip"])
  }

  @Test func `an attribute that nobody has is an error with a hint`() throws {
    let people = try Self.people()

    #expect(
      throws: FeaturePlanError.unknownAttribute(
        "home.citi",
        field: "attributes.exclude",
        nearest: "home.city"
      )
    ) {
      try people.plan(Self.instance { $0.attributes.exclude = ["home.citi"] })
    }
  }

  @Test func `texts that tell profiles apart are left out`() throws {
    let people = try FeatureCase(
      FeatureCase.attributes(
        (0..<300).map { number in
          let mail: (Text, Value) = ("mail", .string(Text("c\(number)@example.org")))
          return (
            Text("p\(number)"),
            [mail, ("group", .string(Text("g\(number % 9)"))), ("churn", .string("Yes"))]
          )
        }
      )
    )

    let plan = try people.plan(Self.instance())

    #expect(plan.features.map(\.code) == ["attribute:group"])
    #expect(plan.omissions.contains(.init(code: "attribute:mail", reason: .tellsProfilesApart)))
  }

  @Test func `numbers that are the profiles' keys are left out, on any number of shards`() throws {
    for shardCount in [1, 3] {
      let people = try FeatureCase(
        FeatureCase.attributes(
          (0..<300).map { number in
            // All but one have their own number under `nearly`, one has none under `id`.
            let nearly: (Text, Value) = ("nearly", .integer(number == 250 ? 7 : Int64(number)))
            let id: [(Text, Value)] = number == 9 ? [] : [("id", .integer(Int64(number)))]
            let share: (Text, Value) = ("share", .double(Double(number) + 0.5))
            return (Text("\(number)"), id + [nearly, share, ("churn", .string("Yes"))])
          }
        ),
        shardCount: shardCount
      )

      let plan = try people.plan(Self.instance())

      #expect(plan.features.map(\.code) == ["attribute:nearly", "attribute:share"])
      #expect(plan.omissions.contains(.init(code: "attribute:id", reason: .tellsProfilesApart)))
    }
  }

  @Test func `eligible are those of whom the rule holds`() throws {
    let people = try Self.people()

    let rows = try people.rows(
      try people.plan(Self.instance { $0.eligible = "age > 1" }),
      for: .scoring
    )

    #expect(Set(rows.keys) == ["a", "b"])
    #expect(rows["a"]?.label == nil)
  }

  @Test func `a rule that cannot be read names its field`() throws {
    let people = try Self.people()

    let error = #expect(throws: FeaturePlanError.self) {
      try people.plan(Self.instance { $0.eligible = "age >" })
    }

    #expect(error.map { "\($0)" }?.hasPrefix("the field 'eligible': 1:6: ") == true)
  }

  @Test func `a goal may not ask about a segment that is not defined`() throws {
    let people = try Self.people()

    #expect(throws: FeaturePlanError.unknownAudience("vips", field: "goal")) {
      try people.plan(Self.instance("inSegment(\"vips\")"))
    }
  }

  // MARK: Memberships

  private static func audience(_ id: String, _ expression: Text) throws -> ProgramDefinition {
    ProgramDefinition(
      id: try #require(Name(id)),
      version: 1,
      expression: expression,
      timeZone: nil
    )
  }

  private static func audiences() throws -> [ProgramDefinition] {
    [
      try audience("old", "age > 30"), try audience("left", "churn = \"Yes\""),
      try audience("old-and-left", "inSegment(\"old\") and inSegment(\"left\")"),
      try audience("likely", "covey.score > 0"), try audience("young", "not inSegment(\"old\")"),
    ]
  }

  @Test func `memberships are features, but for those that would tell the answer`() throws {
    let people = try Self.people()

    let plan = try people.plan(Self.instance(), audiences: try Self.audiences())
    let rows = try people.rows(plan)

    #expect(plan.features.suffix(2).map(\.code) == ["membership:old", "membership:young"])
    #expect(rows["a"]?.values.suffix(2) == [.number(1), .number(0)])
    #expect(rows["b"]?.values.suffix(2) == [.number(0), .number(1)])
    #expect(
      plan.omissions.suffix(3) == [
        .init(code: "membership:left", reason: .goalReadsIt),
        .init(code: "membership:likely", reason: .system),
        .init(code: "membership:old-and-left", reason: .goalReadsIt),
      ]
    )
    #expect(plan.rules.audiences.map(\.id.text) == ["old", "young"])
  }

  @Test func `an instance chooses the audiences, and a plan keeps those it needs`() throws {
    let people = try Self.people()
    let instance = Self.instance("inSegment(\"left\")") { $0.memberships = ["young"] }

    let plan = try people.plan(instance, audiences: try Self.audiences())

    #expect(plan.features.last?.code == "membership:young")
    #expect(!plan.features.contains { $0.code == "attribute:churn" })
    #expect(plan.rules.audiences.map(\.id.text) == ["old", "left", "young"])
    #expect(throws: FeaturePlanError.unknownAudience("nobody", field: "memberships[0]")) {
      try people.plan(Self.instance { $0.memberships = ["nobody"] })
    }
  }

  @Test func `of a plan that only judges the goal the audiences stay that the goal asks about`()
    throws
  {
    let people = try Self.people()
    let asking = Self.instance("inSegment(\"old-and-left\")") { $0.memberships = ["young"] }

    let plan = try people.plan(asking, audiences: try Self.audiences())
    let outcome = try #require(plan.outcome)

    #expect(outcome.features.isEmpty && outcome.omissions.isEmpty)
    #expect(outcome.rules.goal == plan.rules.goal && outcome.rules.eligible == nil)
    #expect(outcome.rules.audiences.map(\.id.text) == ["old", "left", "old-and-left"])
    #expect(try people.plan(Self.instance()).outcome == nil, "the goal is over attributes alone")
  }

  @Test func `two features never have one name`() throws {
    let people = try FeatureCase(
      FeatureCase.attributes([
        ("a", [("x", .string("s")), ("text of x", .integer(1))]), ("b", [("x", .integer(1))]),
      ])
    )

    let plan = try people.plan(Self.instance())

    #expect(
      plan.features.map(\.name) == ["text of x", "x", "text of x (attribute:x#text)"]
    )
  }
}
