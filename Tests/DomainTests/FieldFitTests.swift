import Bytes
import Domain
import Testing

@Suite struct FieldFitTests {
  private static func node(
    _ kinds: FieldKinds,
    form: TextForm = .none,
    _ fields: [Text: SchemaNode] = [:]
  ) -> SchemaNode {
    var node = SchemaNode()
    node.kinds = kinds
    node.textForm = form
    node.fields = fields
    node.count = 5
    return node
  }

  private static func schema(
    _ fields: [Text: SchemaNode],
    events: [Text: SchemaNode]? = nil
  ) -> Schema {
    var schema = Schema()
    schema.profile = node(.object, fields)
    if let events { schema.event = node(.object, events) }
    return schema
  }

  private static func attribute(_ name: Text, _ reading: FieldReading) -> FeatureOrigin {
    .attribute(path: [name], reading)
  }

  @Test func `fields that have what was learned from give neither objection nor warning`() {
    let fit = FieldFit(
      [
        Self.attribute("age", .number), Self.attribute("plan", .text),
        Self.attribute("since", .age), .attribute(path: ["home", "rooms"], .elementCount), .events,
        .eventField(path: ["total"], .number), .audience,
      ],
      in: Self.schema(
        [
          "age": Self.node([.integer, .double]), "plan": Self.node(.string, form: .any),
          "since": Self.node(.string, form: .date),
          "home": Self.node(.object, ["rooms": Self.node(.array)]),
        ],
        events: ["total": Self.node(.boolean)]
      )
    )

    #expect(fit.unsuited.isEmpty && fit.mixed.isEmpty && fit.missing.isEmpty && !fit.isUnrelated)
    #expect(fit.objection("it has") == nil)
    #expect(fit.warnings("it has").isEmpty)
  }

  @Test func `a field of nothing but other kinds is an objection`() {
    let fit = FieldFit(
      [Self.attribute("plan", .text), Self.attribute("age", .number)],
      in: Self.schema(["age": Self.node(.string), "plan": Self.node(.string)])
    )

    #expect(fit.unsuited.map(\.field) == ["age"])
    #expect(fit.unsuited.first?.reading == .number)
    #expect(
      fit.objection("set 'b' has")
        == "set 'b' has 'age' as string, and the model learned from numbers"
    )
  }

  @Test func `of two readings of a field one is enough`() {
    let both = [Self.attribute("code", .number), Self.attribute("code", .text)]
    let fit = FieldFit(both, in: Self.schema(["code": Self.node(.string)]))
    let neither = FieldFit(both, in: Self.schema(["code": Self.node(.array)]))

    #expect(fit.objection("it has") == nil)
    #expect(fit.warnings("it has").isEmpty)
    #expect(neither.unsuited.map(\.field) == ["code"])
  }

  @Test func `values of other kinds among some that are read are a warning`() {
    let fit = FieldFit(
      [Self.attribute("age", .number), Self.attribute("since", .age)],
      in: Self.schema([
        "age": Self.node([.integer, .string]), "since": Self.node(.string, form: .any),
      ])
    )

    #expect(fit.objection("it has") == nil)
    #expect(
      fit.warnings("it has") == [
        "it has values in 'age' that are no numbers, 'since' that are no dates; "
          + "the model takes them as missing"
      ]
    )
  }

  @Test func `missing fields are named, a field without values among them`() {
    let names = (0..<12).map { Text("f\($0 + 10)") }
    let fit = FieldFit(
      [Self.attribute("age", .number), .attribute(path: ["a.b", "c"], .text)]
        + names.map { Self.attribute($0, .text) },
      in: Self.schema(["age": Self.node(.integer), "f10": Self.node([])])
    )

    #expect(fit.missing == ["`a.b`.c"] + names)
    #expect(fit.objection("it has") == nil)
    #expect(
      fit.warnings("it has") == [
        "it has no '`a.b`.c', 'f10', 'f11', 'f12', 'f13', 'f14', 'f15', 'f16', 'f17', 'f18' "
          + "and 3 more; the model takes what is not there as missing"
      ]
    )
  }

  @Test func `a set with nothing that the model uses is an objection`() {
    let schema = Self.schema(["colour": Self.node(.string)])
    let none = FieldFit(
      [Self.attribute("age", .number), Self.attribute("plan", .text)],
      in: schema
    )
    let one = FieldFit([Self.attribute("age", .number)], in: schema)
    let events = FieldFit([.events, .eventField(path: ["total"], .number)], in: schema)
    let audience = FieldFit([Self.attribute("age", .number), .audience], in: schema)
    let constant = FieldFit([], in: schema)

    #expect(
      none.objection("it has") == "it has none of the 2 fields that the model uses, such as 'age'"
    )
    #expect(one.objection("it has") == "it has no 'age', and the model uses nothing else")
    #expect(events.objection("it has") == "it has no 'events', and the model uses nothing else")
    #expect(audience.objection("it has") == nil)
    #expect(audience.warnings("it has").count == 1)
    #expect(constant.objection("it has") == nil)
  }

  @Test func `events that lack a field are told apart from no events`() {
    let origins: [FeatureOrigin] = [
      Self.attribute("age", .number), .events, .eventField(path: ["total"], .number),
      .eventField(path: ["shop"], .text),
    ]
    let age = ["age" as Text: Self.node(.integer)]
    let some = FieldFit(
      origins,
      in: Self.schema(age, events: ["total": Self.node(.string), "at": Self.node(.string)])
    )
    let none = FieldFit(origins, in: Self.schema(age))

    #expect(some.missing == ["xEvent.shop"])
    #expect(some.unsuited.map(\.field) == ["xEvent.total"])
    #expect(none.missing == ["events"])
    #expect(none.unsuited.isEmpty)
  }

  private static func met(_ buy: Bool, _ visit: Bool, any: Bool? = nil) -> MetEvents {
    MetEvents(
      before: Instant(milliseconds: 0),
      kinds: (any.map { [MetEvents.Kind(name: "event", isNamed: false, isMet: $0)] } ?? []) + [
        MetEvents.Kind(name: "buy", isNamed: true, isMet: buy),
        MetEvents.Kind(name: "visit", isNamed: true, isMet: visit),
      ]
    )
  }

  @Test func `events of other types than the model tells apart are as good as none`() {
    let schema = Self.schema(
      ["age": Self.node(.integer)],
      events: ["total": Self.node(.integer)]
    )
    let origins: [FeatureOrigin] = [.events, .eventField(path: ["total"], .number)]
    let others = Self.met(false, false, any: true)
    let fit = FieldFit(origins, in: schema, met: others)
    let withAge = FieldFit(origins + [Self.attribute("age", .number)], in: schema, met: others)
    let plan = origins + [Self.attribute("plan", .text)]
    let withPlan = FieldFit(plan, in: schema, met: others)
    let withMore = FieldFit(plan + [Self.attribute("size", .text)], in: schema, met: others)

    let events = "no 'buy', 'visit' events of eligible profiles before 1970-01-01T00:00:00Z"
    #expect(fit.objection("it has") == "it has \(events), and the model uses nothing else")
    #expect(withAge.objection("it has") == nil)
    #expect(
      withAge.warnings("it has") == ["it has \(events); the model takes them as never happened"]
    )
    #expect(
      withPlan.objection("it has")
        == "it has no 'plan' and \(events), and the model uses nothing else"
    )
    #expect(
      withMore.objection("it has")
        == "it has none of the 2 fields that the model uses, such as 'plan', and \(events)"
    )
    #expect(FieldFit(origins, in: schema, met: Self.met(true, true)).warnings("it has").isEmpty)
    #expect(FieldFit(origins, in: schema, met: Self.met(true, false)).objection("it has") == nil)
  }

  @Test func `a model that tells no events apart needs some`() {
    func met(_ isMet: Bool) -> MetEvents {
      MetEvents(
        before: Instant(milliseconds: 0),
        kinds: [MetEvents.Kind(name: "event", isNamed: false, isMet: isMet)]
      )
    }
    let schema = Self.schema([:], events: ["total": Self.node(.integer)])

    #expect(FieldFit([.events], in: schema, met: met(true)).objection("it has") == nil)
    #expect(
      FieldFit([.events], in: schema, met: met(false)).objection("it has")
        == "it has no events of eligible profiles before 1970-01-01T00:00:00Z, "
        + "and the model uses nothing else"
    )
  }

  @Test func `what happened to some profiles happened to all together`() {
    let parts = [Self.met(false, true), Self.met(false, false), Self.met(true, false)]
    var buy = Self.met(true, false)

    #expect(MetEvents.sum(of: parts) == Self.met(true, true))
    #expect(MetEvents.sum(of: [MetEvents]()) == nil)
    let others = buy.add(Self.met(true, true, any: true))
    let later = buy.add(MetEvents(before: Instant(milliseconds: 1), kinds: buy.kinds))
    #expect(!others && !later)
    #expect(buy == Self.met(true, false))
  }
}
