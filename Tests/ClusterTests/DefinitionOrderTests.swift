import Bytes
import Cluster
import Domain
import Testing

@Suite struct DefinitionOrderTests {
  private static func name(_ string: String) throws -> Name { try #require(Name(string)) }

  private static func definitions(
    _ references: KeyValuePairs<String, [String]>
  ) throws -> [Name: SegmentDefinition] {
    var definitions: [Name: SegmentDefinition] = [:]
    for (id, names) in references {
      let id = try name(id)
      definitions[id] = SegmentDefinition(
        id: id,
        name: "",
        expression: "true",
        timeZone: nil,
        set: nil,
        version: 1,
        references: names.map { Text($0) },
        document: .object([])
      )
    }
    return definitions
  }

  @Test func `each definition comes after those it refers to, ties by id`() throws {
    let definitions = try Self.definitions(["a": ["z"], "b": [], "c": ["a", "b"], "z": []])

    let order = try DefinitionOrder.order(definitions)

    #expect(order.map(\.id.description) == ["b", "z", "a", "c"])
  }

  @Test func `the closure holds what is referred to and nothing else`() throws {
    let definitions = try Self.definitions([
      "a": ["b"], "b": ["c", "gone", "no name"], "c": [], "d": ["a"],
    ])

    let closure = try DefinitionOrder.closure(of: [try Self.name("a")], in: definitions)

    #expect(closure.map(\.id.description) == ["c", "b", "a"])
  }

  @Test func `a circle is named from its smallest id`() throws {
    let definitions = try Self.definitions([
      "a": ["q"], "q": ["m"], "m": ["p"], "p": ["q"], "b": [],
    ])

    #expect(throws: DefinitionOrder.Circle(ids: try ["m", "p", "q"].map(Self.name))) {
      try DefinitionOrder.order(definitions)
    }
    #expect(
      DefinitionOrder.Circle(ids: try ["m", "p", "q"].map(Self.name)).description
        == "the definitions refer to each other in a circle: m -> p -> q -> m"
    )
  }

  @Test func `a definition that refers to itself is a circle`() throws {
    let definitions = try Self.definitions(["a": ["a"]])

    #expect(throws: DefinitionOrder.Circle(ids: [try Self.name("a")])) {
      try DefinitionOrder.order(definitions)
    }
  }

  @Test(arguments: 1...50 as ClosedRange<UInt64>)
  func `random graphs without circles keep every reference`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let ids = (0..<40).map { "s\($0)" }.shuffled(using: &random)
    var definitions: [Name: SegmentDefinition] = [:]
    for (index, id) in ids.enumerated() {
      let references = (0..<index).filter { _ in random.oneIn(6) }.map { ids[$0] }
      for (name, definition) in try Self.definitions([id: references]) {
        definitions[name] = definition
      }
    }

    let order = try DefinitionOrder.order(definitions)

    let positions = Dictionary(
      uniqueKeysWithValues: order.enumerated().map { ($0.element.id, $0.offset) }
    )
    #expect(order.count == ids.count)
    for definition in order {
      for reference in definition.references {
        let id = try #require(Name(reference))
        #expect(try #require(positions[id]) < (try #require(positions[definition.id])))
      }
    }
  }
}
