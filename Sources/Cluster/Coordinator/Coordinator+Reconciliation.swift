import Bytes
import Domain

/// What a worker that comes back has missed.
extension Coordinator {
  /// Compares what a worker holds with what the catalogue says, and tells it what it missed.
  mutating func reconcile(_ inventory: [ReplicaInventory], of worker: Name, on peer: PeerID) {
    for set in Set(inventory.map(\.place.set)).sorted() where catalogue.sets[set] == nil {
      send(peer, .dropSet(set))
    }
    let replicas = Dictionary(inventory.map { ($0.place, $0) }, uniquingKeysWith: { $1 })
    for set in catalogue.sets.values.sorted(by: { $0.id < $1.id }) {
      var givenUp: Set<JobID> = []
      for (shard, owner) in set.owners.enumerated() where owner == worker {
        let place = ShardPlace(set: set.id, shard: ShardIndex(UInt32(shard)))
        let replica =
          replicas[place]
          ?? ReplicaInventory(
            place: place,
            contents: ShardContents(),
            prepared: [],
            membershipJob: nil,
            stagedJobs: []
          )
        let reasons = [
          reconcileImports(of: replica, in: set, on: peer),
          reconcileMemberships(of: replica, in: set, on: peer, &givenUp),
        ]
        damage[place] = reasons.compactMap(\.self).first
      }
      for job in givenUp.sorted() { send(peer, .abortJob(job, set.id)) }
    }
    reportDamage(of: worker)
    failDamagedJobs()
  }

  /// Commits what was committed, keeps what is about to be, forgets the rest.
  ///
  /// - Returns: why the shard does not hold what it should.
  private mutating func reconcileImports(
    of replica: ReplicaInventory,
    in set: SetRecord,
    on peer: PeerID
  ) -> Text? {
    var isCommitting = false
    for attempt in replica.prepared {
      if set.imports.values.contains(attempt) {
        isCommitting = isCommitting || attempt == set.lastImport
        send(peer, .commitImport(attempt, replica.place))
      } else if !isReady(attempt) {
        send(peer, .abortImport(attempt.job, replica.place))
      }
    }
    for importing in imports.values
    where importing.set == set.id && importing.phase == .ready
      && !replica.prepared.contains(importing.attempt)
    {
      interrupt(
        importing.attempt.job,
        reason: Text("shard \(replica.place.shard) came back without the rows it had taken")
      )
    }
    let expected = contents(of: replica.place)
    if isCommitting || replica.contents == expected { return nil }
    if replica.contents == ShardContents() {
      return Text("its worker came without the shard's data; \(expected.summary) were committed")
    }
    return Text(
      "its worker holds \(replica.contents.summary) where \(expected.summary) were committed"
    )
  }

  /// Commits staged memberships that were committed, keeps those of running jobs, forgets the rest.
  ///
  /// - Parameters:
  ///   - replica: what the worker has of the shard.
  ///   - set: the shard's set.
  ///   - peer: the worker's connection.
  ///   - givenUp: collects jobs whose staged memberships are to be forgotten.
  /// - Returns: why the shard has not the memberships it should have.
  private mutating func reconcileMemberships(
    of replica: ReplicaInventory,
    in set: SetRecord,
    on peer: PeerID,
    _ givenUp: inout Set<JobID>
  ) -> Text? {
    var isCommitting = false
    for job in replica.stagedJobs where evaluations[job]?.plan.set != set.id {
      if job == set.lastEvaluation {
        isCommitting = true
        send(peer, .commitJob(job, replica.place))
      } else {
        givenUp.insert(job)
      }
    }
    for job in evaluations.keys where evaluations[job]?.plan.set == set.id {
      if !replica.stagedJobs.contains(job) { evaluations[job]?.lose(replica.place.shard) }
    }
    guard let last = set.lastEvaluation, replica.membershipJob != last, !isCommitting else {
      return nil
    }
    return Text("its worker came without the memberships of \(last)")
  }

  /// What a shard holds by the catalogue.
  func contents(of place: ShardPlace) -> ShardContents {
    let contents = catalogue.sets[place.set]?.contents ?? []
    let shard = Int(place.shard.number)
    return shard < contents.count ? contents[shard] : ShardContents()
  }

  /// A worker says what a shard holds after a commit: it must be what it said before.
  mutating func checkCommitted(
    _ attempt: ImportAttempt,
    _ place: ShardPlace,
    _ contents: ShardContents,
    by worker: Name
  ) {
    guard let set = catalogue.sets[place.set], set.lastImport == attempt,
      owner(of: place) == worker, contents != self.contents(of: place)
    else { return }
    damage[place] = Text(
      "its worker holds \(contents.summary) where"
        + " \(self.contents(of: place).summary) were committed"
    )
    reportDamage(of: worker)
    failDamagedJobs()
  }

  private func isReady(_ attempt: ImportAttempt) -> Bool {
    imports[attempt.job]?.attempt == attempt && imports[attempt.job]?.phase == .ready
  }

  private mutating func reportDamage(of worker: Name) {
    let damaged = damage.keys.filter { owner(of: $0) == worker }.sorted()
    guard let first = damaged.first, let reason = damage[first] else { return }
    log(
      .error,
      "shards-missing",
      [
        LogField("worker", worker), LogField("count", damaged.count),
        LogField("set", first.set), LogField("shard", first.shard), LogField("reason", reason),
      ]
    )
  }
}

extension ShardContents {
  /// What is held, in words.
  var summary: String { "\(profileCount) profiles and \(eventCount) events (log to \(lsn))" }
}
