import Bytes
import Domain
import Testing

@Suite struct ValueTests {
  @Test func `fields lie in the order of their names and the last of equals stays`() {
    let object = ObjectValue([
      .init(name: "b", value: .integer(1)), .init(name: "a", value: .integer(2)),
      .init(name: "b", value: .integer(3)),
    ])

    #expect(object.fields.map(\.name) == ["a", "b"])
    #expect(object["b"] == .integer(3))
    #expect(object["c"] == nil)
  }

  @Test func `setting and removing fields agrees with a dictionary`() {
    var random = RandomValues(seed: 11)
    var object = ObjectValue()
    var twin: [Text: Value] = [:]

    for _ in 0..<500 {
      let name = random.text()
      let value: Value? = random.random.oneIn(3) ? nil : .integer(Int64(random.random.below(9)))
      object[name] = value
      twin[name] = value
    }

    #expect(object.fields.map(\.name) == twin.keys.sorted())
    for (name, value) in twin { #expect(object[name] == value) }
  }

  @Test func `composed and decomposed names are two fields`() {
    let object = ObjectValue([
      .init(name: "\u{e9}", value: .integer(1)), .init(name: "e\u{301}", value: .integer(2)),
    ])

    #expect(object.fields.count == 2)
  }

  @Test(arguments: [
    ("a-Z.0_9", true), ("", false), ("a b", false), ("../x", false), ("é", false),
    (String(repeating: "x", count: 128), true), (String(repeating: "x", count: 129), false),
  ])
  func `names are short and plain`(text: String, isName: Bool) {
    #expect((Name(text) != nil) == isName)
  }

  @Test func `keys are spread evenly over shards and stay where they are`() {
    var counts = [Int](repeating: 0, count: 64)
    for number in 0..<64_000 {
      counts[Int(ProfileKey(Text("customer-\(number)")).shard(of: 64).number)] += 1
    }

    #expect(counts.allSatisfy { (850...1_150).contains($0) })
    #expect(ProfileKey("customer-1").shard(of: 1_000_003).number == 739_387)
  }
}
