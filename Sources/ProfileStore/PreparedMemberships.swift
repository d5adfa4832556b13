import Bytes
import Domain

/// An evaluation's memberships made ready to be kept, so that the shard's lane has little to do.
package struct PreparedMemberships: Sendable {
  let table: MembershipTable
  /// The evaluation whose memberships are those before; job 0 when there were none.
  let base: JobID
  /// Of the table.
  let digest: UInt32
  /// The last ordinal that is new in the table; -1 without any.
  let lastNewOrdinal: Int
  /// The file of what changed; `nil` when nothing was before.
  let changes: [UInt8]?

  /// Goes through the audiences once.
  package init(_ update: MembershipUpdate) {
    table = update.table
    base = update.base
    let audiences = update.table.audiences
    let hasBase = base != JobID(0)
    var digest = MembershipTable.DigestWriter(audienceCount: audiences.count)
    var delta = hasBase ? MembershipDelta.Writer(update) : nil
    var last = -1
    for (index, origin) in update.origins.enumerated() {
      let (id, memberships) = audiences[index]
      digest.write(id, memberships)
      delta?.write(id, memberships, origin)
      switch origin {
      case .anew: last = max(last, memberships.members.last ?? -1, memberships.exited.last ?? -1)
      // Who goes on being a member was one before.
      case .step where memberships.newlyRealizedCount > 0:
        last = max(last, memberships.members.last ?? -1)
      case .step, .kept: break
      }
    }
    self.digest = digest.digest
    lastNewOrdinal = last
    changes = delta?.fileBytes()
  }
}
