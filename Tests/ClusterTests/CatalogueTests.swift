import Bytes
import Cluster
import Domain
import Testing

/// A catalogue is what its records make of an empty one.
@Suite struct CatalogueTests {
  private static func replayed(_ records: [CatalogueRecord]) -> Catalogue {
    var catalogue = Catalogue()
    for record in records { catalogue.apply(record) }
    return catalogue
  }

  /// A history with imports, evaluations, failures, deletions and a dropped set.
  private static func history() throws -> CoordinatorBench {
    var imported = try ImportedSet()
    _ = try imported.commit("one")
    let (_, effects) = try imported.evaluate([try .named("a"), try .named("b")])
    _ = try imported.finishTasks(of: effects, definitionCount: 2)
    let (job, _) = try imported.evaluate([], token: "t2")
    _ = imported.bench.reply(to: .cancelJob(job))
    _ = imported.bench.reply(to: .deleteSegments([try #require(Name("b"))]))
    let other = try #require(Name("other"))
    _ = imported.bench.reply(
      to: .createSet(other, shardCount: .exactly(2), description: "to be dropped")
    )
    _ = imported.bench.reply(to: .dropSet(other))
    _ = try imported.begin("two")
    imported.bench.handle(.disconnected(imported.client, reason: "reset"))
    return imported.bench
  }

  @Test func `the records that were made durable make the catalogue the rules act on`() throws {
    let bench = try Self.history()

    #expect(Self.replayed(bench.log) == bench.coordinator.catalogue)
  }

  @Test func `the fewest records make the same catalogue, through their binary form too`() throws {
    let catalogue = try Self.history().coordinator.catalogue

    let decoded = try catalogue.records().map { try CatalogueRecord(decoding: $0.encoded) }

    #expect(decoded == catalogue.records())
    #expect(Self.replayed(decoded) == catalogue)
  }

  @Test func `many definitions are spread over records of the log`() throws {
    let count = 2 * Catalogue.recordDefinitionCountMax + 1
    var catalogue = Catalogue()
    let definitions = try (0..<count).map { try SegmentDefinition.named("s\($0)") }
    catalogue.apply(.segmentsChanged(definitions, deleted: []))

    let parts = catalogue.records().compactMap { record -> Int? in
      if case .segmentsChanged(let part, _) = record { part.count } else { nil }
    }

    #expect(parts == [Catalogue.recordDefinitionCountMax, Catalogue.recordDefinitionCountMax, 1])
    #expect(Self.replayed(catalogue.records()) == catalogue)
  }

  @Test func `a job that has ended keeps its results and not its rules`() throws {
    var imported = try ImportedSet()
    let (job, effects) = try imported.evaluate([try .named("a"), try .named("b")])
    let running = try #require(imported.bench.coordinator.catalogue.jobs[job])
    _ = try imported.finishTasks(of: effects, definitionCount: 2)
    let ended = try #require(imported.bench.coordinator.catalogue.jobs[job])

    guard case .evaluating(let before, let token, _) = running.work,
      case .evaluating(let after, token, _) = ended.work
    else {
      Issue.record("\(running.work) \(ended.work)")
      return
    }
    #expect(before.definitions.map(\.expression) == ["true", "true"])
    #expect(after.definitions.map(\.expression) == ["", ""])
    #expect(after.definitions.map(\.id) == before.definitions.map(\.id))
    #expect(ended.results.count == 2)
  }

  @Test func `numbers of dropped sets are not used again`() throws {
    var bench = try Self.history()
    let name = try #require(Name("later"))

    _ = bench.reply(to: .createSet(name, shardCount: .exactly(1), description: ""))

    #expect(bench.coordinator.catalogue.set(named: name)?.id == SetID(3))
  }

  @Test func `records about what is not there change nothing`() throws {
    let before = try Self.history().coordinator.catalogue
    var after = before

    after.apply(.setDropped(SetID(77)))
    after.apply(.importAttempted(ImportAttempt(job: JobID(77), attempt: 2)))
    after.apply(
      .importCommitted(
        ImportAttempt(job: JobID(77), attempt: 1),
        [],
        ImportTotals(),
        at: Instant(milliseconds: 0)
      )
    )
    after.apply(.evaluationCommitted(JobID(77), [], at: Instant(milliseconds: 0), []))
    after.apply(.jobEnded(JobID(77), .failed, nil, at: Instant(milliseconds: 0)))
    after.apply(.epochRaised(Epoch(0)))

    #expect(after == before)
  }

  @Test func `each set keeps its last scoring until it is dropped, or the instance deleted`() throws
  {
    var random = RandomMessages(seed: 3)
    var catalogue = Catalogue()
    let sets = try (1...2).map { number in
      SetRecord(
        id: SetID(UInt32(number)),
        name: try #require(Name("set\(number)")),
        description: "",
        createdAt: Instant(milliseconds: 0),
        owners: [random.name()]
      )
    }
    let instance = random.instanceRecord()
    for set in sets { catalogue.apply(.set(set)) }
    catalogue.apply(.instancesChanged([instance], deleted: []))
    func scoring(of set: SetRecord, _ job: UInt64) -> ScoringRecord {
      var scoring = random.scoringRecord()
      scoring.instance = instance.name
      scoring.setName = set.name
      scoring.job = JobID(job)
      return scoring
    }
    for (set, job) in [(0, 1), (1, 2), (0, 3)] as [(Int, UInt64)] {
      catalogue.apply(
        .scoringCommitted(
          ImportAttempt(job: JobID(job), attempt: 1),
          [],
          ImportTotals(),
          at: Instant(milliseconds: 0),
          scoring(of: sets[set], job),
          OutcomeNews(awaited: nil, known: [])
        )
      )
    }

    #expect(catalogue.scoring(of: instance.name)?.job == JobID(3))
    #expect(catalogue.scoring(of: instance.name, in: sets[1].name)?.job == JobID(2))
    #expect(Self.replayed(catalogue.records()) == catalogue)
    var dropped = catalogue
    dropped.apply(.setDropped(sets[0].id))
    #expect(dropped.scoring(of: instance.name)?.job == JobID(2))
    #expect(dropped.scoring(of: instance.name, in: sets[0].name) == nil)
    catalogue.apply(.instancesChanged([], deleted: [instance.name]))
    #expect(catalogue.scorings.isEmpty)
  }

  @Test func `jobs that end out of order are forgotten by their age`() throws {
    var catalogue = Catalogue()
    let name = try #require(Name("s"))
    let count = Catalogue.endedJobCountMax + 2
    for number in 1...count {
      let plan = JobPlan(
        job: JobID(UInt64(number)),
        set: SetID(1),
        asOf: Instant(milliseconds: 0),
        definitions: [],
        retained: []
      )
      catalogue.apply(
        .job(
          JobRecord(
            id: JobID(UInt64(number)),
            set: SetID(1),
            setName: name,
            work: .evaluating(plan, token: "", timeoutMilliseconds: nil),
            createdAt: Instant(milliseconds: 0)
          )
        )
      )
    }
    let order = [3] + Array((4...count).reversed()) + [3, 1, 2]

    for number in order {
      let id = JobID(UInt64(number))
      catalogue.apply(.jobEnded(id, .failed, nil, at: Instant(milliseconds: 0)))
    }

    #expect(catalogue.jobs.keys.min() == JobID(3))
    #expect(catalogue.jobs.count == Catalogue.endedJobCountMax)
    #expect(Self.replayed(catalogue.records()) == catalogue)
  }

  @Test func `only the newest ended jobs are remembered`() throws {
    var catalogue = Catalogue()
    let name = try #require(Name("s"))
    for number in 1...(Catalogue.endedJobCountMax + 5) {
      let id = JobID(UInt64(number))
      catalogue.apply(
        .job(
          JobRecord(
            id: id,
            set: SetID(1),
            setName: name,
            work: .evaluating(
              JobPlan(
                job: id,
                set: SetID(1),
                asOf: Instant(milliseconds: 0),
                definitions: [],
                retained: []
              ),
              token: Text("token-\(number)"),
              timeoutMilliseconds: nil
            ),
            createdAt: Instant(milliseconds: 0)
          )
        )
      )
      catalogue.apply(.jobEnded(id, .failed, nil, at: Instant(milliseconds: 0)))
    }

    #expect(catalogue.jobs.count == Catalogue.endedJobCountMax)
    #expect(catalogue.jobs[JobID(5)] == nil)
    #expect(catalogue.jobs[JobID(6)] != nil)
    #expect(catalogue.evaluation(ofToken: "token-5") == nil)
    #expect(catalogue.evaluation(ofToken: "token-6")?.id == JobID(6))
    #expect(catalogue.evaluation(ofToken: "") == nil)
    #expect(catalogue.lastJob == JobID(UInt64(Catalogue.endedJobCountMax + 5)))
  }
}
