import Bytes
import Cluster
import Domain

/// A worker's disk and what works on it, keeping the contract of `StoreOperation`.
///
/// What is in `shards` and `epoch` survives a crash; batches, queues and evaluations do not.
final class SimulatedStore {
  /// What the disk has of one shard.
  struct Shard {
    var profiles = ModelProfiles()
    var lsn: UInt64 = 0
    var committed: [ImportAttempt] = []
    var prepared: [JobID: (attempt: ImportAttempt, rows: [ModelRow])] = [:]
    var memberships = ModelMemberships()
    var staged: [JobID: ModelMemberships] = [:]

    var contents: ShardContents {
      ShardContents(
        lsn: lsn,
        profileCount: UInt64(profiles.rowCounts.count),
        eventCount: UInt64(profiles.eventCount)
      )
    }

    func contents(with rows: [ModelRow]) -> ShardContents {
      var copy = self
      copy.profiles.add(rows)
      copy.lsn += UInt64(rows.count) + 1
      return copy.contents
    }
  }

  private struct BatchKey: Hashable {
    var attempt: ImportAttempt
    var place: ShardPlace
  }

  private let cluster: SimulatedCluster
  var shards: [ShardPlace: Shard] = [:]
  var epoch = Epoch(0)
  var slowness = 1
  private var generation = 0
  private var batches: [BatchKey: [UInt32: [ModelRow]]] = [:]
  /// When the last operation of each shard is over.
  private var busyUntil: [ShardPlace: Int64] = [:]
  /// How often each job's evaluations were stopped.
  private var stops: [JobID: Int] = [:]
  /// What is kept for the rounds of each training.
  private var rounds: [JobID: ModelRounds] = [:]
  var report: (StoreCompletion) -> Void = { _ in }

  init(_ cluster: SimulatedCluster) { self.cluster = cluster }

  func crash() {
    generation += 1
    batches = [:]
    busyUntil = [:]
    stops = [:]
    rounds = [:]
  }

  var batchCount: Int { batches.count }

  var roundCount: Int { rounds.count }

  var inventory: [ReplicaInventory] {
    shards.sorted { $0.key < $1.key }.map { place, shard in
      ReplicaInventory(
        place: place,
        contents: shard.contents,
        prepared: shard.prepared.values.map(\.attempt).sorted { $0.job < $1.job },
        membershipJob: shard.memberships.job,
        stagedJobs: shard.staged.keys.sorted()
      )
    }
  }

  func perform(_ operation: StoreOperation) {
    switch operation {
    case .rememberEpoch(let epoch):
      if epoch < self.epoch {
        cluster.violation("epoch \(epoch) was remembered after \(self.epoch)")
      }
      self.epoch = epoch
    case .storeBatch(let attempt, let place, let sequence, let rows):
      write(place) { store in
        if let failure = store.failure() { return .importFailed(attempt, place, failure) }
        store.keep(attempt, place, sequence, ModelRow.decode(rows))
        return .batchStored(attempt, place, sequence: sequence)
      }
    case .prepareImport(let attempt, let place, let batchCount):
      write(place) { store in
        if let failure = store.failure() { return .importFailed(attempt, place, failure) }
        return store.prepare(attempt, place, batchCount)
      }
    case .commitImport(let attempt, let place):
      write(place) { $0.commit(attempt, place) }
    case .abortImport(let job, let place):
      write(place) { store in
        store.batches = store.batches.filter { $0.key.attempt.job != job || $0.key.place != place }
        store.shards[place]?.prepared[job] = nil
        return .importAborted(job, place)
      }
    case .evaluate(let plan, let task): evaluate(plan, task)
    case .commitJob(let job, let place):
      write(place) { store in
        if let staged = store.shards[place]?.staged.removeValue(forKey: job) {
          store.shards[place]?.memberships = staged
        } else if store.shards[place]?.memberships.job != job {
          store.cluster.violation("\(job) is committed on \(place) where it is not staged")
        }
        return .jobCommitted(job, place)
      }
    case .discardJob(let job, let set):
      stops[job, default: 0] += 1
      writeAll(of: set) { store in
        for place in store.shards.keys where place.set == set {
          store.shards[place]?.staged[job] = nil
        }
        return .jobDiscarded(job, set)
      }
    case .answer(let number, let place, let contents, let query):
      write(place) { store in
        .answered(number, ModelAnswers.answer(query, store.shards[place] ?? Shard(), contents))
      }
    case .dropSet(let set):
      writeAll(of: set) { store in
        store.shards = store.shards.filter { $0.key.set != set }
        store.batches = store.batches.filter { $0.key.place.set != set }
        return .setDropped(set)
      }
    case .runRound(let plan, let task, let work): run(plan, task, work)
    case .scoreShard(let plan, let scoring): score(plan, scoring)
    case .endRounds(let job):
      stops[job, default: 0] += 1
      rounds[job] = nil
    }
  }

  /// Does a part of a round when the first of its shards has done what was asked of it before.
  private func run(_ plan: RoundPlan, _ task: RoundTask, _ work: [UInt8]) {
    let stop = stops[plan.job] ?? 0
    let places = task.shards.map { ShardPlace(set: task.set, shard: $0) }
    func failed(_ code: Text) -> StoreCompletion {
      .roundFailed(task, WorkFailure(code: code, message: "no answer", isRetryable: true))
    }
    guard let first = places.first else { return }
    write(first) { store in
      guard store.stops[plan.job] ?? 0 == stop else { return failed("CANCELLED") }
      if let failure = store.failure() { return .roundFailed(task, failure) }
      let shards = places.map { store.shards[$0] ?? Shard() }
      guard zip(task.shards, shards).allSatisfy({ $1.contents == plan.contents[Int($0.number)] })
      else { return failed("MISSING_DATA") }
      do {
        let answers = try store.answers(plan, try RoundWork(decoding: work), shards)
        for (index, answer) in answers.dropLast().enumerated() {
          store.reportLater(.roundAnswer(task, index: UInt32(index), answer: answer))
        }
        return .roundDone(task, answer: answers.last ?? [])
      } catch {
        return failed("NO_PARTITION")
      }
    }
  }

  /// Counts a margin of each profile, or prepares an attribute row more for each.
  private func score(_ plan: ScoringPlan, _ scoring: ShardScoring) {
    let (attempt, place) = (scoring.attempt, scoring.place)
    func failed(_ code: Text) -> StoreCompletion {
      .importFailed(
        attempt,
        place,
        WorkFailure(code: code, message: "no scores", isRetryable: true)
      )
    }
    write(place) { store in
      if let failure = store.failure() { return .importFailed(attempt, place, failure) }
      let shard = store.shards[place] ?? Shard()
      guard shard.contents == scoring.contents else { return failed("MISSING_DATA") }
      if !Set(scoring.judged).isSubset(of: plan.earlier.map(\.asOf)) {
        store.cluster.violation("\(attempt) judges \(scoring.judged), which are not in its plan")
      }
      let profiles = shard.profiles.rowCounts.keys.sorted()
      guard !scoring.percentiles.isEmpty else {
        return .marginsCounted(attempt, place, ModelTraining.measure(of: shard.profiles))
      }
      let rows = profiles.map { ModelRow(profile: $0, isEvent: false) }
      store.keep(attempt, place, 0, rows)
      let prepared = store.prepare(attempt, place, 1)
      guard case .importPrepared(_, _, let contents) = prepared else { return prepared }
      return .scoresPrepared(
        attempt,
        place,
        contents,
        ModelTraining.findings(
          of: shard.profiles,
          by: plan.model,
          at: plan.asOf,
          judged: scoring.judged
        )
      )
    }
  }

  private func answers(
    _ plan: RoundPlan,
    _ work: RoundWork,
    _ shards: [Shard]
  ) throws -> [[UInt8]] {
    var all = ModelProfiles()
    for shard in shards { all.merge(shard.profiles) }
    let own =
      try rounds[plan.job]
      ?? ModelRounds(plan, data: ModelTraining.dataSurvey(of: all)) {
        ModelTraining.part(of: all, at: $0)
      }
    rounds[plan.job] = own
    if case .begin(_, _, let orders, _) = work, orders.count > 1 { cluster.note(.partMadeAnew) }
    return try own.answers(work)
  }

  /// Does something when the shard's earlier operations are over, and reports it a little later.
  private func write(
    _ place: ShardPlace,
    after extra: Int = 0,
    _ body: @escaping (SimulatedStore) -> StoreCompletion?
  ) {
    let duration = Int64((1 + cluster.draw(cluster.storeDelayMax)) * slowness + extra)
    let time = max(cluster.timeline.now, busyUntil[place] ?? 0) + duration
    busyUntil[place] = time
    run(at: time, body)
  }

  private func writeAll(of set: SetID, _ body: @escaping (SimulatedStore) -> StoreCompletion?) {
    let places = Set(shards.keys).union(busyUntil.keys).filter { $0.set == set }
    let time = places.compactMap { busyUntil[$0] }.max() ?? cluster.timeline.now
    for place in places { busyUntil[place] = max(time, cluster.timeline.now) + 1 }
    run(at: max(time, cluster.timeline.now) + 1, body)
  }

  private func run(at time: Int64, _ body: @escaping (SimulatedStore) -> StoreCompletion?) {
    let generation = self.generation
    cluster.timeline.schedule(after: time - cluster.timeline.now) { [weak self] in
      guard let self, self.generation == generation, let completion = body(self) else { return }
      self.reportLater(completion)
    }
  }

  private func reportLater(_ completion: StoreCompletion) {
    let generation = self.generation
    let delay = Int64(cluster.draw(cluster.networkDelayMax))
    // Reports keep the order of the operations.
    let due = max(cluster.timeline.now + delay, reportedAt)
    reportedAt = due
    cluster.timeline.schedule(after: due - cluster.timeline.now) { [weak self] in
      guard let self, self.generation == generation else { return }
      self.report(completion)
    }
  }

  private var reportedAt: Int64 = 0

  private func failure() -> WorkFailure? {
    guard cluster.storeFails() else { return nil }
    return WorkFailure(
      code: "DISK_FULL",
      message: "the simulated disk is full",
      isRetryable: !cluster.chance(cluster.options.lastingFailureOneIn)
    )
  }

  private func keep(
    _ attempt: ImportAttempt,
    _ place: ShardPlace,
    _ sequence: UInt32,
    _ rows: [ModelRow]
  ) {
    let others = batches.keys.filter { $0.place == place && $0.attempt.job == attempt.job }
    let prepared = shards[place]?.prepared[attempt.job]?.attempt.attempt ?? 0
    let newest = max(prepared, others.map(\.attempt.attempt).max() ?? 0)
    // A batch of an earlier attempt is passed over.
    guard newest <= attempt.attempt else { return }
    for key in others where key.attempt != attempt { batches[key] = nil }
    let key = BatchKey(attempt: attempt, place: place)
    if let known = batches[key]?[sequence], known != rows {
      cluster.violation("batch \(sequence) of \(attempt) came with other rows")
    }
    batches[key, default: [:]][sequence] = rows
  }

  private func prepare(
    _ attempt: ImportAttempt,
    _ place: ShardPlace,
    _ batchCount: UInt32
  ) -> StoreCompletion {
    var shard = shards[place] ?? Shard()
    if shard.prepared[attempt.job]?.attempt != attempt {
      let found = batches[BatchKey(attempt: attempt, place: place)] ?? [:]
      let rows = (0..<batchCount).compactMap { found[$0] }
      guard rows.count == Int(batchCount), found.count == Int(batchCount) else {
        cluster.violation("\(attempt) is prepared with \(found.count) of \(batchCount) batches")
        return .importFailed(
          attempt,
          place,
          WorkFailure(code: "NO_BATCHES", message: "batches are missing", isRetryable: true)
        )
      }
      shard.prepared[attempt.job] = (attempt, rows.flatMap(\.self))
      batches = batches.filter { $0.key.place != place || $0.key.attempt.job != attempt.job }
    }
    shards[place] = shard
    let rows = shard.prepared[attempt.job]?.rows ?? []
    return .importPrepared(attempt, place, shard.contents(with: rows))
  }

  private func commit(_ attempt: ImportAttempt, _ place: ShardPlace) -> StoreCompletion {
    var shard = shards[place] ?? Shard()
    if let prepared = shard.prepared[attempt.job], prepared.attempt == attempt {
      shard.prepared[attempt.job] = nil
      shard.profiles.add(prepared.rows)
      shard.lsn += UInt64(prepared.rows.count) + 1
      shard.committed.append(attempt)
    } else if !shard.committed.contains(attempt) {
      cluster.violation("\(attempt) is committed on \(place) where it is not prepared")
    }
    shards[place] = shard
    return .importCommitted(attempt, place, shard.contents)
  }

  /// Looks at the shard when earlier writes are over, thinks for a while, and then stages.
  private func evaluate(_ plan: JobPlan, _ task: TaskAttempt) {
    let stop = stops[plan.job] ?? 0
    let failed = { (code: Text) in
      StoreCompletion.taskFailed(
        task,
        WorkFailure(code: code, message: "no result", isRetryable: true)
      )
    }
    write(task.place) { store in
      let shard = store.shards[task.place] ?? Shard()
      if let failure = store.failure() { return .taskFailed(task, failure) }
      guard shard.contents == task.contents else { return failed("MISSING_DATA") }
      let memberships = shard.memberships.after(plan, over: shard.profiles)
      let results = memberships.results(plan, before: shard.memberships)
      let thinking = store.cluster.draw(store.cluster.storeDelayMax) * store.slowness
      let generation = store.generation
      store.cluster.timeline.schedule(after: Int64(thinking)) { [weak store] in
        guard let store, store.generation == generation else { return }
        store.write(task.place) { store in
          guard store.stops[plan.job] ?? 0 == stop else { return failed("CANCELLED") }
          store.shards[task.place, default: Shard()].staged[plan.job] = memberships
          return .taskFinished(
            task,
            TaskResult(
              profileCount: shard.contents.profileCount,
              eventCount: shard.contents.eventCount,
              definitions: results,
              digest: memberships.digest
            )
          )
        }
      }
      return nil
    }
  }
}

/// How a shard of the model answers queries.
enum ModelAnswers {
  static func answer(
    _ query: Query,
    _ shard: SimulatedStore.Shard,
    _ contents: ShardContents
  ) -> QueryAnswer {
    guard shard.contents == contents else { return failed("MISSING_DATA") }
    switch query {
    case .page(let page):
      if let job = page.membershipJob, job != shard.memberships.job { return failed("CHANGED") }
      let members = page.audience.map { shard.memberships.members[$0] ?? [] }
      let behind = shard.profiles.rowCounts.keys.sorted().filter { profile in
        (members?.contains(profile) ?? true)
          && (page.after.map { $0 < ModelRow.key(profile) } ?? true)
      }
      let rows = behind.prefix(Int(page.rowCountMax)).map {
        PageRow(
          key: ModelRow.key($0),
          status: page.audience == nil ? nil : .realized,
          lastQualification: nil,
          fields: ObjectValue()
        )
      }
      return .page(rows, isDone: rows.count == behind.count)
    case .overlap(let audiences, let job):
      if let job, job != shard.memberships.job { return failed("CHANGED") }
      let members = audiences.map { shard.memberships.members[$0] ?? [] }
      return .counts(
        members.flatMap { left in members.map { UInt64(left.intersection($0).count) } }
      )
    case .profile(let key):
      let found = shard.profiles.rowCounts.first { ModelRow.key($0.key) == key }
      return .document(found.map { .object([("rows", .integer(Int64($0.value)))]) })
    case .explain, .explainScore: return .document(nil)
    }
  }

  private static func failed(_ code: Text) -> QueryAnswer {
    .failed(WorkFailure(code: code, message: "the shard holds something else", isRetryable: true))
  }
}
