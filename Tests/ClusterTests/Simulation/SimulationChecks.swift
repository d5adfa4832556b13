import Bytes
import Cluster
import Domain
import Propensity

/// What must hold after any run, worked out from the durable log without the rules.
struct SimulationChecks {
  let cluster: SimulatedCluster
  /// The whole set as one piece, after each committed job in turn.
  private var profiles = ModelProfiles()
  private var shards: [ModelProfiles] = []
  private var memberships = ModelMemberships()
  private var imported: [Text] = []
  private var byJob: [JobID: ModelMemberships] = [:]
  private var plans: [JobID: JobPlan] = [:]
  private var importIDs: [JobID: Text] = [:]
  private var tokens: [Text: JobID] = [:]
  private var models: [Name: ModelRecord] = [:]
  private var scorings: [JobID: ScoringSummary] = [:]
  /// By instance, the scorings whose outcomes nobody knows yet.
  private var awaited: [Name: Set<Instant>] = [:]

  init(_ cluster: SimulatedCluster) { self.cluster = cluster }

  mutating func check() {
    checkCatalogue()
    checkEpochs()
    for record in cluster.coordinator.log { replay(record) }
    checkImports()
    checkWorkers()
    checkObservations()
    checkJobsEnded()
  }

  /// The live catalogue is what its durable records make.
  private func checkCatalogue() {
    let live = cluster.coordinator.state.catalogue
    var replayed = Catalogue()
    for record in cluster.coordinator.log { replayed.apply(record) }
    expect(replayed == live, "the live catalogue is not what its log makes")
    var rewritten = Catalogue()
    for record in live.records() { rewritten.apply(record) }
    expect(rewritten == live, "the rewritten catalogue is another one")
  }

  private func checkEpochs() {
    var last = Epoch(0)
    for case .epochRaised(let epoch) in cluster.coordinator.log {
      expect(last < epoch, "epoch \(epoch) came after \(last)")
      last = epoch
    }
    for worker in cluster.workers {
      expect(worker.store.epoch <= last, "\(worker.name) knows a later epoch than there was")
    }
  }

  /// Does to one whole set what a record says was done to its shards.
  private mutating func replay(_ record: CatalogueRecord) {
    switch record {
    case .job(let job):
      switch job.work {
      case .importing(let summary): importIDs[job.id] = summary.importID
      case .evaluating(let plan, let token, _):
        plans[job.id] = plan
        let first = tokens[token, default: job.id]
        expect(first == job.id, "one token made \(first) and \(job.id)")
        tokens[token] = first
      case .training(let summary):
        let first = tokens[summary.token, default: job.id]
        expect(first == job.id, "one token made \(first) and \(job.id)")
        tokens[summary.token] = first
      case .scoring(let summary):
        let first = tokens[summary.token, default: job.id]
        expect(first == job.id, "one token made \(first) and \(job.id)")
        tokens[summary.token] = first
        scorings[job.id] = summary
      case .checking: break
      }
    case .importCommitted(let attempt, _, _, _) where scorings[attempt.job] != nil:
      expect(false, "\(attempt) tells nothing of its scores")
    case .scoringCommitted(let attempt, let contents, let totals, _, let scoring, let news):
      check(scoring, of: attempt)
      check(news, of: scoring)
      check(attempt, contents, totals)
    case .importCommitted(let attempt, let contents, _, _):
      guard let id = importIDs[attempt.job],
        let importer = cluster.importers.first(where: { $0.importID == id })
      else { return expect(false, "\(attempt) is nobody's import") }
      imported.append(id)
      profiles.add(importer.rows)
      if shards.isEmpty { shards = contents.map { _ in ModelProfiles() } }
      for (shard, rows) in Dictionary(
        grouping: importer.rows,
        by: { Int($0.key.shard(of: contents.count).number) }
      ) { shards[shard].add(rows) }
      for (shard, content) in zip(shards, contents) {
        expect(
          content.profileCount == UInt64(shard.rowCounts.count)
            && content.eventCount == UInt64(shard.eventCount),
          "after \(attempt) a shard holds \(content)"
        )
      }
    case .evaluationCommitted(let job, let results, _, _):
      guard let plan = plans[job] else { return expect(false, "\(job) has no plan") }
      expect(byJob[job] == nil, "\(job) was committed twice")
      // Definitions are never deleted here, so every audience goes on.
      let known = Set(memberships.members.keys)
      expect(Set(plan.retained) == known, "\(job) keeps other audiences than it should")
      let next = memberships.after(plan, over: profiles)
      let expected = next.results(plan, before: memberships).map { shownCounts($0) }
      expect(results.map { shownCounts($0) } == expected, "\(job) has other counts than it should")
      memberships = next
      byJob[job] = next
    case .trainingCommitted(let model): check(model)
    default: break
    }
  }

  /// What is told of scores is what all rows in one piece tell.
  private mutating func check(_ scoring: ScoringRecord, of attempt: ImportAttempt) {
    expect(scorings[attempt.job]?.instance == scoring.instance, "\(attempt) scored another model")
    let expected = ModelTraining.census(
      of: profiles,
      by: models[scoring.instance]?.file ?? [],
      at: scoring.asOf
    )
    expect(!expected.isEmpty && scoring.census == expected, "\(attempt) tells something else")
  }

  /// What became of earlier scores is told once, with the next scoring of a later time, and is what all
  /// profiles in one piece tell.
  private mutating func check(_ news: OutcomeNews, of scoring: ScoringRecord) {
    let asOf = scoring.asOf
    let due = (awaited[scoring.instance] ?? []).filter { $0 < asOf }.sorted()
    let expected = zip(due, ModelTraining.outcomes(of: profiles, at: due)).map {
      OutcomeNews.Known(asOf: $0, outcomes: $1)
    }
    expect(news.known == expected, "\(scoring.job) tells other outcomes than it should")
    expect(
      news.awaited?.asOf == asOf && news.awaited?.windowEnd == asOf,
      "the outcomes of \(scoring.job) are not awaited"
    )
    awaited[scoring.instance, default: []].subtract(due)
    awaited[scoring.instance, default: []].insert(asOf)
    if !due.isEmpty { cluster.note(.outcomesKnown) }
  }

  /// Scores are one attribute row more of every profile, with the percentiles of all of them.
  private mutating func check(
    _ attempt: ImportAttempt,
    _ contents: [ShardContents],
    _ totals: ImportTotals
  ) {
    let rows = profiles.rowCounts.keys.sorted().map { ModelRow(profile: $0, isEvent: false) }
    expect(totals.attributeRowCount == UInt64(rows.count), "\(attempt) scored not everybody")
    profiles.add(rows)
    if shards.isEmpty { shards = contents.map { _ in ModelProfiles() } }
    for (shard, rows) in Dictionary(
      grouping: rows,
      by: { Int($0.key.shard(of: contents.count).number) }
    ) { shards[shard].add(rows) }
    for (shard, content) in zip(shards, contents) {
      expect(
        content.profileCount == UInt64(shard.rowCounts.count),
        "after \(attempt) a shard holds \(content)"
      )
    }
  }

  /// A model is what its rows make in one piece, byte for byte.
  private mutating func check(_ model: ModelRecord) {
    expect(models[model.instance] == nil, "\(model.instance) was trained twice")
    models[model.instance] = model
    let window = ModelTraining.dataSurvey(of: profiles).events.map {
      TrainingWindow(start: $0.first, end: $0.last)
    }
    let expected = try? ModelTraining.model(
      of: ModelTraining.part(of: profiles, at: [model.asOf]),
      window: window,
      ModelTraining.instance(model.instance.text)
    )
    expect(expected?.trees.isEmpty == false, "the model of \(model.job) has no trees")
    expect(expected?.encoded() == model.file, "the model of \(model.job) is another one")
  }

  private func shownCounts(_ result: DefinitionResult) -> [UInt64] {
    [result.memberCount, result.realizedCount, result.exitedCount]
  }

  private func checkImports() {
    expect(Set(imported).count == imported.count, "an import was committed twice: \(imported)")
    expect(
      cluster.acknowledged.isSubset(of: imported),
      "acknowledged imports are missing: \(cluster.acknowledged) but \(imported)"
    )
  }

  /// Every shard's disk holds its part of what was committed, and nothing else.
  private func checkWorkers() {
    let record = cluster.coordinator.state.catalogue.set(named: cluster.set)
    for worker in cluster.workers {
      for (place, shard) in worker.store.shards {
        let index = Int(place.shard.number)
        guard let record, place.set == record.id, record.owners[index] == worker.name else {
          expect(false, "\(worker.name) holds \(place), which is not its own")
          continue
        }
        expect(shard.prepared.isEmpty, "\(place) still has prepared imports")
        expect(shard.staged.isEmpty, "\(place) still has staged memberships")
      }
      expect(worker.store.batchCount == 0, "\(worker.name) still has batches")
      expect(worker.store.roundCount == 0, "\(worker.name) still keeps rows of a training")
    }
    guard let record else { return }
    for (index, owner) in record.owners.enumerated() {
      let place = ShardPlace(set: record.id, shard: ShardIndex(UInt32(index)))
      let worker = cluster.workers.first { $0.name == owner }
      let shard = worker?.store.shards[place] ?? SimulatedStore.Shard()
      expect(
        shard.profiles == (shards.isEmpty ? ModelProfiles() : shards[index]),
        "\(place) holds other rows than were committed"
      )
      let members = memberships.members.mapValues { profiles in
        profiles.filter { ModelRow.key($0).shard(of: record.shardCount) == place.shard }
      }
      expect(shard.memberships.job == memberships.job, "\(place) has memberships of another job")
      expect(shard.memberships.members == members, "\(place) has other members")
    }
  }

  /// What readers were told is what one run said, whole.
  private func checkObservations() {
    for observation in cluster.observations {
      guard let job = observation.job, let memberships = byJob[job] else {
        expect(false, "a page of no committed job was read")
        continue
      }
      let expected = (memberships.members[observation.audience] ?? []).map(ModelRow.key).sorted()
      expect(
        observation.keys == expected,
        "audience \(observation.audience) of \(job) was read as \(observation.keys.count) members"
      )
    }
  }

  private func checkJobsEnded() {
    for job in cluster.coordinator.state.catalogue.jobs.values where job.state == .running {
      switch job.work {
      case .evaluating, .training, .scoring, .checking: expect(false, "\(job.id) still runs")
      case .importing: break
      }
    }
  }

  private func expect(_ isTrue: Bool, _ text: String) {
    if !isTrue { cluster.violation(text) }
  }
}
