package import Bytes
package import Domain
package import ProfileStore

/// What one evaluation says of one shard.
///
/// The table depends on the shard's contents, the definitions, the as-of and the memberships before
/// alone, never on timing.
package struct ShardEvaluation: Hashable, Sendable {
  /// One definition's part.
  package struct Result: Hashable, Sendable {
    package var memberCount: UInt64
    /// Profiles that entered with this run.
    package var realizedCount: UInt64
    /// Profiles that left with this run.
    package var exitedCount: UInt64
    /// What it took beside what definitions share.
    package var cost: WorkCost
    /// Why there is no answer; then the table is not to be kept.
    ///
    /// A definition that asks about one that failed has no failure of its own.
    package var failure: EvaluationFailure?

    package init(
      memberCount: UInt64,
      realizedCount: UInt64,
      exitedCount: UInt64,
      cost: WorkCost,
      failure: EvaluationFailure? = nil
    ) {
      self.memberCount = memberCount
      self.realizedCount = realizedCount
      self.exitedCount = exitedCount
      self.cost = cost
      self.failure = failure
    }
  }

  /// In the order of the program.
  package var results: [Result]
  /// The evaluated audiences and the retained ones.
  package var memberships: MembershipUpdate
  package var profileCount: UInt64
  package var eventCount: UInt64
  /// What each part took that definitions share, but for the memberships.
  package var sharedParts: [SharedPart]
  /// Time spent on bringing the memberships forward.
  package var membershipNanoseconds: UInt64

  package init(
    results: [Result],
    memberships: MembershipUpdate,
    profileCount: UInt64,
    eventCount: UInt64,
    sharedParts: [SharedPart],
    membershipNanoseconds: UInt64
  ) {
    self.results = results
    self.memberships = memberships
    self.profileCount = profileCount
    self.eventCount = eventCount
    self.sharedParts = sharedParts
    self.membershipNanoseconds = membershipNanoseconds
  }
}

/// Why an evaluation ended without a result.
package enum ShardEvaluationError: Error, Equatable, Sendable {
  case store(StoreError)
  case cancelled
}

extension ShardEvaluationError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .store(let error): error.description
    case .cancelled: "the evaluation was stopped"
    }
  }
}

extension SegmentProgram {
  /// Evaluates all definitions on a shard and brings its memberships forward.
  ///
  /// - Parameters:
  ///   - snapshot: the shard's contents.
  ///   - previous: its memberships before this run.
  ///   - retained: audiences that go on: evaluated ones from their memberships, others unchanged.
  ///     What the shard has of any other audience is dropped, so an evaluated one begins anew.
  ///   - job: the run.
  ///   - asOf: what `now` means.
  ///   - threadCount: how many threads work at it, this one included.
  ///   - isCancelled: asked before each block, and now and then before single profiles.
  /// - Returns: counts and the memberships after the run.
  /// - Throws: damage that was found, or that the run was cancelled.
  package func evaluate(
    _ snapshot: ShardSnapshot,
    previous: MembershipTable,
    retained: [Name],
    job: JobID,
    asOf: Instant,
    threadCount: Int = 1,
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) throws(ShardEvaluationError) -> ShardEvaluation {
    let found = try members(
      snapshot,
      asOf: asOf,
      threadCount: threadCount,
      isCancelled: isCancelled
    )
    let clock = ContinuousClock()
    let start = clock.now
    var update = MembershipUpdate(after: previous, retained: retained, job: job)
    var results: [ShardEvaluation.Result] = []
    results.reserveCapacity(definitions.count)
    for index in definitions.indices {
      let memberships = update.evaluate(
        definitions[index].id,
        members: found.members[index],
        asOf: asOf,
        definitionVersion: definitions[index].version
      )
      results.append(
        ShardEvaluation.Result(
          memberCount: UInt64(found.members[index].count),
          realizedCount: UInt64(memberships.newlyRealizedCount),
          exitedCount: UInt64(memberships.newlyExitedCount),
          cost: found.costs.definitions[index],
          failure: found.failures[index]
        )
      )
    }
    return ShardEvaluation(
      results: results,
      memberships: update,
      profileCount: snapshot.contents.profileCount,
      eventCount: snapshot.contents.eventCount,
      sharedParts: found.costs.shared,
      membershipNanoseconds: start.duration(to: clock.now).nanoseconds
    )
  }
}
