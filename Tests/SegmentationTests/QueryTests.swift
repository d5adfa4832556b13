import Bytes
import Domain
import ProfileStore
import Segmentation
import Testing

@Suite struct QueryTests {
  /// A shard of some customers after one run of six definitions.
  private struct Evaluated {
    let customers: Customers
    let definitions: [ProgramDefinition]
    let snapshot: ShardSnapshot
    let memberships: MembershipTable

    init(seed: UInt64) throws {
      var customers = Customers(seed: seed)
      var set = try ShardSet(count: 1)
      try set.store(customers.arrive(rowCount: 90, customerCount: 14))
      definitions = customers.definitions(count: 6)
      let program = try SegmentProgram(definitions, zones: DefinitionDocumentTests.zones)
      _ = try set.evaluate(program, asOf: Customers.now)
      try set.store(customers.arrive(rowCount: 40, customerCount: 16))
      let later = Customers.now.advanced(byMilliseconds: 20 * Customers.dayMilliseconds)
      _ = try set.evaluate(program, asOf: later)
      self.customers = customers
      snapshot = try set.shards[0].snapshot()
      memberships = try set.shards[0].memberships()
    }

    /// The keys of an audience's memberships of a status, ascending.
    func keys(_ audience: Name, _ statuses: Set<MembershipStatus>) throws -> [ProfileKey] {
      try customers.keys.filter { key in
        let ordinal = try #require(try snapshot.ordinal(of: key))
        let status = memberships.audiences[audience]?.status(of: ordinal)
        return status.map { statuses.contains($0) } ?? false
      }
    }
  }

  @Test func `pages of any size give each profile once in the order of keys`() throws {
    let shard = try Evaluated(seed: 1)
    let audiences: [Name?] = [nil] + shard.definitions.map(\.id)
    let statuses: [Set<MembershipStatus>] = [[.realized], [.exited], [.realized, .exited], []]
    for audience in audiences {
      for statuses in statuses {
        let expected = try audience.map { try shard.keys($0, statuses) } ?? shard.customers.keys
        for size in [1, 2, 3, 5, 8, expected.count, expected.count + 1] where size > 0 {
          var request = ProfilePage.Request(
            audience: audience,
            statuses: statuses,
            rowCountMax: size
          )
          var rows: [ProfilePage.Row] = []
          var pageCount = 0
          var isDone = false
          while !isDone, pageCount <= expected.count {
            let page = try ProfilePage(request, of: shard.snapshot, shard.memberships)
            rows += page.rows
            request.after = page.rows.last?.key
            isDone = page.isDone
            pageCount += 1
          }
          #expect(rows.map(\.key) == expected)
          #expect(pageCount == max(1, (expected.count + size - 1) / size))
          #expect(rows.allSatisfy { ($0.status == nil) == (audience == nil) })
        }
      }
    }
  }

  @Test func `a page may begin behind a key that nobody has`() throws {
    let shard = try Evaluated(seed: 2)
    let request = ProfilePage.Request(audience: nil, after: ProfileKey("c5x"), rowCountMax: .max)

    let page = try ProfilePage(request, of: shard.snapshot, shard.memberships)

    #expect(page.rows.map(\.key) == shard.customers.keys.filter { ProfileKey("c5x") < $0 })
    #expect(page.isDone)
  }

  @Test func `a page of an audience that was never evaluated is empty`() throws {
    let shard = try Evaluated(seed: 2)
    let request = ProfilePage.Request(audience: Name("gone"), rowCountMax: 5)

    let page = try ProfilePage(request, of: shard.snapshot, shard.memberships)

    #expect(page.rows.isEmpty && page.isDone)
  }

  @Test func `rows carry the fields asked for`() throws {
    let shard = try Evaluated(seed: 3)
    let paths = try ["home.city", "age", "xEvent.amount", "home", "no.such"].map { path in
      try #require(FieldProjection(Text(path)))
    }
    func rows(_ fields: ProfilePage.Fields) throws -> [ProfilePage.Row] {
      let request = ProfilePage.Request(audience: nil, rowCountMax: .max, fields: fields)
      return try ProfilePage(request, of: shard.snapshot, shard.memberships).rows
    }

    let some = try rows(.some(paths))
    let all = try rows(.all)

    for row in some {
      let profile = shard.customers.profile(row.key)
      var expected = ObjectValue()
      expected["home.city"] = profile["home"]?["city"]
      expected["age"] = profile["age"]
      expected["home"] = profile["home"]
      expected["xEvent.amount"] = profile["xEvent"]?.elements.map { events in
        .array(events.compactMap { $0["amount"] })
      }
      #expect(row.fields == expected)
    }
    for row in all {
      #expect(row.fields == shard.customers.attributes[row.key] ?? ObjectValue())
    }
    #expect(try rows(.none).allSatisfy { $0.fields.isEmpty })
  }

  @Test func `large rows end a page early, but never leave it empty`() throws {
    let text = Value.string(Text(String(repeating: "x", count: 3 << 20)))
    let rows = (0..<5).map { index in
      Customers.Row(
        key: ProfileKey(Text("c\(index)")),
        kind: .attributes,
        object: ObjectValue([.init(name: "text", value: text)])
      )
    }
    var set = try ShardSet(count: 1)
    try set.store(rows)
    let request = ProfilePage.Request(audience: nil, rowCountMax: 100, fields: .all)

    let page = try ProfilePage(request, of: try set.shards[0].snapshot(), MembershipTable())

    #expect(page.rows.count == 2)
    #expect(!page.isDone)
  }

  @Test func `a long page gives each row its own fields`() throws {
    let rows = (0..<900).map { index in
      // Small rows at first, so that too many of the large ones are read at once.
      let text = String(repeating: "x", count: index < 300 ? 1 : 100_000)
      return Customers.Row(
        key: ProfileKey(Text("c\((index * 7) % 1_000 + 1_000 * index / 300)")),
        kind: .attributes,
        object: ObjectValue([.init(name: "text", value: .string(Text("\(index)" + text)))])
      )
    }
    var set = try ShardSet(count: 1)
    try set.store(rows)
    let snapshot = try set.shards[0].snapshot()
    var expected: [ProfileKey: ObjectValue] = [:]
    for row in rows { expected[row.key] = row.object }
    var request = ProfilePage.Request(audience: nil, rowCountMax: 1_000, fields: .all)
    var keys: [ProfileKey] = []
    var isDone = false
    while !isDone, keys.count <= rows.count {
      let page = try ProfilePage(request, of: snapshot, MembershipTable())
      for row in page.rows { #expect(row.fields == expected[row.key], "\(row.key)") }
      keys += page.rows.map(\.key)
      request.after = keys.last
      isDone = page.isDone
    }
    #expect(keys == expected.keys.sorted())
  }

  @Test(arguments: [
    ("a", ["a"]), ("a.b.c", ["a", "b", "c"]), ("`a.b`.c", ["a.b", "c"]),
    ("order-total", ["order-total"]),
    ("", nil), ("a..b", nil), (".a", nil), ("a.", nil), ("`a", nil), ("``", nil), ("`a`b", nil),
  ])
  func `a path names a field`(path: String, names: [String]?) {
    var profile = Value.string("found")
    for name in (names ?? []).reversed() { profile = .object([(Text(name), profile)]) }

    let projection = FieldProjection(Text(path))

    #expect((projection == nil) == (names == nil))
    if let projection { #expect(projection.value(in: profile) == .string("found")) }
  }

  @Test(arguments: 10..<16 as Range<UInt64>)
  func `overlaps count who is in both`(seed: UInt64) throws {
    let shard = try Evaluated(seed: seed)
    let stranger = try #require(Name("gone"))
    let audiences = shard.definitions.map(\.id) + [stranger]
    let members = try audiences.map { Set(try shard.keys($0, [.realized])) }

    let counts = shard.memberships.overlapCounts(of: audiences)

    let expected = members.flatMap { left in
      members.map { UInt64(left.intersection($0).count) }
    }
    #expect(counts == expected)
  }

  @Test func `a profile shows its attributes, events and memberships`() throws {
    let shard = try Evaluated(seed: 4)
    for key in shard.customers.keys {
      let document = try ProfileDocument.document(of: key, in: shard.snapshot, shard.memberships)

      let profile = shard.customers.profile(key)
      #expect(document?["key"] == .string(key.text))
      #expect(document?["attributes"] == .object(shard.customers.attributes[key] ?? ObjectValue()))
      #expect(document?["events"] == profile["xEvent"] ?? .array([]))
    }
    let stranger = try ProfileDocument.document(
      of: ProfileKey("stranger"),
      in: shard.snapshot,
      shard.memberships
    )
    #expect(stranger == nil)
  }

  @Test(arguments: 20..<24 as Range<UInt64>)
  func `an explanation agrees with the membership`(seed: UInt64) throws {
    let shard = try Evaluated(seed: seed)
    for count in 1...shard.definitions.count {
      let definitions = Array(shard.definitions.prefix(count))
      let program = try SegmentProgram(definitions, zones: DefinitionDocumentTests.zones)
      let asOf = Customers.now.advanced(byMilliseconds: 20 * Customers.dayMilliseconds)
      let id = definitions[count - 1].id
      let members = Set(try shard.keys(id, [.realized]))
      for key in shard.customers.keys {
        let answer = try #require(
          try program.explanation(of: key, in: shard.snapshot, shard.memberships, asOf: asOf)
        )

        #expect(answer["segment"] == .string(id.text))
        #expect(answer["profile"] == .string(key.text))
        #expect(answer["isMember"] == .boolean(members.contains(key)), "seed \(seed)")
        #expect(answer["explanation"]?["result"] == answer["isMember"])
        #expect(answer["lines"]?.elements?.isEmpty == false)
        let change = try #require(answer["nextChange"])
        let words = [change["at"], change["never"], change["notBefore"]].compactMap { $0 }
        #expect(words.count == 1)
        #expect(change["isMember"] != answer["isMember"])
        #expect((answer["membership"]?["status"] == .string("realized")) == members.contains(key))
      }
    }
  }

  @Test func `nobody and a definition without an answer are not explained`() throws {
    let shard = try Evaluated(seed: 5)
    let id = try #require(Name("x"))
    let definition = ProgramDefinition(id: id, version: 1, expression: "age + 1 > 3", timeZone: nil)
    let program = try SegmentProgram([definition], zones: .utcOnly, stepCountMax: 2)
    let key = try #require(shard.customers.keys.first)
    func explain(_ key: ProfileKey) throws -> Value? {
      try program.explanation(of: key, in: shard.snapshot, shard.memberships, asOf: Customers.now)
    }

    #expect(try explain(ProfileKey("stranger")) == nil)
    let error = #expect(throws: ExplanationError.self) { try explain(key) }
    #expect(
      error?.description
        == "definition 'x' has no answer: profile '\(key)': evaluating the definition takes more than 2 steps for this profile; filter before combining"
    )
  }
}
