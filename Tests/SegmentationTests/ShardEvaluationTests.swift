import Bytes
import Domain
import PQL
import ProfileStore
import Segmentation
import Synchronization
import Testing

@Suite struct ShardEvaluationTests {
  @Test(arguments: 0..<6 as Range<UInt64>)
  func `a program answers as the reference interpreter does, on any number of shards`(
    seed: UInt64
  ) throws {
    var customers = Customers(seed: seed)
    let rows = customers.arrive(rowCount: 150, customerCount: 30)
    let definitions = customers.definitions(count: 10)
    let naive = try NaiveProgram(definitions, asOf: Customers.now)
    var expected: [Name: [ProfileKey]] = [:]
    for key in customers.keys {
      for (id, isMember) in try naive.answers(for: customers.profile(key)) where isMember {
        expected[id, default: []].append(key)
      }
    }
    let program = try SegmentProgram(definitions, zones: DefinitionDocumentTests.zones)

    for shardCount in [1, 7, 64] {
      var set = try ShardSet(count: shardCount)
      try set.store(rows)
      let evaluations = try set.evaluate(program, asOf: Customers.now)

      let profileCount = evaluations.reduce(0) { $0 + $1.profileCount }
      #expect(profileCount == UInt64(customers.keys.count))
      for (index, definition) in definitions.enumerated() {
        let members = expected[definition.id] ?? []
        let request = ProfilePage.Request(audience: definition.id, rowCountMax: .max)
        let count = evaluations.reduce(0) { $0 + $1.results[index].memberCount }
        #expect(
          try set.keys(request) == members && count == UInt64(members.count),
          "seed \(seed), \(shardCount) shards: \(definition.expression)"
        )
      }
    }
  }

  @Test func `the table is the same whenever the run is repeated`() throws {
    var customers = Customers(seed: 5)
    var set = try ShardSet(count: 1)
    try set.store(customers.arrive(rowCount: 100, customerCount: 30))
    let program = try SegmentProgram(
      customers.definitions(count: 6),
      zones: DefinitionDocumentTests.zones
    )
    let snapshot = try set.shards[0].snapshot()

    let tables = try (1...3).map { job in
      try program.evaluate(
        snapshot,
        previous: MembershipTable(),
        retained: [],
        job: JobID(job),
        asOf: Customers.now
      ).memberships.table
    }

    #expect(Set(tables.map(\.digest)).count == 1)
    #expect(tables.map(\.job) == [JobID(1), JobID(2), JobID(3)])
    #expect(tables[0].audiences == tables[2].audiences)
  }

  @Test func `a run tells what each definition took and what all share`() throws {
    var customers = Customers(seed: 7)
    var set = try ShardSet(count: 1)
    try set.store(customers.arrive(rowCount: 100, customerCount: 30))
    let rules = ["xEvent.groupBy(eventType).values().map(this.count()).max() > 1", "age >= 18"]
    let definitions = try rules.enumerated().map { index, rule in
      ProgramDefinition(
        id: try #require(Name("s\(index)")),
        version: 1,
        expression: Text(rule),
        timeZone: nil
      )
    }
    let program = try SegmentProgram(definitions, zones: .utcOnly)

    let evaluation = try program.evaluate(
      try set.shards[0].snapshot(),
      previous: MembershipTable(),
      retained: [],
      job: JobID(1),
      asOf: Customers.now
    )

    let costs = evaluation.results.map(\.cost)
    #expect(costs[0].rowCount == evaluation.profileCount)
    #expect(costs[0].stepCount > costs[0].rowCount)
    #expect(costs[0].nanoseconds > 0)
    #expect(costs[1] == WorkCost())
    #expect(
      evaluation.sharedParts.contains { $0.kind == .attributes && $0.definitions == Bitmap([1]) }
    )
  }

  @Test func `a run is cancelled between blocks`() throws {
    var customers = Customers(seed: 6)
    var set = try ShardSet(count: 1)
    try set.store(customers.arrive(rowCount: 100, customerCount: 30))
    let program = try SegmentProgram(
      customers.definitions(count: 3),
      zones: DefinitionDocumentTests.zones
    )
    let questions = Mutex(0)

    #expect(throws: ShardEvaluationError.cancelled) {
      try program.evaluate(
        try set.shards[0].snapshot(),
        previous: MembershipTable(),
        retained: [],
        job: JobID(1),
        asOf: Customers.now
      ) {
        questions.withLock { count in
          count += 1
          return count == 5
        }
      }
    }
    #expect(questions.withLock { $0 } == 5)
  }

  @Test(arguments: [1, 7])
  func `of the profiles without an answer that of the smallest key is reported`(
    shardCount: Int
  ) throws {
    let rows = (0..<40).map { index in
      let values = Value.array(Array(repeating: .integer(1), count: (index * 7) % 40))
      return Customers.Row(
        key: ProfileKey(Text("c\(99 - index)")),
        kind: .attributes,
        object: ObjectValue([.init(name: "values", value: values)])
      )
    }
    let definitions = try ["values[this = 1].count() > 3", "inSegment(\"d0\")", "true"]
      .enumerated().map { index, expression in
        ProgramDefinition(
          id: try #require(Name("d\(index)")),
          version: 1,
          expression: Text(expression),
          timeZone: nil
        )
      }
    let program = try SegmentProgram(definitions, zones: .utcOnly, stepCountMax: 100)
    let naive = try rows.filter { row in
      let interpreter = ReferenceInterpreter(try CheckedQuery(definitions[0].expression))
      let context = EvaluationContext(now: Customers.now, stepCountMax: 100)
      return (try? interpreter.isMember(.object(row.object), in: context)) == nil
    }
    var set = try ShardSet(count: shardCount)
    try set.store(rows)

    let evaluations = try set.evaluate(program, asOf: Customers.now)

    #expect(evaluations.compactMap { $0.results[0].failure?.key }.min() == naive.map(\.key).min())
    #expect(
      evaluations.compactMap { $0.results[0].failure }.first?.message
        == "evaluating the definition takes more than 100 steps for this profile; filter before combining"
    )
    #expect(evaluations.allSatisfy { $0.results[1].failure == nil })
    #expect(evaluations.reduce(0) { $0 + $1.results[2].memberCount } == 40)
  }

  @Test func `an empty shard and an empty program give an empty table`() throws {
    var set = try ShardSet(count: 1)

    let evaluations = try set.evaluate(
      try SegmentProgram([], zones: .utcOnly),
      asOf: Customers.now
    )

    #expect(evaluations.map(\.profileCount) == [0])
    #expect(evaluations.allSatisfy { $0.results.isEmpty && $0.memberships.table.audiences.isEmpty })
  }
}
