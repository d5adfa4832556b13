package import Bytes
package import Domain

/// The memberships of a shard after an evaluation, and how they came from those before it.
package struct MembershipUpdate: Hashable, Sendable {
  /// How an audience's memberships came about.
  enum Origin: Hashable, Sendable {
    /// Nothing before counts.
    case anew
    /// The next run after the memberships before.
    case step
    /// The memberships before, not evaluated.
    case kept
  }

  package private(set) var table: MembershipTable
  /// The evaluation whose memberships are those before; job 0 when there were none.
  let base: JobID
  private(set) var origins: [Name: Origin]

  /// The memberships of an evaluation that goes on from none.
  package init(_ table: MembershipTable) {
    self.table = table
    base = JobID(0)
    origins = table.audiences.mapValues { _ in .anew }
  }

  /// Begins with those before, of which some audiences go on and the others are forgotten.
  ///
  /// - Parameters:
  ///   - previous: the memberships before.
  ///   - retained: audiences that go on.
  ///   - job: the evaluation.
  package init(after previous: MembershipTable, retained: [Name], job: JobID) {
    base = previous.job
    table = MembershipTable(job: job)
    origins = [:]
    for id in retained {
      guard let memberships = previous.audiences[id] else { continue }
      table.audiences[id] = memberships
      origins[id] = .kept
    }
  }

  /// Brings one audience forward; each at most once.
  ///
  /// - Parameters:
  ///   - id: the audience.
  ///   - members: whom its definition selects now.
  ///   - asOf: what the run calls now.
  ///   - definitionVersion: version of the definition.
  /// - Returns: its memberships after the run.
  @discardableResult
  package mutating func evaluate(
    _ id: Name,
    members: Bitmap,
    asOf: Instant,
    definitionVersion: UInt64
  ) -> AudienceMemberships {
    let previous = table.audiences[id]
    precondition(origins[id] == nil || origins[id] == .kept, "\(id) was evaluated before")
    let memberships = AudienceMemberships(
      after: previous,
      members: members,
      asOf: asOf,
      definitionVersion: definitionVersion
    )
    table.audiences[id] = memberships
    origins[id] = previous == nil ? .anew : .step
    return memberships
  }
}
