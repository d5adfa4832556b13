import Bytes
import Domain
import PQL
import ProfileStore
import Segmentation
import Simulation
import Testing

/// All the shards of a profile set on one simulated disk.
struct ShardSet {
  let shards: [ShardStore]
  private var jobNumber: UInt64 = 0

  init(count: Int) throws {
    let disk = MemoryDisk()
    // Small blocks, so that a test's few profiles fill several.
    let options = StoreOptions(blockProfileCount: 7)
    shards = try (0..<count).map { index in
      try ShardStore(disk: disk, directory: "/shard-\(index)", options: options)
    }
  }

  func index(of key: ProfileKey) -> Int { Int(key.shard(of: shards.count).number) }

  private mutating func nextJob() -> JobID {
    jobNumber += 1
    return JobID(jobNumber)
  }

  mutating func store(_ rows: [Customers.Row]) throws {
    var writers = Array(repeating: RowBatchWriter(), count: shards.count)
    for row in rows {
      writers[index(of: row.key)].append(kind: row.kind, key: row.key, object: row.object)
    }
    let attempt = StoredImport(job: nextJob(), attempt: 1)
    for index in shards.indices {
      try shards[index].append(attempt, sequence: 0, rows: writers[index].take())
      _ = try shards[index].prepare(attempt, batchCount: 1)
      _ = try shards[index].commit(attempt)
    }
  }

  /// Evaluates on every shard and keeps the memberships, those of evaluated audiences going on.
  mutating func evaluate(
    _ program: SegmentProgram,
    retained: [Name] = [],
    asOf: Instant
  ) throws -> [ShardEvaluation] {
    let job = nextJob()
    return try shards.map { shard in
      let evaluation = try program.evaluate(
        try shard.snapshot(),
        previous: try shard.memberships(),
        retained: retained + program.definitions.map(\.id),
        job: job,
        asOf: asOf
      )
      #expect(
        try shard.stage(PreparedMemberships(evaluation.memberships))
          == evaluation.memberships.table.digest
      )
      try shard.commitMemberships(job)
      return evaluation
    }
  }

  /// The keys of a page's profiles over all shards, ascending.
  func keys(_ request: ProfilePage.Request) throws -> [ProfileKey] {
    try shards.flatMap { shard in
      try ProfilePage(request, of: try shard.snapshot(), try shard.memberships()).rows.map(\.key)
    }.sorted()
  }
}

/// Evaluates definitions one by one with the reference interpreter, as plainly as can be.
struct NaiveProgram {
  private var rules: [(id: Name, interpreter: ReferenceInterpreter, zone: Zone)] = []
  private let asOf: Instant

  init(_ definitions: [ProgramDefinition], asOf: Instant) throws {
    self.asOf = asOf
    for definition in definitions {
      let name = definition.timeZone ?? "UTC"
      let zone = try #require(DefinitionDocumentTests.zones.zone(named: name))
      let interpreter = ReferenceInterpreter(try CheckedQuery(definition.expression))
      rules.append((definition.id, interpreter, zone))
    }
  }

  /// Whether a profile is a member of each definition, by id.
  func answers(for profile: Value) throws -> [Name: Bool] {
    var answers: [Name: Bool] = [:]
    for rule in rules {
      let known = answers
      let context = EvaluationContext(now: asOf, zone: rule.zone) { id in
        Name(id).flatMap { known[$0] }
      }
      answers[rule.id] = try rule.interpreter.isMember(profile, in: context)
    }
    return answers
  }
}
