import Bytes
import Domain

/// Who the workers are and how they are.
extension Coordinator {
  /// Expects every worker of the catalogue to come back.
  mutating func awaitWorkers() {
    for (name, capacity) in catalogue.workers {
      nodes[name] = Node(
        capacity: capacity,
        presence: .awaited(since: now.monotonic),
        state: .joining,
        since: now.wall
      )
    }
  }

  mutating func take(_ message: WorkerMessage, from peer: PeerID) {
    guard let connection = connections[peer], connection.role == .worker else { return }
    guard let worker = connection.worker else {
      // What is said before the hello is said by nobody.
      if case .hello(let hello) = message { register(hello, peer, connection.address) }
      return
    }
    hear(worker)
    switch message {
    case .hello: return
    case .heartbeat(let vitals): nodes[worker]?.session?.vitals = vitals
    case .batchStored(let attempt, let place, let sequence):
      noteStored(attempt, place, sequence: sequence, by: worker)
    case .importPrepared(let attempt, let place, let contents):
      notePrepared(attempt, place, contents, by: worker)
    case .importCommitted(let attempt, let place, let contents):
      checkCommitted(attempt, place, contents, by: worker)
    case .importFailed(let attempt, let place, let failure):
      noteImportFailed(attempt, place, failure, by: worker)
    case .taskFinished(let task, let result): noteFinished(task, result, by: worker)
    case .taskFailed(let task, let failure): noteTaskFailed(task, failure, by: worker)
    case .jobCommitted: return
    case .answer(let question, let answer): take(answer, to: question, by: worker)
    case .roundAnswer(let task, let index, let answer):
      noteRoundAnswer(task, index: index, answer, by: worker)
    case .roundDone(let task, let answer):
      noteRoundAnswer(task, index: nil, answer, by: worker)
    case .roundFailed(let task, let failure): noteRoundFailed(task, failure, by: worker)
    case .marginsCounted(let attempt, let place, let measure):
      noteMargins(attempt, place, measure, by: worker)
    case .scoresPrepared(let attempt, let place, let contents, let findings):
      noteScores(attempt, place, contents, findings, by: worker)
    }
  }

  /// A connection has ended, from whichever side.
  mutating func forget(_ peer: PeerID, reason: Text) {
    guard let connection = connections.removeValue(forKey: peer) else { return }
    if let worker = connection.worker { lose(worker, reason: reason) }
    guard connection.role == .client else { return }
    watches.removeAll { $0.waiter.peer == peer }
    forgetQueries(of: peer)
    forgetClient(peer)
  }

  /// Tells all workers that the coordinator lives.
  mutating func beat() {
    guard heartbeatAt <= now.monotonic else { return }
    heartbeatAt = now.monotonic + Coordinator.heartbeatMilliseconds
    for peer in nodes.values.compactMap(\.session?.peer).sorted() { send(peer, .heartbeat) }
  }

  /// Sees who has been silent or away for too long.
  mutating func judgeNodes() {
    for name in nodes.keys.sorted() {
      guard let node = nodes[name] else { continue }
      let state = node.judged(at: now.monotonic)
      guard state != node.state else { continue }
      let reason = node.reason(at: now.monotonic) ?? ""
      change(name, to: state)
      if state == .lost, let session = node.session {
        let silence = now.monotonic - session.heardAt
        close(session.peer, reason: Text("the worker was silent for \(silence) ms"))
      }
      log(
        .warning,
        state == .lost ? "worker-lost" : "worker-suspect",
        [LogField("worker", name), LogField("reason", reason)]
      )
    }
    noteWaits()
  }

  private mutating func hear(_ worker: Name) {
    nodes[worker]?.session?.heardAt = now.monotonic
    guard let node = nodes[worker], node.state != .ok, node.session != nil else { return }
    change(worker, to: .ok)
    log(.info, "worker-back", [LogField("worker", worker)])
    noteWaits()
    assignTasks()
    assignRounds()
    goOnWithScorings()
  }

  private mutating func change(_ worker: Name, to state: Node.State) {
    guard nodes[worker]?.state != state else { return }
    nodes[worker]?.state = state
    nodes[worker]?.since = now.wall
  }

  private mutating func register(_ hello: WorkerHello, _ peer: PeerID, _ address: Text) {
    if let problem = objection(to: hello) {
      send(peer, .refuse(problem))
      log(
        .warning,
        "worker-refused",
        [LogField("worker", hello.name), LogField("reason", problem)]
      )
      return
    }
    // The older connection of a worker that came again is dead, or its process is.
    if let session = nodes[hello.name]?.session {
      close(session.peer, reason: "the worker has connected again")
    }
    let capacity = max(1, hello.capacity)
    if catalogue.workers[hello.name] != capacity {
      persist([.workerSeen(hello.name, capacity: capacity)])
    }
    connections[peer]?.worker = hello.name
    let session = Node.Session(
      peer: peer,
      incarnation: hello.incarnation,
      threadCount: max(1, hello.threadCount),
      version: hello.version,
      address: address,
      heardAt: now.monotonic
    )
    nodes[hello.name] = Node(
      capacity: capacity,
      presence: .connected(session),
      state: .ok,
      since: now.wall
    )
    send(peer, .welcome(epoch))
    log(
      .info,
      "worker-joined",
      [LogField("worker", hello.name), LogField("address", address)]
    )
    reconcile(hello.replicas, of: hello.name, on: peer)
    noteWaits()
    assignTasks()
    assignRounds()
    goOnWithScorings()
  }

  /// Why a worker may not join; `nil` when it may.
  private func objection(to hello: WorkerHello) -> Text? {
    if let session = nodes[hello.name]?.session, hello.incarnation < session.incarnation {
      return Text(
        "a newer process of worker '\(hello.name)' is connected from \(session.address);"
          + " give this one another name"
      )
    }
    if let strange = hello.replicas.map(\.place.set).max(), catalogue.lastSet < strange {
      return Text(
        "worker '\(hello.name)' holds data of \(strange), which this cluster never had:"
          + " its data directory belongs to another cluster"
      )
    }
    if nodes[hello.name] == nil, nodes.count >= Coordinator.workerCountMax {
      return Text("the cluster has \(nodes.count) workers, the most it may have")
    }
    return nil
  }

  /// A worker's connection has ended: what it was doing is asked of it again when it is back.
  private mutating func lose(_ worker: Name, reason: Text) {
    guard let session = nodes[worker]?.session else { return }
    let isLost = nodes[worker]?.state == .lost
    // One that was silent has been away since it was heard last.
    nodes[worker]?.presence = .away(
      since: isLost ? session.heardAt : now.monotonic,
      reason: reason
    )
    change(worker, to: isLost ? .lost : .suspect)
    log(.warning, "worker-away", [LogField("worker", worker), LogField("reason", reason)])
    for job in evaluations.keys { evaluations[job]?.forgetParts(of: worker) }
    releaseTasks(of: worker)
    releaseRounds(of: worker)
    interruptImports(of: worker, reason: reason)
    failQueries(of: worker, reason: reason)
    noteWaits()
  }
}
