import Bytes
import Domain
import ProfileStore
import Segmentation
import Testing

@Suite struct TransitionTests {
  private struct Membership: Equatable {
    var isRealized: Bool
    var time: Instant
  }

  /// Memberships as a person would keep them by hand.
  private struct Ledger {
    var memberships: [Name: [ProfileKey: Membership]] = [:]
    /// Who came and went with the audience's last run.
    var entered: [Name: Set<ProfileKey>] = [:]
    var left: [Name: Set<ProfileKey>] = [:]

    mutating func run(_ answers: [ProfileKey: [Name: Bool]], of ids: [Name], asOf: Instant) {
      for id in ids {
        entered[id] = []
        left[id] = []
        for (key, isMember) in answers.mapValues({ $0[id] ?? false }) {
          let was = memberships[id]?[key]?.isRealized ?? false
          if isMember, !was {
            memberships[id, default: [:]][key] = Membership(isRealized: true, time: asOf)
            entered[id]?.insert(key)
          } else if !isMember, was {
            memberships[id, default: [:]][key] = Membership(isRealized: false, time: asOf)
            left[id]?.insert(key)
          }
        }
      }
    }

    mutating func keep(_ ids: [Name]) {
      memberships = memberships.filter { ids.contains($0.key) }
    }
  }

  @Test(arguments: 0..<10 as Range<UInt64>)
  func `memberships follow the table of transitions over many runs`(seed: UInt64) throws {
    var customers = Customers(seed: 1_000 + seed)
    var set = try ShardSet(count: 3)
    var ledger = Ledger()
    var definitions = customers.definitions(count: 6)
    for run in 0..<8 {
      try set.store(customers.arrive(rowCount: 30, customerCount: 20))
      if customers.random.oneIn(3) {
        definitions = customers.definitions(count: 3 + customers.random.below(4), version: 9)
      }
      // Mostly forward in time, now and then back.
      let days = Int64(customers.random.below(20)) * (customers.random.oneIn(5) ? -1 : 1)
      let asOf = Customers.now.advanced(byMilliseconds: days * Customers.dayMilliseconds)
      let evaluated = Array(definitions.prefix(1 + customers.random.below(definitions.count)))
      let ids = evaluated.map(\.id)
      let retained = definitions.map(\.id).filter { id in
        ledger.memberships[id] != nil && !ids.contains(id) && !customers.random.oneIn(4)
      }

      let evaluations = try set.evaluate(
        try SegmentProgram(evaluated, zones: DefinitionDocumentTests.zones),
        retained: retained,
        asOf: asOf
      )

      let naive = try NaiveProgram(evaluated, asOf: asOf)
      var answers: [ProfileKey: [Name: Bool]] = [:]
      for key in customers.keys { answers[key] = try naive.answers(for: customers.profile(key)) }
      ledger.run(answers, of: ids, asOf: asOf)
      ledger.keep(ids + retained)
      let place: Comment = "seed \(seed), run \(run)"
      for (index, id) in ids.enumerated() {
        let results = evaluations.map { $0.results[index] }
        let members = ledger.memberships[id]?.values.filter(\.isRealized).count ?? 0
        #expect(results.reduce(0) { $0 + Int($1.memberCount) } == members, place)
        #expect(
          results.reduce(0) { $0 + Int($1.realizedCount) } == ledger.entered[id]?.count,
          place
        )
        #expect(results.reduce(0) { $0 + Int($1.exitedCount) } == ledger.left[id]?.count, place)
      }
      try expect(set, agreesWith: ledger, customers.keys, place)
      for evaluation in evaluations {
        #expect(Set(evaluation.memberships.table.audiences.ids) == Set(ids + retained), place)
      }
    }
  }

  @Test func `an audience that does not go on has no past`() throws {
    var customers = Customers(seed: 77)
    var set = try ShardSet(count: 1)
    try set.store(customers.arrive(rowCount: 60, customerCount: 20))
    let id = try #require(Name("all"))
    let definition = ProgramDefinition(id: id, version: 1, expression: "true", timeZone: nil)
    let program = try SegmentProgram([definition], zones: DefinitionDocumentTests.zones)
    _ = try set.evaluate(program, asOf: Customers.now)
    let later = Customers.now.advanced(byMilliseconds: Customers.dayMilliseconds)
    func run(_ retained: [Name]) throws -> (realized: UInt64, since: Instant?) {
      let evaluation = try program.evaluate(
        try set.shards[0].snapshot(),
        previous: try set.shards[0].memberships(),
        retained: retained,
        job: JobID(99),
        asOf: later
      )
      let memberships = evaluation.memberships.table.audiences[id]
      return (evaluation.results[0].realizedCount, memberships?.lastQualification(of: 0))
    }

    #expect(try run([id]) == (0, Customers.now))
    #expect(try run([]) == (UInt64(customers.keys.count), later))
  }

  private func expect(
    _ set: ShardSet,
    agreesWith ledger: Ledger,
    _ keys: [ProfileKey],
    _ place: Comment
  ) throws {
    let snapshots = try set.shards.map { try $0.snapshot() }
    let tables = try set.shards.map { try $0.memberships() }
    for key in keys {
      let index = set.index(of: key)
      let document = try #require(
        try ProfileDocument.document(of: key, in: snapshots[index], tables[index])
      )
      let shown = try #require(document["memberships"]?["ups"])
      var expected: [(Text, Value)] = []
      for (id, memberships) in ledger.memberships {
        guard let membership = memberships[key] else { continue }
        let fields: [(Text, Value)] = [
          ("status", .string(membership.isRealized ? "realized" : "exited" as Text)),
          ("lastQualificationTime", .string(Text(membership.time.iso))),
          ("version", shown[id.text]?["version"] ?? .string("missing" as Text)),
        ]
        expected.append((id.text, .object(fields)))
      }
      #expect(shown == .object(expected), "\(place) \(key)")
    }
    for id in ledger.memberships.keys {
      func changed(_ status: MembershipStatus) throws -> [ProfileKey] {
        try set.keys(
          ProfilePage.Request(
            audience: id,
            statuses: [status],
            isChangedOnly: true,
            rowCountMax: .max
          )
        )
      }
      #expect(try changed(.realized) == ledger.entered[id]?.sorted(), place)
      #expect(try changed(.exited) == ledger.left[id]?.sorted(), place)
    }
  }
}
