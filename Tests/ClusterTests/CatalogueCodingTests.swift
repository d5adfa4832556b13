import Bytes
import Cluster
import Domain
import Testing

/// A catalogue is what its records make of an empty one.
@Suite struct CatalogueCodingTests {
  @Test(arguments: 0..<20 as Range<UInt64>)
  func `a rewritten log makes the same catalogue`(seed: UInt64) throws {
    var history = RandomHistory(seed: seed)
    var catalogue = Catalogue()

    for step in 0..<120 {
      catalogue.apply(history.next(catalogue))
      guard step % 20 == 19 else { continue }

      var replayed = Catalogue()
      for record in catalogue.records() {
        replayed.apply(try CatalogueRecord(decoding: record.encoded))
      }
      #expect(replayed == catalogue, "seed \(seed), step \(step)")
      #expect(replayed.records() == catalogue.records(), "seed \(seed), step \(step)")
    }
    #expect(!catalogue.jobs.isEmpty)
  }

  @Test func `random histories have models and scorings`() {
    let ends = (0..<100 as Range<UInt64>).map { seed in
      var history = RandomHistory(seed: seed)
      var catalogue = Catalogue()
      for _ in 0..<120 { catalogue.apply(history.next(catalogue)) }
      return catalogue
    }
    #expect(ends.contains { !$0.models.isEmpty })
    #expect(ends.contains { !$0.scorings.isEmpty })
    #expect(
      ends.contains { $0.histories.values.contains { $0.scorings.contains { !$0.isAwaited } } }
    )
    #expect(ends.contains { $0.scorings.values.contains { $0.count > 1 } })
  }

  @Test(arguments: 20..<30 as Range<UInt64>)
  func `a catalogue goes on from a rewritten log as from the whole one`(seed: UInt64) throws {
    var history = RandomHistory(seed: seed)
    var whole = Catalogue()
    for _ in 0..<60 { whole.apply(history.next(whole)) }
    var rewritten = Catalogue()
    for record in whole.records() { rewritten.apply(record) }

    for _ in 0..<60 {
      let record = history.next(whole)
      whole.apply(record)
      rewritten.apply(record)
    }

    #expect(rewritten == whole, "seed \(seed)")
  }

  @Test(arguments: 30..<40 as Range<UInt64>)
  func `records about nothing that is there change no set and no job`(seed: UInt64) throws {
    var random = RandomMessages(seed: seed)
    var catalogue = Catalogue()

    for record in random.catalogueRecords() {
      switch record {
      case .setDropped, .importAttempted, .importCommitted, .evaluationCommitted, .jobEnded,
        .trainingCommitted, .scoringCommitted:
        catalogue.apply(record)
      default: break
      }
    }

    #expect(catalogue == Catalogue())
  }

  @Test func `only so many ended jobs are remembered, the newest`() throws {
    var random = RandomMessages(seed: 41)
    var catalogue = Catalogue()
    let count = UInt64(Catalogue.endedJobCountMax + 5)

    for number in 1...count {
      let record = JobRecord(
        id: JobID(number),
        set: SetID(1),
        setName: random.name(),
        work: random.importing(),
        createdAt: Instant(milliseconds: 0)
      )
      catalogue.apply(.job(record))
      if number > 1 {
        catalogue.apply(.jobEnded(JobID(number), .failed, nil, at: Instant(milliseconds: 1)))
      }
    }

    #expect(catalogue.jobs.count == Catalogue.endedJobCountMax + 1, "a running one stays")
    #expect(catalogue.jobs[JobID(1)]?.state == .running)
    #expect(catalogue.jobs[JobID(5)] == nil)
    #expect(catalogue.jobs[JobID(6)] != nil)
    #expect(catalogue.lastJob == JobID(count))
  }
}

/// Records as a coordinator would write them one after the other, by chance.
private struct RandomHistory {
  private var messages: RandomMessages
  private var clock: Int64 = 0

  init(seed: UInt64) { messages = RandomMessages(seed: seed) }

  mutating func next(_ catalogue: Catalogue) -> CatalogueRecord {
    clock += 1
    let at = Instant(milliseconds: clock)
    let sets = catalogue.sets.values.sorted { $0.id < $1.id }
    let running = catalogue.jobs.values.filter { $0.state == .running }.sorted { $0.id < $1.id }
    switch messages.random.below(13) {
    case 0: return catalogue.clusterID.isEmpty ? .clusterCreated([1, 2, 3]) : raised(catalogue)
    case 1: return raised(catalogue)
    case 2: return .workerSeen(messages.name(), capacity: UInt32(1 + messages.random.below(3)))
    case 3: return .segmentsChanged(messages.list { $0.definition() }, deleted: deleted(catalogue))
    case 4, 5: return newSet(catalogue, at)
    case 12:
      let known = catalogue.instances.keys.sorted()
      return .instancesChanged(
        messages.list { $0.instanceRecord() },
        deleted: known.isEmpty ? [] : [known[messages.random.below(known.count)]]
      )
    case 6:
      guard sets.count > 2 else { return newSet(catalogue, at) }
      return .setDropped(sets[messages.random.below(sets.count)].id)
    case 7, 8:
      guard !sets.isEmpty else { return newSet(catalogue, at) }
      return newJob(catalogue, sets[messages.random.below(sets.count)], at)
    default:
      guard !running.isEmpty else { return raised(catalogue) }
      return goOn(running[messages.random.below(running.count)], catalogue, at)
    }
  }

  private func raised(_ catalogue: Catalogue) -> CatalogueRecord {
    .epochRaised(Epoch(catalogue.epoch.number + 1))
  }

  private mutating func deleted(_ catalogue: Catalogue) -> [Name] {
    let known = catalogue.definitions.keys.sorted()
    return known.isEmpty ? [] : [known[messages.random.below(known.count)]]
  }

  private mutating func newSet(_ catalogue: Catalogue, _ at: Instant) -> CatalogueRecord {
    let id = SetID(catalogue.lastSet.number + 1)
    let name = Name("set.\(id.number)") ?? messages.name()
    return .set(
      SetRecord(
        id: id,
        name: name,
        description: messages.text(),
        createdAt: at,
        owners: [messages.name()] + messages.list { $0.name() }
      )
    )
  }

  private mutating func newJob(
    _ catalogue: Catalogue,
    _ set: SetRecord,
    _ at: Instant
  ) -> CatalogueRecord {
    let id = JobID(catalogue.lastJob.number + 1)
    var plan = messages.plan()
    plan.job = id
    plan.set = set.id
    plan.retained = set.audiences.keys.sorted().filter { _ in messages.flag() }
    let work: JobWork =
      switch messages.random.below(5) {
      case 0: messages.importing()
      case 1: messages.training()
      case 2: scoring(catalogue, set)
      case 3: messages.checking()
      default: .evaluating(plan, token: messages.text(), timeoutMilliseconds: nil)
      }
    return .job(JobRecord(id: id, set: set.id, setName: set.name, work: work, createdAt: at))
  }

  /// Of the set's model where there is one.
  private mutating func scoring(_ catalogue: Catalogue, _ set: SetRecord) -> JobWork {
    let model = catalogue.models.values.filter { $0.setName == set.name }.min { $0.job < $1.job }
    guard let model, case .scoring(var summary) = messages.scoring() else {
      return messages.scoring()
    }
    summary.instance = model.instance
    return .scoring(summary)
  }

  /// The scoring itself, and outcomes of one that was before.
  private mutating func news(
    _ history: ScoringHistory?,
    _ scoring: ScoringRecord
  ) -> OutcomeNews {
    var news = messages.outcomeNews()
    news.awaited?.setName = scoring.setName
    news.awaited?.asOf = scoring.asOf
    let earlier = history?.awaited(in: scoring.setName).first
    news.known +=
      earlier.map {
        [OutcomeNews.Known(asOf: $0.asOf, outcomes: messages.outcomes())]
      } ?? []
    return news
  }

  private mutating func goOn(
    _ job: JobRecord,
    _ catalogue: Catalogue,
    _ at: Instant
  ) -> CatalogueRecord {
    if messages.random.oneIn(4) {
      let state: JobState = messages.flag() ? .failed : .cancelled
      return .jobEnded(job.id, state, messages.error(), at: at)
    }
    switch job.work {
    case .importing, .scoring:
      let attempt = ImportAttempt(job: job.id, attempt: messages.number32())
      guard let set = catalogue.sets[job.set], messages.flag() else {
        return .importAttempted(attempt)
      }
      let contents = set.contents.map { _ in
        ShardContents(lsn: 1, profileCount: 2, eventCount: 3)
      }
      guard case .scoring = job.work, messages.flag() else {
        return .importCommitted(attempt, contents, messages.totals(), at: at)
      }
      var scoring = messages.scoringRecord()
      scoring.instance = catalogue.instances.keys.min() ?? scoring.instance
      scoring.setName = job.setName
      let news = news(catalogue.histories[scoring.instance], scoring)
      return .scoringCommitted(attempt, contents, messages.totals(), at: at, scoring, news)
    case .evaluating(let plan, _, _):
      let results = plan.definitions.map { _ in messages.definitionResult() }
      return .evaluationCommitted(job.id, results, at: at, [messages.sharedCost()])
    case .training:
      var model = messages.modelRecord()
      model.job = job.id
      model.trainedAt = at
      model.setName = job.setName
      model.instance = catalogue.instances.keys.min() ?? model.instance
      return .trainingCommitted(model)
    case .checking: return .checkEnded(job.id, messages.value(), at: at)
    }
  }
}
