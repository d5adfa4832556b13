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
  /// Of each audience of the table.
  private(set) var origins: [Origin]
  /// Behind the audience that was brought forward last: mostly the next one's.
  private var nextPlace = 0

  /// The memberships of an evaluation that goes on from none.
  package init(_ table: MembershipTable) {
    self.table = table
    base = JobID(0)
    origins = Array(repeating: .anew, count: table.audiences.count)
  }

  /// Begins with those before, of which some audiences go on and the others are forgotten.
  ///
  /// - Parameters:
  ///   - previous: the memberships before.
  ///   - retained: audiences that go on.
  ///   - job: the evaluation.
  package init(after previous: MembershipTable, retained: [Name], job: JobID) {
    base = previous.job
    table = MembershipTable(job: job, audiences: previous.audiences.keeping(retained.sorted()))
    origins = Array(repeating: .kept, count: table.audiences.count)
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
    let place = table.audiences.place(of: id, guess: nextPlace)
    nextPlace = place + 1
    let previous =
      table.audiences.contains(id, at: place) ? table.audiences.memberships[place] : nil
    precondition(previous == nil || origins[place] == .kept, "\(id) was evaluated before")
    let memberships = AudienceMemberships(
      after: previous,
      members: members,
      asOf: asOf,
      definitionVersion: definitionVersion
    )
    if previous == nil {
      table.audiences.insert(id, memberships, at: place)
      origins.insert(.anew, at: place)
    } else {
      table.audiences.replace(at: place, with: memberships)
      origins[place] = .step
    }
    return memberships
  }
}

extension MembershipUpdate {
  package static func == (one: MembershipUpdate, other: MembershipUpdate) -> Bool {
    one.table == other.table && one.base == other.base && one.origins == other.origins
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(table)
    hasher.combine(base)
    hasher.combine(origins)
  }
}
