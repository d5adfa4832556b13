import Bytes
import Domain

/// The few ways in which the rules act.
extension Coordinator {
  /// Changes the catalogue, durably before anything that follows.
  mutating func persist(_ records: [CatalogueRecord]) {
    for record in records {
      catalogue.apply(record)
      if case .segmentsChanged = record { orders = [:] }
    }
    effects.append(.persist(records))
  }

  mutating func send(_ peer: PeerID, _ message: CoordinatorMessage) {
    effects.append(.send(peer, message))
  }

  /// Tells a worker, if it is connected.
  mutating func tell(_ worker: Name, _ message: CoordinatorMessage) {
    guard let session = nodes[worker]?.session else { return }
    send(session.peer, message)
  }

  mutating func log(_ level: LogLevel, _ event: Text, _ fields: [LogField]) {
    effects.append(.log(level, event: event, fields: fields))
  }

  /// Ends a connection from this side.
  mutating func close(_ peer: PeerID, reason: Text) {
    effects.append(.close(peer, reason: reason))
    forget(peer, reason: reason)
  }

  /// Answers a request now; a client that is gone hears nothing.
  mutating func reply(to waiter: Waiter, _ reply: ClientReply) {
    guard connections[waiter.peer] != nil else { return }
    effects.append(.reply(waiter.peer, request: waiter.request, reply))
  }

  /// Answers a request with what the body gives, or with why it could not; `nil` answers later.
  mutating func reply(
    to waiter: Waiter,
    _ body: (inout Self) throws(ClusterError) -> ClientReply?
  ) {
    do throws(ClusterError) {
      if let reply = try body(&self) { self.reply(to: waiter, reply) }
    } catch {
      reply(to: waiter, .failed(error))
    }
  }

  /// Keeps a request to be answered later by `release`.
  mutating func hold(_ waiter: Waiter) throws(ClusterError) {
    let count = connections[waiter.peer]?.waitingCount ?? 0
    guard count < Coordinator.waitingRequestCountMax else {
      throw ClusterError(
        .limit,
        "\(count) requests of the connection wait for their reply; wait for one of them"
      )
    }
    connections[waiter.peer]?.waitingCount += 1
  }

  /// Answers a request that was kept.
  mutating func release(_ waiter: Waiter, _ reply: ClientReply) {
    connections[waiter.peer]?.waitingCount -= 1
    self.reply(to: waiter, reply)
  }

  /// Notes that a job looks different from now on, and tells those who wait for that.
  mutating func touch(_ job: JobID) {
    versions[job] = sequence
    guard watches.contains(where: { $0.job == job }) else { return }
    let due = watches.filter { $0.job == job }
    watches.removeAll { $0.job == job }
    for watch in due { release(watch.waiter, .document(jobDocument(job))) }
  }

  /// Notes that a job has come further; those who wait for a change are told of it before long.
  mutating func noteProgress(of job: JobID) {
    versions[job] = sequence
    for index in watches.indices where watches[index].job == job {
      let due = watches[index].since + Coordinator.progressMilliseconds
      watches[index].until = min(watches[index].until, due)
    }
    endOverdueWatches()
  }

  /// Ends a job that is not committed.
  mutating func end(_ job: JobID, _ state: JobState, _ failure: ClusterError) {
    persist([.jobEnded(job, state, failure, at: now.wall)])
    pauseRoutine(after: job)
    log(
      state == .failed ? .error : .warning,
      "job-ended",
      [
        LogField("job", job), LogField("state", state.word),
        LogField("reason", failure.message),
      ]
    )
    touch(job)
  }
}
