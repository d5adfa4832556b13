import Bytes
import Domain
import Generator
import PQL
import Platform
import Testing

@Suite struct DefinitionMixTests {
  /// The rules of a folder's mix in words.
  private func rules(_ folder: GeneratedFolder) throws -> [Value] {
    let value = try Value.parse(json: try LinuxDisk().read(folder.files.mix[1].path))
    return try #require(value?.elements)
  }

  /// The ids of a folder's mix with their rules as PQL, each once.
  private func queries(_ folder: GeneratedFolder) throws -> [(id: Text, query: Text)] {
    let value = try Value.parse(json: try LinuxDisk().read(folder.files.mix[0].path))
    return try #require(value?.elements).map { definition in
      (
        try #require(definition["id"]?.text),
        try #require(definition["expression"]?["value"]?.text)
      )
    }
  }

  @Test func `without a number of definitions there is no mix`() throws {
    let folder = try GeneratedFolder(profiles: 2, events: 2)

    #expect(folder.files.mix == [])
    #expect(try LinuxDisk().list(folder.path).filter { $0.hasPrefix("mix") } == [])
  }

  @Test func `of twenty definitions each kind has its share, and the first are always the same`()
    throws
  {
    let few = try GeneratedFolder(profiles: 100, events: 1_000, definitions: 30)
    let many = try GeneratedFolder(profiles: 100, events: 1_000, definitions: 200)

    let kinds = try rules(many).compactMap { $0["kind"]?.text }

    #expect(try queries(few).map(\.query) == queries(many).prefix(30).map(\.query))
    #expect(try rules(few) == Array(rules(many).prefix(30)))

    func count(_ wanted: Text...) -> Int { kinds.count { wanted.contains($0) } }
    #expect(count("attributes") == 60)
    #expect(count("event") == 50)
    #expect(count("did-but-not") == 30)
    #expect(count("count", "sum") == 30)
    #expect(count("sequence") == 20)
    #expect(count("segments") == 10)
  }

  @Test(arguments: GeneratorFormat.allCases)
  func `each definition is sound and asks about earlier ones only`(
    format: GeneratorFormat
  ) throws {
    let folder = try GeneratedFolder(format: format, definitions: 300)

    var earlier: Set<Text> = []
    for (id, query) in try queries(folder) {
      #expect(throws: Never.self, "\(id): \(query)") { try CheckedQuery(query) }
      let pieces = query.string.split(separator: "inSegment(\"", omittingEmptySubsequences: false)
      for piece in pieces.dropFirst() {
        #expect(earlier.contains(Text(String(piece.prefix { $0 != "\"" }))), "\(id): \(query)")
      }
      #expect(earlier.insert(id).inserted)
    }
    #expect(earlier.count == 300)
  }

  @Test(arguments: [1, 2])
  func `a rule in words has the members of the rule in PQL`(seed: UInt64) throws {
    let folder = try GeneratedFolder(
      profiles: 150,
      events: 3_000,
      seed: seed,
      format: .csv,
      definitions: 120
    )
    let profiles = try folder.imported()
    let described = profiles.mapValues { DescribedProfile($0) }
    let now = try #require(TimeText(Text(Generator.asOf))).instant
    let rules = try rules(folder)
    var members: [Text: Set<ProfileKey>] = [:]
    var uselessCount = 0

    for (rule, (id, query)) in zip(rules, try queries(folder)) {
      #expect(rule["id"]?.text == id)
      let interpreter = ReferenceInterpreter(try CheckedQuery(query))
      let known = members
      var found: Set<ProfileKey> = []
      for (key, profile) in profiles {
        let context = EvaluationContext(now: now) { known[$0]?.contains(key) }
        if try interpreter.isMember(profile, in: context) { found.insert(key) }
      }
      let describedRule = DescribedRule(rule, now: now)
      let wanted = described.filter { key, profile in
        describedRule.holds(profile) { known[$0]?.contains(key) ?? false }
      }
      #expect(Set(wanted.keys) == found, "seed \(seed), \(id): \(query)")
      members[id] = found
      if found.isEmpty || found.count * 5 > profiles.count * 3 { uselessCount += 1 }
    }

    #expect(members.count == 120)
    #expect(uselessCount < 6, "seed \(seed)")
  }

  @Test func `some sums of money are bounded by what a customer has to the cent`() throws {
    let folder = try GeneratedFolder(
      profiles: 400,
      events: 2_000,
      seed: 3,
      format: .csv,
      definitions: 400
    )
    let profiles = try folder.imported()
    let now = try #require(TimeText(Text(Generator.asOf))).instant

    var exactCount = 0
    for (rule, (id, query)) in zip(try rules(folder), try queries(folder)) {
      guard rule["kind"]?.text == "sum", rule["field"]?.text != "product.quantity",
        !query.string.hasSuffix(".995")
      else { continue }
      // The bound stands behind the last sign.
      var pieces = query.string.split(separator: " >= ")
      let last = pieces.removeLast()
      let over = Text(pieces.joined(separator: " >= ") + " > " + last)
      let interpreters = try [query, over].map { ReferenceInterpreter(try CheckedQuery($0)) }
      let counts = try interpreters.map { interpreter in
        try profiles.values.count { try interpreter.isMember($0, in: EvaluationContext(now: now)) }
      }
      #expect(counts[0] > counts[1], "\(id): \(query)")
      exactCount += 1
    }

    #expect(exactCount > 3)
  }
}
