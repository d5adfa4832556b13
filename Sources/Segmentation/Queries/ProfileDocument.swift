import Bytes
package import Domain
package import ProfileStore

/// One profile as it is shown.
package enum ProfileDocument {
  /// Attributes, events and memberships of a profile.
  ///
  /// ```
  /// {"key", "attributes": {…}, "events": […],
  ///  "memberships": {"ups": {id: {"status", "lastQualificationTime", "version"}}}}
  /// ```
  ///
  /// - Parameters:
  ///   - key: the profile.
  ///   - snapshot: the shard it hashes to.
  ///   - memberships: those of the shard.
  /// - Returns: `nil` when the shard has no such profile.
  /// - Throws: damage that was found.
  package static func document(
    of key: ProfileKey,
    in snapshot: ShardSnapshot,
    _ memberships: MembershipTable
  ) throws(StoreError) -> Value? {
    guard let ordinal = try snapshot.ordinal(of: key) else { return nil }
    let (index, row) = snapshot.locate(ordinal)
    let block = try snapshot.block(index)
    let entries = memberships.audiences.compactMap { id, audience in
      membership(of: ordinal, in: audience).map { (id.text, $0) }
    }
    return .object([
      ("key", .string(key.text)),
      ("attributes", .object(block.attributes(row))),
      ("events", .array(block.events(row))),
      ("memberships", .object([("ups", .object(entries))])),
    ])
  }

  /// What a profile is to an audience, in the shape of a membership map; `nil` when it never was a
  /// member.
  static func membership(of ordinal: Int, in audience: AudienceMemberships) -> Value? {
    guard let status = audience.status(of: ordinal),
      let time = audience.lastQualification(of: ordinal)
    else { return nil }
    return .object([
      ("status", .string(status == .realized ? "realized" : "exited")),
      ("lastQualificationTime", .string(time.iso)),
      ("version", .string(Text(String(audience.definitionVersion)))),
    ])
  }
}
