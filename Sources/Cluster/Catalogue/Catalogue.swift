package import Bytes
package import Domain

/// The durable record of sets, definitions, placement, jobs and their results.
///
/// A value that changes only by `apply`; what was applied and made durable is there after any crash.
package struct Catalogue: Hashable, Sendable {
  /// How many ended jobs are remembered.
  package static let endedJobCountMax = 1_000
  /// Definitions in one record of a rewritten log, so that none is too long for it.
  package static let recordDefinitionCountMax = 256

  /// Drawn when the cluster is created; empty before.
  package private(set) var clusterID: [UInt8] = []
  package private(set) var epoch = Epoch(0)
  package private(set) var lastJob = JobID(0)
  package private(set) var lastSet = SetID(0)
  /// Every worker that ever registered, with its capacity.
  package private(set) var workers: [Name: UInt32] = [:]
  package private(set) var sets: [SetID: SetRecord] = [:]
  package private(set) var setIDs: [Name: SetID] = [:]
  package private(set) var definitions: [Name: SegmentDefinition] = [:]
  package private(set) var instances: [Name: InstanceRecord] = [:]
  /// The newest model of each instance that has been trained.
  package private(set) var models: [Name: ModelRecord] = [:]
  /// Of each instance the last scoring of each set, in the order of their commits.
  package private(set) var scorings: [Name: [ScoringRecord]] = [:]
  /// What became of each instance's scorings.
  package private(set) var histories: [Name: ScoringHistory] = [:]
  package private(set) var jobs: [JobID: JobRecord] = [:]
  /// Those of the jobs that have ended, ascending.
  private var endedJobs: [JobID] = []
  /// The evaluations that were ordered under a token.
  private var evaluationsOfTokens: [Text: JobID] = [:]

  package init() {}

  package func set(named name: Name) -> SetRecord? { setIDs[name].flatMap { sets[$0] } }

  /// Definitions that are evaluated over a set: its own and those of no set.
  package func definitions(for set: Name) -> [Name: SegmentDefinition] {
    definitions.filter { $0.value.set == nil || $0.value.set == set }
  }

  /// Whether there is such a definition that is evaluated over a set.
  package func defines(_ id: Name, for set: Name) -> Bool {
    guard let definition = definitions[id] else { return false }
    return definition.set == nil || definition.set == set
  }

  /// The last scoring of an instance, whatever set it was of.
  package func scoring(of instance: Name) -> ScoringRecord? { scorings[instance]?.last }

  /// The last scoring of a set by an instance.
  package func scoring(of instance: Name, in set: Name) -> ScoringRecord? {
    scorings[instance]?.first { $0.setName == set }
  }

  /// The evaluation that was ordered under a token, as far as it is remembered.
  package func evaluation(ofToken token: Text) -> JobRecord? {
    evaluationsOfTokens[token].flatMap { jobs[$0] }
  }

  /// Changes the catalogue by one record.
  ///
  /// Records about sets and jobs that are not there change nothing.
  package mutating func apply(_ record: CatalogueRecord) {
    switch record {
    case .clusterCreated(let id): clusterID = id
    case .epochRaised(let epoch): self.epoch = max(self.epoch, epoch)
    case .numbersUsed(let job, let set):
      lastJob = max(lastJob, job)
      lastSet = max(lastSet, set)
    case .workerSeen(let name, let capacity): workers[name] = capacity
    case .set(let record):
      lastSet = max(lastSet, record.id)
      sets[record.id] = record
      setIDs[record.name] = record.id
    case .setDropped(let id):
      if let dropped = sets.removeValue(forKey: id) {
        setIDs[dropped.name] = nil
        for instance in Array(scorings.keys) { forgetScoring(of: instance, in: dropped.name) }
        for instance in Array(histories.keys) {
          changeHistory(of: instance) { $0.forget(dropped.name) }
        }
      }
    case .job(let record):
      lastJob = max(lastJob, record.id)
      jobs[record.id] = record
      if case .evaluating(_, let token, _) = record.work, token.byteCount > 0 {
        evaluationsOfTokens[token] = record.id
      }
      if record.state != .running { noteEnded(record.id) }
    case .importAttempted(let attempt): noteAttempt(attempt)
    case .importCommitted(let attempt, let contents, let totals, let at):
      commitImport(attempt, contents, totals)
      end(attempt.job, .succeeded, nil, at: at)
    case .evaluationCommitted(let job, let results, let at, let costs):
      commitEvaluation(job, results, costs)
      end(job, .succeeded, nil, at: at)
    case .jobEnded(let job, let state, let failure, let at): end(job, state, failure, at: at)
    case .segmentsChanged(let changed, let deleted):
      for definition in changed { definitions[definition.id] = definition }
      for id in deleted {
        definitions[id] = nil
        for set in Array(sets.keys) { sets[set]?.audiences[id] = nil }
      }
    case .instancesChanged(let changed, let deleted):
      for instance in changed { instances[instance.name] = instance }
      for name in deleted {
        instances[name] = nil
        models[name] = nil
        scorings[name] = nil
        histories[name] = nil
      }
    case .trainingCommitted(let model): commitTraining(model)
    case .model(let model): models[model.instance] = model
    case .checkEnded(let job, let report, let at): endCheck(job, report, at: at)
    case .scoringCommitted(let attempt, let contents, let totals, let at, let scoring, let news):
      commitImport(attempt, contents, totals)
      // An instance that was deleted meanwhile has no scores.
      if instances[scoring.instance] != nil {
        note(scoring)
        changeHistory(of: scoring.instance) {
          $0.take(news, of: scoring.setName, asOf: scoring.asOf)
        }
      }
      end(attempt.job, .succeeded, nil, at: at)
    case .scoring(let scoring): note(scoring)
    case .pastScoring(let instance, let scoring):
      changeHistory(of: instance) { $0.add(scoring) }
    }
  }

  /// Few records that make this catalogue of an empty one.
  package func records() -> [CatalogueRecord] {
    var records: [CatalogueRecord] = [
      .clusterCreated(clusterID), .epochRaised(epoch), .numbersUsed(job: lastJob, set: lastSet),
    ]
    for (name, capacity) in workers.sorted(by: { $0.key < $1.key }) {
      records.append(.workerSeen(name, capacity: capacity))
    }
    let ordered = definitions.values.sorted { $0.id < $1.id }
    for first in stride(from: 0, to: ordered.count, by: Catalogue.recordDefinitionCountMax) {
      let part = ordered[first...].prefix(Catalogue.recordDefinitionCountMax)
      records.append(.segmentsChanged(Array(part), deleted: []))
    }
    let instances = self.instances.values.sorted { $0.name < $1.name }
    if !instances.isEmpty { records.append(.instancesChanged(instances, deleted: [])) }
    for model in models.values.sorted(by: { $0.instance < $1.instance }) {
      records.append(.model(model))
    }
    for (_, scored) in scorings.sorted(by: { $0.key < $1.key }) {
      records += scored.map { .scoring($0) }
    }
    for (instance, history) in histories.sorted(by: { $0.key < $1.key }) {
      records += history.scorings.map { .pastScoring(instance, $0) }
    }
    for set in sets.values.sorted(by: { $0.id < $1.id }) { records.append(.set(set)) }
    for job in jobs.values.sorted(by: { $0.id < $1.id }) { records.append(.job(job)) }
    return records
  }

  private mutating func note(_ scoring: ScoringRecord) {
    forgetScoring(of: scoring.instance, in: scoring.setName)
    scorings[scoring.instance, default: []].append(scoring)
  }

  private mutating func forgetScoring(of instance: Name, in set: Name) {
    scorings[instance]?.removeAll { $0.setName == set }
    if scorings[instance]?.isEmpty == true { scorings[instance] = nil }
  }

  private mutating func changeHistory(
    of instance: Name,
    _ change: (inout ScoringHistory) -> Void
  ) {
    var history = histories[instance] ?? ScoringHistory()
    change(&history)
    histories[instance] = history.scorings.isEmpty ? nil : history
  }

  private mutating func noteAttempt(_ attempt: ImportAttempt) {
    switch jobs[attempt.job]?.work {
    case .importing(var summary)?:
      summary.attempt = attempt.attempt
      jobs[attempt.job]?.work = .importing(summary)
    case .scoring(var summary)?:
      summary.attempt = attempt.attempt
      jobs[attempt.job]?.work = .scoring(summary)
    case .evaluating?, .training?, .checking?, nil: return
    }
  }

  private mutating func commitImport(
    _ attempt: ImportAttempt,
    _ contents: [ShardContents],
    _ totals: ImportTotals
  ) {
    guard let job = jobs[attempt.job], var set = sets[job.set],
      contents.count == set.contents.count
    else { return }
    let importID: Text
    switch job.work {
    case .importing(var summary):
      importID = summary.importID
      summary.attributeRowCount = totals.attributeRowCount
      summary.eventRowCount = totals.eventRowCount
      summary.rejectedRowCount = totals.rejectedRowCount
      jobs[attempt.job]?.work = .importing(summary)
    case .scoring(var summary):
      importID = Text("covey:score:\(attempt.job)")
      summary.scoredCount = totals.attributeRowCount
      jobs[attempt.job]?.work = .scoring(summary)
    case .evaluating, .training, .checking: return
    }
    set.contents = contents
    set.schema.merge(totals.schema)
    set.imports[importID] = attempt
    set.lastImport = attempt
    sets[job.set] = set
    jobs[attempt.job]?.profileCount = set.profileCount
    jobs[attempt.job]?.eventCount = set.eventCount
  }

  private mutating func commitEvaluation(
    _ id: JobID,
    _ results: [DefinitionResult],
    _ costs: [SharedCost]
  ) {
    guard let job = jobs[id], case .evaluating(let plan, _, _) = job.work,
      results.count == plan.definitions.count,
      // Nobody else has it meanwhile, so that it is changed where it is.
      var set = sets.removeValue(forKey: job.set)
    else { return }
    jobs[id]?.results = results
    jobs[id]?.sharedCosts = costs
    jobs[id]?.profileCount = set.profileCount
    jobs[id]?.eventCount = set.eventCount
    set.lastEvaluation = id
    let keptCount = plan.retained.count { set.audiences[$0] != nil }
    if keptCount < set.audiences.count {
      let retained = Set(plan.retained)
      set.audiences = set.audiences.filter { retained.contains($0.key) }
    }
    // A definition that was deleted meanwhile has no audience.
    for (definition, result) in zip(plan.definitions, results)
    where definitions[definition.id] != nil {
      set.audiences[definition.id] = AudienceRecord(
        definitionVersion: definition.version,
        job: id,
        asOf: plan.asOf,
        memberCount: result.memberCount,
        realizedCount: result.realizedCount,
        exitedCount: result.exitedCount,
        profileCount: set.profileCount,
        lastImport: set.lastImport?.job
      )
    }
    sets[job.set] = set
  }

  private mutating func commitTraining(_ model: ModelRecord) {
    guard let job = jobs[model.job], case .training(var summary) = job.work else { return }
    summary.model = TrainedModel(
      version: model.version,
      treeCount: UInt64(clamping: model.report["trees"]?.integer ?? 0)
    )
    jobs[model.job]?.work = .training(summary)
    jobs[model.job]?.profileCount = sets[job.set]?.profileCount ?? 0
    jobs[model.job]?.eventCount = sets[job.set]?.eventCount ?? 0
    // An instance that was deleted meanwhile has no model.
    if instances[model.instance] != nil { models[model.instance] = model }
    end(model.job, .succeeded, nil, at: model.trainedAt)
  }

  private mutating func endCheck(_ id: JobID, _ report: Value, at: Instant) {
    guard let job = jobs[id], case .checking(var summary) = job.work else { return }
    for (other, record) in Array(jobs) {
      guard case .checking(var earlier) = record.work, earlier.report != nil,
        earlier.training.instance == summary.training.instance
      else { continue }
      earlier.report = nil
      jobs[other]?.work = .checking(earlier)
    }
    summary.report = report
    jobs[id]?.work = .checking(summary)
    jobs[id]?.profileCount = sets[job.set]?.profileCount ?? 0
    jobs[id]?.eventCount = sets[job.set]?.eventCount ?? 0
    end(id, .succeeded, nil, at: at)
  }

  private mutating func end(
    _ id: JobID,
    _ state: JobState,
    _ failure: ClusterError?,
    at: Instant
  ) {
    guard jobs[id] != nil else { return }
    jobs[id]?.state = state
    jobs[id]?.failure = failure
    jobs[id]?.endedAt = at
    jobs[id]?.forgetRules()
    noteEnded(id)
    while endedJobs.count > Catalogue.endedJobCountMax { forget(endedJobs.removeFirst()) }
  }

  private mutating func noteEnded(_ id: JobID) {
    // Mostly it is the newest.
    let place = endedJobs.lastIndex { $0 <= id }.map { $0 + 1 } ?? 0
    if place > 0, endedJobs[place - 1] == id { return }
    endedJobs.insert(id, at: place)
  }

  private mutating func forget(_ id: JobID) {
    guard let job = jobs.removeValue(forKey: id), case .evaluating(_, let token, _) = job.work,
      evaluationsOfTokens[token] == id
    else { return }
    evaluationsOfTokens[token] = nil
  }
}
