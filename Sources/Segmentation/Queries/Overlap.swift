import Bytes
package import Domain
package import ProfileStore

extension MembershipTable {
  /// For each pair of audiences, how many profiles are members of both.
  ///
  /// - Parameter audiences: ids; one that was never evaluated has no members.
  /// - Returns: row by row, `count * count` numbers; the diagonal has the audiences' sizes.
  package func overlapCounts(of audiences: [Name]) -> [UInt64] {
    let members = audiences.map { self.audiences[$0]?.members }
    return members.flatMap { left in
      members.map { right in
        guard let left, let right else { return 0 }
        return UInt64(left.intersectionCount(right))
      }
    }
  }
}
