import Bytes
import Domain

/// What clients do with imports.
extension Coordinator {
  mutating func beginImport(
    _ specification: ImportSpecification,
    for waiter: Waiter
  ) throws(ClusterError) -> ClientReply {
    try checkText(specification.importID, of: "an import id", byteCountMin: 1)
    guard let set = catalogue.set(named: specification.set) else {
      guard let shardCount = specification.shardCountIfNew else { throw noSet(specification.set) }
      let set = try makeSet(specification.set, shardCount: shardCount, description: "")
      return try open(specification, in: set, records: [.set(set)], for: waiter)
    }
    if let done = set.imports[specification.importID] {
      try requireSameRows(specification, as: done.job)
      return .importDoneBefore(importDocument(done.job, specification, isRepeated: true))
    }
    guard let running = imports.values.first(where: { $0.set == set.id }) else {
      return try open(specification, in: set, records: [], for: waiter)
    }
    return try beginAgain(specification, running, in: set, for: waiter)
  }

  private mutating func beginAgain(
    _ specification: ImportSpecification,
    _ running: ActiveImport,
    in set: SetRecord,
    for waiter: Waiter
  ) throws(ClusterError) -> ClientReply {
    let job = running.attempt.job
    guard running.importID == specification.importID else {
      throw ClusterError(
        .busy,
        "set '\(set.name)' is taking import '\(running.importID)' (\(job)); one at a time",
        next: "covey jobs \(job)"
      )
    }
    try requireSameRows(specification, as: job)
    switch running.phase {
    case .measuring, .preparing, .ready:
      throw ClusterError(.busy, "\(job) is about to commit the import; ask again in a moment")
    case .receiving:
      let isHeard = now.monotonic - running.clientHeardAt < Coordinator.clientSilenceMilliseconds
      if let client = running.client, client != waiter.peer, isHeard {
        throw ClusterError(
          .busy,
          "another client is sending import '\(running.importID)' (\(job))",
          next: "covey jobs \(job)"
        )
      }
    case .idle: break
    }
    try requireAllShards(of: set)
    interrupt(job, reason: "the import was begun again")
    let (attempt, isOver) = running.attempt.attempt.addingReportingOverflow(1)
    guard !isOver, attempt <= Coordinator.importAttemptCountMax else {
      let error = ClusterError(.limit, "\(job) was interrupted \(attempt) times")
      endImport(job, .failed, error)
      throw error
    }
    let next = ImportAttempt(job: job, attempt: attempt)
    persist([.importAttempted(next)])
    return receive(next, specification, in: set, isSetNew: running.isSetNew, for: waiter)
  }

  /// Makes the job of a new import.
  private mutating func open(
    _ specification: ImportSpecification,
    in set: SetRecord,
    records: [CatalogueRecord],
    for waiter: Waiter
  ) throws(ClusterError) -> ClientReply {
    // The owners of a set that is yet to be made are connected, for they were chosen just now.
    if records.isEmpty { try requireAllShards(of: set) }
    let job = try nextJob()
    var summary = ImportSummary(specification, attempt: 1)
    summary.sources = Array(summary.sources.prefix(Coordinator.sourceCountMax))
    var record = JobRecord(
      id: job,
      set: set.id,
      setName: set.name,
      work: .importing(summary),
      createdAt: now.wall
    )
    record.contentHash = specification.contentHash
    persist(records + [.job(record)])
    log(
      .info,
      "import-began",
      [
        LogField("job", job), LogField("set", set.name),
        LogField("import", specification.importID),
      ]
    )
    imports[job] = ActiveImport(
      set: set.id,
      importID: specification.importID,
      attempt: ImportAttempt(job: job, attempt: 1),
      clientHeardAt: now.monotonic
    )
    return receive(
      ImportAttempt(job: job, attempt: 1),
      specification,
      in: set,
      isSetNew: !records.isEmpty,
      for: waiter
    )
  }

  private mutating func receive(
    _ attempt: ImportAttempt,
    _ specification: ImportSpecification,
    in set: SetRecord,
    isSetNew: Bool,
    for waiter: Waiter
  ) -> ClientReply {
    var running = ActiveImport(
      set: set.id,
      importID: specification.importID,
      attempt: attempt,
      clientHeardAt: now.monotonic
    )
    running.isSetNew = isSetNew
    running.phase = .receiving
    running.client = waiter.peer
    running.prepared = Array(repeating: nil, count: set.shardCount)
    imports[attempt.job] = running
    touch(attempt.job)
    return .importOpened(attempt, shardCount: UInt32(set.shardCount))
  }

  mutating func storeBatch(
    _ attempt: ImportAttempt,
    _ shard: ShardIndex,
    sequence: UInt32,
    rows: [UInt8],
    for waiter: Waiter
  ) throws(ClusterError) {
    let running = try receiving(attempt, for: waiter)
    let place = ShardPlace(set: running.set, shard: shard)
    let batch = ActiveImport.Batch(shard: shard, sequence: sequence)
    guard running.pending[batch] == nil else {
      throw ClusterError(.failed, "batch \(sequence) of shard \(shard) is on its way already")
    }
    guard let owner = owner(of: place), let session = nodes[owner]?.session else {
      throw ClusterError(.failed, "the set has no shard \(shard)")
    }
    try hold(waiter)
    imports[attempt.job]?.pending[batch] = waiter
    send(session.peer, .storeBatch(attempt, place, sequence: sequence, rows: rows))
  }

  mutating func finishImport(
    _ attempt: ImportAttempt,
    _ totals: ImportTotals,
    batchCounts: [UInt32],
    for waiter: Waiter
  ) throws(ClusterError) {
    let running = try receiving(attempt, for: waiter)
    guard let set = catalogue.sets[running.set], batchCounts.count == set.shardCount,
      running.pending.isEmpty
    else {
      throw ClusterError(.failed, "the import's batches are not all stored, or of other shards")
    }
    try hold(waiter)
    imports[attempt.job]?.finishing = waiter
    imports[attempt.job]?.totals = totals
    imports[attempt.job]?.phase = .preparing(
      until: now.monotonic + Coordinator.prepareMilliseconds
    )
    for (place, batchCount) in zip(set.places, batchCounts) {
      tell(
        set.owners[Int(place.shard.number)],
        .prepareImport(attempt, place, batchCount: batchCount)
      )
    }
    touch(attempt.job)
  }

  mutating func abortImport(
    _ attempt: ImportAttempt,
    reason: Text
  ) throws(ClusterError) -> ClientReply {
    guard let running = imports[attempt.job], running.attempt == attempt else {
      throw interrupted(attempt)
    }
    endImport(attempt.job, .cancelled, ClusterError(.failed, "its client gave up: \(reason)"))
    // A set that was made for nothing else goes with the import.
    if running.isSetNew, let set = catalogue.sets[running.set], set.imports.isEmpty,
      !isRead(set.id)
    {
      drop(set)
    }
    return .document(jobDocument(attempt.job))
  }

  /// The attempt a client may send rows for.
  private mutating func receiving(
    _ attempt: ImportAttempt,
    for waiter: Waiter
  ) throws(ClusterError) -> ActiveImport {
    guard let running = imports[attempt.job], running.attempt == attempt,
      running.phase == .receiving, running.client == waiter.peer
    else { throw interrupted(attempt) }
    imports[attempt.job]?.clientHeardAt = now.monotonic
    return running
  }

  private func interrupted(_ attempt: ImportAttempt) -> ClusterError {
    let reason =
      imports[attempt.job]?.interruption
      ?? catalogue.jobs[attempt.job].map { Text("the job is \($0.state.word)") }
      ?? "there is no such job"
    return ClusterError(
      .importInterrupted,
      "attempt \(attempt.attempt) of \(attempt.job) is over: \(reason)",
      next: "begin the import again"
    )
  }

  /// An import id stands for its content.
  private func requireSameRows(
    _ specification: ImportSpecification,
    as job: JobID
  ) throws(ClusterError) {
    // Of a job that has been forgotten only the id is known.
    guard let known = catalogue.jobs[job]?.contentHash, known != specification.contentHash else {
      return
    }
    throw ClusterError(
      .importConflict,
      "import '\(specification.importID)' is \(job), of other files or read with other options",
      next: "give other data another import id"
    )
  }
}
