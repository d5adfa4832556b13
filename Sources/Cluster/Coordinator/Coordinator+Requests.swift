import Bytes
import Domain

/// What clients ask, and where it is answered.
extension Coordinator {
  mutating func take(_ request: ClientRequest, for waiter: Waiter) {
    guard let connection = connections[waiter.peer], connection.role == .client else { return }
    reply(to: waiter) { (self: inout Self) throws(ClusterError) in
      try self.answer(request, for: waiter)
    }
  }

  /// The reply to a request; `nil` when it comes later.
  private mutating func answer(
    _ request: ClientRequest,
    for waiter: Waiter
  ) throws(ClusterError) -> ClientReply? {
    switch request {
    case .status: return .document(statusDocument())
    case .nodes: return .document(nodesDocument())
    case .shards(let set): return .document(shardsDocument(of: try self.set(set)))
    case .jobs(let countMax): return .document(jobsDocument(countMax: Int(countMax)))
    case .job(let job):
      try requireJob(job)
      return .document(jobDocument(job))
    case .waitJob(let job, let seenVersion):
      return try watch(job, seenVersion: seenVersion, for: waiter)
    case .cancelJob(let job): return try cancel(job)
    case .createSet(let name, let shardCount, let description):
      let set = try makeSet(name, shardCount: shardCount, description: description)
      persist([.set(set)])
      log(.info, "set-created", [LogField("set", name), LogField("shards", set.shardCount)])
      return .document(setDocument(set))
    case .sets: return .document(setsDocument())
    case .set(let name): return .document(setDocument(try set(name)))
    case .schema(let name): return .document(schemaDocument(of: try set(name)))
    case .dropSet(let name): return try dropSet(name)
    case .beginImport(let specification): return try beginImport(specification, for: waiter)
    case .storeBatch(let attempt, let shard, let sequence, let rows):
      try storeBatch(attempt, shard, sequence: sequence, rows: rows, for: waiter)
      return nil
    case .finishImport(let attempt, let totals, let batchCounts):
      try finishImport(attempt, totals, batchCounts: batchCounts, for: waiter)
      return nil
    case .abortImport(let attempt, let reason): return try abortImport(attempt, reason: reason)
    case .applySegments:
      throw ClusterError(.notPermitted, "definitions are checked before they come here")
    case .segments(let set): return .document(segmentsDocument(for: set))
    case .segment(let id):
      guard let definition = catalogue.definitions[id] else { throw noSegment(id, for: nil) }
      return .document(segmentDocument(definition))
    case .deleteSegments(let ids): return try deleteSegments(ids)
    case .evaluate(let request): return try evaluate(request)
    case .audiences(let set): return .document(try audiencesDocument(of: set))
    case .audience(let set, let segment):
      let set = try self.set(set)
      return .document(audienceDocument(segment, try audience(segment, of: set), of: set))
    case .page(let set, let query):
      try askPage(query, of: set, for: waiter)
      return nil
    case .overlap(let set, let audiences):
      try askOverlap(of: audiences, in: set, for: waiter)
      return nil
    case .profile(let set, let key):
      try askProfile(key, in: set, for: waiter)
      return nil
    case .explain(let set, let segment, let key, let asOf):
      try askExplanation(of: segment, for: key, asOf: asOf, in: set, for: waiter)
      return nil
    case .applyInstances:
      throw ClusterError(.notPermitted, "instances are checked before they come here")
    case .instances: return .document(instancesDocument())
    case .instance(let name): return .document(instanceDocument(try instance(name)))
    case .deleteInstances(let names): return try deleteInstances(names)
    case .train(let request): return try train(request, for: .model)
    case .check(let request): return try train(request, for: .check)
    case .model(let name): return try model(of: name)
    case .score(let request): return try score(request)
    case .insights(let name): return .document(try insightsDocument(of: name))
    case .explainScore(let set, let instance, let key):
      try askScore(of: key, by: instance, in: set, for: waiter)
      return nil
    }
  }

  /// Answers when the job is not what the client has seen, or has ended, or after a while.
  private mutating func watch(
    _ job: JobID,
    seenVersion: UInt64,
    for waiter: Waiter
  ) throws(ClusterError) -> ClientReply? {
    try requireJob(job)
    guard catalogue.jobs[job]?.state == .running, version(of: job) == seenVersion else {
      return .document(jobDocument(job))
    }
    try hold(waiter)
    watches.append(
      Watch(
        waiter: waiter,
        job: job,
        since: now.monotonic,
        until: now.monotonic + Coordinator.watchMilliseconds
      )
    )
    return nil
  }

  mutating func endOverdueWatches() {
    let due = watches.filter { $0.until <= now.monotonic }
    watches.removeAll { $0.until <= now.monotonic }
    for watch in due { release(watch.waiter, .document(jobDocument(watch.job))) }
  }

  private mutating func cancel(_ job: JobID) throws(ClusterError) -> ClientReply {
    try requireJob(job)
    let reason = ClusterError(.failed, "an operator cancelled it")
    if evaluations[job] != nil {
      endEvaluation(job, .cancelled, reason)
    } else if trainings[job] != nil {
      endTraining(job, .cancelled, reason)
    } else {
      endImport(job, .cancelled, reason)
    }
    return .document(jobDocument(job))
  }

  /// Raised with each change of the job; 0 when it has not changed since the coordinator started.
  func version(of job: JobID) -> UInt64 { versions[job] ?? 0 }

  func requireJob(_ job: JobID) throws(ClusterError) {
    guard catalogue.jobs[job] == nil else { return }
    throw ClusterError(.noSuchJob, "there is no \(job)", next: "covey jobs")
  }

  /// The number of a new job.
  func nextJob() throws(ClusterError) -> JobID {
    let runningCount = imports.count + evaluations.count + trainings.count
    guard runningCount < Coordinator.runningJobCountMax else {
      throw ClusterError(.limit, "\(runningCount) jobs run; wait for one of them")
    }
    return JobID(catalogue.lastJob.number &+ 1)
  }

  func checkText(
    _ text: Text,
    of what: String,
    byteCountMin: Int
  ) throws(ClusterError) {
    let range = byteCountMin...Coordinator.textByteCountMax
    guard !range.contains(text.byteCount) else { return }
    throw ClusterError(
      .limit,
      "\(what) has \(range.lowerBound) to \(range.upperBound) bytes, not \(text.byteCount)"
    )
  }
}
