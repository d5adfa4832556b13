import Bytes
import Propensity
import Testing

struct InstanceTests {
  private func read(_ text: String) throws -> PropensityInstance {
    try PropensityInstance(json: Array(text.utf8))
  }

  private let whole = """
    {"name": "buy-30d", "description": "Buys soon", "type": "conversion",
     "goal": {"occurs": false, "match": "any", "scope": "within-window",
              "conditions": ["eventType = \\"commerce.purchases\\"", "value > 3"]},
     "outcomeWindowDays": 7, "eligible": "country = \\"DE\\"",
     "customEvents": [{"name": "Watch purchase", "condition": "sku = \\"W\\""}],
     "attributes": {"include": ["age", "city"], "exclude": ["city"]},
     "memberships": ["vips"], "exclusions": ["isTest = true"], "cutOffs": {"count": 3, "stepDays": 14},
     "training": {"treeCountMax": 50, "learningRate": 0.1, "l2": 1, "seed": 9},
     "schedule": "weekly", "writeToProfile": true}
    """

  @Test func `the smallest instance has defaults`() throws {
    let instance = try read(#"{"name":"churn","type":"churn","goal":"Churn = \"Yes\""}"#)
    var expected = PropensityInstance(
      name: "churn",
      kind: .churn,
      goal: .predicate("Churn = \"Yes\"")
    )
    expected.outcomeWindowDays = 30
    #expect(instance == expected)
    #expect(instance.training == TrainingSettings())
    #expect(!instance.writeToProfile && instance.schedule == .never)
  }

  @Test func `every field is read, and read again as it was written`() throws {
    let instance = try read(whole)
    #expect(
      instance.goal
        == .events(
          PropensityInstance.EventGoal(
            occurs: false,
            match: .any,
            scope: .withinWindow,
            conditions: ["eventType = \"commerce.purchases\"", "value > 3"]
          )
        )
    )
    #expect(instance.kind == .conversion && instance.outcomeWindowDays == 7)
    #expect(instance.customEvents.map(\.name) == ["Watch purchase"])
    #expect(instance.attributes.include == ["age", "city"] && instance.memberships == ["vips"])
    #expect(instance.cutOffCount == 3 && instance.cutOffStepDays == 14)
    #expect(instance.training.treeCountMax == 50 && instance.training.l2 == 1)
    #expect(instance.training.seed == 9 && instance.writeToProfile)
    #expect(try PropensityInstance(json: instance.json()) == instance)
    let small = try read(#"{"name":"a","type":"churn","goal":"b = 1"}"#)
    #expect(try PropensityInstance(json: small.json()) == small)
  }

  @Test(arguments: [
    (#"{"type":"churn","goal":"a = 1"}"#, "the field 'name' is missing"),
    (#"{"name":"a b","type":"churn","goal":"a = 1"}"#, "the field 'name' has to be a letter"),
    (#"{"name":"a","type":"x","goal":"a"}"#, "'type' has to be \"conversion\" or \"churn\""),
    (#"{"name":"a","type":"churn","goal":" "}"#, "'goal' has to be a text that is not empty"),
    (#"{"name":"a","type":"churn","goal":7}"#, "'goal' has to be a text"),
    (#"{"name":"a","type":"churn","goal":{"conditions":[]}}"#, "'goal.conditions' has to be"),
    (#"{"name":"a","type":"churn","goal":{"conditions":["x",1]}}"#, "'goal.conditions[1]' has"),
    (#"{"name":"a","type":"churn","goal":{"condition":"x"}}"#, "unknown field 'goal.condition'"),
    (#"{"name":"a","type":"churn","goal":"x","goal":"y"}"#, "the field 'goal' stands twice"),
    (
      #"{"name":"a","type":"churn","goal":"x","outcomeWindowDays":0}"#,
      "'outcomeWindowDays' has to be a whole number from 1 to 365"
    ),
    (
      #"{"name":"a","type":"churn","goal":"x","training":{"learningRate":2}}"#,
      "'training.learningRate' has to be within its range"
    ),
    (#"{"name":"a","type":"churn","goal":"x","training":{"l2":"1"}}"#, "'training.l2' has to be a"),
    (
      #"{"name":"a","type":"churn","goal":"x","customEvents":[{"name":"e","condition":"c"},{"name":"e","condition":"d"}]}"#,
      "'customEvents[1].name' has to be a name that no other custom event has"
    ),
    ("[]", "the file has to be an object"), ("{", "the JSON text ends at byte 1"),
  ])
  func `an error names the field`(text: String, message: String) {
    do {
      _ = try read(text)
      Issue.record("\(text) was read")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
    }
  }

  @Test func `hostile files are an instance or an error`() {
    var random = SeededRandom(seed: 81)
    for _ in 0..<3_000 {
      var bytes = Array(whole.utf8)
      for _ in 0...random.below(3) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
      if random.oneIn(4) { bytes.removeLast(random.below(bytes.count)) }
      guard let instance = try? PropensityInstance(json: bytes) else { continue }
      #expect((try? PropensityInstance(json: instance.json())) == instance)
    }
  }
}
