import Bytes
import Domain
import PQL
import ProfileStore
import Propensity
import Segmentation
import Testing

@Suite struct EventFeatureTests {
  private static func instance(
    _ change: (inout PropensityInstance) -> Void = { _ in }
  ) -> PropensityInstance {
    var instance = PropensityInstance(
      name: "i",
      kind: .conversion,
      goal: .events(.init(conditions: ["eventType = \"buy\""]))
    )
    change(&instance)
    return instance
  }

  private static func young() throws -> ProgramDefinition {
    ProgramDefinition(
      id: try #require(Name("young-buyers")),
      version: 1,
      expression: "age < 40 and xEvent[eventType = \"buy\"].count() >= 2",
      timeZone: nil
    )
  }

  @Test(arguments: 0..<4)
  func `every feature of random profiles is what the catalogue says`(seed: Int) throws {
    var random = SeededRandom(seed: UInt64(seed))
    let data = try FeatureCase(
      RandomHistories.profiles(60, &random),
      shardCount: [1, 3][seed % 2]
    )
    let instance = Self.instance { instance in
      if seed % 2 == 1 { instance.exclusions = ["test", "order.total < 2"] }
      if seed > 0 {
        instance.customEvents = [
          .init(name: "large buy", condition: "eventType = \"buy\" and order.total > 20"),
          .init(name: "hats", condition: "order.category = \"hats\" or order.gift"),
        ]
      }
    }
    let plan = try data.plan(instance, audiences: [try Self.young()])
    let naive = NaiveFeatures(plan: plan, cutOff: FeatureCase.cutOff)
    let active = Text("xEvent[this.timestamp occurs <= 45 days before now].exists()")

    let rows = try data.rows(plan)
    var writer = ByteWriter()
    try #require(plan.outcome).encode(into: &writer)
    var reader = ByteReader(writer.bytes)
    let outcome = try FeaturePlan(from: &reader)
    for snapshot in data.snapshots {
      func positive(_ plan: FeaturePlan) throws -> Bitmap? {
        try FeatureExtractor(plan, at: FeatureCase.cutOff, for: .training, zones: .utcOnly)
          .population(of: snapshot).positive
      }
      #expect(try positive(outcome) == positive(plan), "seed \(seed)")
    }

    let cutOff = FeatureCase.cutOff.milliseconds
    let end = cutOff + 30 * FeatureCase.day
    var kinds: UInt64 = 0
    for (key, profile) in data.profiles {
      let isEligible = try naive.holds(active, profile, from: .min, to: cutOff, now: cutOff)
      #expect((rows[key] != nil) == isEligible, "seed \(seed), \(key)")
      guard let row = rows[key] else { continue }
      kinds |= try naive.kinds(of: profile)
      let wanted = try naive.features(of: profile)
      for (index, feature) in plan.features.enumerated() where row.values[index] != wanted[index] {
        Issue.record(
          "seed \(seed), \(key), \(feature.code): \(row.values[index]) for \(wanted[index])"
        )
        return
      }
      let goal: Text = "xEvent[eventType = \"buy\"].exists()"
      let isPositive = try naive.holds(goal, profile, from: cutOff, to: end, now: end)
      #expect(row.label == isPositive, "seed \(seed), \(key)")
    }
    #expect(!rows.isEmpty)
    #expect(try data.metKinds(plan) == kinds, "seed \(seed)")
  }

  @Test func `events from the cut-off on, of other types or of nobody who has a row are not met`()
    throws
  {
    let cutOff = FeatureCase.cutOff.milliseconds
    func event(_ type: Text, daysBefore: Int64, _ more: [(Text, Value)] = []) -> Value {
      let instant = Instant(milliseconds: cutOff - daysBefore * FeatureCase.day)
      return .object(
        [("eventType", .string(type)), ("timestamp", .string(instant.clamped.iso))] + more
      )
    }
    let data = try FeatureCase([
      ("a", .object([("xEvent", .array([event("buy", daysBefore: 3)]))])),
      ("b", .object([("xEvent", .array([event("look", daysBefore: 400)]))])),
      ("c", .object([("xEvent", .array([event("leave", daysBefore: 0)]))])),
    ])
    let plan = try data.plan(Self.instance { $0.eligible = "xEvent[eventType = \"buy\"].exists()" })
    let rare = try data.plan(
      Self.instance { $0.eligible = "not xEvent[eventType = \"buy\"].exists()" }
    )
    func names(_ plan: FeaturePlan) throws -> [Text] {
      let met = try data.metKinds(plan)
      return plan.events.kinds.enumerated().filter { met >> UInt64($0.offset) & 1 == 1 }
        .map(\.element.name)
    }

    #expect(plan.events.kinds.map(\.name) == ["event", "buy", "leave", "look"])
    #expect(try names(plan) == ["event", "buy"])
    #expect(try names(rare) == ["event", "look"])
  }

  @Test func `rows do not depend on how profiles are divided into shards`() throws {
    var random = SeededRandom(seed: 21)
    let profiles = RandomHistories.profiles(80, &random)
    let one = try FeatureCase(profiles)
    let many = try FeatureCase(profiles, shardCount: 5)

    let plan = try one.plan(Self.instance())

    #expect(try one.survey() == many.survey())
    #expect(try many.plan(Self.instance()) == plan)
    #expect(try one.rows(plan) == many.rows(plan))
  }

  @Test func `blocks one by one give the rows of the whole`() throws {
    var random = SeededRandom(seed: 22)
    let data = try FeatureCase(RandomHistories.profiles(40, &random))
    let extractor = try FeatureExtractor(
      try data.plan(Self.instance()),
      at: FeatureCase.cutOff,
      for: .training,
      zones: .utcOnly
    )
    let population = try extractor.population(of: data.snapshots[0])

    let whole = try extractor.rows(of: population)

    var row = 0
    for block in 0..<data.snapshots[0].blockCount {
      let part = try extractor.rows(of: population, in: block..<block + 1)
      for index in 0..<part.count {
        #expect(part.ordinals[index] == whole.ordinals[row])
        #expect(part.labels[index] == whole.labels[row])
        #expect(NaiveFeatures.row(index, of: part) == NaiveFeatures.row(row, of: whole))
        row += 1
      }
    }
    #expect(row == whole.count)
  }

  // MARK: Goals

  private static let buys: [(Text, [(Int64, Text, Int64)])] = [
    ("before", [(-1, "buy", 5)]), ("at", [(0, "buy", 5)]),
    ("last", [(30 * 86_400_000 - 1, "buy", 5)]), ("after", [(30 * 86_400_000, "buy", 5)]),
    ("apart", [(5, "buy", 1), (6, "view", 9)]),
    ("both", [(5, "buy", 9)]), ("view", [(5, "view", 1)]), ("none", []),
  ]

  private static func buyers() throws -> FeatureCase {
    try FeatureCase(
      buys.map { key, events in
        let events = events.map { after, type, total in
          let time = FeatureCase.cutOff.advanced(byMilliseconds: after)
          return Value.object([
            ("timestamp", .string(Text(time.iso))), ("eventType", .string(type)),
            ("total", .integer(total)),
          ])
        }
        return (key, .object([("xEvent", .array(events))]))
      }
    )
  }

  private static func positives(
    _ goal: PropensityInstance.Goal,
    exclusions: [Text] = []
  ) throws -> Set<Text> {
    let data = try buyers()
    var instance = PropensityInstance(name: "i", kind: .conversion, goal: goal)
    instance.eligible = "not inSegment(\"nobody\")"
    instance.exclusions = exclusions
    let nobody = ProgramDefinition(
      id: try #require(Name("nobody")),
      version: 1,
      expression: "false",
      timeZone: nil
    )
    let rows = try data.rows(try data.plan(instance, audiences: [nobody]))
    #expect(rows.count == buys.count)
    return Set(rows.filter { $0.value.label == true }.keys)
  }

  @Test(
    arguments: [
      (true, "all", "same-event", ["at", "last", "both"]),
      (true, "any", "same-event", ["at", "last", "apart", "both"]),
      (true, "all", "within-window", ["at", "last", "apart", "both"]),
      (true, "any", "within-window", ["at", "last", "apart", "both"]),
      (false, "all", "same-event", ["before", "after", "apart", "view", "none"]),
      (false, "any", "within-window", ["before", "after", "view", "none"]),
    ] as [(Bool, String, String, Set<Text>)]
  )
  func `goals are about events from the cut-off to the end of the window`(
    occurs: Bool,
    match: String,
    scope: String,
    wanted: Set<Text>
  ) throws {
    let goal = PropensityInstance.EventGoal(
      occurs: occurs,
      match: try #require(.init(rawValue: match)),
      scope: try #require(.init(rawValue: scope)),
      conditions: ["eventType = \"buy\"", "total > 3"]
    )

    #expect(try Self.positives(.events(goal)) == wanted)
  }

  @Test func `a predicate as a goal sees the events of the window and calls its end now`() throws {
    let goal: Text = "exists E from xEvent where E.timestamp occurs <= 30 days before now"

    #expect(try Self.positives(.predicate(goal)) == ["at", "last", "apart", "both", "view"])
    #expect(try Self.positives(.predicate("xEvent.count() > 1")) == ["apart"])
  }

  @Test func `events that are excluded never happened`() throws {
    let goal = PropensityInstance.EventGoal(conditions: ["eventType = \"buy\""])

    let positives = try Self.positives(.events(goal), exclusions: ["total = 9"])

    #expect(positives == ["at", "last", "apart"])
  }

  @Test func `a variable that hides a field of an exclusion is an error`() throws {
    let data = try Self.buyers()
    let instance = Self.instance { instance in
      instance.eligible = "exists total from xEvent where total.total > 3"
      instance.exclusions = ["total = 9"]
    }

    #expect(
      throws: FeaturePlanError.hiddenName("total", field: "eligible", exclusion: "exclusions[0]")
    ) {
      try data.plan(instance)
    }
  }

  @Test func `a condition on an event may not look at all events`() throws {
    let data = try Self.buyers()

    #expect(throws: FeaturePlanError.notOfOneEvent(field: "exclusions[0]")) {
      try data.plan(Self.instance { $0.exclusions = ["xEvent.count() > 3"] })
    }
    #expect(throws: FeaturePlanError.notOfOneEvent(field: "goal.conditions[0]")) {
      try data.plan(Self.instance { $0.goal = .events(.init(conditions: ["(E) => E.total > 3"])) })
    }
  }

  @Test func `a set without events has everybody and no features of events`() throws {
    let data = try FeatureCase(FeatureCase.attributes([("a", [("age", .integer(3))])]))

    let plan = try data.plan(Self.instance())

    #expect(plan.rules.eligible == nil)
    #expect(plan.features.map(\.code) == ["attribute:age"])
    #expect(try data.rows(plan).count == 1)
  }
}
